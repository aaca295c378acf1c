package org.zeoraid.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.TransactionStatus;

/**
 * Writes a batch of transactions behind the last one of a generation, in few large writes. Nobody sees any of it before
 * {@link #publish}. Used by one thread, and for one batch at a time.
 */
final class TransactionWriter {

    /** However small a blob is, it is a file and costs a sync. */
    static final long LEAST_BLOB = 1 << 15;

    /** Room for so many records is kept for the next batch. */
    private static final int KEPT = 1 << 16;

    private final Generation generation;
    private final ByteBuffer buffer;
    private final CRC32C batchSum = new CRC32C();
    private final CRC32C recordSum = new CRC32C();
    private final CellBatch cells = new CellBatch();
    private final RecordReader reader = new RecordReader();

    /** Positions of records of this batch, which the index does not know yet. */
    private LongMap pending = new LongMap();

    private long[] oids = new long[64];
    private long[] positions = new long[64];
    private int[] sums = new int[64];
    private int records;

    private final List<TransactionHead> transactions = new ArrayList<>();
    private long written;
    private Generation.Tail tail;

    TransactionWriter(Generation generation, ByteBuffer buffer) {
        this.generation = generation;
        this.buffer = buffer;
        this.tail = generation.tail();
    }

    /** Begins a batch behind the generation's last transaction. */
    void begin() {
        buffer.clear();
        batchSum.reset();
        cells.clear();
        pending = new LongMap();
        if (records > KEPT) {
            oids = new long[64];
            positions = new long[64];
            sums = new int[64];
        }
        records = 0;
        transactions.clear();
        tail = generation.tail();
        written = tail.end();
    }

    /** The most that a transaction can take. */
    static long mostBytes(CommittedTransaction transaction) {
        return Format.headLength(transaction.header().meta())
                + (long) transaction.recordCount() * (Format.RECORD_HEAD + Format.LINK)
                + transaction.dataBytes()
                + Format.TRAILER;
    }

    /** Where the batch ends so far, and what is last in it. */
    Generation.Tail tail() {
        return tail;
    }

    /**
     * Checks a transaction and finds its length.
     *
     * @throws ProtocolException if it cannot be written at all
     */
    Plan plan(CommittedTransaction transaction) throws IOException {
        long length = Format.headLength(transaction.header().meta());
        long[] links = new long[Math.max(1, transaction.recordCount())];
        int number = 0;
        long blobs = 0;
        for (DataRecord entry : transaction.records()) {
            if (number == links.length) {
                links = Arrays.copyOf(links, number * 2);
            }
            if (entry.blob().isPresent()) {
                blobs += Math.max(LEAST_BLOB, entry.blob().get().size());
            }
            Content content = entry.content();
            if (content instanceof Content.Link link) {
                links[number] = origin(entry.oid(), link);
            }
            boolean hasData = content instanceof Content.Data || links[number] == 0;
            long size = hasData ? entry.data().map(data -> data.length).orElse(0) : 0;
            if (size == 0 && entry.data().isPresent() && links[number] == 0) {
                throw new ProtocolException("object " + entry.oid() + " of transaction " + transaction.tid()
                        + " has data of no bytes, which the file format cannot tell from a deletion");
            }
            length += Format.recordLength(size);
            number++;
        }
        return new Plan(transaction, length, links, blobs);
    }

    /**
     * How a transaction will be written.
     *
     * @param length without the trailer
     * @param links for each record that has no data of its own the position of the record that has it
     * @param blobs what its blobs are for the disk: their bytes, but {@link #LEAST_BLOB} each at the least; 0 without any
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Plan(CommittedTransaction transaction, long length, long[] links, long blobs) {

        boolean hasBlobs() {
            return blobs > 0;
        }

        long bytes() {
            return length + Format.TRAILER;
        }
    }

    /** The position of the record that holds a link's data, 0 if there is none with the same bytes. */
    private long origin(Oid oid, Content.Link link) throws IOException {
        long inBatch = pending.get(oid.value());
        if (inBatch != 0) {
            flush();
        }
        long position = inBatch != 0 ? inBatch : generation.objects().find(oid.value());
        while (position != 0) {
            reader.read(generation.log(), position, oid.value());
            if (reader.tid() == link.origin().value()) {
                byte[] there = generation.content(reader, oid.value(), 0);
                return there != null && Arrays.equals(there, link.bytes()) ? reader.position() : 0;
            }
            position = reader.previous();
        }
        return 0;
    }

