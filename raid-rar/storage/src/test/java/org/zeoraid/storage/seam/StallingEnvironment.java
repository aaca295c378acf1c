package org.zeoraid.storage.seam;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * An environment whose workers can be made to hang, as threads do that wait for a disk which does not answer: what a
 * hanging worker is given is done, in order, when it goes on. For one thread.
 */
public final class StallingEnvironment implements Environment {

    private final Environment environment;
    private final Set<String> hanging = new HashSet<>();
    private final List<StallingWorker> workers = new ArrayList<>();

    public StallingEnvironment(Environment environment) {
        this.environment = environment;
    }

    /** All workers whose name begins like this hang from now on. */
    public void hang(String prefix) {
        hanging.add(prefix);
    }

    /** They do what they were given, and go on. */
    public void goOn(String prefix) {
        hanging.remove(prefix);
        List.copyOf(workers).forEach(StallingWorker::goOn);
    }

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
    public Disk disk() {
        return environment.disk();
    }

    @Override
    public boolean isProcessAlive(long pid) {
        return environment.isProcessAlive(pid);
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        return environment.schedule(delay, task);
    }

    @Override
    public Worker worker(String name) {
        StallingWorker worker = new StallingWorker(name, environment.worker(name));
        workers.add(worker);
        return worker;
    }

    private final class StallingWorker implements Worker {
        private final String name;
        private final Worker worker;
        private final Deque<Runnable> held = new ArrayDeque<>();

        StallingWorker(String name, Worker worker) {
            this.name = name;
            this.worker = worker;
        }

        private boolean hangs() {
            return hanging.stream().anyMatch(name::startsWith);
        }

        @Override
        public void execute(Runnable task) {
            worker.execute(() -> {
                if (hangs() || !held.isEmpty()) {
                    held.add(task);
                } else {
                    task.run();
                }
            });
        }

        void goOn() {
            if (!hangs() && !held.isEmpty()) {
                List<Runnable> now = List.copyOf(held);
                held.clear();
                now.forEach(worker::execute);
            }
        }

        @Override
        public void close() {
            workers.remove(this);
            worker.close();
        }
    }
}
