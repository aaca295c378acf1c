package org.zeoraid.file;

import java.util.Arrays;

/**
 * Some transactions and where they are: about one for every 128 KiB of the file, so that a tid is found by reading that
 * much. One thread writes, any number read.
 */
final class TransactionIndex {

    private static final long SPACING = 1 << 17;

    private final Object lock = new Object();
    private long[] tids = new long[16];
    private long[] positions = new long[16];
    private int count;
    private boolean ordered = true;
    private long highest;

    /** Takes notice of a transaction; all are told, in the order of the file. */
    void add(long tid, long position) {
        synchronized (lock) {
            if (count > 0 && Long.compareUnsigned(tid, highest) <= 0) {
                ordered = false;
            }
            if (count == 0 || Long.compareUnsigned(tid, highest) > 0) {
                highest = tid;
            }
            if (count == 0 || position - positions[count - 1] >= SPACING) {
                if (count == tids.length) {
                    tids = Arrays.copyOf(tids, count + (count >> 1));
                    positions = Arrays.copyOf(positions, count + (count >> 1));
                }
                tids[count] = tid;
                positions[count] = position;
                count++;
            }
        }
    }

    /** Whether every transaction so far was later than all before it. Old files exist in which time steps back. */
    boolean isOrdered() {
        synchronized (lock) {
            return ordered;
        }
    }

    /** The highest tid so far, 0 if there is none. */
    long highest() {
        synchronized (lock) {
            return highest;
        }
    }

    /** Where to begin reading so as not to miss a transaction: there or behind. */
    long floor(long tid) {
        synchronized (lock) {
            int low = 0;
            int high = ordered ? count : 0;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (Long.compareUnsigned(tids[middle], tid) <= 0) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low == 0 ? Format.START : positions[low - 1];
        }
    }

    /** Where the first noted transaction behind a position begins, -1 if there is none. */
    long positionAfter(long position) {
        synchronized (lock) {
            int found = Arrays.binarySearch(positions, 0, count, position + 1);
            int at = found >= 0 ? found : -found - 1;
            return at < count ? positions[at] : -1;
        }
    }

    /** Forgets all transactions from a position on. */
    void cut(long position, long newHighest) {
        synchronized (lock) {
            while (count > 0 && positions[count - 1] >= position) {
                count--;
            }
            highest = newHighest;
        }
    }

    /** What is to be saved: whether it is ordered, the highest tid, then tids and positions in turn. */
    Saved save(long below) {
        synchronized (lock) {
            int saved = count;
            while (saved > 0 && positions[saved - 1] >= below) {
                saved--;
            }
            return new Saved(ordered, Arrays.copyOf(tids, saved), Arrays.copyOf(positions, saved));
        }
    }

    /** The reverse of {@link #save}. */
    static TransactionIndex of(Saved saved, long highest) {
        TransactionIndex index = new TransactionIndex();
        index.count = saved.tids().length;
        index.tids = Arrays.copyOf(saved.tids(), Math.max(16, index.count));
        index.positions = Arrays.copyOf(saved.positions(), Math.max(16, index.count));
        index.ordered = saved.ordered();
        index.highest = highest;
        return index;
    }

    /** A copy at a moment. */
    @SuppressWarnings("ArrayRecordComponent")
    record Saved(boolean ordered, long[] tids, long[] positions) {}
}
