package org.zeoraid.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The file that a pack writes, with its checksums and indexes. A checksum is made only for bytes whose source had one:
 * it would certify rot otherwise. For one thread at a time.
 */
final class PackOutput {

    private final LogFile log;
    private final Checksums checksums;
    private final ObjectIndex objects;
    private final TransactionIndex transactions = new TransactionIndex();
    private final CellBatch cells = new CellBatch();
    private final CRC32C crc = new CRC32C();
    private final ByteBuffer buffer = ByteBuffer.allocate(1 << 20);

    /** Where the buffer's bytes belong. */
    private long bufferStart;

    private Generation.Tail tail = Generation.Tail.EMPTY;

    // The transaction being written.
    private boolean open;
    private long start;
    private @Nullable TransactionHead template;
    private byte status;
    private boolean headVerified;
    private long[] positions = new long[64];
    private int[] sums = new int[64];
    private int sumCount;

    /** @param packedTo the newest transaction up to which it will be packed */
    PackOutput(LogFile log, Checksums checksums, long expectedObjects, long packedTo) throws IOException {
        this.log = log;
        this.checksums = checksums;
        this.objects = new ObjectIndex(expectedObjects);
        checksums.notePacked(packedTo);
        log.file().truncate(0);
        buffer.putInt(Format.MAGIC);
    }

    /** Where the next byte goes. */
    long position() {
        return bufferStart + buffer.position();
    }

    Generation.Tail tail() {
        return tail;
    }

    /** The latest record of an object so far, 0 if there is none. */
    long find(long oid) {
        return objects.find(oid);
    }

    /** The file, with everything written so far in it. */
    LogFile flushed() throws IOException {
        flush();
        return log;
    }

    /**
     * Begins a transaction.
     *
     * @param verified whether the source's head had a checksum, and it was right
     */
    void begin(TransactionHead from, byte newStatus, boolean verified) throws IOException {
        open = true;
        start = position();
        template = from;
        status = newStatus;
        headVerified = verified;
        sumCount = 0;
        ByteBuffer head = head(from, 0);
        put(head.array(), head.capacity());
    }

    boolean isOpen() {
        return open;
    }

    private ByteBuffer head(TransactionHead from, long length) {
        ByteBuffer head = ByteBuffer.allocate(Format.headLength(from.meta()));
        Format.putTransactionHead(head, from.tid(), length, status, from.meta());
        return head.flip();
    }

    /**
     * Writes a data record.
     *
     * @param data nothing for a link, or where the object is gone
     * @param link where there is no data: position in this file of the record that has it, 0 if the object is gone
     * @param verified whether all that it is made of had checksums, and they were right
     */
    void record(long oid, long tid, long previous, byte @Nullable [] data, long link, boolean verified)
            throws IOException {
        long at = position();
        int length = data == null ? 0 : data.length;
        ByteBuffer head = ByteBuffer.allocate(Format.RECORD_HEAD + (length == 0 ? Format.LINK : 0));
        Format.putRecordHead(head, oid, tid, previous, start, length);
        if (length == 0) {
            head.putLong(link);
        }
        put(head.array(), head.capacity());
        int sum = 0;
        if (verified) {
            crc.reset();
            crc.update(head.array());
            if (data != null) {
                crc.update(data);
            }
            sum = Checksums.of(crc);
            remember(at, sum);
        }
        if (data != null) {
            put(data, length);
        }
        objects.put(oid, at, sum);
    }

    private void remember(long position, int sum) {
        if (sumCount == positions.length) {
            positions = Arrays.copyOf(positions, sumCount * 2);
            sums = Arrays.copyOf(sums, sumCount * 2);
        }
        positions[sumCount] = position;
        sums[sumCount] = sum;
        sumCount++;
    }

    /** Ends the transaction. */
    void end() throws IOException {
        TransactionHead from = template;
        if (!open || from == null) {
            throw new IllegalStateException("no transaction was begun");
        }
        long length = position() - start;
        put(ByteBuffer.allocate(Long.BYTES).putLong(length).array(), Long.BYTES);
        ByteBuffer head = head(from, length);
        crc.reset();
        crc.update(head.duplicate());
        if (start >= bufferStart) {
            buffer.duplicate().position((int) (start - bufferStart)).put(head.duplicate());
        } else {
            flush();
            log.file().write(head.duplicate(), start);
        }
        if (headVerified) {
            cells.add(start, Checksums.of(crc));
        }
        for (int i = 0; i < sumCount; i++) {
            cells.add(positions[i], sums[i]);
        }
        checksums.add(cells);
        cells.clear();
        checksums.spill();
        transactions.add(from.tid(), start);
        tail = tail.with(new TransactionHead(start, length, from.tid(), status, from.meta()));
        open = false;
    }

    private void put(byte[] bytes, int length) throws IOException {
        int done = 0;
        while (done < length) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int piece = Math.min(buffer.remaining(), length - done);
            buffer.put(bytes, done, piece);
            done += piece;
        }
    }

    private void flush() throws IOException {
        buffer.flip();
        int length = buffer.remaining();
        log.file().write(buffer, bufferStart);
        bufferStart += length;
        buffer.clear();
    }

    /** Puts all transactions so far on stable storage. */
    void sync() throws IOException {
        flush();
        log.file().sync();
        checksums.sync();
    }

    /** Puts everything on stable storage, the checksums declared to be whole. */
    Generation finish() throws IOException {
        flush();
        log.file().sync();
        Generation generation = new Generation(log, checksums, objects, transactions, tail);
        generation.coverNow(tail, checksums.count());
        return generation;
    }
}
