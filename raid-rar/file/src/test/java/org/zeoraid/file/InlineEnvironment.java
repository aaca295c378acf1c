package org.zeoraid.file;

import java.time.Clock;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.Environment;

/** An environment whose workers do what they are given at once, on the caller's thread. Timers never ring. */
final class InlineEnvironment implements Environment {

    private final Disk disk;
    private final RandomGenerator random = new SplittableRandom(1);

    InlineEnvironment(Disk disk) {
        this.disk = disk;
    }

    @Override
    public Clock clock() {
        return Clock.systemUTC();
    }

    @Override
    public long nanoTime() {
        return 0;
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public Disk disk() {
        return disk;
    }

    @Override
    public boolean isProcessAlive(long pid) {
        return false;
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        return () -> {};
    }

    @Override
    public Worker worker(String name) {
        return new Worker() {
            private boolean closed;

            @Override
            public void execute(Runnable task) {
                if (closed) {
                    throw new RejectedExecutionException(name);
                }
                task.run();
            }

            @Override
            public void close() {
                closed = true;
            }
        };
    }
}
