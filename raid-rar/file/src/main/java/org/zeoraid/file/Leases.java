package org.zeoraid.file;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The readers of a generation, as many as were ever lent at a time, within bounds: they are kept here and not with the
 * threads, which belong to others. They count who still reads when the generation is out of use. Safe for any number
 * of threads, and without locks.
 */
final class Leases {

    /** So many are kept, each with its buffer. */
    private static final int KEPT = 64;
    /** References between two that are used, so that threads do not disturb each other. */
    private static final int APART = 32;

    private final Generation generation;
    private final AtomicReferenceArray<@Nullable Lease> idle = new AtomicReferenceArray<>(KEPT * APART);

    /** How many there are, idle or lent; and one more while the generation is in use. */
    private final AtomicInteger count = new AtomicInteger(1);

    /** Told when the last one is given back; set when the generation is out of use. */
    private volatile @Nullable Runnable whenUnused;

    Leases(Generation generation) {
        this.generation = generation;
    }

    /** A thread comes back to the same place, where nobody else is as long as there are few. */
    private static int place(int tries) {
        return ((int) Thread.currentThread().getId() + tries & KEPT - 1) * APART;
    }

    /** Lends one; null if the generation is out of use, as another one is in its place. */
    @Nullable Lease take() {
        for (int i = 0; i < KEPT && !isRetired(); i++) {
            int place = place(i);
            Lease lease = idle.getPlain(place) == null ? null : idle.getAndSet(place, null);
            if (lease != null) {
                return lease;
            }
        }
        if (isRetired() || count.getAndUpdate(now -> now == 0 ? 0 : now + 1) == 0) {
            return null;
        }
        return new Lease(generation, this);
    }

    void giveBack(Lease lease) {
        for (int i = 0; i < KEPT && !isRetired(); i++) {
            int place = place(i);
            if (idle.getPlain(place) == null && idle.compareAndSet(place, null, lease)) {
                if (isRetired() && idle.compareAndSet(place, lease, null)) {
                    break;
                }
                return;
            }
        }
        drop();
    }

    /**
     * The generation is out of use.
     *
     * @param then run, once, by the last who reads it
     */
    void retire(Runnable then) {
        whenUnused = then;
        for (int i = 0; i < KEPT; i++) {
            if (idle.getAndSet(i * APART, null) != null) {
                drop();
            }
        }
        drop();
    }

    boolean isRetired() {
        return whenUnused != null;
    }

    private void drop() {
        Runnable then = count.decrementAndGet() == 0 ? whenUnused : null;
        if (then != null) {
            then.run();
        }
    }
}
