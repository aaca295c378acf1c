package org.zeoraid.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.seam.DiskFile;

/**
 * The side file {@code Data.fs.crc}: checksums (CRC32C) of data records and of transactions' heads, in the order of
 * their positions. What Python wrote has none, and none is ever made for old bytes: that would certify whatever rot
 * there is. One thread writes, any number read.
 *
 * <pre>
 * two slots, a page of 4096 each, written in turn: magic 8 · number of the writing 8
 *    covered: position up to which our own checksums are durable 8 · how many cells that are 8
 *    the transaction that ends there: position 8, tid 8 · checksum of all this 4
 * in the middle of the first page: magic 8 · the time the file was packed to, as a tid 8 · checksum of both 4
 * cells of 16: position 8 · checksum 4 · checksum of those two 4
 * </pre>
 */
final class Checksums implements AutoCloseable {

    private static final long MAGIC = 0x5A524149_44435243L;
    private static final int PAGE = 4096;
    private static final int SLOT = 52;
    private static final int PACKED = 20;
    private static final long PACKED_AT = PAGE / 2;
    private static final long CELLS = 2 * PAGE;
    static final int CELL = 16;
    /** One cell in so many has its position in memory. */
    private static final int FENCE = 256;

    /** What a slot says. */
    record Covered(long writing, long position, long cells, long transaction, long tid) {
        static final Covered NOTHING = new Covered(0, Format.START, 0, 0, 0);
    }

    private final DiskFile file;
    private final String name;
    private volatile long count;
    private volatile long[] fences = new long[16];
    private volatile Covered covered = Covered.NOTHING;
    private boolean lost;
    private volatile long packedTo;

    private Checksums(DiskFile file, String name) {
        this.file = file;
        this.name = name;
    }

    /** An empty one, in an empty file. */
    static Checksums create(DiskFile file, String name) {
        return new Checksums(file, name);
    }

    /** None, and no way to write any. */
    static Checksums none() {
        return new Checksums(new Nowhere(), "no checksums");
    }

    /** Reads the slots and the fences of an existing file; an unreadable one counts as empty. */
    static Checksums open(DiskFile file, String name) throws IOException {
        Checksums sums = new Checksums(file, name);
        for (int i = 0; i < 2; i++) {
            Covered slot = readSlot(file, i);
            if (slot.writing() > sums.covered.writing()) {
                sums.covered = slot;
            }
        }
        long there = Math.max(0, (file.size() - CELLS) / CELL);
        if (sums.covered.writing() == 0 || sums.covered.cells() > there) {
            sums.clear();
        }
        sums.readFences(sums.covered.cells());
        sums.packedTo = sums.lost ? 0 : readPacked(file);
        return sums;
    }

    private static Covered readSlot(DiskFile file, int number) throws IOException {
        ByteBuffer slot = ByteBuffer.allocate(SLOT);
        if (file.read(slot, (long) number * PAGE) < SLOT || slot.getLong(0) != MAGIC) {
            return Covered.NOTHING;
        }
        if (slot.getInt(SLOT - 4) != of(slot.array(), 0, SLOT - 4)) {
            return Covered.NOTHING;
        }
        return new Covered(slot.getLong(8), slot.getLong(16), slot.getLong(24), slot.getLong(32), slot.getLong(40));
    }

    private static long readPacked(DiskFile file) throws IOException {
        ByteBuffer note = ByteBuffer.allocate(PACKED);
        boolean whole = file.read(note, PACKED_AT) == PACKED
                && note.getLong(0) == MAGIC
                && note.getInt(PACKED - 4) == of(note.array(), 0, PACKED - 4);
        return whole ? note.getLong(8) : 0;
    }

    /** The time that the file was packed to, 0 if that is not known. */
    long packedTo() {
        return packedTo;
    }

    /** Notes, durably, the time that the file was packed to. */
    void notePacked(long tid) throws IOException {
        ByteBuffer note = ByteBuffer.allocate(PACKED);
        note.putLong(MAGIC).putLong(tid);
        note.putInt(of(note.array(), 0, PACKED - 4));
        file.write(note.flip(), PACKED_AT);
        sync();
        packedTo = tid;
    }

