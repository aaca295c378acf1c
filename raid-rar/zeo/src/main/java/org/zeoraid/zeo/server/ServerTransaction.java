package org.zeoraid.zeo.server;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;

/**
 * The transaction that a client has begun, with the blobs that it has sent so far. Changes come in one-way calls: what
 * goes wrong with one dooms the transaction, and the vote tells. On the event loop.
 */
final class ServerTransaction {

    /** What has become of it. */
    enum State {
        BEGUN,
        VOTED,
        FINISHING
    }

    /** How much of a blob may wait for the disk before its client is not read from. */
    private static final long MOST_UNWRITTEN = 4 << 20;

    /** How a blob is stored. */
    @FunctionalInterface
    interface BlobStore {
        void store(StorageTransaction transaction, BlobSource source);
    }

    private record Stored(Oid oid, IncomingBlob blob, BlobStore store) {}

    private final Object id;
    private final Session session;
    private final List<IncomingBlob> blobs = new ArrayList<>();
    private final List<Stored> unstored = new ArrayList<>();
    private final List<SharedBlobs.Staged> staged = new ArrayList<>();
    private @Nullable StorageTransaction transaction;
    private @Nullable PythonException doom;
    private @Nullable IncomingBlob incoming;
    private @Nullable IncomingBlob ended;
    private long bytes;
    private long changes;
    State state = State.BEGUN;

    ServerTransaction(Object id, Session session) {
        this.id = id;
        this.session = session;
    }

    void begin(StorageTransaction begun) {
        transaction = begun;
    }

    boolean isNamed(Object name) {
        return id instanceof byte[] mine && name instanceof byte[] other
                ? Arrays.equals(mine, other)
                : Objects.equals(id, name);
    }

    @Nullable StorageTransaction storageTransaction() {
        return transaction;
    }

    /** Has the vote fail; only the first reason counts. */
    void doom(PythonException reason) {
        if (doom == null) {
            doom = reason;
        }
    }

    /** Adds to what the transaction costs, and dooms it if that is too much. */
    void count(long moreBytes, int moreChanges) {
        Limits limits = session.options().limits();
        bytes += moreBytes;
        changes += moreChanges;
        if (bytes > limits.transactionBytes()) {
            doom(new PythonException(
                    "ZODB.POSException.StorageError",
                    "quota: a transaction may have " + limits.transactionBytes() + " bytes"));
        } else if (changes > limits.transactionChanges()) {
            doom(new PythonException(
                    "ZODB.POSException.StorageError",
                    "quota: a transaction may have " + limits.transactionChanges() + " changes"));
        }
    }

    /** @throws ProtocolException if nothing can be changed any more */
    void change(long size, Consumer<StorageTransaction> change) {
        count(size, 1);
        if (doom != null || transaction == null) {
            return;
        }
        try {
            change.accept(transaction);
        } catch (ProtocolException e) {
            throw e;
        } catch (StorageException e) {
            doom(Python.error(e));
        }
    }

    void blobStart() {
        if (incoming != null) {
            throw new PythonException("ZODB.POSException.StorageTransactionError", "one blob at a time");
        }
        Connection connection = session.connection();
        incoming = new IncomingBlob(
                session.server().spool(), session.server().blocking(), () -> connection.onLoop(connection::resume));
        blobs.add(incoming);
    }

    void blobChunk(byte[] chunk) {
        IncomingBlob open = open();
        if (doom == null) {
            open.write(chunk);
        }
    }

    private IncomingBlob open() {
        if (incoming == null) {
            throw new PythonException("ZODB.POSException.StorageTransactionError", "no blob was started");
        }
        return incoming;
    }

    /** Stores the blob that has come; its file is there before the vote. */
    void blobEnd(Oid oid, long size, BlobStore store) {
        IncomingBlob whole = open();
        incoming = null;
        ended = whole;
        whole.end();
        count(size, 1);
        unstored.add(new Stored(oid, whole, store));
    }

    private StorageTransaction require() {
        if (transaction == null) {
            throw new IllegalStateException("the transaction was never begun");
        }
        return transaction;
    }

    /** A blob that the client has put into the folder that it shares with this server. */
    BlobSource shared(SharedBlobs shared, Oid oid, String name) {
        SharedBlobs.Staged file = shared.fromClient(oid, name);
        staged.add(file);
        return file.blob();
    }

    boolean isWritingMuch() {
        IncomingBlob open = incoming != null ? incoming : ended;
        return open != null && open.unwritten() > MOST_UNWRITTEN;
    }

    CompletionStage<List<Oid>> vote() {
        if (state != State.BEGUN) {
            throw new PythonException("ZODB.POSException.StorageTransactionError", "the transaction has voted");
        }
        CompletionStage<Void> ready = CompletableFuture.completedFuture(null);
        for (Stored one : unstored) {
            ready = ready.thenCompose(done -> one.blob().whole()).thenAccept(blob -> {
                change(0, t -> one.store().store(t, blob));
                Optional<SharedBlobs> shared = session.served().sharedBlobs();
                if (shared.isPresent()) {
                    staged.add(shared.get().stage(one.oid(), blob));
                }
            });
        }
        unstored.clear();
        return ready.thenCompose(done -> {
            PythonException reason = doom;
            return reason == null ? require().vote() : CompletableFuture.failedFuture(reason);
        });
    }

    CompletionStage<Tid> finish() {
        return require().finish();
    }

    CompletionStage<Void> abort() {
        return transaction == null ? CompletableFuture.completedFuture(null) : transaction.abort();
    }

    /** Its blobs are others' to see under this tid; from any thread, when the transaction is about to be acknowledged. */
    void place(Tid tid) {
        staged.forEach(one -> one.place(tid));
    }

    /** Deletes what the transaction no longer needs. */
    void discard() {
        blobs.forEach(IncomingBlob::discard);
        if (!staged.isEmpty()) {
            session.server().blocking().execute(() -> staged.forEach(SharedBlobs.Staged::discard));
        }
    }
}
