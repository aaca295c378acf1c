package org.zeoraid.file;

import java.util.Arrays;

/** Checksums that begin to count together, positions ascending. Used by one thread. */
final class CellBatch {

    /** Room for so many is kept for the next time. */
    private static final int KEPT = 1 << 16;

    private long[] positions = new long[64];
    private int[] checksums = new int[64];
    private int size;

    void add(long position, int checksum) {
        if (size == positions.length) {
            positions = Arrays.copyOf(positions, size * 2);
            checksums = Arrays.copyOf(checksums, size * 2);
        }
        positions[size] = position;
        checksums[size] = checksum;
        size++;
    }

    int size() {
        return size;
    }

    long[] positions() {
        return positions;
    }

    int[] checksums() {
        return checksums;
    }

    void clear() {
        size = 0;
        if (positions.length > KEPT) {
            positions = new long[64];
            checksums = new int[64];
        }
    }
}
