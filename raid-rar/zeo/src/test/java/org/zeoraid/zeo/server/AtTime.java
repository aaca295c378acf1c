package org.zeoraid.zeo.server;

import java.time.Clock;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.Environment;

/** The system's environment at another time of day, where chance decides nothing: oids begin behind the largest in use. */
record AtTime(Environment system, Clock clock) implements Environment {

    @Override
    public long nanoTime() {
        return system.nanoTime();
    }

    @Override
    public RandomGenerator random() {
        return () -> 0;
    }

    @Override
    public Disk disk() {
        return system.disk();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        return system.schedule(delay, task);
    }

    @Override
    public Worker worker(String name) {
        return system.worker(name);
    }
}
