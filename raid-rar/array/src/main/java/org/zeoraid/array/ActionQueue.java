package org.zeoraid.array;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Calls to others that follow from what was decided under a monitor, and must be made without it: queued under the monitor
 * and made in their order, one at a time, by whichever thread finds the queue unattended. Safe for any number of threads.
 */
final class ActionQueue {

    private final Deque<Runnable> actions = new ArrayDeque<>();
    private boolean attended;

    synchronized void add(Runnable action) {
        actions.add(action);
    }

    /** Makes all calls, or leaves that to the thread that is at it. */
    void run() {
        Runnable action = next();
        while (action != null) {
            try {
                action.run();
            } finally {
                done();
            }
            action = next();
        }
    }

    private synchronized @Nullable Runnable next() {
        if (attended) {
            return null;
        }
        Runnable action = actions.poll();
        attended = action != null;
        return action;
    }

    private synchronized void done() {
        attended = false;
    }
}
