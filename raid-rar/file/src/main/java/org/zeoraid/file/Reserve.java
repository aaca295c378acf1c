package org.zeoraid.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.zeoraid.storage.seam.DiskFile;
import org.zeoraid.storage.seam.DiskFullIOException;

/**
 * Room kept behind the last transaction while the file is open for writing: a pending transaction, as far as the format
 * goes, that everybody cuts off who opens the file. At its end are two slots, written in turn with each batch of
 * transactions and synced with it by one sync. A slot says where the batch begins and ends, and its checksum; that a
 * batch was begun means that all before it is durable. So a crash leaves either a whole batch or one that is known to
 * be torn, and the format stays what it is.
 *
 * <pre>
 * slot, at the beginning of each of the last two pages of 4096: magic 8 · length of the file 8 · number of the batch 8
 *    where it begins 8 · where it ends 8 · checksum of all bytes between 4 · checksum of all this 4
 * </pre>
 *
 * Used by one thread.
 */
final class Reserve {

    private static final long MAGIC = 0x5A524149_44424154L;
    static final int PAGE = 4096;
    private static final int SLOT = 48;
    private static final int SLOTS = 2 * PAGE;
    private static final long SMALLEST_ROOM = 4 * PAGE;
    private static final long LARGEST_ROOM = 4 << 20;
    private static final long LARGE_BATCH = 1 << 20;
    private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(1 << 18);

    /** What a slot says. */
    record Batch(long number, long start, long end, int checksum) {}

    private final LogFile log;
    private final DiskFile file;
    /** Length of the file with the room; 0 without. */
    private long length;

    private long number;

    Reserve(LogFile log) {
        this.log = log;
        this.file = log.file();
    }

    /** The newest batch that the slots at the end of a file tell of; empty if there are none. */
    static Optional<Batch> newest(LogFile log, long size) {
        Optional<Batch> newest = Optional.empty();
        if (size < SLOTS || size % PAGE != 0) {
            return newest;
        }
        for (int i = 0; i < 2; i++) {
            ByteBuffer slot = ByteBuffer.allocate(SLOT);
            int count = log.read(slot, size - SLOTS + (long) i * PAGE);
            if (count < SLOT || slot.getLong(0) != MAGIC || slot.getLong(8) != size) {
                continue;
            }
            Batch batch = new Batch(slot.getLong(16), slot.getLong(24), slot.getLong(32), slot.getInt(40));
            boolean whole = slot.getInt(SLOT - 4) == checksum(slot)
                    && batch.start() >= Format.START
                    && batch.end() >= batch.start()
                    && batch.end() <= size - SLOTS;
            if (whole && (newest.isEmpty() || batch.number() > newest.get().number())) {
                newest = Optional.of(batch);
            }
        }
        return newest;
    }

    private static int checksum(ByteBuffer slot) {
        CRC32C crc = new CRC32C();
        crc.update(slot.array(), 0, SLOT - 4);
        return Checksums.of(crc);
    }

    /** Whether a batch's bytes are what its slot says. */
    static boolean isWhole(LogFile log, Batch batch) {
        CRC32C crc = new CRC32C();
        ByteBuffer piece = ByteBuffer.allocate(1 << 18);
        for (long at = batch.start(); at < batch.end(); at += piece.limit()) {
            piece.clear().limit((int) Math.min(piece.capacity(), batch.end() - at));
            if (log.read(piece, at) == 0) {
                return false;
            }
            crc.update(piece.duplicate());
        }
        return Checksums.of(crc) == batch.checksum();
    }

    /** Whether so many bytes fit behind a position, the head of what is left of the room included. */
    boolean fits(long end, long bytes) {
        return length > 0 && end + bytes + Format.RESERVE_HEAD <= length - SLOTS;
    }

    /**
     * Makes room for a batch, and for some later ones. What is there is durable when this returns; after an error the
     * file has its former length.
     *
     * @param end where the last transaction ends
     * @param bytes how many the batch has
     * @param tid of the last transaction
     * @throws DiskFullIOException if there is no room; nothing has changed then
     * @throws SyncFailed if nothing more can be said about the file
     */
    void extend(long end, long bytes, long tid) throws IOException {
        // A large batch costs more than its syncs: room for the next one would only be written twice.
        long room = bytes >= LARGE_BATCH ? 0 : Math.max(SMALLEST_ROOM, Math.min(LARGEST_ROOM, end / 4));
        try {
            extendTo(end, bytes, tid, room);
        } catch (DiskFullIOException e) {
            // Perhaps there is room for just this batch.
            extendTo(end, bytes, tid, 0);
        }
    }

