package org.zeoraid.storage.seam;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** Time, randomness, threads and files. Safe for any number of threads. */
public interface Environment {

    /** Wall-clock time; may jump. */
    Clock clock();

    /** Monotonic time in nanoseconds from an arbitrary origin, for deadlines and rates. */
    long nanoTime();

    RandomGenerator random();

    Disk disk();

    /** Whether a process of this machine lives, for lock files that name one. */
    default boolean isProcessAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    /**
     * Whether so many bytes of memory can be had besides what is in use, so that who needs many says no in time: nobody
     * goes on well from an exhausted heap. Where it seems not so garbage is collected first.
     */
    default boolean hasMemory(long bytes) {
        Runtime runtime = Runtime.getRuntime();
        LongSupplier free = () -> runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
        if (free.getAsLong() < bytes) {
            System.gc();
        }
        return free.getAsLong() >= bytes;
    }

    /** Runs a task once after a delay, on a thread that must not be blocked. Closing the answer cancels it if it has not begun. */
    Timer schedule(Duration delay, Runnable task);

    /** A queue whose tasks run one after another, in order, on a thread of their own; they may block on disk. */
    Worker worker(String name);

    /** A scheduled task. */
    interface Timer extends AutoCloseable {
        @Override
        void close();
    }

    /** A queue of tasks that run one at a time, in order. */
    interface Worker extends Executor, AutoCloseable {

        /** Runs all that was queued, then ends the thread and waits for its end; later tasks are refused. */
        @Override
        void close();
    }
}
