package org.zeoraid.array;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Reads that a local disk holds up in the thread of the caller, where no timer could end them: each thread notes in a slot
 * what it is waiting for, so that others see a member that hangs and leave it. Threads that share a slot are noted only
 * when it is free: a sample.
 */
final class ReadSlots {

    private static final int SLOTS = 64;
    private static final int STRIDE = 8;
    private static final int NUMBER_BITS = 24;
    static final int NOT_NOTED = -1;

    private final AtomicLongArray slots = new AtomicLongArray(SLOTS * STRIDE);

    /** What is seen of a read that lasts. */
    interface Sighting {
        void seen(int seatNumber, int since);
    }

    /** @return to be given back at the end of the read */
    int enter(Seat seat, int tick) {
        int slot = (int) (Thread.currentThread().getId() & (SLOTS - 1)) * STRIDE;
        if (slots.getPlain(slot) != 0) {
            return NOT_NOTED;
        }
        slots.setOpaque(slot, (long) (tick + 1) << NUMBER_BITS | (seat.number() & ((1 << NUMBER_BITS) - 1)));
        return slot;
    }

    void leave(int slot) {
        if (slot != NOT_NOTED) {
            slots.setOpaque(slot, 0);
        }
    }

    /** Shows all reads that began before a tick. */
    void before(int tick, Sighting sighting) {
        for (int slot = 0; slot < slots.length(); slot += STRIDE) {
            long value = slots.getOpaque(slot);
            int since = (int) (value >>> NUMBER_BITS) - 1;
            if (value != 0 && since < tick) {
                sighting.seen((int) value & ((1 << NUMBER_BITS) - 1), since);
            }
        }
    }
}
