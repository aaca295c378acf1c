package org.zeoraid.api;

import java.io.InputStream;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;

/**
 * A connection to an array, for one thread at a time: a second thread that comes while it is in use is refused with a {@link
 * org.zeoraid.storage.ProtocolException}.
 *
 * <p><b>In a transaction</b> (JTA's, or one begun with {@link #localTransaction()}) all reads show one snapshot: the
 * database as it was at the first use of the array in that transaction, plus what the transaction itself has written
 * so far. Writes are kept together until the commit, and dropped by a rollback.
 *
 * <p><b>Outside of a transaction</b> each operation stands alone: a read shows the current state, and a write is
 * committed, durable on every optimal member, when the call returns. A connection that was opened in a JTA transaction does
 * nothing of that kind: whoever keeps it may use it in later transactions, and outside of any it refuses everything but
 * {@link #close()} and {@link #localTransaction()} with a {@link org.zeoraid.storage.ProtocolException}, for what it did then
 * would be committed by itself. For the same reason one that was opened before a JTA transaction refuses to be used in it where
 * the server does not have it take part.
 *
 * <p><b>Conflicts</b>: if somebody else has meanwhile changed what a transaction writes or has checked, its commit
 * fails, and the work is to be done again from its start. A container reports that at the end of the transaction as a
 * rollback; {@link #vote()} as the last call makes it visible as a {@link org.zeoraid.storage.ConflictException} before,
 * and {@link #outcome()} tells it afterwards.
 *
 * <p>Every method throws {@link org.zeoraid.storage.StorageException}s: {@link
 * org.zeoraid.storage.StorageClosedException} after {@link #close()}, or after the server has taken the connection back, {@link org.zeoraid.storage.ReadOnlyException} for
 * writes to an array that is read-only, {@link org.zeoraid.storage.ArrayFailedException} while the array cannot serve,
 * {@link org.zeoraid.storage.DiskFullException} where there is no room.
 */
public interface RaidConnection extends AutoCloseable {
    /** The name of the array. */
    String arrayName();

    /**
     * The object as this transaction sees it. For one that this transaction has written: what it wrote, with the serial
     * that the change is based on.
     *
     * @throws org.zeoraid.storage.ObjectNotFoundException if there is no such object in the snapshot, or it was deleted
     */
    Revision load(Oid oid);

    /**
     * The newest revision before a transaction, whatever this transaction sees or has written.
     *
     * @throws org.zeoraid.storage.ObjectNotFoundException if there was no such object then
     */
    Revision loadBefore(Oid oid, Tid before);

    /**
     * The data of exactly one revision.
     *
     * @throws org.zeoraid.storage.ObjectNotFoundException if there is no such revision, or it is a deletion
     */
    byte[] loadSerial(Oid oid, Tid serial);

    /** A fresh oid, for an object that is to be stored. It is not reserved over a restart until something is stored. */
    Oid newOid();

    /** Fresh oids, cheaper than one by one. */
    List<Oid> newOids(int count);

    /**
     * Stores an object, a new one or a change of what this transaction sees. The array is the caller's again when this returns.
     *
     * @throws org.zeoraid.storage.ProtocolException if the oid is so large that none would be left for new objects
     */
    void store(Oid oid, byte[] data);

    /**
     * Stores a change of a revision that was read earlier, perhaps in another transaction: the commit conflicts if the
     * object is no longer at that revision.
     *
     * @param based the serial of that revision, {@link Tid#NONE} for a new object
     */
    void store(Oid oid, Tid based, byte[] data);

    /** Stores a new object under a fresh oid, and gives that. */
    default Oid create(byte[] data) {
        Oid oid = newOid();
        store(oid, Tid.NONE, data);
        return oid;
    }

    /**
     * Stores an object together with a blob.
     *
     * @param data the object's record, that of a {@code ZODB.blob.Blob}: members know blobs by it. {@link
     *     org.zeoraid.storage.pickle.BlobRecords#record()} is one
     * @param blob read to its end before this returns, and not closed
     * @throws org.zeoraid.storage.ProtocolException if the record is another object's
     */
    void storeBlob(Oid oid, byte[] data, InputStream blob);

    /**
     * The blob of the object as this transaction sees it. Readable until the transaction ends, outside of one until the
     * next pack.
     *
     * @throws org.zeoraid.storage.ObjectNotFoundException if there is no such object, or it has no blob
     */
    BlobSource blob(Oid oid);

    /**
     * Deletes an object.
     *
     * @throws org.zeoraid.storage.ObjectNotFoundException if this transaction sees none
     */
    void delete(Oid oid);

    /**
     * Has the commit fail if the object is no longer as this transaction sees it: for objects that were only read, but
     * decided what was written. Outside of a transaction it does nothing.
     */
    void checkCurrent(Oid oid);

    /**
     * Undoes an earlier transaction as part of this one; the objects show it once this transaction is committed.
     *
     * @throws org.zeoraid.storage.UndoException here, at {@link #vote()} or at the commit, if later changes build on it
     */
    void undo(Tid tid);

    /**
     * The revisions of an object, newest first, back to its creation or the last pack.
     *
     * @param limit how many at the most
     * @throws org.zeoraid.storage.ObjectNotFoundException if there never was such an object, or a pack has forgotten it
     */
    List<HistoryEntry> history(Oid oid, int limit);

    /**
     * Transactions that can be undone, newest first.
     *
     * @param skip how many to leave out at the start
     * @param limit how many at the most
     */
    List<TransactionHeader> undoLog(int skip, int limit);

    /** The last transaction that this transaction sees: its snapshot. Outside of one the last of the array. */
    Tid lastTid();

    /**
     * What is kept about this transaction in the database's history; outside of one, about every later write of this
     * connection.
     *
     * @throws org.zeoraid.storage.ProtocolException if this transaction has written already
     */
    void describe(TransactionMeta meta);

    /**
     * Looks for conflicts now and holds the locks of all objects written until the transaction ends, so that only
     * failures of the array or of another resource can still undo it. To be called as the last thing; writing after it is
     * refused with {@link org.zeoraid.storage.ProtocolException}. Does nothing where nothing was written, or outside of a
     * transaction.
     *
     * @throws org.zeoraid.storage.ConflictException if somebody else was faster; the transaction is then marked for
     *     rollback
     */
    void vote();

    /**
     * How the current transaction ends for this array: the tid under which it was committed ({@link Tid#NONE} if it wrote
     * nothing), or the failure for which it was rolled back, such as {@link org.zeoraid.storage.ConflictException}. To
     * be asked for within the transaction, and looked at after it. Outside of one: how the last operation ended.
     */
    CompletionStage<Tid> outcome();

    /**
     * The connection's own transaction, for use where there is no JTA transaction.
     *
     * @throws org.zeoraid.storage.ProtocolException if the connection takes part in a JTA transaction
     */
    RaidTransaction localTransaction();

    /**
     * Gives the connection back. A JTA transaction goes on and keeps what was written; a transaction of its own that is
     * still open is rolled back. Does nothing the second time.
     */
    @Override
    void close();
}
