package org.zeoraid.ejb;

import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import jakarta.interceptor.Interceptors;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.pickle.BlobRecords;

/**
 * Objects in the caller's container-managed transaction: all calls within it see one snapshot and their own writes, and
 * what they write is committed with it or not at all. Without a transaction a read shows the current state, and a write
 * gets a transaction of its own.
 *
 * <p>A conflict with somebody else's transaction shows when the transaction commits; {@link ConflictRetry} does work again
 * then, and {@link #vote} shows it earlier. Errors are {@link StoreException}s and mark the transaction for rollback,
 * except {@link NoSuchStoredObjectException}.
 */
@Stateless
@Interceptors(StoreErrors.class)
@TransactionAttribute(TransactionAttributeType.REQUIRED)
public class ObjectStore {

    @Inject
    ArrayAccess arrays;

    /**
     * The object as this transaction sees it.
     *
     * @throws NoSuchStoredObjectException if there is none
     */
    @TransactionAttribute(TransactionAttributeType.SUPPORTS)
    public Revision load(Oid oid) {
        try (RaidConnection connection = arrays.connect()) {
            return connection.load(oid);
        }
    }

    /** The object as this transaction sees it, if there is one. */
    @TransactionAttribute(TransactionAttributeType.SUPPORTS)
    public Optional<Revision> find(Oid oid) {
        try (RaidConnection connection = arrays.connect()) {
            return Optional.of(connection.load(oid));
        } catch (ObjectNotFoundException e) {
            return Optional.empty();
        }
    }

    /**
     * The object as it was before a transaction.
     *
     * @throws NoSuchStoredObjectException if there was none then
     */
    @TransactionAttribute(TransactionAttributeType.SUPPORTS)
    public Revision loadBefore(Oid oid, Tid before) {
        try (RaidConnection connection = arrays.connect()) {
            return connection.loadBefore(oid, before);
        }
    }

    /** Stores a new object under a fresh oid, and gives that. */
    public Oid create(byte[] data) {
        try (RaidConnection connection = arrays.connect()) {
            return connection.create(data);
        }
    }

    /** A fresh oid, for objects that refer to each other before they are stored. */
    @TransactionAttribute(TransactionAttributeType.SUPPORTS)
    public Oid newOid() {
        try (RaidConnection connection = arrays.connect()) {
            return connection.newOid();
        }
    }

    /** Stores an object, a new one or a change of what this transaction sees. */
    public void store(Oid oid, byte[] data) {
        try (RaidConnection connection = arrays.connect()) {
            connection.store(oid, data);
        }
    }

    /**
     * Stores a change of a revision that was read earlier, in a form that a person had open for example: the commit
     * conflicts if the object is no longer at that revision.
     *
     * @param based the serial of that revision
     */
    public void store(Oid oid, Tid based, byte[] data) {
        try (RaidConnection connection = arrays.connect()) {
            connection.store(oid, based, data);
        }
    }

    /** Deletes an object. */
    public void delete(Oid oid) {
        try (RaidConnection connection = arrays.connect()) {
            connection.delete(oid);
        }
    }

    /**
     * Stores a blob: bytes in a file of their own beside the database, for what is large. Its record is the one that a
     * Python application writes for a {@code ZODB.blob.Blob}, since members know blobs by it.
     *
     * @param blob read to its end before this returns, and not closed
     */
    public void storeBlob(Oid oid, InputStream blob) {
        try (RaidConnection connection = arrays.connect()) {
            connection.storeBlob(oid, BlobRecords.record(), blob);
        }
    }

    /**
     * The blob of an object, to be read before the transaction ends.
     *
     * @throws NoSuchStoredObjectException if there is no such object, or it has no blob
     */
    @TransactionAttribute(TransactionAttributeType.SUPPORTS)
    public BlobSource blob(Oid oid) {
        try (RaidConnection connection = arrays.connect()) {
            return connection.blob(oid);
        }
    }

    /** Has the commit conflict if the object, which was only read, changes meanwhile. */
    @TransactionAttribute(TransactionAttributeType.MANDATORY)
    public void checkCurrent(Oid oid) {
        try (RaidConnection connection = arrays.connect()) {
            connection.checkCurrent(oid);
        }
    }

    /** Undoes an earlier transaction as part of this one. */
    public void undo(Tid tid) {
        try (RaidConnection connection = arrays.connect()) {
            connection.undo(tid);
        }
    }

    /** Transactions that can be undone, newest first. */
    @TransactionAttribute(TransactionAttributeType.SUPPORTS)
    public List<TransactionHeader> undoLog(int skip, int limit) {
        try (RaidConnection connection = arrays.connect()) {
            return connection.undoLog(skip, limit);
        }
    }

    /** The revisions of an object, newest first. */
    @TransactionAttribute(TransactionAttributeType.SUPPORTS)
    public List<HistoryEntry> history(Oid oid, int limit) {
        try (RaidConnection connection = arrays.connect()) {
            return connection.history(oid, limit);
        }
    }

    /** The last transaction that this one sees. */
    @TransactionAttribute(TransactionAttributeType.SUPPORTS)
    public Tid lastTid() {
        try (RaidConnection connection = arrays.connect()) {
            return connection.lastTid();
        }
    }

    /**
     * What the history keeps about this transaction; to be said before anything is written.
     *
     * @throws StoreException if it has written already
     */
    @TransactionAttribute(TransactionAttributeType.MANDATORY)
    public void describe(String user, String description) {
        try (RaidConnection connection = arrays.connect()) {
            connection.describe(TransactionMeta.of(user, description));
        }
    }

    /**
     * Looks for conflicts now, as the transaction's last call; nothing may be written after it.
     *
     * @throws StoreException whose {@link StoreException#isConflict} holds if somebody else was faster
     */
    @TransactionAttribute(TransactionAttributeType.MANDATORY)
    public void vote() {
        try (RaidConnection connection = arrays.connect()) {
            connection.vote();
        }
    }
}
