package org.zeoraid.file;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Progress;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.VerifyResult;
import org.zeoraid.storage.pickle.BlobRecords;

/** Reads a whole file and compares it with its checksums, its own structure, its index and its blobs. */
final class Verification {

    private static final int MOST_DAMAGES = 1000;
    private static final long PROGRESS_BYTES = 8 << 20;
    private static final int PROGRESS_OBJECTS = 10_000;

    private final Generation generation;
    private final RecordReader reader;
    private final Blobs blobs;
    private final BooleanSupplier closing;
    private final List<String> damages = new ArrayList<>();
    private long transactions;
    private long records;
    private long unverified;

    Verification(Lease lease, Blobs blobs, BooleanSupplier closing) {
        this.generation = lease.generation();
        this.reader = lease.reader();
        this.blobs = blobs;
        this.closing = closing;
    }

    VerifyResult run(Consumer<Progress> progress) {
        long end = generation.tail().end();
        LogScan scan = new LogScan(generation.log(), Format.START, end, 1 << 20);
        Checksums.Walk sums = generation.checksums().walk();
        long told = 0;
        boolean more = true;
        while (more) {
            long position = scan.position();
            checkOpen();
            try {
                more = scan.nextTransaction();
                if (more) {
                    transaction(scan, sums);
                }
            } catch (CorruptedException e) {
                damage(e);
                // What follows can still be read where its place is known, as that of some transactions is.
                long next = scan.position() > position ? scan.position() : nextKnown(position);
                if (next <= position) {
                    break;
                }
                scan.seek(next);
            }
            if (scan.position() - told >= PROGRESS_BYTES) {
                told = scan.position();
                progress.accept(new Progress(told, end));
            }
        }
        index(end, progress);
        return new VerifyResult(transactions, records, unverified, damages);
    }

    private void checkOpen() {
        if (closing.getAsBoolean()) {
            throw new StorageClosedException("the verification was stopped: the log is being closed");
        }
    }

    private long nextKnown(long position) {
        return generation.transactions().positionAfter(position);
    }

    private void transaction(LogScan scan, Checksums.Walk sums) {
        TransactionHead head = scan.head();
        if (head.status() == Format.UNDONE) {
            return;
        }
        transactions++;
        check(head.position(), scan.headChecksum(), sums);
        while (scan.nextRecord()) {
            records++;
            if (!check(scan.recordPosition(), scan.recordChecksum(), sums)) {
                unverified++;
            }
            if (scan.tid() != head.tid()) {
                damage(generation
                        .log()
                        .damage(scan.recordPosition(), "a data record has another tid than its transaction"));
            }
            links(scan);
        }
    }

    private boolean check(long position, int actual, Checksums.Walk sums) {
        try {
            return Checksums.verify(generation.log(), position, actual, sums.at(position));
        } catch (CorruptedException e) {
            damage(e);
            return true;
        }
    }

    /** Follows what a record says about earlier ones of its object, and looks for its blob. */
    private void links(LogScan scan) {
        try {
            if (scan.previous() != 0) {
                reader.read(generation.log(), scan.previous(), scan.oid());
            }
            if (scan.link() != 0) {
                reader.read(generation.log(), scan.link(), scan.oid());
            }
            if (blobs.isKept() && scan.dataLength() > 0 && scan.dataLength() <= BlobRecords.LARGEST) {
                blobs.damage(new Oid(scan.oid()), new Tid(scan.tid()), scan.data())
                        .ifPresent(this::damage);
            }
        } catch (CorruptedException e) {
            damage(generation
                    .log()
                    .damage(scan.recordPosition(), "refers to a record that is not there: " + e.getMessage()));
        } catch (StorageException e) {
            damage(String.valueOf(e.getMessage()));
        }
    }

    private void index(long end, Consumer<Progress> progress) {
        progress.accept(new Progress(end, end));
        long[] count = {0};
        generation.objects().forEach((oid, position, checksum) -> {
            checkOpen();
            if (++count[0] % PROGRESS_OBJECTS == 0) {
                progress.accept(new Progress(end, end));
            }
            if (position < end) {
                try {
                    reader.read(generation.log(), position, oid);
                } catch (StorageException e) {
                    damage("the index tells a wrong place: " + e.getMessage());
                }
            }
        });
    }

    private void damage(CorruptedException e) {
        damage(String.valueOf(e.getMessage()));
    }

    private void damage(String what) {
        if (damages.size() < MOST_DAMAGES) {
            damages.add(what);
        } else if (damages.size() == MOST_DAMAGES) {
            damages.add("and more");
        }
    }
}
