package org.zeoraid.adapter;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Runs what is to happen when a transaction's time is up, on one thread, started when it is first needed. */
final class Timeouts implements AutoCloseable {
    /** Never comes. */
    static final Timeout NONE = () -> {};

    private final ScheduledThreadPoolExecutor timer;

    Timeouts() {
        timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "raid-adapter-timeouts");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
    }

    Timeout in(Duration delay, Runnable task) {
        try {
            ScheduledFuture<?> scheduled = timer.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
            return () -> scheduled.cancel(false);
        } catch (RejectedExecutionException e) {
            // stopped: the arrays are closed, and no work is done that could take too long
            return NONE;
        }
    }

    /** Drops all timeouts, ends the thread and waits for that. */
    @Override
    public void close() {
        timer.shutdownNow();
        try {
            if (!timer.awaitTermination(5, TimeUnit.SECONDS)) {
                System.getLogger("org.zeoraid.adapter")
                        .log(System.Logger.Level.WARNING, "the thread of transaction timeouts did not end in 5 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A timeout that can be called off. */
    @FunctionalInterface
    interface Timeout {
        void cancel();
    }
}
