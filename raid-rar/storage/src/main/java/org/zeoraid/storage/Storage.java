package org.zeoraid.storage;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A storage as its clients see it: reads of acknowledged transactions, two-phase commit, undo, pack, invalidations.
 * Every transaction that a read shows has been acknowledged, or is about to be and cannot fail any more.
 */
public interface Storage extends ReadableStorage, AutoCloseable {

    /** The name by which clients ask for it. */
    String name();

    /** Whether {@link #begin} is refused now by a {@link ReadOnlyException}; one that is not served at all does not say so. */
    boolean isReadOnly();

    /** Fresh oids, never handed out before by this storage while it is open. */
    CompletionStage<List<Oid>> newOids(int count);

    /**
     * Begins a transaction; its tid is chosen when it commits.
     *
     * @throws ReadOnlyException if the storage is read-only
     * @throws ArrayFailedException if no member is left to write to
     * @throws StorageClosedException after {@link #close}
     */
    StorageTransaction begin(TransactionMeta meta);

    /**
     * Begins a transaction that keeps the tid and status it has elsewhere, as a copy does. The tid must be later than
     * the last one when it commits, and not ahead of the clock by more than the storage allows.
     *
     * @throws ReadOnlyException if the storage is read-only
     * @throws ArrayFailedException if no member is left to write to
     * @throws StorageClosedException after {@link #close}
     */
    StorageTransaction begin(TransactionMeta meta, Tid tid, TransactionStatus status);

    /**
     * Appends whole transactions as they are, one behind the other, as a copy of another storage does. Where a storage can,
     * it makes them durable together.
     *
     * @param previous the last transaction of this storage
     * @param transactions without blobs; their tids increase, and are bounded as in {@link #begin(TransactionMeta, Tid,
     *     TransactionStatus)}
     * @return never fails, but tells how far it came
     */
    default CompletionStage<Appended> append(Tid previous, List<CommittedTransaction> transactions) {
        return new OneByOne(this, transactions).run(previous);
    }

    /**
     * Packs while others read and write. One pack at a time.
     *
     * @throws StorageUnavailableException (in the stage) if a pack is running
     */
    CompletionStage<PackResult> pack(PackRequest request);

    /** How far it has been packed, as {@link TransactionLog#packedTo()} says it; empty if this storage cannot tell. */
    default CompletionStage<Optional<Tid>> packedTo() {
        return CompletableFuture.completedFuture(Optional.empty());
    }

    /**
     * Tells a listener of every transaction from now on.
     *
     * @return closing it ends that
     */
    Subscription subscribe(InvalidationListener listener);

    /** Prepared transactions and how they end; empty if this storage can keep none. */
    default Optional<PreparedTransactions> prepared() {
        return Optional.empty();
    }

    /** Aborts what has not voted, waits for what has been sent to be durable, and releases everything. */
    @Override
    void close();

    /**
     * Told of what changes, one call at a time, in the order of the tids. Must not block: it is called while a commit waits. If it
     * fails when told of a transaction, that is logged, and it is told to drop its caches.
     */
    interface InvalidationListener {

        /**
         * A transaction is about to be acknowledged, and reads show it from now on.
         *
         * @param oids all objects that it wrote, deleted ones and restored ones too
         * @param by the transaction, for whoever began it to know its own
         */
        void committed(Tid tid, List<Oid> oids, StorageTransaction by);

        /** What was read before may be wrong: drop every cache. */
        void dropCaches();

        /** The storage has been packed, whoever asked for it and before he knows. Not in turn with the others. */
        default void packed() {}
    }

    /** A listener's registration. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
