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
 * there is. The last ones stay in memory until they are known to be on stable storage: a sync that fails loses what it
 * was to write. One thread adds, any number read and sync.
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

    /** So many may wait in memory, 12 bytes each; more than come while the housekeeping takes its time. */
    private static final int MOST_RECENT = 1 << 18;

    private static final int MOST_SPILLED = 4096;

    private final DiskFile file;
    private final String name;

    /** Held while some are added, or dropped from memory; never together with the disk's work. */
    private final Object growth = new Object();

    private volatile RecentCells recent = RecentCells.startingAt(0);
    /** To be read before {@link #recent}. */
    private volatile long count;

    private volatile long[] fences = new long[16];
    private volatile Covered covered = Covered.NOTHING;
    /** Whether the slot that was written last is on stable storage. */
    private boolean slotDurable;

    private boolean lost;
    private volatile long packedTo;

    private Checksums(DiskFile file, String name) {
        this.file = file;
        this.name = name;
    }

    /** An empty one, in an empty file. */
    static Checksums create(DiskFile file, String name) {
        Checksums sums = new Checksums(file, name);
        sums.slotDurable = true;
        return sums;
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
    synchronized void notePacked(long tid) throws IOException {
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
        recent = RecentCells.startingAt(cells);
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

    /** Adds checksums behind all others. Only in memory, until the next {@link #sync}. */
    void add(CellBatch batch) {
        synchronized (growth) {
            long[] known = fences;
            long before = count;
            for (int i = 0; i < batch.size(); i++) {
                long cell = before + i;
                if (cell % FENCE == 0) {
                    int fence = (int) (cell / FENCE);
                    if (fence == known.length) {
                        known = Arrays.copyOf(known, fence + (fence >> 1));
                    }
                    known[fence] = batch.positions()[i];
                }
            }
            fences = known;
            recent = recent.plus(before, batch);
            count = before + batch.size();
        }
    }

    /** Has the disk catch up where too many wait for it in memory. */
    void bound() throws IOException {
        if (count - recent.first() >= MOST_RECENT) {
            sync();
        }
    }

    /** Writes those in memory where there are many, and forgets them: for a file that is of no use after an error. */
    synchronized void spill() throws IOException {
        if (count - recent.first() >= MOST_SPILLED) {
            forget(write());
        }
    }

    /** @return how many are in the file now */
    private long write() throws IOException {
        long end = count;
        RecentCells cells = recent;
        ByteBuffer page = ByteBuffer.allocate((int) Math.min(1 << 16, (end - cells.first()) * CELL));
        for (long cell = cells.first(); cell < end; cell += page.limit() / CELL) {
            cells.put(page.clear(), cell, end);
            file.write(page.flip(), CELLS + cell * CELL);
        }
        return end;
    }

    private void forget(long before) {
        synchronized (growth) {
            recent = recent.from(before, count);
        }
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

    /** How many cells of those in the file tell of positions before this one. */
    private long countBelow(long position) throws IOException {
        long low = 0;
        long high = recent.first();
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
        long all = count;
        RecentCells inMemory = recent;
        if (inMemory.reaches(position, all)) {
            return inMemory.at(position, all);
        }
        long cells = Math.min(all, inMemory.first());
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
                    fill();
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

        private void fill() {
            long all = count;
            RecentCells inMemory = recent;
            long inFile = Math.min(all, inMemory.first()) - nextCell;
            page.clear();
            if (inFile > 0) {
                page.limit((int) Math.min(page.capacity(), inFile * CELL));
                readCells(page, nextCell);
            } else {
                inMemory.put(page, nextCell, all);
                page.flip();
            }
        }

        private long firstCell(long position) {
            int used = (int) ((count + FENCE - 1) / FENCE);
            int found = Arrays.binarySearch(fences, 0, used, position);
            return Math.max(0, found >= 0 ? found : -found - 2) * (long) FENCE;
        }
    }

    /** Has everything counted so far on stable storage; tell {@link #cover} then. After an error all of it waits for the next. */
    synchronized void sync() throws IOException {
        long end = write();
        if (!slotDurable) {
            putSlot(covered);
        }
        file.sync();
        slotDurable = true;
        forget(end);
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

    /** Syncs, notes that as {@link #cover} does, and has the note durable too. */
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
        synchronized (growth) {
            count = kept;
            recent = RecentCells.startingAt(kept);
        }
        sync();
    }

    private void writeSlot(long position, long cells, long transaction, long tid) throws IOException {
        // One of the two is on stable storage at any time: where that is not the last one, it is written over.
        long writing = covered.writing() + (slotDurable ? 1 : 2);
        Covered next = new Covered(writing, position, cells, transaction, tid);
        putSlot(next);
        slotDurable = false;
        covered = next;
    }

    private void putSlot(Covered said) throws IOException {
        ByteBuffer slot = ByteBuffer.allocate(SLOT);
        slot.putLong(MAGIC).putLong(said.writing()).putLong(said.position()).putLong(said.cells());
        slot.putLong(said.transaction()).putLong(said.tid());
        slot.putInt(of(slot.array(), 0, SLOT - 4));
        file.write(slot.flip(), (said.writing() & 1) * PAGE);
    }

    /** Forgets all: they tell of another file, or are not to be read. */
    void clear() {
        lost = true;
        count = 0;
        recent = RecentCells.startingAt(0);
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
