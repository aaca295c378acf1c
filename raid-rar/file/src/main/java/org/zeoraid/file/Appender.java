package org.zeoraid.file;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.seam.DiskErrors;
import org.zeoraid.storage.seam.DiskFullIOException;
import org.zeoraid.storage.seam.Environment;

/**
 * Group commit: takes all transactions that have queued up, writes them as one batch, syncs once, and tells their
 * callers in order. Everything that changes the file runs on its one thread, between two batches, and in its turn: the
 * next batch waits behind it.
 */
final class Appender implements AutoCloseable {

    private static final Logger LOG = System.getLogger("org.zeoraid.file");

    /** A batch ends once it holds so much, so that nobody waits for the whole of a long queue. */
    private static final long BATCH_BYTES = 16 << 20;

    /** The most that the blobs of a batch come to, see {@link TransactionWriter.Plan}; its first transaction may have more. */
    private static final long BATCH_BLOBS = 32 * TransactionWriter.LEAST_BLOB;

    private final Environment.Worker worker;
    private final Blobs blobs;
    private final long quota;
    private final Listener listener;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);

    private final Object lock = new Object();
    private final ArrayDeque<Pending> queue = new ArrayDeque<>();
    /** Whether the worker has been told to take a batch, or is at it. */
    private boolean draining;

    private boolean closed;

    /** The worker's thread while a task of ours runs on it. */
    private volatile @Nullable Thread runner;

    // Only on the worker's thread.
    /** Callers who are to be told, in order; not before the batch they belong to is over, as they may close the log. */
    private final ArrayDeque<Runnable> answers = new ArrayDeque<>();

    private Generation generation;
    private Reserve reserve;
    private TransactionWriter writer;
    private @Nullable Failed lastFailed;

    /** Why transactions have been refused since the last one that was written: it is in the log once. */
    private String told = "";

    /** Why nothing is written any more before the log is opened again. Written on the worker's thread. */
    private volatile @Nullable StorageException broken;

    /** The last append that failed, for those that counted on it. */
    private record Failed(Tid tid, StorageException reason) {}

    /** Told after a batch is durable, on the worker's thread. */
    interface Listener {
        void appended(Generation generation, long bytes);
    }

    private static final class Pending {

        private final Tid previous;
        private final CommittedTransaction transaction;
        private final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
        boolean failed;

        Pending(Tid previous, CommittedTransaction transaction) {
            this.previous = previous;
            this.transaction = transaction;
        }
    }

    Appender(Environment.Worker worker, Generation generation, Blobs blobs, long quota, Listener listener) {
        this.worker = worker;
        this.blobs = blobs;
        this.quota = quota;
        this.listener = listener;
        this.generation = generation;
        this.reserve = new Reserve(generation.log());
        this.writer = new TransactionWriter(generation, buffer);
    }

    CompletionStage<Void> append(Tid previous, CommittedTransaction transaction) {
        Pending pending = new Pending(previous, transaction);
        synchronized (lock) {
            if (closed) {
                return CompletableFuture.failedFuture(closedFailure());
            }
            queue.add(pending);
            if (!draining) {
                draining = true;
                worker.execute(this::drain);
            }
        }
        @SuppressWarnings("NullAway") // a stage without a value completes with null
        CompletionStage<Void> stage = pending.done;
        return stage;
    }

    private StorageClosedException closedFailure() {
        return new StorageClosedException("the log is closed");
    }

    /**
     * Runs something between two batches.
     *
     * @return completes on the worker's thread
     */
    <T> CompletionStage<T> exclusively(Callable<T> task) {
        CompletableFuture<T> done = new CompletableFuture<>();
        try {
            worker.execute(() -> run(task, done));
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(new StorageClosedException("the log is closed", e));
        }
        return done;
    }

    private <T> void run(Callable<T> task, CompletableFuture<T> done) {
        runner = Thread.currentThread();
        try {
            StorageException reason = broken;
            if (reason != null) {
                throw reason;
            }
            generation.putInOrder();
            done.complete(task.call());
        } catch (IOException e) {
            if (e instanceof Reserve.SyncFailed) {
                breakDown(new StorageUnavailableException("nobody knows what is on the disk: " + e, e));
            }
            done.completeExceptionally(
                    Failures.of("cannot change " + generation.log().path(), e));
        } catch (StorageException e) {
            done.completeExceptionally(e);
        } catch (Throwable e) {
            StorageUnavailableException unforeseen = new StorageUnavailableException(
                    "a change of " + generation.log().path() + " failed in an unforeseen way: " + e, e);
            breakDown(unforeseen);
            LOG.log(Level.ERROR, unforeseen.getMessage() + "; open the log again to write to it", e);
            done.completeExceptionally(unforeseen);
        } finally {
            runner = null;
        }
    }

    /** Goes on with another generation, or with the same one changed by somebody else. Only within {@link #exclusively}. */
    void use(Generation other) {
        generation = other;
        reserve = new Reserve(other.log());
        writer = new TransactionWriter(other, buffer);
        lastFailed = null;
    }

    /** Ends the file with its last transaction. Only within {@link #exclusively}. */
    void dropReserve() throws IOException {
        if (reserve.isThere()) {
            reserve.drop(generation.tail().end());
        }
    }

    /** To be called before anything is prepared for {@link #truncate}. Only within {@link #exclusively}. */
    void prepareToTruncate() throws IOException {
        reserve.ensure(generation.tail().end(), generation.tail().lastTid());
    }

    /** Ends the file where the generation's tail says now. Only within {@link #exclusively}. */
    void truncate() throws IOException {
        try {
            reserve.cut(generation.tail().end(), generation.tail().lastTid());
        } catch (IOException e) {
            breakDown(new StorageUnavailableException("a tail could not be cut off: " + e, e));
            throw e;
        }
        use(generation);
    }

    /** Refuses all writing from now on. Only within {@link #exclusively}. */
    void breakDown(StorageException reason) {
        if (broken == null) {
            broken = reason;
        }
    }

    /** Commits one batch. The next one takes its turn behind whatever else waits for the worker. */
    private void drain() {
        runner = Thread.currentThread();
        try {
            commitNext();
        } finally {
            drainAgain();
            runner = null;
        }
    }

    private void drainAgain() {
        synchronized (lock) {
            draining = !queue.isEmpty();
            if (!draining) {
                return;
            }
        }
        try {
            worker.execute(this::drain);
        } catch (RejectedExecutionException e) {
            // The worker ends, and does what it was given before.
            commitAll();
        }
    }

    private void commitAll() {
        boolean more = true;
        while (more) {
            more = commitNext();
        }
    }

    /** @return false if nothing was left to commit */
    private boolean commitNext() {
        List<Pending> batch = take();
        if (batch.isEmpty()) {
            return false;
        }
        try {
            commit(batch);
        } catch (RuntimeException | Error e) {
            OutcomeUnknownException unknown = new OutcomeUnknownException(
                    "a commit to " + generation.log().path() + " failed in an unforeseen way: " + e, e);
            breakDown(unknown);
            LOG.log(Level.ERROR, unknown.getMessage() + "; open the log again to write to it", e);
            batch.forEach(each -> answers.add(() -> each.done.completeExceptionally(unknown)));
        }
        answer();
        return true;
    }

    private void answer() {
        for (Runnable next = answers.poll(); next != null; next = answers.poll()) {
            next.run();
        }
    }

    private List<Pending> take() {
        List<Pending> batch = new ArrayList<>();
        long bytes = 0;
        synchronized (lock) {
            while (!queue.isEmpty() && bytes < BATCH_BYTES) {
                Pending next = queue.remove();
                batch.add(next);
                bytes += TransactionWriter.mostBytes(next.transaction);
            }
        }
        return batch;
    }

    /** Leaves some to the next batch. Blobs that are many or large take their time: who is ahead is answered first. */
    private void putBack(List<Pending> rest) {
        synchronized (lock) {
            for (int i = rest.size() - 1; i >= 0; i--) {
                queue.addFirst(rest.get(i));
            }
        }
        rest.clear();
    }

    /** Commits a batch, or where there is no room for all of it, as many of its first transactions as there is room for. */
    private void commit(List<Pending> batch) {
        if (!tryCommit(batch, batch.size() > 1)) {
            for (Pending each : batch) {
                tryCommit(List.of(each), false);
            }
        }
    }

    /**
     * @param again whether to try once more with smaller batches if the disk is full, or perhaps only one's blobs cannot be
     *     had
     * @return false if that is to be done; nothing has happened then
     */
    private boolean tryCommit(List<Pending> batch, boolean again) {
        List<Pending> written = new ArrayList<>(batch.size());
        List<CommittedTransaction> withBlobs = new ArrayList<>();
        long blobsInBatch = 0;
        Generation.Tail before = generation.tail();
        boolean slotTouched = false;
        try {
            generation.putInOrder();
            generation.checksums().bound();
            long most = 0;
            for (Pending each : batch) {
                most += TransactionWriter.mostBytes(each.transaction);
            }
            writer.begin();
            for (Pending each : batch) {
                TransactionWriter.Plan plan = accept(each);
                if (plan == null) {
                    continue;
                }
                if (plan.hasBlobs()) {
                    blobsInBatch += plan.blobs();
                    if (blobsInBatch > BATCH_BLOBS && each != batch.get(0)) {
                        putBack(batch.subList(batch.indexOf(each), batch.size()));
                        break;
                    }
                    withBlobs.add(each.transaction);
                    blobs.store(each.transaction);
                }
                if (written.isEmpty() && !reserve.fits(before.end(), most)) {
                    reserve.extend(before.end(), most, before.lastTid());
                }
                if (!reserve.fits(writer.tail().end(), plan.bytes())) {
                    throw new IOException("a transaction tells of less data than it has");
                }
                writer.write(plan);
                written.add(each);
            }
            if (written.isEmpty()) {
                return true;
            }
            blobs.name(withBlobs);
            writer.finish(reserve);
            slotTouched = true;
            reserve.begin(before.end(), writer.tail().end(), writer.checksum());
            writer.publish();
        } catch (IOException | StorageException e) {
            return failed(batch, withBlobs, again, slotTouched, e);
        }
        sync(written, before);
        return true;
    }

    private void sync(List<Pending> written, Generation.Tail before) {
        try {
            generation.log().file().sync();
        } catch (IOException e) {
            OutcomeUnknownException unknown = new OutcomeUnknownException(
                    generation.log().path() + " could not be synced, and nobody knows what of it is on the disk: " + e,
                    e);
            breakDown(unknown);
            LOG.log(Level.ERROR, unknown.getMessage() + "; nothing more is written before it is opened again", e);
            written.forEach(each -> answers.add(() -> each.done.completeExceptionally(unknown)));
            return;
        }
        told = "";
        listener.appended(generation, generation.tail().end() - before.end());
        written.forEach(each -> answers.add(() -> each.done.complete(null)));
        written.forEach(each -> blobs.settled(each.transaction));
    }

    /**
     * Checks whether a transaction can be appended to what is in the batch so far.
     *
     * @return null if not; its caller has been told then
     */
    private TransactionWriter.@Nullable Plan accept(Pending each) throws IOException {
        if (each.failed) {
            return null;
        }
        Tid tid = each.transaction.tid();
        Tid last = new Tid(writer.tail().highestTid());
        try {
            StorageException reason = broken;
            if (reason != null) {
                throw new StorageUnavailableException(
                        generation.log().path() + " is not written to before it is opened again: "
                                + reason.getMessage(),
                        reason);
            }
            if (!each.previous.equals(last)) {
                if (lastFailed != null && each.previous.equals(lastFailed.tid())) {
                    throw lastFailed.reason();
                }
                throw new ProtocolException(
                        "transaction " + tid + " follows " + each.previous + ", but the last one is " + last);
            }
            if (!tid.isAfter(last)) {
                throw new ProtocolException("transaction " + tid + " is not later than the last one, " + last);
            }
            TransactionWriter.Plan plan = writer.plan(each.transaction);
            if (plan.hasBlobs() && !blobs.isKept()) {
                throw new ProtocolException("transaction " + tid + " has blobs, but "
                        + generation.log().path() + " has no folder for them: set its blob-dir");
            }
            if (quota > 0 && writer.tail().end() + plan.bytes() > quota) {
                throw new DiskFullException("transaction " + tid + " would make "
                        + generation.log().path() + " larger than its quota of " + quota
                        + " bytes: pack it or raise the quota");
            }
            return plan;
        } catch (StorageException e) {
            fail(each, e);
            return null;
        }
    }

    private void fail(Pending each, StorageException reason) {
        each.failed = true;
        lastFailed = new Failed(each.transaction.tid(), reason);
        answers.add(() -> each.done.completeExceptionally(reason));
    }

    /** Undoes what a batch has written before its sync. */
    private boolean failed(
            List<Pending> batch,
            List<CommittedTransaction> withBlobs,
            boolean again,
            boolean slotTouched,
            Exception cause) {
        StorageException reason = reason(cause);
        boolean undone = undo(cause, slotTouched);
        if (undone) {
            withBlobs.forEach(blobs::discard);
        }
        if (!undone && slotTouched) {
            reason = new OutcomeUnknownException(
                    "a commit to " + generation.log().path() + " failed and could not be undone: " + cause, cause);
        }
        if (undone && again && (reason instanceof DiskFullException || !withBlobs.isEmpty())) {
            return false;
        }
        String text = String.valueOf(reason.getMessage());
        LOG.log(text.equals(told) ? Level.DEBUG : Level.ERROR, "a transaction is refused: {0}", text);
        told = text;
        for (Pending each : batch) {
            if (!each.failed) {
                fail(each, reason);
            }
        }
        return true;
    }

    private StorageException reason(Exception cause) {
        if (cause instanceof StorageException known) {
            return known;
        }
        IOException failure = (IOException) cause;
        if (failure instanceof DiskFullIOException) {
            // The disk says which file it had no room for: it may be one of blobs, on another disk.
            return new DiskFullException(DiskErrors.text(failure), failure);
        }
        return Failures.of("cannot write to " + generation.log().path(), failure);
    }

    /** @return whether the file is as it was before, on the disk too */
    private boolean undo(Exception cause, boolean slotTouched) {
        boolean undone = !(cause instanceof Reserve.SyncFailed);
        try {
            if (undone && reserve.isThere()) {
                // Without the room nothing will tell that the last checksums are ours: they have to be safe first.
                generation.coverNow(generation.tail(), generation.checksums().count());
            }
        } catch (IOException e) {
            LOG.log(
                    told.isEmpty() ? Level.WARNING : Level.DEBUG,
                    "the checksums of {0} could not be synced; after a crash now its last records count as"
                            + " unverified: {1}",
                    generation.log().path(),
                    DiskErrors.text(e));
        }
        try {
            if (undone && reserve.isThere()) {
                reserve.undo(generation.tail().end(), generation.tail().lastTid());
            }
        } catch (IOException e) {
            cause.addSuppressed(e);
            undone = false;
        }
        if (!undone) {
            breakDown(
                    slotTouched
                            ? new OutcomeUnknownException("a failed commit could not be undone: " + cause, cause)
                            : new StorageUnavailableException("a failed commit could not be undone: " + cause, cause));
        }
        return undone;
    }

    /** Whether nothing is written any more before the log is opened again. */
    boolean isBroken() {
        return broken != null;
    }

    /** @throws StorageUnavailableException if nobody knows whether the last transaction lasts */
    void checkNotInDoubt() {
        if (broken instanceof OutcomeUnknownException doubt) {
            throw new StorageUnavailableException(
                    "nobody knows which transaction is the last before the log is opened again: " + doubt.getMessage(),
                    doubt);
        }
    }

    /** Runs something behind all that was taken, broken or not, and ends the thread. */
    void close(Runnable last) {
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
        }
        Runnable end = () -> {
            answer();
            commitAll();
            last.run();
        };
        if (Thread.currentThread() == runner) {
            // Closed by somebody who has just been told of his commit.
            end.run();
        } else {
            try {
                worker.execute(end);
            } catch (RejectedExecutionException e) {
                // Its thread has ended with the environment, and everything that was queued is done.
                last.run();
            }
        }
        worker.close();
    }

    @Override
    public void close() {
        close(() -> {});
    }
}