    private void extendTo(long end, long bytes, long tid, long room) throws IOException {
        long before = Math.max(length, end);
        long batchEnd = end + bytes + Format.RESERVE_HEAD;
        long pages = Math.max(batchEnd + room, before) / PAGE + 1;
        long extended = pages * PAGE + SLOTS;
        try {
            if (length == 0) {
                file.write(Format.reserveHead(tid, extended - end - Format.TRAILER), end);
            }
            // Zeros are written out so that a commit changes nothing but bytes that are there, which makes its sync
            // cheap. What the batch itself will fill is left out.
            for (long at = Math.max(before, batchEnd); at < extended; ) {
                ByteBuffer zeros = ZEROS.duplicate();
                zeros.limit((int) Math.min(zeros.capacity(), extended - at));
                int count = zeros.limit();
                file.write(zeros, at);
                at += count;
            }
            long former = length;
            length = extended;
            number++;
            CRC32C nothing = new CRC32C();
            try {
                writeSlot(end, end, Checksums.of(nothing));
                number++;
                writeSlot(end, end, Checksums.of(nothing));
            } catch (IOException e) {
                length = former;
                throw e;
            }
        } catch (IOException e) {
            truncate(before, e);
            throw e;
        }
        sync();
    }

    private void truncate(long size, IOException cause) throws SyncFailed {
        try {
            file.truncate(size);
        } catch (IOException e) {
            e.addSuppressed(cause);
            throw new SyncFailed(e);
        }
    }

    private void sync() throws SyncFailed {
        try {
            file.sync();
        } catch (IOException e) {
            throw new SyncFailed(e);
        }
    }

    /** The head of what is left of the room, to be written behind a batch. */
    ByteBuffer head(long end, long tid) {
        return Format.reserveHead(tid, length - end - Format.TRAILER);
    }

    /** Writes the slot of a batch whose bytes have been written. Both take effect with the file's next sync. */
    void begin(long start, long end, int checksum) throws IOException {
        number++;
        writeSlot(start, end, checksum);
    }

    private void writeSlot(long start, long end, int checksum) throws IOException {
        ByteBuffer slot = ByteBuffer.allocate(SLOT);
        slot.putLong(MAGIC).putLong(length).putLong(number).putLong(start).putLong(end);
        slot.putInt(checksum);
        slot.putInt(checksum(slot));
        file.write(slot.flip(), length - SLOTS + (number & 1) * PAGE);
    }

    /**
     * Marks, durably, where the last transaction ends, over whatever was begun behind it. Only then the slots may go:
     * bytes of a torn batch could pass for a transaction without them.
     */
    static void mark(LogFile log, long end, long size, long tid) throws IOException {
        if (size - end >= Format.RESERVE_HEAD + Format.TRAILER) {
            log.file().write(Format.reserveHead(tid, size - end - Format.TRAILER), end);
            log.file().sync();
        }
    }

    /** Has the slots there, if there is room for them. */
    void ensure(long end, long tid) throws IOException {
        if (length == 0) {
            try {
                extendTo(end, 0, tid, 0);
            } catch (DiskFullIOException e) {
                // Without the slots a crash while a tail is cut off may leave some of its transactions, whole.
                length = 0;
            }
        }
    }

    /** Cuts transactions off in one step: what is behind a position is gone from the moment the slot is durable. */
    void cut(long position, long tid) throws IOException {
        if (length > 0) {
            begin(position, position, Checksums.of(new CRC32C()));
            file.sync();
            mark(log, position, length, tid);
        }
        drop(position);
    }

    /** Gives the room up after a batch that failed. */
    void undo(long end, long tid) throws IOException {
        mark(log, end, length, tid);
        drop(end);
    }

    /** Gives the room up, so that the file ends with its last transaction, durably. */
    void drop(long end) throws IOException {
        file.truncate(end);
        length = 0;
        sync();
    }

    boolean isThere() {
        return length > 0;
    }

    @Override
    public String toString() {
        return log.path() + " with room to " + length;
    }

    /** Nothing is known any more about what has reached the disk. */
    static final class SyncFailed extends IOException {
        private static final long serialVersionUID = 1L;

        SyncFailed(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }
}
