package org.zeoraid.file;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;

/** Walks through the current records in the order of the oids, which are sorted a bounded number at a time. */
final class CurrentCursor implements Cursor<CurrentRecord> {

    private static final int AT_ONCE = 1 << 20;

    private final Supplier<Lease> leases;
    private long from;
    private long[] oids = {};
    private int next;
    /** Whether there are oids behind those at hand. */
    private boolean more = true;

    private boolean closed;

    CurrentCursor(Supplier<Lease> leases, Oid from) {
        this.leases = leases;
        this.from = from.value();
    }

    @Override
    public CompletionStage<List<CurrentRecord>> next(long maxBytes) {
        if (closed) {
            return CompletableFuture.failedFuture(new StorageClosedException("the cursor is closed"));
        }
        return Lease.ask(leases, lease -> read(lease, maxBytes));
    }

    private List<CurrentRecord> read(Lease lease, long maxBytes) {
        List<CurrentRecord> batch = new ArrayList<>();
        long bytes = 0;
        while (batch.isEmpty() || bytes < maxBytes) {
            if (next == oids.length) {
                if (!more) {
                    break;
                }
                collect(lease.generation().objects());
                continue;
            }
            try {
                Optional<CurrentRecord> record = record(lease, oids[next]);
                next++;
                if (record.isPresent()) {
                    batch.add(record.get());
                    bytes += record.get().data().length;
                }
            } catch (StorageException e) {
                // Asked again, it fails: nothing is left out silently, neither this one nor those before it.
                if (batch.isEmpty()) {
                    throw e;
                }
                break;
            }
        }
        return batch;
    }

    /** Empty if the object is gone. */
    private static Optional<CurrentRecord> record(Lease lease, long oid) {
        Generation now = lease.generation();
        RecordReader reader = lease.reader();
        long position = now.objects().find(oid, reader);
        if (position == 0) {
            return Optional.empty();
        }
        int indexed = reader.indexedChecksum;
        reader.read(now.log(), position, oid);
        Tid serial = new Tid(reader.tid());
        byte[] data = now.content(reader, oid, indexed);
        return data == null ? Optional.empty() : Optional.of(new CurrentRecord(new Oid(oid), serial, data));
    }

    /** Takes the smallest oids from a bound on, sorted. */
    private void collect(ObjectIndex objects) {
        Collection found = new Collection(from);
        objects.forEach((oid, position, checksum) -> found.add(oid));
        oids = found.sorted();
        next = 0;
        more = found.dropped && oids.length > 0;
        if (more) {
            from = oids[oids.length - 1] + 1;
        }
    }

    private static final class Collection {

        private final long from;
        private long[] values = new long[1 << 10];
        private int count;
        private long bound = -1;
        boolean dropped;

        Collection(long from) {
            this.from = from;
        }

        void add(long oid) {
            if (Long.compareUnsigned(oid, from) < 0) {
                return;
            }
            if (Long.compareUnsigned(oid, bound) > 0) {
                dropped = true;
                return;
            }
            if (count == values.length) {
                if (count < 2 * AT_ONCE) {
                    values = Arrays.copyOf(values, Math.min(2 * AT_ONCE, count * 4));
                } else {
                    sort();
                    count = AT_ONCE;
                    bound = values[count - 1];
                    dropped = true;
                    add(oid);
                    return;
                }
            }
            values[count++] = oid;
        }

        /** In unsigned order. */
        private void sort() {
            for (int i = 0; i < count; i++) {
                values[i] ^= Long.MIN_VALUE;
            }
            Arrays.sort(values, 0, count);
            for (int i = 0; i < count; i++) {
                values[i] ^= Long.MIN_VALUE;
            }
        }

        long[] sorted() {
            sort();
            if (count > AT_ONCE) {
                count = AT_ONCE;
                dropped = true;
            }
            return Arrays.copyOf(values, count);
        }
    }

    @Override
    public void close() {
        closed = true;
        oids = new long[0];
        next = 0;
    }
}
