package org.zeoraid.zeo.server;

import io.netty.util.concurrent.EventExecutor;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.zeoraid.storage.Tid;

/**
 * Tells the clients of one storage on one event loop what was committed, in its order. What has been handed in is written
 * before anything else that is written on that loop, which is left alone while it has no client. On the loop but {@link #tell}.
 */
final class Herald {

    /** Who is told. */
    interface Audience {

        void committed(Changes changes);

        /** Everything has been told for now. */
        void flush();

        /** It could not be told: what it knows must not be relied on. */
        void untold(Throwable failure);
    }

    private final EventExecutor loop;
    private final Queue<Changes> told = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean coming = new AtomicBoolean();
    private final Set<Audience> audience = new LinkedHashSet<>();
    private volatile boolean listening;
    /** The last transaction that nobody was told of, because nobody was there. */
    private volatile Tid unheard = Tid.NONE;

    private Tid last = Tid.NONE;
    private boolean flushing;

    Herald(EventExecutor loop) {
        this.loop = loop;
    }

    /**
     * From now on somebody is told.
     *
     * @return a transaction up to which he will not be
     */
    Tid add(Audience one) {
        listening = true;
        proclaim();
        audience.add(one);
        return unheard.isAfter(last) ? unheard : last;
    }

    void remove(Audience one) {
        audience.remove(one);
        listening = !audience.isEmpty();
    }

    /** Has all clients told of a transaction; from any thread, in the order of the tids. */
    void tell(Changes changes) {
        if (!listening) {
            unheard = changes.tid();
            // Who came just now has seen that, or is seen here.
            if (!listening) {
                return;
            }
        }
        told.add(changes);
        if (coming.compareAndSet(false, true)) {
            try {
                execute(() -> {
                    coming.set(false);
                    proclaim();
                });
            } catch (Error e) {
                coming.set(false);
                throw e;
            }
        }
    }

    /** Writes to all clients what they are to be told. */
    void proclaim() {
        if (told.isEmpty()) {
            return;
        }
        // Writing may end a connection.
        List<Audience> listeners = new ArrayList<>(audience);
        for (Changes next = told.poll(); next != null; next = told.poll()) {
            last = next.tid();
            for (Audience one : listeners) {
                try {
                    one.committed(next);
                } catch (RuntimeException | Error e) {
                    // An error too: memory may be short for this one only, and the others go on with what they are
                    // told.
                    one.untold(e);
                }
            }
        }
        if (!flushing) {
            flushing = true;
            // Behind all that waits for the loop: commits become durable several at a time, and are sent together.
            execute(() -> {
                flushing = false;
                audience.forEach(Audience::flush);
            });
        }
    }

    private void execute(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            Connection.LOG.log(Level.DEBUG, "came too late, the server has stopped");
        }
    }
}
