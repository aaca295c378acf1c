package org.zeoraid.file;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;

/** A transaction whose records are read from the file each time they are iterated. */
final class FileTransaction implements CommittedTransaction {

    /** Transactions up to this size are read at once. */
    private static final long SMALL = 1 << 20;

    private final Generation generation;
    private final Blobs blobs;
    private final TransactionHead head;
    private final int recordCount;
    private final long dataBytes;
    private final Set<Long> replaced;

    private FileTransaction(
            Generation generation,
            Blobs blobs,
            TransactionHead head,
            int recordCount,
            long dataBytes,
            Set<Long> replaced) {
        this.generation = generation;
        this.blobs = blobs;
        this.head = head;
        this.recordCount = recordCount;
        this.dataBytes = dataBytes;
        this.replaced = replaced;
    }

    /**
     * The transaction whose head a scan has just read. All bytes are checked as they are read.
     *
     * @param sums asked for ascending positions only
     */
    static CommittedTransaction read(Generation generation, Blobs blobs, LogScan scan, Checksums.Walk sums) {
        TransactionHead head = scan.head();
        Checksums.verify(generation.log(), head.position(), scan.headChecksum(), sums.at(head.position()));
        if (head.length() <= SMALL) {
            Map<Long, DataRecord> records = new LinkedHashMap<>();
            while (scan.nextRecord()) {
                DataRecord entry = entry(generation, blobs, scan, sums);
                // Python may store an object twice in a transaction: the last record is the one that counts.
                records.put(scan.oid(), entry);
            }
            return CommittedTransaction.of(head.header(), List.copyOf(records.values()));
        }
        Set<Long> replaced = replaced(scan);
        scan.rewind();
        int records = 0;
        long bytes = 0;
        while (scan.nextRecord()) {
            if (replaced.contains(scan.recordPosition())) {
                continue;
            }
            records++;
            bytes += scan.dataLength() > 0 || scan.link() == 0
                    ? scan.dataLength()
                    : linked(generation, scan.link(), scan.oid()).dataLength();
        }
        return new FileTransaction(generation, blobs, head, records, bytes, replaced);
    }

    /** Positions of records behind which the same transaction has another one of the same object. */
    private static Set<Long> replaced(LogScan scan) {
        long[] oids = new long[64];
        int count = 0;
        while (scan.nextRecord()) {
            if (count == oids.length) {
                oids = Arrays.copyOf(oids, count * 2);
            }
            oids[count++] = scan.oid();
        }
        Arrays.sort(oids, 0, count);
        Map<Long, Long> latest = new HashMap<>();
        for (int i = 1; i < count; i++) {
            if (oids[i] == oids[i - 1]) {
                latest.put(oids[i], 0L);
            }
        }
        if (latest.isEmpty()) {
            return Set.of();
        }
        Set<Long> replaced = new HashSet<>();
        scan.rewind();
        while (scan.nextRecord()) {
            Long before = latest.get(scan.oid());
            if (before != null) {
                if (before != 0) {
                    replaced.add(before);
                }
                latest.put(scan.oid(), scan.recordPosition());
            }
        }
        return replaced;
    }

    private static RecordReader linked(Generation generation, long link, long oid) {
        RecordReader reader = RecordReader.ofThread();
        reader.read(generation.log(), link, oid);
        while (reader.dataLength() == 0 && reader.link() != 0) {
            reader.read(generation.log(), reader.link(), oid);
        }
        return reader;
    }

    private static DataRecord entry(Generation generation, Blobs blobs, LogScan scan, Checksums.Walk sums) {
        Checksums.verify(
                generation.log(), scan.recordPosition(), scan.recordChecksum(), sums.at(scan.recordPosition()));
        Oid oid = new Oid(scan.oid());
        Content content = content(generation, scan);
        DataRecord plain = new DataRecord(oid, content);
        if (!blobs.isKept()) {
            return plain;
        }
        Optional<BlobSource> blob =
                plain.data().flatMap(data -> blobs.find(oid, new Tid(scan.head().tid()), data));
        return blob.isEmpty() ? plain : new DataRecord(oid, content, blob);
    }

    private static Content content(Generation generation, LogScan scan) {
        if (scan.dataLength() > 0) {
            return new Content.Data(scan.data());
        }
        if (scan.link() == 0) {
            return Content.ABSENT;
        }
        RecordReader reader = RecordReader.ofThread();
        reader.read(generation.log(), scan.link(), scan.oid());
        byte[] data = generation.content(reader, scan.oid(), 0);
        return data == null ? Content.ABSENT : new Content.Link(new Tid(reader.tid()), data);
    }

    @Override
    public TransactionHeader header() {
        return head.header();
    }

    @Override
    public int recordCount() {
        return recordCount;
    }

    @Override
    public long dataBytes() {
        return dataBytes;
    }

    @Override
    public Iterable<DataRecord> records() {
        return Records::new;
    }

    private final class Records implements Iterator<DataRecord> {

        private final LogScan scan = new LogScan(generation.log(), head.position(), head.end());
        private final Checksums.Walk sums = generation.checksums().walk();
        private boolean there = scan.nextTransaction() && advance();

        private boolean advance() {
            boolean more = scan.nextRecord();
            while (more && replaced.contains(scan.recordPosition())) {
                more = scan.nextRecord();
            }
            return more;
        }

        @Override
        public boolean hasNext() {
            return there;
        }

        @Override
        public DataRecord next() {
            if (!there) {
                throw new NoSuchElementException();
            }
            DataRecord entry = entry(generation, blobs, scan, sums);
            there = advance();
            return entry;
        }
    }
}
