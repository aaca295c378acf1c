package org.zeoraid.zeo.server;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.FileBlob;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;

/**
 * The transaction that a client has begun, with the blobs that it has sent so far. Changes come in one-way calls: what
 * goes wrong with one dooms the transaction, and the vote tells. On the event loop; what may wait for the disk or takes long is
 * done in a lane of its own, and from then on everything is, so that the order stays.
 */
final class ServerTransaction {

    /** What has become of it. */
    enum State {
        BEGUN,
        VOTED,
        FINISHING
    }

    /** A transaction of no more than that is held in memory by every storage, and voted on in a moment. */
    private static final long FEW_BYTES = 512 << 10;

    private static final long FEW_CHANGES = 500;

    /** How much may wait for the disk before its client is not read from. */
    private static final long MOST_UNWRITTEN = 4 << 20;

    /** About what a change takes in memory, wherever its data is. */
    private static final long CHANGE_BYTES = 256;

    /** What is held in memory is counted in steps, so that small transactions leave the common count alone. */
    private static final long STEP = 64 << 10;

    @SuppressWarnings("StaticAssignmentOfThrowable") // it tells of no place
    private static final PythonException ENDED =
            new PythonException("ZODB.POSException.StorageTransactionError", "the transaction has ended");

    /** How a blob is stored. */
    @FunctionalInterface
    interface BlobStore {
        void store(StorageTransaction transaction, BlobSource source);
    }

    private final Object id;
    private final Session session;
    private final Limits limits;
    private final Memory memory;
    private final Lane lane;
    private final AtomicLong unwritten = new AtomicLong();
    /** Belongs to the lane, as does what is in it. */
    private final List<IncomingBlob> blobs = new ArrayList<>(0);

    private final List<SharedBlobs.Staged> staged = new ArrayList<>(0);
    private @Nullable StorageTransaction transaction;
    private volatile @Nullable PythonException doom;
    private @Nullable IncomingBlob incoming;
    private boolean aside;
    private boolean undoes;
    private long bytes;
    private long changes;
    private long counted;
    State state = State.BEGUN;

    ServerTransaction(Object id, Session session) {
        this.id = id;
        this.session = session;
        this.limits = session.options().limits();
        this.memory = session.server().memory();
        this.lane = new Lane(session.server().workers());
    }

    void begin(StorageTransaction begun) {
        transaction = begun;
    }

    boolean isNamed(Object name) {
        return id instanceof byte[] mine && name instanceof byte[] other
                ? Arrays.equals(mine, other)
                : Objects.equals(id, name);
    }

    StorageTransaction storageTransaction() {
        if (transaction == null) {
            throw new IllegalStateException("the transaction was never begun");
        }
        return transaction;
    }

    /** Has the vote fail; only the first reason counts. From any thread. */
    synchronized void doom(PythonException reason) {
        if (doom == null) {
            doom = reason;
        }
    }

    private boolean isDoomed() {
        return doom != null || transaction == null;
    }

    /** Adds to what the transaction costs, and dooms it if that is too much. */
    private void count(long moreBytes, int moreChanges) {
        bytes += moreBytes;
        changes += moreChanges;
        if (isDoomed()) {
            return;
        }
        if (bytes > limits.bytes().transaction()) {
            tooMuch("a transaction may have " + limits.bytes().transaction() + " bytes");
        } else if (changes > limits.counts().changes()) {
            tooMuch("a transaction may have " + limits.counts().changes() + " changes");
        } else {
            long held = changes * CHANGE_BYTES + Math.min(bytes, FEW_BYTES);
            long more = held - counted;
            if (more >= STEP) {
                counted = held;
                if (!memory.keep(more)) {
                    tooMuch(tooMuchForAll());
                }
            }
        }
    }

    private String tooMuchForAll() {
        return "all clients together have the server hold more than " + memory.most() + " bytes";
    }

    /** What has come of it is of no use any more. */
    private void tooMuch(String text) {
        doom(new PythonException("ZODB.POSException.StorageError", "quota: " + text));
        release();
        abort();
    }

    private void release() {
        memory.take(-counted);
        counted = 0;
    }

    /** @throws ProtocolException if nothing can be changed any more */
    void change(long size, Consumer<StorageTransaction> change) {
        if (state != State.BEGUN) {
            throw new ProtocolException("the transaction has voted");
        }
        count(size, 1);
        if (!isDoomed()) {
            inOrder(size, () -> change.accept(storageTransaction()));
        }
    }

    void undo(Tid tid) {
        undoes = true;
        change(0, t -> t.undo(tid));
    }

