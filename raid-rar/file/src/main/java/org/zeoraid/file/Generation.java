package org.zeoraid.file;

import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.seam.DiskFullIOException;

/**
 * A {@code Data.fs} with all that is known of it. A pack replaces one generation by the next as a whole. One thread, the
 * one that appends, changes it; any number read without locks.
 */
final class Generation implements AutoCloseable {

    /** After so many steps along an object's revisions a shorter way is looked for. */
    private static final int FAR = 4096;

    /** Bytes that are looked through for it. */
    private static final long NEAR = 4 << 20;

    /**
     * Where the log ends.
     *
     * @param end where the last transaction ends
     * @param lastStart where it begins, 0 if there is none
     * @param lastTid its tid, 0 if there is none
     * @param highestTid the highest of all tids: the last one's but in old files where time steps back
     * @param packedTo the newest transaction with a pack's mark, 0 if there is none
     */
    record Tail(long end, long lastStart, long lastTid, long highestTid, long packedTo) {
        static final Tail EMPTY = new Tail(Format.START, 0, 0, 0, 0);

        Tail with(TransactionHead head) {
            return new Tail(
                    head.end(),
                    head.position(),
                    head.tid(),
                    head.status() != Format.UNDONE && Long.compareUnsigned(head.tid(), highestTid) > 0
                            ? head.tid()
                            : highestTid,
                    head.isPacked() ? head.tid() : packedTo);
        }
    }

    private final LogFile log;
    private final Checksums checksums;
    private final ObjectIndex objects;
    private final TransactionIndex transactions;
    private final Leases leases = new Leases(this);
    private volatile Tail tail;
    private long unsaved;
    private @Nullable Unfinished unfinished;

    /** What is left to be done before anything is written. */
    interface Unfinished {
        void finish() throws IOException;
    }

    Generation(LogFile log, Checksums checksums, ObjectIndex objects, TransactionIndex transactions, Tail tail) {
        this.log = log;
        this.checksums = checksums;
        this.objects = objects;
        this.transactions = transactions;
        this.tail = noted(tail, checksums);
    }

    LogFile log() {
        return log;
    }

    Checksums checksums() {
        return checksums;
    }

    ObjectIndex objects() {
        return objects;
    }

    TransactionIndex transactions() {
        return transactions;
    }

    /** Who reads this generation has one. None where it is out of use. */
    @Nullable Lease lease() {
        return leases.take();
    }

    /**
     * Another generation has taken the place of this one.
     *
     * @param whenUnused told by the last who reads it; it may be closed then
     */
    void retire(Runnable whenUnused) {
        leases.retire(whenUnused);
    }

    /** Whether another one has taken its place. */
    boolean isRetired() {
        return leases.isRetired();
    }

    /** Bytes that the saved index did not tell of when the file was opened. */
    long unsaved() {
        return unsaved;
    }

    void noteUnsaved(long bytes) {
        unsaved = bytes;
    }

    /** Has something done before anything is written: there was no room for it when the file was opened. */
    void leaveForLater(Unfinished work) {
        unfinished = work;
    }

    /**
     * Does what was left for later. By the thread that writes, before it does.
     *
     * @throws DiskFullIOException if there is still no room; it is tried again the next time
     */
    void putInOrder() throws IOException {
        Unfinished left = unfinished;
        if (left != null) {
            try {
                left.finish();
            } catch (DiskFullIOException e) {
                throw e;
            } catch (IOException e) {
                throw new Reserve.SyncFailed(e);
            }
            unfinished = null;
        }
    }

    /** Up to here readers see. */
    Tail tail() {
        return tail;
    }

    void publish(Tail newTail) {
        tail = noted(newTail, checksums);
    }

    /** A pack may drop the last transaction; the last tid stays what it was nevertheless, and only a note tells it. */
    private static Tail noted(Tail tail, Checksums checksums) {
        long packed = checksums.packedTo();
        return new Tail(
                tail.end(),
                tail.lastStart(),
                tail.lastTid(),
                later(tail.highestTid(), packed),
                later(tail.packedTo(), packed));
    }

    private static long later(long one, long other) {
        return Long.compareUnsigned(one, other) > 0 ? one : other;
    }

    Optional<Revision> loadBefore(RecordReader reader, Oid oid, long before) {
        long position = objects.find(oid.value(), reader);
        if (position == 0) {
            throw new ObjectNotFoundException(oid);
        }
        Tid end = Tid.MAX;
        int expected = reader.indexedChecksum;
        for (int steps = 1; ; steps++) {
            reader.read(log, position, oid.value());
            if (Long.compareUnsigned(reader.tid(), before) < 0) {
                break;
            }
            check(reader, expected);
            end = new Tid(reader.tid());
            position = reader.previous();
            expected = 0;
            if (position == 0) {
                return Optional.empty();
            }
            if (steps == FAR) {
                position = shortCut(oid.value(), before, position);
            }
        }
        Tid serial = new Tid(reader.tid());
        byte[] data = content(reader, oid.value(), expected);
        if (data == null) {
            throw new ObjectNotFoundException(oid);
        }
        return Optional.of(new Revision(data, serial, end));
    }

