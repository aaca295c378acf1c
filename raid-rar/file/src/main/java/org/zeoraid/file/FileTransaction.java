package org.zeoraid.file;

import java.util.ArrayList;
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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;

/** A transaction whose records are read from the file each time they are iterated. */
final class FileTransaction implements CommittedTransaction {

    /** Transactions with so much, data behind links counted, are read at once. */
    private static final long SMALL = 1 << 20;

    private final Supplier<Lease> leases;
    private final Blobs blobs;
    private final TransactionHeader header;
    private final int recordCount;
    private final long dataBytes;
    private volatile Place place;

    /**
     * Where it is.
     *
     * @param replaced positions of records that do not count
     */
    private record Place(Generation generation, TransactionHead head, Set<Long> replaced) {}

    private FileTransaction(Supplier<Lease> leases, Blobs blobs, Place place, int recordCount, long dataBytes) {
        this.leases = leases;
        this.blobs = blobs;
        this.header = place.head().header();
        this.recordCount = recordCount;
        this.dataBytes = dataBytes;
        this.place = place;
    }

    /**
     * The transaction whose head a scan has just read. All bytes are checked as they are read.
     *
     * @param leases for reading its records later
     * @param sums asked for ascending positions only
     */
    static CommittedTransaction read(
            Supplier<Lease> leases, Lease lease, Blobs blobs, LogScan scan, Checksums.Walk sums) {
        Generation generation = lease.generation();
        TransactionHead head = scan.head();
        Checksums.verify(generation.log(), head.position(), scan.headChecksum(), sums.at(head.position()));
        if (head.length() <= SMALL) {
            Optional<List<DataRecord>> records = records(lease, blobs, scan, sums);
            if (records.isPresent()) {
                return CommittedTransaction.of(head.header(), records.get());
            }
            scan.rewind();
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
                    : linked(lease, scan.link(), scan.oid()).dataLength();
        }
        return new FileTransaction(leases, blobs, new Place(generation, head, replaced), records, bytes);
    }

    /** All records, unless they have too much data: that of an undo takes next to no room in the file. */
    private static Optional<List<DataRecord>> records(Lease lease, Blobs blobs, LogScan scan, Checksums.Walk sums) {
        Map<Long, DataRecord> records = new LinkedHashMap<>();
        long bytes = 0;
        while (scan.nextRecord()) {
            DataRecord entry = entry(lease, blobs, scan, sums);
            bytes += entry.data().map(data -> data.length).orElse(0);
            if (bytes > SMALL) {
                return Optional.empty();
            }
            // Python may store an object twice in a transaction: the last record is the one that counts.
            records.put(scan.oid(), entry);
        }
        return Optional.of(List.copyOf(records.values()));
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

    private static RecordReader linked(Lease lease, long link, long oid) {
        RecordReader reader = lease.reader();
        LogFile log = lease.generation().log();
        reader.read(log, link, oid);
        while (reader.dataLength() == 0 && reader.link() != 0) {
            reader.read(log, reader.link(), oid);
        }
        return reader;
    }

    private static DataRecord entry(Lease lease, Blobs blobs, LogScan scan, Checksums.Walk sums) {
        Checksums.verify(
                lease.generation().log(), scan.recordPosition(), scan.recordChecksum(), sums.at(scan.recordPosition()));
        Oid oid = new Oid(scan.oid());
        Content content = content(lease, scan);
        DataRecord plain = new DataRecord(oid, content);
        if (!blobs.isKept()) {
            return plain;
        }
        Optional<BlobSource> blob =
                plain.data().flatMap(data -> blobs.find(oid, new Tid(scan.head().tid()), data));
        return blob.isEmpty() ? plain : new DataRecord(oid, content, blob);
    }

    private static Content content(Lease lease, LogScan scan) {
        if (scan.dataLength() > 0) {
            return new Content.Data(scan.data());
        }
        if (scan.link() == 0) {
            return Content.ABSENT;
        }
        RecordReader reader = lease.reader();
        reader.read(lease.generation().log(), scan.link(), scan.oid());
        byte[] data = lease.generation().content(reader, scan.oid(), 0);
        return data == null ? Content.ABSENT : new Content.Link(new Tid(reader.tid()), data);
    }

    @Override
    public TransactionHeader header() {
        return header;
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
        return () -> new Walk<>(leases.get(), (lease, scan, sums) -> entry(lease, blobs, scan, sums));
    }

    @Override
    public List<Oid> oids() {
        List<Oid> oids = new ArrayList<>(recordCount);
        new Walk<>(leases.get(), (lease, scan, sums) -> new Oid(scan.oid())).forEachRemaining(oids::add);
        return oids;
    }

    /** Where it is in the generation that is read now: in one that was packed, it is elsewhere. */
    private Place place(Generation now) {
        Place known = place;
        if (known.generation() == now) {
            if (!isThere(now, known.head())) {
                throw changed(now);
            }
            return known;
        }
        long tid = header.tid().value();
        LogScan scan = new LogScan(now.log(), now.locate(tid), now.tail().end());
        if (!scan.nextTransaction() || scan.head().tid() != tid || scan.head().isPacked()) {
            throw changed(now);
        }
        TransactionHead head = scan.head();
        Place found = new Place(now, head, replaced(scan));
        place = found;
        return found;
    }

    /** Whether it has not been cut off. */
    private static boolean isThere(Generation now, TransactionHead head) {
        return head.end() <= now.tail().end()
                && now.log().readLong(head.position()) == head.tid()
                && now.log().readLong(head.position() + Long.BYTES) == head.length();
    }

    private StorageUnavailableException changed(Generation now) {
        return new StorageUnavailableException("transaction " + header.tid() + " is not in "
                + now.log().path() + " any more as it was when it was asked for: the file has been packed or cut");
    }

    /** What is made of a record that a scan has found. */
    private interface Reading<T> {
        T read(Lease lease, LogScan scan, Checksums.Walk sums);
    }

    /** Through the records. Keeps the file open until the last one has been read, or one cannot be. */
    private final class Walk<T> implements Iterator<T> {

        private final Lease lease;
        private final Reading<T> reading;
        private final Set<Long> replaced;
        private final LogScan scan;
        private final Checksums.Walk sums;
        private boolean there;
        private @Nullable StorageException failure;

        Walk(Lease lease, Reading<T> reading) {
            this.lease = lease;
            this.reading = reading;
            Generation now = lease.generation();
            try {
                Place at = place(now);
                replaced = at.replaced();
                scan = new LogScan(now.log(), at.head().position(), at.head().end());
                sums = now.checksums().walk();
                there = scan.nextTransaction() && advance();
            } catch (StorageException e) {
                lease.close();
                throw e;
            }
            if (!there) {
                lease.close();
            }
        }

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
        public T next() {
            if (failure != null) {
                throw failure;
            }
            if (!there) {
                throw new NoSuchElementException();
            }
            try {
                T found = reading.read(lease, scan, sums);
                there = advance();
                if (!there) {
                    lease.close();
                }
                return found;
            } catch (StorageException e) {
                failure = e;
                lease.close();
                throw e;
            }
        }
    }
}
