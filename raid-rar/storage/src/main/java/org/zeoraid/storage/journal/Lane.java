package org.zeoraid.storage.journal;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.seam.Environment;

/** A worker that does things to files, one after another, and is watched: a disk may hang it. It starts with its first task. */
final class Lane {

    /** Something done to files. */
    interface Step {
        void run() throws IOException;
    }

    /** Something asked of files. */
    interface Question<T> {
        T answer() throws IOException;
    }

    private final Environment environment;
    private final String name;
    private final AtomicInteger tasks = new AtomicInteger();

    private volatile boolean moved;
    /** The watch's own. */
    private int silence;

    private Environment.@Nullable Worker worker;
    private boolean ended;

    Lane(Environment environment, String name) {
        this.environment = environment;
        this.name = name;
    }

    CompletionStage<Void> perform(Step step) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        run(
                () -> {
                    step.run();
                    return () -> done.complete(null);
                },
                done);
        return done;
    }

    <T> CompletionStage<T> ask(Question<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        run(
                () -> {
                    T found = question.answer();
                    return () -> answer.complete(found);
                },
                answer);
        return answer;
    }

    /** @param work gives what is to be done once this is not at it any more */
    private void run(Question<Runnable> work, CompletableFuture<?> failure) {
        tasks.incrementAndGet();
        try {
            worker().execute(() -> {
                moves();
                Runnable next;
                try {
                    next = work.answer();
                } catch (IOException | RuntimeException e) {
                    next = () -> failure.completeExceptionally(e);
                }
                idle();
                next.run();
            });
        } catch (RejectedExecutionException e) {
            idle();
            failure.completeExceptionally(new IOException(name + " is not used any more", e));
        }
    }

    private void idle() {
        tasks.decrementAndGet();
        moves();
    }

    /** What it is at is long, and goes on. */
    void moves() {
        moved = true;
    }

    boolean isBusy() {
        return tasks.get() > 0;
    }

    /** Called from time to time: how often it was at something, and got nowhere since the time before. */
    int silence() {
        silence = isBusy() && !moved ? silence + 1 : 0;
        moved = false;
        return silence;
    }

    private synchronized Environment.Worker worker() {
        if (ended) {
            throw new RejectedExecutionException();
        }
        Environment.Worker running = worker;
        if (running == null) {
            running = environment.worker(name);
            worker = running;
        }
        return running;
    }

    /** Ends once all that it was given is done, and this too. One that hangs is left behind. */
    CompletionStage<Void> end(Step last) {
        Environment.Worker running;
        synchronized (this) {
            running = worker;
            if (running == null || ended) {
                ended = true;
                return CompletableFuture.completedFuture(null);
            }
        }
        CompletionStage<Void> done = perform(last);
        synchronized (this) {
            ended = true;
        }
        // It closes itself from within: waiting for a hanging one would hang whoever waits.
        running.execute(running::close);
        return done;
    }
}
