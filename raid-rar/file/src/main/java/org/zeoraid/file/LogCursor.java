package org.zeoraid.file;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;

/**
 * Walks through the transactions in the order of the file, and sees those appended meanwhile. Where a pack has put
 * another generation in place it goes on in that one, behind the last transaction that it gave.
 */
final class LogCursor<T> implements Cursor<T> {

    private final Supplier<Lease> leases;
    private final Tid from;
    private final Tid to;
    private final Reading<T> reading;

    private @Nullable Generation generation;
    private @Nullable LogScan scan;
    private Checksums.@Nullable Walk sums;
    private @Nullable Tid last;
    private boolean closed;

    /** How an element is made of what a scan has found. */
    private interface Reading<T> {
        T read(Lease lease, LogScan scan, Checksums.Walk sums);

        long bytes(T element);
    }

    private LogCursor(Supplier<Lease> leases, Tid from, Tid to, Reading<T> reading) {
        this.leases = leases;
        this.from = from;
        this.to = to;
        this.reading = reading;
    }

    static Cursor<TransactionHeader> headers(Supplier<Lease> leases, Tid from, Tid to) {
        return new LogCursor<>(leases, from, to, new Reading<>() {
            @Override
            public TransactionHeader read(Lease lease, LogScan scan, Checksums.Walk sums) {
                int expected = sums.at(scan.head().position());
                Checksums.verify(lease.generation().log(), scan.head().position(), scan.headChecksum(), expected);
                return scan.head().header();
            }

            @Override
            public long bytes(TransactionHeader header) {
                return Format.headLength(header.meta());
            }
        });
    }

    static Cursor<CommittedTransaction> transactions(Supplier<Lease> leases, Blobs blobs, Tid from, Tid to) {
        return new LogCursor<>(leases, from, to, new Reading<>() {
            @Override
            public CommittedTransaction read(Lease lease, LogScan scan, Checksums.Walk sums) {
                return FileTransaction.read(leases, lease, blobs, scan, sums);
            }

            @Override
            public long bytes(CommittedTransaction transaction) {
                // Links take next to no room in the file, and bring their data all the same.
                return Math.max(transaction.header().size(), transaction.dataBytes());
            }
        });
    }

    @Override
    public CompletionStage<List<T>> next(long maxBytes) {
        if (closed) {
            return CompletableFuture.failedFuture(new StorageClosedException("the cursor is closed"));
        }
        return Lease.ask(leases, lease -> read(lease, maxBytes));
    }

    private List<T> read(Lease lease, long maxBytes) {
        Generation now = lease.generation();
        LogScan reader = scan;
        Checksums.Walk walk = sums;
        if (now != generation || reader == null || walk == null) {
            Tid start = last == null ? from : last.after();
            reader =
                    new LogScan(now.log(), now.locate(start.value()), now.tail().end());
            walk = now.checksums().walk();
            generation = now;
            scan = reader;
            sums = walk;
        }
        reader.extend(now.tail().end());
        List<T> batch = new ArrayList<>();
        long bytes = 0;
        while (batch.isEmpty() || bytes < maxBytes) {
            long position = reader.position();
            try {
                if (!reader.nextTransaction()) {
                    break;
                }
                Tid tid = new Tid(reader.head().tid());
                if (tid.isAfter(to)) {
                    if (now.transactions().isOrdered()) {
                        reader.seek(position);
                        break;
                    }
                    continue;
                }
                if (reader.head().status() == Format.UNDONE || tid.compareTo(from) < 0) {
                    continue;
                }
                T element = reading.read(lease, reader, walk);
                batch.add(element);
                bytes += reading.bytes(element);
                last = tid;
            } catch (StorageException e) {
                // Asked again, it fails: nothing is left out silently, neither this one nor those before it.
                reader.seek(position);
                sums = now.checksums().walk();
                if (batch.isEmpty()) {
                    throw e;
                }
                break;
            }
        }
        return batch;
    }

    @Override
    public void close() {
        closed = true;
        scan = null;
    }
}