    private void inOrder(long size, Runnable task) {
        if (!aside && bytes <= FEW_BYTES && changes <= FEW_CHANGES) {
            attempt(task);
            return;
        }
        aside = true;
        long waiting = size + CHANGE_BYTES;
        unwritten.addAndGet(waiting);
        if (!memory.take(waiting)) {
            tooMuch(tooMuchForAll());
        }
        lane.execute(() -> {
            attempt(task);
            memory.take(-waiting);
            long left = unwritten.addAndGet(-waiting);
            // Once each time that enough has been written.
            if (left <= MOST_UNWRITTEN && left + waiting > MOST_UNWRITTEN) {
                Connection connection = session.connection();
                connection.onLoop(connection::resume);
            }
        });
    }

    private void attempt(Runnable task) {
        if (isDoomed()) {
            return;
        }
        try {
            task.run();
        } catch (PythonException | StorageException e) {
            doom(Python.error(e));
        } catch (RuntimeException e) {
            Connection.LOG.log(Level.ERROR, () -> session + ": a change failed", e);
            doom(Python.error(e));
        }
    }

    /** Whether so much waits for the disk that the client is not to send more. */
    boolean isWritingMuch() {
        return unwritten.get() > MOST_UNWRITTEN;
    }

    void blobStart() {
        if (incoming != null) {
            throw new PythonException("ZODB.POSException.StorageTransactionError", "one blob at a time");
        }
        IncomingBlob started = new IncomingBlob(session.server().spool());
        incoming = started;
        aside = true;
        inOrder(0, () -> {
            blobs.add(started);
            started.create();
        });
    }

    void blobChunk(byte[] chunk) {
        IncomingBlob open = incoming();
        count(chunk.length, 0);
        if (!isDoomed()) {
            inOrder(chunk.length, () -> open.write(chunk));
        }
    }

    private IncomingBlob incoming() {
        if (incoming == null) {
            throw new PythonException("ZODB.POSException.StorageTransactionError", "no blob was started");
        }
        return incoming;
    }

    /** Stores the blob that has come. */
    void blobEnd(Oid oid, long size, BlobStore store) {
        IncomingBlob ended = incoming();
        incoming = null;
        change(size, t -> {
            FileBlob blob = ended.whole();
            store.store(t, blob);
            session.served().sharedBlobs().ifPresent(shared -> staged.add(shared.stage(oid, blob)));
        });
    }

    /** Stores a blob that the client has put into the folder that it shares with this server. */
    void sharedBlob(SharedBlobs shared, Oid oid, String name, long size, BlobStore store) {
        aside = true;
        change(size, t -> {
            SharedBlobs.Staged file = shared.fromClient(oid, name);
            staged.add(file);
            store.store(t, file.blob());
        });
    }

    CompletionStage<List<Oid>> vote() {
        if (state != State.BEGUN) {
            throw new PythonException("ZODB.POSException.StorageTransactionError", "the transaction has voted");
        }
        Optional<SharedBlobs> shared = undoes ? session.served().sharedBlobs() : Optional.empty();
        aside |= shared.isPresent();
        CompletionStage<List<Oid>> vote = behindChanges(() -> {
            PythonException reason = doom;
            return reason == null ? storageTransaction().vote() : CompletableFuture.failedFuture(reason);
        });
        return shared.isPresent() ? vote.thenCompose(undone -> stageUndone(shared.get(), undone)) : vote;
    }

    /** The blobs that an undo brings back are no client's to send: they come into the shared folder from the storage. */
    private CompletionStage<List<Oid>> stageUndone(SharedBlobs shared, List<Oid> undone) {
        return lane.ask(() -> {
            for (Oid oid : undone) {
                PythonException reason = doom;
                if (reason != null) {
                    throw reason;
                }
                storageTransaction().writtenBlob(oid).ifPresent(blob -> staged.add(shared.stage(oid, blob)));
            }
            return CompletableFuture.completedFuture(undone);
        });
    }

    CompletionStage<Tid> finish() {
        return behindChanges(() -> storageTransaction().finish());
    }

    CompletionStage<Void> abort() {
        StorageTransaction begun = transaction;
        return begun == null ? CompletableFuture.completedFuture(null) : behindChanges(begun::abort);
    }

    private <T> CompletionStage<T> behindChanges(Supplier<CompletionStage<T>> step) {
        if (aside) {
            return lane.ask(step);
        }
        try {
            return step.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Its blobs are others' to see under this tid; from any thread, when the transaction is about to be acknowledged. */
    void place(Tid tid) {
        staged.forEach(one -> one.place(tid));
    }

    /** Nothing more is to become of what has come of it; deletes what the transaction no longer needs. */
    void discard() {
        release();
        doom(ENDED);
        if (aside) {
            lane.execute(() -> {
                blobs.forEach(IncomingBlob::discard);
                staged.forEach(SharedBlobs.Staged::discard);
            });
        }
    }
}
