package org.zeoraid.zeo.server;

import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Carries out tasks one after another, on an executor's threads, which may wait for a disk. Safe for any number of threads. */
final class Lane implements Executor {

    /** After so many tasks it is others' turn. */
    private static final int AT_ONCE = 16;

    private final Executor workers;
    /** Guarded by this, as is the rest. */
    private final Queue<Runnable> tasks = new ArrayDeque<>();

    private boolean running;

    Lane(Executor workers) {
        this.workers = workers;
    }

    @Override
    public void execute(Runnable task) {
        synchronized (this) {
            tasks.add(task);
            if (running) {
                return;
            }
            running = true;
        }
        start();
    }

    /** Asks something in its turn; what comes next does not wait for the answer. */
    <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> question) {
        CompletableFuture<CompletionStage<T>> asked = new CompletableFuture<>();
        execute(() -> {
            try {
                asked.complete(question.get());
            } catch (RuntimeException e) {
                asked.completeExceptionally(e);
            }
        });
        return asked.thenCompose(answer -> answer);
    }

    private void start() {
        try {
            workers.execute(this::some);
        } catch (RejectedExecutionException e) {
            // The server has stopped: what is left, such as files to be deleted, is done here.
            while (one()) {
                // The next one.
            }
        }
    }

    private void some() {
        for (int i = 0; i < AT_ONCE; i++) {
            if (!one()) {
                return;
            }
        }
        start();
    }

    private boolean one() {
        Runnable task = next();
        if (task == null) {
            return false;
        }
        try {
            task.run();
        } catch (RuntimeException e) {
            Connection.LOG.log(Level.ERROR, "the ZEO server met an error of the program", e);
        }
        return true;
    }

    private synchronized @Nullable Runnable next() {
        Runnable task = tasks.poll();
        running = task != null;
        return task;
    }
}
