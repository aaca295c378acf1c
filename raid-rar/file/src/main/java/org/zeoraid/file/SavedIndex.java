package org.zeoraid.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.DiskFile;

/**
 * The saved indexes, {@code Data.fs.idx}: only a cache, believed where its checksum is right and the transaction that
 * it ends with is where it says.
 *
 * <pre>
 * magic 8 · checksum of all that follows 8
 * position up to which it tells 8 · the last transaction before it: position 8, tid 8 · highest tid 8
 * newest packed transaction 8 · whether tids are in order 8 · number of transactions noted 8 · number of objects 8
 * noted transactions: tid 8, position 8 · objects: oid 8, position 8, checksum of the record 4
 * </pre>
 */
final class SavedIndex {

    private static final long MAGIC = 0x5A524149_44494458L;
    private static final int HEAD = 16;
    private static final int FIXED = 64;
    private static final int PIECE = 1 << 20;

    private SavedIndex() {}

    /** Up to where an index tells, and what was last then. */
    record Mark(long end, long lastStart, long lastTid, long highestTid, long packedTo) {}

    /** What was saved. */
    record Loaded(Mark mark, TransactionIndex transactions, ObjectIndex objects) {}

    /** Saves so that a crash leaves the old one or the new one. Others may put objects into the index meanwhile. */
    static void save(Disk disk, Files files, LogFile log, Mark mark, TransactionIndex transactions, ObjectIndex objects)
            throws IOException {
        disk.delete(files.indexBeingWritten());
        boolean whole = false;
        try {
            write(disk, files, log, mark, transactions, objects);
            disk.rename(files.indexBeingWritten(), files.index());
            whole = true;
        } catch (UncheckedIOException e) {
            throw new IOException(e.getCause());
        } finally {
            if (!whole) {
                // It may have taken the last room on the disk.
                disk.delete(files.indexBeingWritten());
            }
        }
        disk.syncFolder(files.folder());
    }

    private static void write(
            Disk disk, Files files, LogFile log, Mark mark, TransactionIndex transactions, ObjectIndex objects)
            throws IOException {
        TransactionIndex.Saved noted = transactions.save(mark.end());
        try (DiskFile file = disk.open(files.indexBeingWritten())) {
            Output out = new Output(file);
            out.putLong(mark.end()).putLong(mark.lastStart()).putLong(mark.lastTid());
            out.putLong(mark.highestTid()).putLong(mark.packedTo()).putLong(noted.ordered() ? 1 : 0);
            out.putLong(noted.tids().length);
            // How many objects there are is known only at the end: others come in meanwhile, and are left out.
            ObjectCount count = new ObjectCount();
            RecordReader reader = new RecordReader();
            objects.forEach((oid, position, checksum) -> {
                if (earlier(log, reader, oid, position, mark.end()) > 0) {
                    count.objects++;
                }
            });
            out.putLong(count.objects);
            for (int i = 0; i < noted.tids().length; i++) {
                out.putLong(noted.tids()[i]).putLong(noted.positions()[i]);
            }
            long[] left = {count.objects};
            objects.forEach((oid, position, checksum) -> {
                long before = earlier(log, reader, oid, position, mark.end());
                if (before > 0 && left[0] > 0) {
                    left[0]--;
                    out.putLong(oid).putLong(before).putInt(before == position ? checksum : 0);
                }
            });
            out.finish(left[0]);
            file.sync();
        }
    }

    /** An object's latest record before a position, where it may have got another one since; 0 if it had none then. */
    private static long earlier(LogFile log, RecordReader reader, long oid, long position, long end) {
        long at = position;
        while (at >= end) {
            reader.read(log, at, oid);
            at = reader.previous();
        }
        return at;
    }

    /** Loads what was saved; nothing if there is nothing, or it is damaged. */
    static Optional<Loaded> load(Disk disk, Files files) throws IOException {
        if (!disk.exists(files.index())) {
            return Optional.empty();
        }
        try (DiskFile file = disk.openForReading(files.index())) {
            Input in = new Input(file);
            if (file.size() < HEAD + FIXED || in.magic != MAGIC) {
                return Optional.empty();
            }
            Mark mark = new Mark(in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
            boolean ordered = in.getLong() == 1;
            long transactionCount = in.getLong();
            long objectCount = in.getLong();
            if (transactionCount < 0
                    || objectCount < 0
                    || file.size() != HEAD + FIXED + transactionCount * 16 + objectCount * 20) {
                return Optional.empty();
            }
            long[] tids = new long[(int) transactionCount];
            long[] positions = new long[(int) transactionCount];
            for (int i = 0; i < tids.length; i++) {
                tids[i] = in.getLong();
                positions[i] = in.getLong();
            }
            ObjectIndex objects = new ObjectIndex(objectCount);
            for (long i = 0; i < objectCount; i++) {
                objects.put(in.getLong(), in.getLong(), in.getInt());
            }
            if (!in.isWhole()) {
                return Optional.empty();
            }
            TransactionIndex transactions =
                    TransactionIndex.of(new TransactionIndex.Saved(ordered, tids, positions), mark.highestTid());
            return Optional.of(new Loaded(mark, transactions, objects));
        }
    }

    private static final class ObjectCount {
        long objects;
    }

    private static final class Output {

        private final DiskFile file;
        private final ByteBuffer buffer = ByteBuffer.allocate(PIECE);
        private final CRC32C crc = new CRC32C();
        private long position = HEAD;

        Output(DiskFile file) {
            this.file = file;
        }

        Output putLong(long value) {
            room(Long.BYTES);
            buffer.putLong(value);
            return this;
        }

        Output putInt(int value) {
            room(Integer.BYTES);
            buffer.putInt(value);
            return this;
        }

        private void room(int bytes) {
            if (buffer.remaining() < bytes) {
                try {
                    flush();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        private void flush() throws IOException {
            buffer.flip();
            crc.update(buffer.duplicate());
            int length = buffer.remaining();
            file.write(buffer, position);
            position += length;
            buffer.clear();
        }

        /** @param missing objects that went away while they were written */
        void finish(long missing) throws IOException {
            if (missing != 0) {
                throw new IOException("objects were removed while the index was saved");
            }
            flush();
            ByteBuffer head = ByteBuffer.allocate(HEAD);
            head.putLong(MAGIC).putLong(crc.getValue());
            file.write(head.flip(), 0);
        }
    }

    private static final class Input {

        private final DiskFile file;
        private final ByteBuffer buffer = ByteBuffer.allocate(PIECE).limit(0);
        private final CRC32C crc = new CRC32C();
        private final long expected;
        private long position = HEAD;
        final long magic;

        Input(DiskFile file) throws IOException {
            this.file = file;
            ByteBuffer head = ByteBuffer.allocate(HEAD);
            boolean whole = file.read(head, 0) == HEAD;
            magic = whole ? head.getLong(0) : 0;
            expected = head.getLong(8);
        }

        long getLong() throws IOException {
            fill(Long.BYTES);
            return buffer.getLong();
        }

        int getInt() throws IOException {
            fill(Integer.BYTES);
            return buffer.getInt();
        }

        private void fill(int bytes) throws IOException {
            if (buffer.remaining() >= bytes) {
                return;
            }
            buffer.compact();
            int had = buffer.position();
            int count = file.read(buffer, position);
            position += count;
            buffer.flip();
            crc.update(buffer.array(), had, count);
            if (buffer.remaining() < bytes) {
                throw new IOException("a saved index ends too early");
            }
        }

        boolean isWhole() throws IOException {
            return buffer.remaining() == 0 && position == file.size() && crc.getValue() == expected;
        }
    }
}