    private void readFences(long cells) throws IOException {
        long[] read = new long[(int) (cells / FENCE) + 16];
        ByteBuffer page = ByteBuffer.allocate(1 << 18);
        int perPage = page.capacity() / CELL;
        for (long first = 0; first < cells; first += perPage) {
            page.clear();
            file.read(page, CELLS + first * CELL);
            for (long cell = first; cell < Math.min(cells, first + perPage); cell += FENCE) {
                read[(int) (cell / FENCE)] = page.getLong((int) (cell - first) * CELL);
            }
        }
        fences = read;
        count = cells;
    }

    /** The checksum of what was fed; never 0, which stands for none. */
    static int of(CRC32C crc) {
        int value = (int) crc.getValue();
        return value == 0 ? 1 : value;
    }

    private static int of(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return of(crc);
    }

    static void putCell(ByteBuffer out, long position, int checksum) {
        out.putLong(position).putInt(checksum).putInt(check(position, checksum));
    }

    /** Tells a cell from bytes that were never written, or torn. */
    private static int check(long position, int checksum) {
        long mixed = (position ^ ((long) checksum << 32 | checksum & 0xFFFFFFFFL)) * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32) ^ 0x5A524149;
    }

    /** How many checksums there are. */
    long count() {
        return count;
    }

    /** Whether nothing was there that can be believed: what we wrote and what others did is not known then. */
    boolean isLost() {
        return lost;
    }

    Covered covered() {
        return covered;
    }

    /**
     * Writes cells behind those that count, without counting them yet.
     *
     * @param cells written by {@link #putCell}, positions ascending, later than all before
     * @param skip how many written ones, not counted yet, come before
     */
    void write(ByteBuffer cells, long skip) throws IOException {
        file.write(cells, CELLS + (count + skip) * CELL);
    }

    /**
     * Counts cells that were written.
     *
     * @param positions theirs
     */
    void add(long[] positions, int number) {
        long[] known = fences;
        long before = count;
        for (int i = 0; i < number; i++) {
            long cell = before + i;
            if (cell % FENCE == 0) {
                int fence = (int) (cell / FENCE);
                if (fence == known.length) {
                    known = Arrays.copyOf(known, fence + (fence >> 1));
                }
                known[fence] = positions[i];
            }
        }
        fences = known;
        count = before + number;
    }

    /** Told of a checksum. */
    interface Witness {

        /** Whether what begins at a position has this checksum. */
        boolean agrees(long position, int checksum);
    }

    /** Whether most of the last checksums agree with a file. */
    boolean mostlyAgree(Witness witness) {
        int asked = (int) Math.min(count, 32);
        ByteBuffer page = ByteBuffer.allocate(asked * CELL);
        readCells(page, count - asked);
        int agree = 0;
        for (int at = 0; at < page.limit(); at += CELL) {
            int checksum = page.getInt(at + 8);
            if (witness.agrees(page.getLong(at), checksum)) {
                agree++;
            }
        }
        return agree * 2 > asked;
    }

    /** How many cells tell of positions before this one. */
    long countBelow(long position) throws IOException {
        long low = 0;
        long high = count;
        ByteBuffer cell = ByteBuffer.allocate(Long.BYTES);
        while (low < high) {
            long middle = (low + high) >>> 1;
            cell.clear();
            file.read(cell, CELLS + middle * CELL);
            if (cell.getLong(0) < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** The checksum of what begins at a position, 0 if there is none. */
    int at(long position) {
        long cells = count;
        long[] known = fences;
        int used = (int) ((cells + FENCE - 1) / FENCE);
        int found = Arrays.binarySearch(known, 0, used, position);
        int fence = found >= 0 ? found : -found - 2;
        if (fence < 0) {
            return 0;
        }
        long first = (long) fence * FENCE;
        ByteBuffer page = ByteBuffer.allocate((int) Math.min(FENCE, cells - first) * CELL);
        readCells(page, first);
        int low = 0;
        int high = page.limit() / CELL;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (page.getLong(middle * CELL) < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low * CELL < page.limit() ? checksum(page, low * CELL, position) : 0;
    }

    private void readCells(ByteBuffer page, long first) {
        try {
            file.read(page, CELLS + first * CELL);
            page.flip();
        } catch (IOException e) {
            throw Failures.of("cannot read " + name, e);
        }
    }

    private static int checksum(ByteBuffer page, int at, long position) {
        int checksum = page.getInt(at + 8);
        boolean whole = page.getLong(at) == position && page.getInt(at + 12) == check(position, checksum);
        return whole ? checksum : 0;
    }

    /**
     * Compares.
     *
     * @param actual of what was read
     * @return whether there is a checksum to compare with
     * @throws CorruptedException if it is another one
     */
    boolean verify(LogFile log, long position, int actual) {
        return verify(log, position, actual, at(position));
    }

    static boolean verify(LogFile log, long position, int actual, int expected) {
        if (expected != 0 && expected != actual) {
            throw log.damage(
                    position,
                    "the bytes have changed since they were written: their checksum is " + Integer.toHexString(actual)
                            + ", but was " + Integer.toHexString(expected));
        }
        return expected != 0;
    }

    /** Reads the checksums along with a walk through the file. */
    Walk walk() {
        return new Walk();
    }

    /** Asked for positions in ascending order. Belongs to one thread. */
    final class Walk {

        private final ByteBuffer page = ByteBuffer.allocate(1 << 16).limit(0);
        private long nextCell = -1;

        /** The checksum of what begins at a position, 0 if there is none. */
        int at(long position) {
            if (nextCell < 0) {
                nextCell = firstCell(position);
            }
            while (true) {
                if (page.remaining() < CELL) {
                    long left = count - nextCell;
                    if (left <= 0) {
                        return 0;
                    }
                    page.clear().limit((int) Math.min(page.capacity(), left * CELL));
                    readCells(page, nextCell);
                    if (page.remaining() < CELL) {
                        return 0;
                    }
                }
                long there = page.getLong(page.position());
                if (there > position) {
                    return 0;
                }
                int checksum = checksum(page, page.position(), position);
                page.position(page.position() + CELL);
                nextCell++;
                if (there == position) {
                    return checksum;
                }
            }
        }

        private long firstCell(long position) {
            int used = (int) ((count + FENCE - 1) / FENCE);
            int found = Arrays.binarySearch(fences, 0, used, position);
            return Math.max(0, found >= 0 ? found : -found - 2) * (long) FENCE;
        }
    }

    /** Has everything counted so far on stable storage; tell {@link #cover} then. */
    void sync() throws IOException {
        file.sync();
    }

    /**
     * Notes up to where the checksums are durable. Takes effect with the next {@link #sync}, and never
     * takes back what was noted before.
     *
     * @param position where the last transaction ends whose checksums were synced
     * @param cells how many those are
     * @param transaction where that transaction begins
     */
    synchronized void cover(long position, long cells, long transaction, long tid) throws IOException {
        if (position >= covered.position()) {
            writeSlot(position, cells, transaction, tid);
        }
    }

    /**
     * As {@link #cover}, and all of it is durable then. In one step: of the two slots one must be on stable storage whenever
     * the other is written, whoever else notes something meanwhile.
     */
    synchronized void coverNow(long position, long cells, long transaction, long tid) throws IOException {
        sync();
        cover(position, cells, transaction, tid);
        sync();
    }

    /** Drops, durably, all checksums at and behind a position, where a transaction ends. */
    synchronized void cut(long position, long transaction, long tid) throws IOException {
        sync();
        long kept = countBelow(position);
        writeSlot(position, kept, transaction, tid);
        count = kept;
        sync();
    }

    private void writeSlot(long position, long cells, long transaction, long tid) throws IOException {
        Covered next = new Covered(covered.writing() + 1, position, cells, transaction, tid);
        ByteBuffer slot = ByteBuffer.allocate(SLOT);
        slot.putLong(MAGIC).putLong(next.writing()).putLong(position).putLong(cells);
        slot.putLong(transaction).putLong(tid);
        slot.putInt(of(slot.array(), 0, SLOT - 4));
        file.write(slot.flip(), (next.writing() & 1) * PAGE);
        covered = next;
    }

    /** Forgets all: they tell of another file, or are not to be read. */
    void clear() {
        lost = true;
        count = 0;
        packedTo = 0;
        covered = new Covered(covered.writing(), Format.START, 0, 0, 0);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /** Stands for a side file that is not there and must not be created. */
    private static final class Nowhere implements DiskFile {

        @Override
        public long size() {
            return 0;
        }

        @Override
        public int read(ByteBuffer buffer, long position) {
            return 0;
        }

        @Override
        public void write(ByteBuffer buffer, long position) throws IOException {
            throw new IOException("the checksums are not to be written");
        }

        @Override
        public void truncate(long size) throws IOException {
            throw new IOException("the checksums are not to be written");
        }

        @Override
        public void sync() {}

        @Override
        public void close() {}
    }
}
