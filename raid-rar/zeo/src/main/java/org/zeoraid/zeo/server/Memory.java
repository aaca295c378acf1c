package org.zeoraid.zeo.server;

import java.util.concurrent.atomic.AtomicLong;

/** How much memory all clients together have the server hold. Safe for any number of threads. */
final class Memory {

    private final AtomicLong held = new AtomicLong();
    private final AtomicLong unread = new AtomicLong();
    private final long most;

    Memory(long most) {
        this.most = most;
    }

    /**
     * More is held, or less if the number is negative.
     *
     * @return whether that is not too much; it is held in any case
     */
    boolean take(long bytes) {
        return held.addAndGet(bytes) <= most || bytes <= 0;
    }

    /** The same for what a client may keep as long as it likes: a quarter is left for what comes and goes. */
    boolean keep(long bytes) {
        return held.addAndGet(bytes) <= most - most / 4;
    }

    /** The same for what clients do not read: half is left for those who do. */
    boolean queue(long bytes) {
        boolean fits = take(bytes);
        return (unread.addAndGet(bytes) <= most / 2 && fits) || bytes <= 0;
    }

    long held() {
        return held.get();
    }

    long most() {
        return most;
    }
}
