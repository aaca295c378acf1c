package org.zeoraid.array;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.zeoraid.storage.seam.Environment;

/**
 * The clock of all deadlines: it counts the periods in which this process was awake. A process that stood still, in a
 * collector's pause or on a suspended machine, did not tick meanwhile, so nobody is blamed for silence in that time.
 */
final class Ticker implements AutoCloseable {

    private final Environment environment;
    private final Duration period;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile int now;
    private volatile boolean closed;
    private Environment.Timer timer = () -> {};

    /** @param period the shortest deadline should be many of them */
    Ticker(Environment environment, Duration period) {
        this.environment = environment;
        this.period = period;
    }

    synchronized void start() {
        if (!closed) {
            timer = environment.schedule(period, this::tick);
        }
    }

    /** Periods since the start. */
    int now() {
        return now;
    }

    long nanoTime() {
        return environment.nanoTime();
    }

    /** How many periods must have passed for a duration to have passed for certain. */
    int periods(Duration duration) {
        return (int) Math.min(Integer.MAX_VALUE / 4, duration.dividedBy(period) + 1);
    }

    /** Told of each tick, on a thread that must not be blocked. */
    void listen(Runnable listener) {
        listeners.add(listener);
    }

    // One writer: the next tick is scheduled when this one is over.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    private void tick() {
        now++;
        try {
            listeners.forEach(Runnable::run);
        } finally {
            start();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        timer.close();
    }
}