    /** Adds a transaction to the batch. */
    void write(Plan plan) throws IOException {
        CommittedTransaction transaction = plan.transaction();
        long start = tail.end();
        long tid = transaction.tid().value();
        byte status = transaction.header().status() == TransactionStatus.PACKED ? Format.PACKED : Format.COMMITTED;
        int headLength = Format.headLength(transaction.header().meta());
        ByteBuffer head = ByteBuffer.allocate(headLength);
        Format.putTransactionHead(
                head, tid, plan.length(), status, transaction.header().meta());
        recordSum.reset();
        recordSum.update(head.array());
        cells.add(start, Checksums.of(recordSum));
        put(head.array(), headLength);
        long at = start + headLength;
        int number = 0;
        for (DataRecord entry : transaction.records()) {
            at += writeRecord(entry, at, start, tid, plan.links()[number]);
            number++;
        }
        if (at != start + plan.length()) {
            throw new IOException("transaction " + transaction.tid() + " gave other records the second time");
        }
        put(ByteBuffer.allocate(Long.BYTES).putLong(plan.length()).array(), Long.BYTES);
        TransactionHead done = new TransactionHead(
                start, plan.length(), tid, status, transaction.header().meta());
        transactions.add(done);
        tail = tail.with(done);
    }

    private long writeRecord(DataRecord entry, long at, long transaction, long tid, long link) throws IOException {
        long oid = entry.oid().value();
        byte[] data = link == 0 ? entry.data().orElse(NO_DATA) : NO_DATA;
        long inBatch = pending.get(oid);
        long previous = inBatch != 0 ? inBatch : generation.objects().find(oid);
        ByteBuffer head = ByteBuffer.allocate(Format.RECORD_HEAD + (data.length == 0 ? Format.LINK : 0));
        Format.putRecordHead(head, oid, tid, previous, transaction, data.length);
        if (data.length == 0) {
            head.putLong(link);
        }
        recordSum.reset();
        recordSum.update(head.array());
        recordSum.update(data);
        int sum = Checksums.of(recordSum);
        cells.add(at, sum);
        put(head.array(), head.capacity());
        put(data, data.length);
        pending.put(oid, at);
        remember(oid, at, sum);
        return (long) head.capacity() + data.length;
    }

    private static final byte[] NO_DATA = {};

    private void remember(long oid, long position, int sum) {
        if (records == oids.length) {
            oids = Arrays.copyOf(oids, records * 2);
            positions = Arrays.copyOf(positions, records * 2);
            sums = Arrays.copyOf(sums, records * 2);
        }
        oids[records] = oid;
        positions[records] = position;
        sums[records] = sum;
        records++;
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
        batchSum.update(buffer.duplicate());
        int length = buffer.remaining();
        generation.log().file().write(buffer, written);
        written += length;
        buffer.clear();
    }

    /** Writes what is left of the batch, and the head of the room behind. */
    void finish(Reserve reserve) throws IOException {
        ByteBuffer behind = reserve.head(tail.end(), tail.lastTid());
        if (buffer.remaining() < behind.remaining()) {
            flush();
        }
        int ours = buffer.position();
        buffer.put(behind).flip();
        ByteBuffer last = buffer.duplicate().limit(ours);
        batchSum.update(last);
        generation.log().file().write(buffer, written);
        buffer.clear();
    }

    int checksum() {
        return Checksums.of(batchSum);
    }

    /** Lets readers see the batch. */
    void publish() {
        generation.checksums().add(cells);
        for (int i = 0; i < records; i++) {
            generation.objects().put(oids[i], positions[i], sums[i]);
        }
        for (TransactionHead head : transactions) {
            generation.transactions().add(head.tid(), head.position());
        }
        generation.publish(tail);
    }
}
