package org.zeoraid.file;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The checksums from one on, in memory. One thread at a time adds some or makes another one of it, while any number read
 * those whose number they know.
 */
final class RecentCells {

    private final long first;
    private final long[] positions;
    private final int[] checksums;

    private RecentCells(long first, long[] positions, int[] checksums) {
        this.first = first;
        this.positions = positions;
        this.checksums = checksums;
    }

    /** None so far. */
    static RecentCells startingAt(long first) {
        return new RecentCells(first, new long[0], new int[0]);
    }

    /** The number of the first one here; all before it are in the file. */
    long first() {
        return first;
    }

    /**
     * With more behind.
     *
     * @param count how many there are so far, those in the file included
     */
    RecentCells plus(long count, CellBatch batch) {
        int used = (int) (count - first);
        int needed = used + batch.size();
        RecentCells larger = this;
        if (needed > positions.length) {
            int room = Math.max(1024, needed + (needed >> 1));
            larger = new RecentCells(first, Arrays.copyOf(positions, room), Arrays.copyOf(checksums, room));
        }
        System.arraycopy(batch.positions(), 0, larger.positions, used, batch.size());
        System.arraycopy(batch.checksums(), 0, larger.checksums, used, batch.size());
        return larger;
    }

    /** Without those before a number. */
    RecentCells from(long number, long count) {
        int start = (int) (number - first);
        int end = (int) (count - first);
        return new RecentCells(
                number, Arrays.copyOfRange(positions, start, end), Arrays.copyOfRange(checksums, start, end));
    }

    private int here(long count) {
        return (int) Math.max(0, Math.min(positions.length, count - first));
    }

    /** Whether a position is one of these, or none at all. */
    boolean reaches(long position, long count) {
        return here(count) > 0 && positions[0] <= position;
    }

    /** The checksum of what begins at a position, 0 if there is none. */
    int at(long position, long count) {
        int found = Arrays.binarySearch(positions, 0, here(count), position);
        return found < 0 ? 0 : checksums[found];
    }

    /**
     * Puts as many as fit, as they are in the file.
     *
     * @param number the first one's
     */
    void put(ByteBuffer out, long number, long count) {
        int end = here(count);
        for (int i = (int) (number - first); i < end && out.remaining() >= Checksums.CELL; i++) {
            Checksums.putCell(out, positions[i], checksums[i]);
        }
    }
}
