package org.zeoraid.array;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Reads that a local disk holds up in the thread that asks, where no timer could end them: each thread notes in a slot what
 * it is waiting for, so that others see a member that hangs and leave it. Threads that share a slot are noted only when it
 * is free: a sample.
 */
final class ReadSlots {

    private static final int SLOTS = 64;

    /** Longs of a slot, which fill a cache line: what is waited for, for which object, how often. */
    private static final int STRIDE = 8;

    private static final int OID = 1;
    private static final int COUNT = 2;
    private static final int SAMPLE = 15;
    private static final int NUMBER_BITS = 24;

    /** What a seat's number is cut to. */
    static final int NUMBERS = (1 << NUMBER_BITS) - 1;

    static final int NOT_NOTED = -1;

    private final AtomicLongArray slots = new AtomicLongArray(SLOTS * STRIDE);

    /** What is seen of a read that lasts. */
    interface Sighting {
        void seen(int slot, int seatNumber, int since, long oid);
    }

    /**
     * Notes that a read begins.
     *
     * @param since the tick from which on its time counts
     * @param oid what is read, or 0
     * @return to be given back at the end of the read
     */
    int enter(Seat seat, int since, long oid) {
        int slot = (int) (Thread.currentThread().getId() & (SLOTS - 1)) * STRIDE;
        if (slots.getPlain(slot) != 0) {
            return NOT_NOTED;
        }
        slots.setPlain(slot + OID, oid);
        slots.setRelease(slot, (long) (since + 1) << NUMBER_BITS | seat.number());
        return slot;
    }

    /** Whether this read is one of the few whose time is taken. */
    boolean samplesThis(int slot) {
        if (slot == NOT_NOTED) {
            return false;
        }
        long count = slots.getPlain(slot + COUNT) + 1;
        slots.setPlain(slot + COUNT, count);
        return (count & SAMPLE) == 0;
    }

    void leave(int slot) {
        if (slot != NOT_NOTED) {
            slots.setOpaque(slot, 0);
        }
    }

    /** Shows all reads that are under way. */
    void look(Sighting sighting) {
        for (int slot = 0; slot < slots.length(); slot += STRIDE) {
            long value = slots.getAcquire(slot);
            if (value != 0) {
                sighting.seen(
                        slot, (int) (value & NUMBERS), (int) (value >>> NUMBER_BITS) - 1, slots.getPlain(slot + OID));
            }
        }
    }
}
