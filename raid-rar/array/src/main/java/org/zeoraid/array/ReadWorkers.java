package org.zeoraid.array;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.seam.Environment;

/**
 * The threads in which members are asked when the thread at hand must not be held up: for each member one for each pace,
 * from its first question on. One that hangs is left behind with its member. Safe for any number of threads.
 */
final class ReadWorkers {

    /** Questions that may queue up for a member. */
    static final int MOST = 10_000;

    private final Environment environment;
    private final Map<Place, Queue> queues = new HashMap<>();
    private boolean closed;

    ReadWorkers(Environment environment) {
        this.environment = environment;
    }

    private record Place(Seat seat, Pace pace) {}

    private record Queue(Environment.Worker worker, AtomicInteger length) {

        /** Without waiting for what hangs. */
        void end() {
            worker.execute(worker::close);
        }
    }

    /**
     * Has a member asked something.
     *
     * @throws UnaskedException if it has too much to do
     * @throws StorageException if it is not asked for another reason
     */
    void run(Seat seat, Pace pace, Runnable task) {
        Queue queue = queue(new Place(seat, pace));
        if (queue.length().incrementAndGet() > MOST) {
            queue.length().decrementAndGet();
            throw new UnaskedException(seat);
        }
        try {
            queue.worker().execute(() -> {
                queue.length().decrementAndGet();
                task.run();
            });
        } catch (RejectedExecutionException e) {
            throw new StorageClosedException("member " + seat + " is read from no more", e);
        }
    }

    private synchronized Queue queue(Place place) {
        if (closed) {
            throw new StorageClosedException("the array is closed");
        }
        return queues.computeIfAbsent(
                place,
                p -> new Queue(
                        environment.worker("read-" + p.seat() + (p.pace() == Pace.SLOW ? "-slow" : "")),
                        new AtomicInteger()));
    }

    /** Ends the threads of members that have left. */
    synchronized void keepOnly(List<Seat> seats) {
        queues.entrySet().removeIf(entry -> {
            boolean left = !seats.contains(entry.getKey().seat());
            if (left) {
                entry.getValue().end();
            }
            return left;
        });
    }

    synchronized void close() {
        closed = true;
        keepOnly(List.of());
    }
}
