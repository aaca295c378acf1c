package org.zeoraid.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Checksums that are written together, before they count. Used by one thread. */
final class CellBatch {

    private final Checksums checksums;
    private ByteBuffer cells = ByteBuffer.allocate(64 * Checksums.CELL);
    private long[] positions = new long[64];
    private int number;
    private int written;

    CellBatch(Checksums checksums) {
        this.checksums = checksums;
    }

    /** Positions ascend. */
    void add(long position, int checksum) {
        if (number == positions.length) {
            positions = Arrays.copyOf(positions, number * 2);
        }
        if (!cells.hasRemaining()) {
            cells = ByteBuffer.allocate(cells.capacity() * 2).put(cells.flip());
        }
        positions[number++] = position;
        Checksums.putCell(cells, position, checksum);
    }

    /** Writes what was added since. */
    void write() throws IOException {
        if (written < number) {
            checksums.write(cells.flip(), written);
            cells.clear();
            written = number;
        }
    }

    /** Counts what was written. */
    void count() {
        checksums.add(positions, written);
        clear();
    }

    /** Forgets all that does not count yet. */
    void clear() {
        number = 0;
        written = 0;
        cells.clear();
    }
}
