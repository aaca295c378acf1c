package org.zeoraid.storage.seam;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The system's own time, threads and files. All threads are daemons, bear names, belong to this object's class loader
 * and end with {@link #close}; none is started before it is needed. Safe for any number of threads.
 */
public final class SystemEnvironment implements Environment, AutoCloseable {

    private static final Logger LOG = System.getLogger("org.zeoraid.storage");

    private final String name;
    private final SystemDisk disk = new SystemDisk();
    private final RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
    private final ScheduledThreadPoolExecutor timers;
    private volatile Optional<Thread> timerThread = Optional.empty();
    private final Set<SystemWorker> workers = ConcurrentHashMap.newKeySet();

    public SystemEnvironment() {
        this("zeoraid");
    }

    /** @param name how the names of its threads begin */
    public SystemEnvironment(String name) {
        this.name = name;
        timers = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = thread(name + "-timer", task);
            timerThread = Optional.of(thread);
            return thread;
        });
        timers.setRemoveOnCancelPolicy(true);
        timers.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public Clock clock() {
        return Clock.systemUTC();
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public Disk disk() {
        return disk;
    }

    /** {@inheritDoc} After {@link #close} the task is dropped, as one is that has not begun by then. */
    @Override
    public Timer schedule(Duration delay, Runnable task) {
        try {
            Future<?> future =
                    timers.schedule(() -> runLogged(name + "-timer", task), delay.toNanos(), TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException e) {
            return () -> {};
        }
    }

    @Override
    public Worker worker(String workerName) {
        SystemWorker worker = new SystemWorker(name + "-" + workerName);
        workers.add(worker);
        return worker;
    }

    /** Drops the timers, lets every worker do what it has been given, and waits for the end of all threads. */
    @Override
    public void close() {
        timers.shutdownNow();
        awaitEnd(timers, () -> timerThread);
        workers.forEach(Worker::close);
    }

    private static Thread thread(String name, Runnable task) {
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setDaemon(true);
        // Created by whichever thread came first, it must not hold that one's application in memory.
        thread.setContextClassLoader(SystemEnvironment.class.getClassLoader());
        return thread;
    }

    private static void runLogged(String thread, Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            LOG.log(Level.ERROR, "a task of thread " + thread + " failed; the thread goes on with the next one", e);
        }
    }

    /** An executor says that it has terminated a moment before its thread has. */
    private static void awaitEnd(ThreadPoolExecutor executor, Supplier<Optional<Thread>> thread) {
        boolean interrupted = false;
        while (true) {
            try {
                if (executor.awaitTermination(1, TimeUnit.DAYS)) {
                    if (thread.get().isPresent()) {
                        thread.get().get().join();
                    }
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class SystemWorker implements Worker {

        private final String threadName;
        private final ThreadPoolExecutor executor;
        private volatile Optional<Thread> thread = Optional.empty();

        SystemWorker(String threadName) {
            this.threadName = threadName;
            this.executor = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread created = SystemEnvironment.thread(threadName, task);
                thread = Optional.of(created);
                return created;
            });
        }

        @Override
        public void execute(Runnable task) {
            executor.execute(() -> runLogged(threadName, task));
        }

        @Override
        public void close() {
            executor.shutdown();
            workers.remove(this);
            // Its own task may close it; the thread cannot wait for its own end.
            if (thread.filter(own -> own == Thread.currentThread()).isEmpty()) {
                awaitEnd(executor, () -> thread);
            }
        }
    }
}
