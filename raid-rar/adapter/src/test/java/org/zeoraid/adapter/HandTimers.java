package org.zeoraid.adapter;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.Environment;

/** The system's environment, but that time is up when a test says so; what is due then is done by whoever says so. */
final class HandTimers implements Environment {
    private final Environment real;
    private final List<Runnable> tasks = new ArrayList<>();

    HandTimers(Environment real) {
        this.real = real;
    }

    /** All that has been scheduled is due. */
    void fire() {
        List<Runnable> due;
        synchronized (tasks) {
            due = List.copyOf(tasks);
            tasks.clear();
        }
        due.forEach(Runnable::run);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        // A runnable of its own: the same one may be scheduled twice.
        Runnable own = task::run;
        synchronized (tasks) {
            tasks.add(own);
        }
        return () -> {
            synchronized (tasks) {
                tasks.remove(own);
            }
        };
    }

    @Override
    public Worker worker(String name) {
        return new Worker() {
            @Override
            public void execute(Runnable task) {
                task.run();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public Clock clock() {
        return real.clock();
    }

    @Override
    public long nanoTime() {
        return real.nanoTime();
    }

    @Override
    public RandomGenerator random() {
        return real.random();
    }

    @Override
    public Disk disk() {
        return real.disk();
    }
}
