package org.zeoraid.raidctl.admin;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.Environment;
import org.zeoraid.storage.seam.SystemEnvironment;

/** The system's environment, in which a worker does nothing until it is released. */
final class HeldEnvironment implements Environment, AutoCloseable {

    private final SystemEnvironment system = new SystemEnvironment();
    private final CountDownLatch released = new CountDownLatch(1);
    private final String held;

    /** @param held the worker's name */
    HeldEnvironment(String held) {
        this.held = held;
    }

    void release() {
        released.countDown();
    }

    @Override
    public Worker worker(String name) {
        Worker worker = system.worker(name);
        if (!name.equals(held)) {
            return worker;
        }
        worker.execute(() -> {
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return worker;
    }

    @Override
    public Clock clock() {
        return system.clock();
    }

    @Override
    public long nanoTime() {
        return system.nanoTime();
    }

    @Override
    public RandomGenerator random() {
        return system.random();
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
    public void close() {
        release();
        system.close();
    }
}
