package org.zeoraid.array;

import java.time.Clock;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.Environment;

/** Another environment's time and threads, with a disk of one's own. */
record OnDisk(Environment environment, Disk disk) implements Environment {

    @Override
    public Clock clock() {
        return environment.clock();
    }

    @Override
    public long nanoTime() {
        return environment.nanoTime();
    }

    @Override
    public RandomGenerator random() {
        return environment.random();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        return environment.schedule(delay, task);
    }

    @Override
    public Worker worker(String name) {
        return environment.worker(name);
    }
}
