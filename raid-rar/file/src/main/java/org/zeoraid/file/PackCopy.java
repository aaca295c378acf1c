package org.zeoraid.file;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.pickle.BlobRecords;

/**
 * Copies what a plan keeps: of the transactions up to the pack time the revisions that the plan names, each with data of
 * its own and no history, under transactions marked as packed; of all later ones everything, as it is. Checksums are
 * compared on the way. For one thread at a time.
 */
final class PackCopy {

    /** Told of blobs whose revisions are dropped. */
    interface DroppedBlobs {
        void add(long oid, long tid) throws IOException;
    }

    /** What was copied later shows that the plan drops something that is needed. */
    static final class UpsetException extends StorageException {
        private static final long serialVersionUID = 1L;

        UpsetException() {
            super("unavailable", Retry.NOW, "what was written while it was packed refers to what is packed away");
        }
    }

    private final Generation from;
    private final PackPlan plan;
    private final PackOutput out;
    private final PackPlan.Check check;
    private final RecordReader reader = new RecordReader();
    private final RecordReader target = new RecordReader();
    private final Checksums.Walk sums;
    private long dropped;

    // What the last call of resolve found.
    private byte @Nullable [] resolved;
    private boolean resolvedVerified;

    PackCopy(Generation from, PackPlan plan, PackOutput out, PackPlan.Check check) {
        this.from = from;
        this.plan = plan;
        this.out = out;
        this.check = check;
        this.sums = from.checksums().walk();
    }

    /** How many records were left out. */
    long dropped() {
        return dropped;
    }

    /** Copies what lies before the pack time. */
    void copyPacked(DroppedBlobs blobs, boolean anyBlobs) throws IOException {
        LogScan scan = new LogScan(from.log(), Format.START, plan.packEnd());
        while (scan.nextTransaction()) {
            check.check();
            TransactionHead head = scan.head();
            if (head.status() == Format.UNDONE) {
                continue;
            }
            boolean headVerified = verify(head.position(), scan.headChecksum());
            scan.rewind();
            while (scan.nextRecord()) {
                if (plan.isKept(scan.oid(), scan.recordPosition())) {
                    if (!out.isOpen()) {
                        out.begin(head, Format.PACKED, headVerified);
                    }
                    copyPackedRecord(scan);
                } else {
                    dropped++;
                    if (anyBlobs && mayBeBlob(scan)) {
                        blobs.add(scan.oid(), scan.tid());
                    }
                }
            }
            if (out.isOpen()) {
                out.end();
            }
        }
    }

    private void copyPackedRecord(LogScan scan) throws IOException {
        long oid = scan.oid();
        boolean verified = verify(scan.recordPosition(), scan.recordChecksum());
        byte[] data = scan.dataLength() > 0 ? scan.data() : null;
        if (data == null && scan.link() != 0) {
            resolve(oid, scan.link());
            data = resolved;
            verified &= resolvedVerified;
        }
        if (plan.linked().get(scan.recordPosition()) != 0) {
            plan.linked().put(scan.recordPosition(), out.position());
        }
        out.record(oid, scan.tid(), 0, data, 0, verified);
    }

    private boolean mayBeBlob(LogScan scan) {
        if (scan.dataLength() > BlobRecords.LARGEST) {
            return false;
        }
        if (scan.dataLength() > 0) {
            return BlobRecords.mayBeBlob(scan.data());
        }
        if (scan.link() == 0) {
            return false;
        }
        resolve(scan.oid(), scan.link());
        byte[] data = resolved;
        return data != null && BlobRecords.mayBeBlob(data);
    }

    /**
     * Copies transactions later than the pack time.
     *
     * @param start where one begins
     * @param end where one ends
     * @throws UpsetException if the plan cannot be carried out; the output is useless then
     */
    void copyLater(long start, long end) throws IOException {
        LogScan scan = new LogScan(from.log(), start, end);
        while (scan.nextTransaction()) {
            check.check();
            TransactionHead head = scan.head();
            if (head.status() == Format.UNDONE) {
                continue;
            }
            if (plan.isUpset(head)) {
                throw new UpsetException();
            }
            out.begin(head, head.status(), verify(head.position(), scan.headChecksum()));
            scan.rewind();
            while (scan.nextRecord()) {
                copyLaterRecord(scan);
            }
            out.end();
        }
    }

    private void copyLaterRecord(LogScan scan) throws IOException {
        long oid = scan.oid();
        boolean verified = verify(scan.recordPosition(), scan.recordChecksum());
        boolean unplanned = scan.recordPosition() >= plan.planEnd();
        byte[] data = scan.dataLength() > 0 ? scan.data() : null;
        long link = 0;
        if (data == null && scan.link() != 0) {
            resolve(oid, scan.link());
            if (unplanned) {
                checkPlan(resolved);
            }
            link = resolved == null ? 0 : moved(oid, scan.link());
            if (link == 0) {
                data = resolved;
                verified &= resolvedVerified;
            }
        } else if (unplanned) {
            checkPlan(data);
        }
        out.record(oid, scan.tid(), out.find(oid), data, link, verified);
    }

    private void checkPlan(byte @Nullable [] data) {
        if (data != null && plan.isUpset(data)) {
            throw new UpsetException();
        }
    }

    /** Where the copy of a record is; 0 if it was not copied. */
    private long moved(long oid, long position) throws IOException {
        long linked = plan.linked().get(position);
        if (linked > 0) {
            return linked;
        }
        reader.read(from.log(), position, oid);
        long tid = reader.tid();
        long at = out.find(oid);
        LogFile copy = out.flushed();
        while (at != 0) {
            target.read(copy, at, oid);
            if (target.tid() == tid) {
                return at;
            }
            at = target.previous();
        }
        return 0;
    }

    /** Finds the data behind a link. */
    private void resolve(long oid, long link) {
        resolvedVerified = true;
        long at = link;
        while (at != 0) {
            reader.read(from.log(), at, oid);
            byte[] data = reader.data();
            resolvedVerified &= from.checksums().verify(from.log(), at, reader.checksum());
            if (reader.dataLength() > 0) {
                resolved = data;
                return;
            }
            at = reader.link();
        }
        resolved = null;
    }

    /**
     * Compares.
     *
     * @return whether there is a checksum
     * @throws CorruptedException if it is another one
     */
    private boolean verify(long position, int actual) {
        return Checksums.verify(from.log(), position, actual, sums.at(position));
    }
}
