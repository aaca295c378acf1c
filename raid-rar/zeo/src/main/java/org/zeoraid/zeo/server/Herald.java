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

/**
 * Tells the clients of one storage on one event loop what was committed, in its order. What has been handed in is written
 * before anything else that is written on that loop. On the loop but {@link #tell}.
 */
final class Herald {

    private final EventExecutor loop;
    private final Queue<Changes> told = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean coming = new AtomicBoolean();
    private final Set<Session> sessions = new LinkedHashSet<>();
    private boolean flushing;

    Herald(EventExecutor loop) {
        this.loop = loop;
    }

    void add(Session session) {
        sessions.add(session);
    }

    void remove(Session session) {
        sessions.remove(session);
    }

    /** Has all clients told of a transaction; from any thread. */
    void tell(Changes changes) {
        told.add(changes);
        if (coming.compareAndSet(false, true)) {
            execute(() -> {
                coming.set(false);
                proclaim();
            });
        }
    }

    /** Writes to all clients what they are to be told. */
    void proclaim() {
        Changes next = told.poll();
        if (next == null) {
            return;
        }
        // Writing may end a connection.
        List<Session> listening = new ArrayList<>(sessions);
        while (next != null) {
            for (Session session : listening) {
                session.committed(next);
            }
            next = told.poll();
        }
        if (!flushing) {
            flushing = true;
            // Behind all that waits for the loop: commits become durable several at a time, and are sent together.
            execute(() -> {
                flushing = false;
                sessions.forEach(session -> session.connection().flush());
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
