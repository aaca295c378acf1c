package org.zeoraid.ejb;

import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidTransaction;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;

/** A connection in one transaction over a storage, with the snapshot of its beginning; what the names need of one. */
final class OneTransaction implements RaidConnection {

    private final Storage storage;
    private final Tid snapshot;
    private final StorageTransaction transaction;

    OneTransaction(Storage storage) {
        this.storage = storage;
        this.snapshot = get(storage.lastTid());
        this.transaction = storage.begin(TransactionMeta.EMPTY);
    }

    void commit() {
        get(transaction.vote());
        get(transaction.finish());
    }

    void rollback() {
        get(transaction.abort());
    }

    private static <T> T get(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
    }

    @Override
    public Revision load(Oid oid) {
        Optional<Content> written = transaction.written(oid);
        if (written.isPresent() && written.get() instanceof Content.Data data) {
            return new Revision(data.bytes(), Tid.NONE, Tid.MAX);
        }
        return loadBefore(oid, snapshot.after());
    }

    @Override
    public Revision loadBefore(Oid oid, Tid before) {
        return get(storage.loadBefore(oid, before)).orElseThrow(() -> new ObjectNotFoundException(oid));
    }

    @Override
    public List<Oid> newOids(int count) {
        return get(storage.newOids(count));
    }

    @Override
    public Oid newOid() {
        return newOids(1).get(0);
    }

    @Override
    public void store(Oid oid, byte[] data) {
        store(oid, based(oid), data);
    }

    private Tid based(Oid oid) {
        try {
            return loadBefore(oid, snapshot.after()).serial();
        } catch (ObjectNotFoundException e) {
            return Tid.NONE;
        }
    }

    @Override
    public void store(Oid oid, Tid based, byte[] data) {
        transaction.store(oid, based, data);
    }

    @Override
    public String arrayName() {
        return storage.name();
    }

    @Override
    public byte[] loadSerial(Oid oid, Tid serial) {
        return get(storage.loadSerial(oid, serial));
    }

    @Override
    public void storeBlob(Oid oid, byte[] data, InputStream blob) {
        throw new AssertionError("names have no blobs");
    }

    @Override
    public BlobSource blob(Oid oid) {
        throw new AssertionError("names have no blobs");
    }

    @Override
    public void delete(Oid oid) {
        transaction.delete(oid, based(oid));
    }

    @Override
    public void checkCurrent(Oid oid) {
        transaction.checkCurrent(oid, based(oid));
    }

    @Override
    public void undo(Tid tid) {
        transaction.undo(tid);
    }

    @Override
    public List<HistoryEntry> history(Oid oid, int limit) {
        return get(storage.history(oid, limit));
    }

    @Override
    public List<TransactionHeader> undoLog(int skip, int limit) {
        return get(storage.undoLog(skip, limit));
    }

    @Override
    public Tid lastTid() {
        return snapshot;
    }

    @Override
    public void describe(TransactionMeta meta) {
        throw new AssertionError("names describe nothing");
    }

    @Override
    public void vote() {
        get(transaction.vote());
    }

    @Override
    public CompletionStage<Tid> outcome() {
        return CompletableFuture.completedStage(Tid.NONE);
    }

    @Override
    public RaidTransaction localTransaction() {
        throw new AssertionError("this is one already");
    }

    @Override
    public void close() {
        // a handle; the transaction goes on
    }
}
