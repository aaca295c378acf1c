package org.zeoraid.storage;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * A transaction of a {@link Storage}, from begin to finish or abort. Changes are only collected, large ones on disk,
 * until {@link #vote}. One thread at a time; used wrongly, each method throws {@link ProtocolException}, and
 * {@link StorageClosedException} once the transaction has ended.
 */
public interface StorageTransaction {

    /** What is kept about it in the history. */
    TransactionMeta meta();

    /**
     * Stores new data for an object. A second call for the same object replaces the first. The array is the caller's again when
     * this returns.
     *
     * @param based the serial that the change is based on, {@link Tid#NONE} for a new object
     */
    void store(Oid oid, Tid based, byte[] data);

    /** Stores a blob's record and its file, which stays readable until the transaction has ended. */
    void storeBlob(Oid oid, Tid based, byte[] data, BlobSource blob);

    /** Deletes an object. */
    void delete(Oid oid, Tid based);

    /** Has the vote fail if the object has another serial, and nobody change it before this commits: the cure for write skew. */
    void checkCurrent(Oid oid, Tid serial);

    /** Writes exactly this, without looking for conflicts, as a copy does. */
    void restore(DataRecord entry);

    /**
     * Undoes a transaction; which objects that changes is found by the vote. What this transaction stored counts as the
     * objects' current data, whatever the order of the calls; several undos take effect in theirs.
     */
    void undo(Tid tid);

    /** What this transaction has written for an object so far. */
    Optional<Content> written(Oid oid);

    /** The blob that this transaction has written for an object so far. */
    Optional<BlobSource> writtenBlob(Oid oid);

    /**
     * Takes the locks of all objects concerned and looks for conflicts. When the stage completes nothing but the failure
     * of the storage itself can keep {@link #finish} from committing.
     *
     * <p>After a {@link ConflictException} that names its conflicts the transaction lives on and keeps its locks: the
     * caller may store resolved data and vote again, or abort. After every other failure it is to be aborted.
     *
     * @return the objects that an undo in this transaction changed
     * @throws ConflictException (in the stage) with all conflicts
     * @throws UndoException (in the stage) if an undo is impossible
     */
    CompletionStage<List<Oid>> vote();

    /**
     * Commits what was voted. A transaction without changes leaves no trace, unless it brings a tid of its own; its stage
     * gives the last tid. Otherwise the stage completes when the transaction is durable on every optimal member, after all
     * listeners know of it.
     *
     * @throws OutcomeUnknownException (in the stage) if some member may have it and none can tell
     */
    CompletionStage<Tid> finish();

    /**
     * Makes what was voted outlive this process, changes, blobs and locks, until it is decided through the storage's {@link
     * PreparedTransactions}; this object has ended then. If the stage fails the transaction is aborted.
     *
     * @throws ProtocolException if this storage cannot do that, the transaction brings a tid of its own, or a branch of this
     *     name is there already
     * @throws StorageException (in the stage) if it could not be put on stable storage
     */
    default CompletionStage<Void> prepare(BranchId id) {
        throw new ProtocolException("this storage cannot keep a prepared transaction: " + id);
    }

    /**
     * Gives the transaction up and releases its locks; may be called by any thread while a vote is under way, which fails
     * then. Does nothing if it was aborted before, or its finish failed.
     *
     * @throws ProtocolException while {@link #finish} is under way
     * @throws StorageClosedException (in the stage) if the transaction has been committed
     * @throws OutcomeUnknownException (in the stage) if it may have been
     */
    CompletionStage<Void> abort();
}
