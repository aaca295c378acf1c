package org.zeoraid.zeo.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.pickle.BlobRecords;

/**
 * Keeps a shared folder of blobs as the storage is: brings in those that were there before, and those that come by
 * another way than a client's commit; takes out those that a pack removed. On threads that may wait for the disk.
 */
final class BlobKeeper implements AutoCloseable {

    private final Storage storage;
    private final SharedBlobs shared;
    private final Executor workers;
    private volatile boolean closed;

    BlobKeeper(Storage storage, SharedBlobs shared, Executor workers) {
        this.storage = storage;
        this.shared = shared;
        this.workers = workers;
    }

    /** Brings in all blobs that the storage has, and takes out what an earlier server left behind. */
    void start() {
        workers.execute(() -> {
            try {
                shared.sweep();
            } catch (IOException | UncheckedIOException e) {
                Connection.LOG.log(
                        Level.DEBUG, () -> "what is left of earlier servers in the shared folder stays: " + e);
            }
        });
        workers.execute(() -> RecentChanges.each(storage.transactions(Tid.NONE, Tid.MAX), transaction -> {
                    if (closed) {
                        throw new CompletionException(new IOException("the server stops"));
                    }
                    transaction.records().forEach(entry -> keep(transaction, entry));
                })
                .whenComplete((done, failure) -> {
                    if (failure != null && !closed) {
                        Connection.LOG.log(
                                Level.WARNING,
                                () -> "the shared blob folder of " + storage.name() + " is not complete: " + failure);
                    }
                }));
    }

    private void keep(CommittedTransaction transaction, DataRecord entry) {
        if (entry.data().filter(BlobRecords::isBlob).isPresent()) {
            bring(entry.oid(), transaction.tid());
        }
    }

    private void bring(Oid oid, Tid tid) {
        if (!Files.exists(shared.file(oid, tid))) {
            storage.blob(oid, tid)
                    .whenCompleteAsync(
                            (blob, failure) -> {
                                if (failure == null && !closed) {
                                    shared.add(oid, tid, blob);
                                }
                            },
                            workers);
        }
    }

    /** A transaction was committed that may have blobs which are not in their place yet. */
    void committed(Changes changes) {
        workers.execute(() -> changes.oids().forEach(oid -> bring(oid, changes.tid())));
    }

    /** Takes out what a pack removed. */
    void packed() {
        workers.execute(() -> {
            try {
                shared.retain((oid, tid) -> closed || isKnown(oid, tid));
            } catch (IOException | UncheckedIOException e) {
                Connection.LOG.log(
                        Level.WARNING,
                        () -> "old blobs in the shared folder of " + storage.name() + " stay behind: " + e);
            }
        });
    }

    private boolean isKnown(Oid oid, Tid tid) {
        try {
            storage.blob(oid, tid).toCompletableFuture().join();
            return true;
        } catch (CompletionException e) {
            return !(e.getCause() instanceof ObjectNotFoundException);
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