    byte[] loadSerial(RecordReader reader, Oid oid, Tid serial) {
        long position = revision(reader, oid, serial);
        if (position == 0) {
            throw new ObjectNotFoundException(oid, serial);
        }
        reader.read(log, position, oid.value());
        byte[] data = content(reader, oid.value(), 0);
        if (data == null) {
            throw new ObjectNotFoundException(oid, serial);
        }
        return data;
    }

    /** The position of an object's record at exactly a tid, 0 if there is none. All on the way to it are checked. */
    long revision(RecordReader reader, Oid oid, Tid serial) {
        long position = objects.find(oid.value(), reader);
        int expected = reader.indexedChecksum;
        for (int steps = 1; position != 0; steps++) {
            reader.read(log, position, oid.value());
            check(reader, expected);
            if (reader.tid() == serial.value()) {
                return position;
            }
            position = reader.previous();
            expected = 0;
            if (steps == FAR) {
                position = shortCut(oid.value(), serial.value(), position);
            }
        }
        return 0;
    }

    /**
     * A shorter way back to what an object was before a transaction, or in it: one that has a million revisions mostly has one
     * soon after.
     *
     * @param from where the way goes on otherwise
     * @return the position of the first revision since that transaction, or {@code from} if there is none nearby or before
     *     that
     */
    private long shortCut(long oid, long tid, long from) {
        if (!transactions.isOrdered()) {
            return from;
        }
        try {
            long start = locate(tid);
            long limit = Math.min(from, start + NEAR);
            LogScan scan = new LogScan(log, start, tail.end());
            long found = 0;
            while (found == 0 && scan.position() < limit && scan.nextTransaction()) {
                // What a pack has kept for links alone lies beside the way, and of two records in a transaction the
                // first.
                boolean more = scan.head().status() == Format.COMMITTED && scan.nextRecord();
                while (more) {
                    if (scan.recordPosition() >= limit) {
                        return from;
                    }
                    found = scan.oid() == oid ? scan.recordPosition() : found;
                    more = scan.nextRecord();
                }
            }
            return found == 0 ? from : found;
        } catch (CorruptedException e) {
            // What is damaged there need not lie on the long way.
            return from;
        }
    }

    Tid serial(RecordReader reader, Oid oid) {
        long position = objects.find(oid.value(), reader);
        if (position == 0) {
            return Tid.NONE;
        }
        int expected = reader.indexedChecksum;
        reader.read(log, position, oid.value());
        check(reader, expected);
        return new Tid(reader.tid());
    }

    /**
     * The data that a record stands for, its own or that of the one it links to. All records on the way are checked.
     *
     * @param reader has read the record; has read the one that holds the data afterwards
     * @param indexed the checksum that the index has for it, 0 if none
     * @return null if the object is gone
     */
    byte @Nullable [] content(RecordReader reader, long oid, int indexed) {
        byte[] data = reader.data();
        checkSum(reader, indexed);
        while (reader.dataLength() == 0) {
            if (reader.link() == 0) {
                return null;
            }
            reader.read(log, reader.link(), oid);
            data = reader.data();
            checkSum(reader, 0);
        }
        return data;
    }

    /** Checks a record whose data is not asked for: what it says of others counts too. */
    void check(RecordReader reader, int indexed) {
        reader.skim();
        checkSum(reader, indexed);
    }

    private void checkSum(RecordReader reader, int indexed) {
        int actual = reader.checksum();
        // The index may be a step ahead or behind: only the side file can say that something is wrong.
        if (actual != indexed) {
            checksums.verify(log, reader.position(), actual);
        }
    }

    /** Where a transaction begins that has this tid, or else the first one after it; the end if there is none. */
    long locate(long tid) {
        Tail now = tail;
        LogScan scan = new LogScan(log, transactions.floor(tid), now.end(), 1 << 14);
        while (scan.nextTransaction()) {
            if (Long.compareUnsigned(scan.head().tid(), tid) >= 0) {
                return scan.head().position();
            }
        }
        return now.end();
    }

    /** Notes that the checksums up to a tail are durable; see {@link Checksums#cover}. */
    void cover(Tail to, long cells) throws IOException {
        checksums.cover(to.end(), cells, to.lastStart(), to.lastTid());
    }

    /** Has all checksums up to a tail durable, and notes that durably. */
    void coverNow(Tail to, long cells) throws IOException {
        checksums.coverNow(to.end(), cells, to.lastStart(), to.lastTid());
    }

    /** The time up to which it was packed, 0 if it never was. */
    long packedTo() {
        return later(tail.packedTo(), checksums.packedTo());
    }

    /** Notes, durably, that a pack to a time would change nothing. */
    void notePacked(long tid) throws IOException {
        checksums.notePacked(tid);
        publish(tail);
    }

    @Override
    public void close() throws IOException {
        try (checksums) {
            log.close();
        }
    }
}
