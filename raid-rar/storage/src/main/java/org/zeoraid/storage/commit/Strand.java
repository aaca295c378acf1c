package org.zeoraid.storage.commit;

import java.lang.System.Logger.Level;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs tasks one after another, in the order they come, on the thread of whoever brings the first while none is running.
 * Nobody waits for a lock, and a task that brings another sees it run after its own end.
 */
final class Strand {

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();

    void run(Runnable task) {
        tasks.add(task);
        if (pending.getAndIncrement() != 0) {
            return;
        }
        do {
            Runnable next = tasks.remove();
            try {
                next.run();
            } catch (RuntimeException | Error e) {
                Stages.LOG.log(Level.ERROR, "a step of the commit stream failed unexpectedly; the stream goes on", e);
            }
        } while (pending.decrementAndGet() != 0);
    }
}
