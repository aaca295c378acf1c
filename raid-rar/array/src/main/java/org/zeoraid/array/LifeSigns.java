package org.zeoraid.array;

import java.util.function.LongSupplier;

/**
 * When somebody was heard of last. A deadline that counts from there bounds silence, not the whole of what may rightly take
 * long. Safe for any number of threads.
 */
final class LifeSigns {

    private final LongSupplier nanoTime;
    private volatile long last;

    /** @param nanoTime monotonic time */
    LifeSigns(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.last = nanoTime.getAsLong();
    }

    void heard() {
        last = nanoTime.getAsLong();
    }

    /** The time of it. */
    long last() {
        return last;
    }
}
