package org.zeoraid.storage;

import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * A whole database as an ordered log of transactions: what an array asks of a member, and what lies below every
 * {@link Storage}. It decides nothing: conflicts, undo, tids and order are settled before a transaction comes here.
 *
 * <p>Reads may show a transaction as soon as it is appended, before it is durable; whoever serves clients bounds what it
 * reads by the last tid that was acknowledged.
 */
public interface TransactionLog extends ReadableStorage, AutoCloseable {

    /**
     * Appends a transaction behind another one. Calls are carried out in their order, and many may be under way: the log
     * syncs once for all that queued up. The stages complete in the same order.
     *
     * <p>When an append fails every later one that counted on it fails too, so no hole can arise. {@link
     * OutcomeUnknownException} means that the transaction may be found when the log is opened again; every other failure
     * means that it is not there and will not be.
     *
     * @param previous the tid of the transaction that must be the last one then, {@link Tid#NONE} for an empty log
     * @param transaction its tid is later than {@code previous}; its blobs stay readable until the stage completes
     * @return completes when the transaction, blobs included, is on stable storage
     * @throws ProtocolException (in the stage) if {@code previous} is not the last transaction
     * @throws DiskFullException (in the stage) if there is no room; the log goes on reading, and writes once there is room
     */
    CompletionStage<Void> append(Tid previous, CommittedTransaction transaction);

    /**
     * Packs while others read and append. One pack at a time. A deletion that was current at the pack tid is forgotten; a
     * revision that a later link points at is kept, or the link becomes data. Objects that only transactions after the pack
     * tid reference are no garbage. The last tid stays what it is.
     *
     * @throws StorageUnavailableException (in the stage) if a pack is running
     */
    CompletionStage<PackResult> pack(PackRequest request);

    /**
     * Cuts off all transactions after a tid and keeps them aside, for an admin, in a file that the answer names.
     *
     * @throws ReadOnlyException (in the stage) if this kind of member cannot cut its tail
     */
    CompletionStage<String> cutTail(Tid keep);

    /**
     * Sets the whole content aside, for an admin, at a place that the answer names, and goes on as an empty log.
     *
     * @throws ReadOnlyException (in the stage) if this kind of member cannot be emptied
     */
    CompletionStage<String> setAside();

    /**
     * Reads everything and checks it against all that is known of it.
     *
     * @param progress told now and then, from any thread
     */
    CompletionStage<VerifyResult> verify(Consumer<Progress> progress);

    /**
     * What each transaction from one tid to another says, both included, as a digest that two logs with equal content
     * share, whatever their files look like.
     */
    default Cursor<TransactionDigest> digests(Tid from, Tid to) {
        return new DigestCursor(transactions(from, to));
    }

    /**
     * The newest transaction up to which this log has been packed, {@link Tid#NONE} if it never was: of the tids that there
     * were, the latest that is not later than the pack's.
     */
    CompletionStage<Tid> packedTo();

    /**
     * Reads for a thread that others wait for, such as one that brings an answer: no disk holds it up. A log that has no other
     * threads to read in gives itself.
     */
    default ReadableStorage aside() {
        return this;
    }

    /**
     * What tells the storage behind this log from every other one, wherever it is reached: two logs that are open at the same
     * time and have equal identities are one storage. Never blocks; known from the opening on.
     *
     * @return empty if this kind cannot tell
     */
    default Optional<String> identity() {
        return Optional.empty();
    }

    /** Waits until appends under way are durable and releases everything. Reads afterwards fail with {@link StorageClosedException}. */
    @Override
    void close();
}
