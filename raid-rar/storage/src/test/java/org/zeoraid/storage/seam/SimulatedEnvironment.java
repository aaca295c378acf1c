package org.zeoraid.storage.seam;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * An environment in which nothing happens by itself: one thread, one seeded queue, and time that passes only when the
 * test lets it. Equal seeds give equal runs. Tasks of different workers interleave as the seed says; those of one worker
 * keep their order. A task that throws fails the test. Used by another thread than its creator's, it throws.
 */
public final class SimulatedEnvironment implements Environment {

    /** When a simulation begins. */
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private static final Duration LIMIT = Duration.ofDays(1);

    private record Event(long time, long tie, Runnable task) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return time != other.time ? Long.compare(time, other.time) : Long.compare(tie, other.tie);
        }
    }

    private final Thread thread = Thread.currentThread();
    private final Disk disk;
    private final SplittableRandom order;
    private final SplittableRandom random;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Set<Long> processes = new HashSet<>();
    private final long origin;
    private Duration wallClockOffset = Duration.ZERO;
    private long memoryLeft = Long.MAX_VALUE;
    private long workerDelay = Duration.ofMillis(1).toNanos();
    private long now;

    public SimulatedEnvironment(long seed) {
        this(seed, new FaultDisk(seed));
    }

    public SimulatedEnvironment(long seed, Disk disk) {
        this.disk = disk;
        this.order = new SplittableRandom(seed);
        this.random = order.split();
        // The origin of monotonic time is arbitrary, and it may wrap.
        this.origin = order.nextInt(4) == 0 ? Long.MAX_VALUE - order.nextLong(10_000_000_000L) : order.nextLong();
    }

    // What a test does.

    /** Lets time pass, running all that falls due. */
    public void advance(Duration duration) {
        check();
        long end = now + duration.toNanos();
        while (!events.isEmpty() && events.peek().time() <= end) {
            runNext();
        }
        now = Math.max(now, end);
    }

    /**
     * Runs what falls due, letting time pass as needed, until a condition holds.
     *
     * @throws AssertionError if nothing is left to be done, or after a simulated day
     */
    public void runUntil(BooleanSupplier condition) {
        check();
        long end = now + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (events.isEmpty()) {
                throw new AssertionError("nothing is left to be done, and the condition does not hold");
            }
            if (events.peek().time() > end) {
                throw new AssertionError("the condition does not hold after " + LIMIT);
            }
            runNext();
        }
    }

    /** Runs until a stage is complete, and gives its outcome as {@code join} does. */
    public <T> T await(CompletionStage<T> stage) {
        var future = stage.toCompletableFuture();
        runUntil(future::isDone);
        return future.join();
    }

    /** The process stands still: time passes, and nothing that falls due is done before the end. */
    public void standStill(Duration duration) {
        check();
        now += duration.toNanos();
    }

    /** Sets the wall clock forward, or back; monotonic time is not concerned. */
    public void jumpClock(Duration by) {
        wallClockOffset = wallClockOffset.plus(by);
    }

    /** Bounds how long a worker's task waits for its turn; 1 ms unless told otherwise. */
    public void workerDelay(Duration most) {
        workerDelay = most.toNanos();
    }

    /** Makes a process live. */
    public void addProcess(long pid) {
        processes.add(pid);
    }

    /** So many bytes of memory are left from now on. */
    public void memoryLeft(long bytes) {
        memoryLeft = bytes;
    }

    /** Time since the start. */
    public Duration elapsed() {
        return Duration.ofNanos(now);
    }

    private void runNext() {
        Event event = events.remove();
        now = Math.max(now, event.time());
        event.task().run();
    }

    private void check() {
        if (Thread.currentThread() != thread) {
            throw new IllegalStateException("thread " + Thread.currentThread().getName()
                    + " uses the simulation, which runs in " + thread.getName());
        }
    }

    private Event add(long delay, Runnable task) {
        Event event = new Event(now + Math.max(0, delay), order.nextLong(), task);
        events.add(event);
        return event;
    }

    // The environment.

    @Override
    public Clock clock() {
        InstantSource source = () -> START.plusNanos(now).plus(wallClockOffset);
        return source.withZone(ZoneOffset.UTC);
    }

    @Override
    public long nanoTime() {
        check();
        return origin + now;
    }

    @Override
    public RandomGenerator random() {
        check();
        return random;
    }

    @Override
    public Disk disk() {
        return disk;
    }

    @Override
    public boolean isProcessAlive(long pid) {
        return processes.contains(pid);
    }

    @Override
    public boolean hasMemory(long bytes) {
        return bytes <= memoryLeft;
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        check();
        Event event = add(delay.toNanos(), task);
        return () -> events.remove(event);
    }

    @Override
    public Worker worker(String name) {
        check();
        return new SimulatedWorker(name);
    }

    private final class SimulatedWorker implements Worker {

        private final String name;
        private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        private boolean isRunning;
        private boolean isScheduled;
        private boolean isClosed;

        SimulatedWorker(String name) {
            this.name = name;
        }

        @Override
        public void execute(Runnable task) {
            check();
            if (isClosed) {
                throw new RejectedExecutionException("worker " + name + " is closed");
            }
            tasks.add(task);
            schedule();
        }

        private void schedule() {
            if (!tasks.isEmpty() && !isScheduled) {
                isScheduled = true;
                add(order.nextLong(workerDelay + 1), () -> {
                    isScheduled = false;
                    // A task that runs the simulation itself, and so waits, keeps its thread meanwhile.
                    if (!isRunning) {
                        runOne();
                    }
                });
            }
        }

        private void runOne() {
            Runnable task = tasks.poll();
            if (task != null) {
                isRunning = true;
                try {
                    task.run();
                } finally {
                    isRunning = false;
                    schedule();
                }
            }
        }

        @Override
        public void close() {
            check();
            isClosed = true;
            while (!isRunning && !tasks.isEmpty()) {
                runOne();
            }
        }
    }
}
