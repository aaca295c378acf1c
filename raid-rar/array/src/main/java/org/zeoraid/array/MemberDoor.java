package org.zeoraid.array;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.seam.Environment;

/**
 * The way into a member and out of it: opens and closes its log and reads and writes the superblock beside it, with a
 * deadline each, on workers of its own, so that a disk that hangs holds up nobody else. Safe for any number of threads;
 * no method blocks.
 */
final class MemberDoor {

    private static final Logger LOG = System.getLogger("org.zeoraid.array");

    private final Environment environment;
    private final ArrayOptions options;
    private volatile MemberSource source;
    private final Environment.Worker logWorker;
    private final Optional<SuperblockPlace> copy;

    private boolean opening;
    /** The last attempt to open it; over at its deadline, also if it still hangs. */
    private CompletableFuture<TransactionLog> attempt = new CompletableFuture<>();

    private boolean ended;

    MemberDoor(Environment environment, String array, MemberSource source, ArrayOptions options) {
        this.environment = environment;
        this.options = options;
        this.source = source;
        this.logWorker = environment.worker("member-" + array + "-" + source.name());
        this.copy = source.folder()
                .map(folder -> new SuperblockPlace(
                        environment,
                        "superblock-" + array + "-" + source.name(),
                        "the folder " + folder + " of member " + source.name(),
                        SuperblockFile.besideMember(environment.disk(), folder),
                        options.superblockDeadline()));
    }

    MemberSource source() {
        return source;
    }

    /** From now on it is opened as another configuration says; its place is the same. */
    void source(MemberSource now) {
        source = now;
    }

    /** Whether a superblock lies beside the member. */
    boolean hasCopy() {
        return copy.isPresent();
    }

    /** Opens the member, after an attempt that is under way. A log that comes after the deadline is closed again. */
    CompletionStage<TransactionLog> open() {
        CompletableFuture<TransactionLog> opened = new CompletableFuture<>();
        CompletableFuture<TransactionLog> answer;
        synchronized (this) {
            if (opening) {
                return attempt.isDone()
                        ? CompletableFuture.failedFuture(new StorageUnavailableException(
                                "member " + source.name() + " still hangs in an earlier attempt to open it"))
                        : attempt.handle((log, failure) -> open()).thenCompose(Function.identity());
            }
            opening = true;
            answer = Timed.within(
                    environment,
                    options.openDeadline(),
                    opened,
                    "member " + source.name() + " (" + source.location() + ") was not opened");
            attempt = answer;
        }
        run(logWorker, opened, () -> Timed.ask(() -> source.open()).whenComplete((log, failure) -> {
            synchronized (this) {
                opening = false;
            }
            if (failure != null) {
                opened.completeExceptionally(failure);
            } else {
                opened.complete(log);
            }
        }));
        opened.thenAccept(log -> {
            // Deadline and answer may meet; whoever is second finds the answer complete with the other's.
            if (!answer.complete(log) && (answer.isCompletedExceptionally() || answer.join() != log)) {
                close(log);
            }
        });
        return answer;
    }

    /** An open log of the member, to be asked on the member's worker. */
    Reach reach(TransactionLog log) {
        return new Reach() {
            @Override
            public TransactionLog log() {
                return log;
            }

            @Override
            public LifeSigns signs() {
                return new LifeSigns(environment::nanoTime);
            }

            @Override
            public <T> CompletionStage<T> ask(
                    Duration more, LifeSigns signs, Supplier<CompletionStage<T>> question, String what) {
                CompletableFuture<T> answer = new CompletableFuture<>();
                run(logWorker, answer, () -> Timed.ask(question).whenComplete((value, failure) -> {
                    if (failure != null) {
                        answer.completeExceptionally(failure);
                    } else {
                        answer.complete(value);
                    }
                }));
                return Timed.within(environment, options.openDeadline().plus(more), signs, answer, what);
            }
        };
    }

    /** Closes a log in the background; one that comes when the door has ended, at once. */
    CompletionStage<Void> close(TransactionLog log) {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        Runnable closing = () -> {
            try {
                log.close();
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "member " + source.name() + " did not close in order", e);
            }
            closed.complete(null);
        };
        try {
            logWorker.execute(closing);
        } catch (RejectedExecutionException e) {
            closing.run(); // nobody else would, and the member would stay locked
        }
        return closed;
    }

    /** What superblock lies beside the member; nothing for one that has no folder here. */
    CompletionStage<SuperblockFile.Found> readCopy() {
        return copy.isEmpty()
                ? CompletableFuture.completedFuture(SuperblockFile.Found.NOTHING)
                : copy.get().read();
    }

    /** Puts a superblock beside the member, on stable storage; nothing is done for one that has no folder here. */
    CompletionStage<Void> writeCopy(UUID owner, Superblock superblock) {
        return copy.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : copy.get().write(owner, superblock).thenApply(written -> null);
    }

    /** Ends the workers once they have done what they were given. One that hangs is left behind. */
    void end() {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
        }
        // A worker closes itself from within: waiting for a hanging one would hang whoever waits.
        copy.ifPresent(SuperblockPlace::end);
        try {
            logWorker.execute(logWorker::close);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "the worker was closed by its environment", e);
        }
    }

    private void run(Environment.Worker worker, CompletableFuture<?> answer, Runnable task) {
        try {
            worker.execute(task);
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(new StorageClosedException("member " + source.name() + " is closed", e));
        }
    }
}
