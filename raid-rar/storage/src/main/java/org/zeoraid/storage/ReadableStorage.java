package org.zeoraid.storage;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * What can be read from a database of objects: a storage as clients see it, and each member below an array. After
 * ZODB's {@code IStorage}, {@code IMVCCPrefetchStorage}, {@code IStorageIteration} and {@code IBlobStorage}.
 *
 * <p>Nothing here blocks on another machine or waits without end: answers come as stages, already completed where they
 * are at hand, and fail with a {@link StorageException}. Safe for any number of threads.
 */
public interface ReadableStorage {

    /**
     * The newest revision written before a transaction. {@link Tid#MAX} asks for current data.
     *
     * @return empty if the object exists but had no revision then
     * @throws ObjectNotFoundException (in the stage) if there is no such object, or it was deleted or un-created then
     */
    CompletionStage<Optional<Revision>> loadBefore(Oid oid, Tid before);

    /**
     * The data of exactly one revision.
     *
     * @throws ObjectNotFoundException (in the stage) if there is no such revision, or it is a deletion
     */
    CompletionStage<byte[]> loadSerial(Oid oid, Tid serial);

    /** The serial of an object's latest record, a deletion's too; {@link Tid#NONE} if there never was one. */
    CompletionStage<Tid> serial(Oid oid);

    /**
     * The last transaction, {@link Tid#NONE} if the database is empty. Never decreases while the storage is open, a pack
     * included: that one keeps at least the header of the last transaction.
     */
    CompletionStage<Tid> lastTid();

    /**
     * The revisions of an object, newest first, back to its creation or the last pack. Deletions are revisions too, of
     * size 0, and hide nothing that lies before them.
     *
     * @param limit how many at the most
     * @throws ObjectNotFoundException (in the stage) if there never was such an object, or a pack has forgotten it
     */
    CompletionStage<List<HistoryEntry>> history(Oid oid, int limit);

    /**
     * Transactions that can be undone, newest first: those that are later than the last pack, and not marked as packed.
     *
     * @param skip how many to leave out at the start
     * @param limit how many at the most
     */
    CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit);

    /** Headers of the transactions from one tid to another, both included, oldest first. */
    Cursor<TransactionHeader> headers(Tid from, Tid to);

    /** The transactions from one tid to another, both included, oldest first, with their records. */
    Cursor<CommittedTransaction> transactions(Tid from, Tid to);

    /** The current records of all objects in the order of their oids, from an oid on; deleted ones are left out. */
    Cursor<CurrentRecord> currentRecords(Oid from);

    /**
     * The file of a blob's revision.
     *
     * @throws ObjectNotFoundException (in the stage) if that revision has none
     */
    CompletionStage<BlobSource> blob(Oid oid, Tid serial);

    /** How much there is; found without reading it, so it may be asked often. */
    CompletionStage<StorageStats> stats();
}
