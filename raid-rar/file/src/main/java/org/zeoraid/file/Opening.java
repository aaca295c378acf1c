package org.zeoraid.file;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.DiskErrors;
import org.zeoraid.storage.seam.DiskFile;
import org.zeoraid.storage.seam.DiskFullIOException;

/**
 * Opens a {@code Data.fs}, whoever wrote it and however it was left: finds its end, cuts a torn tail off and keeps it
 * aside, and fills the indexes. One for each opening.
 */
final class Opening {

    private static final Logger LOG = System.getLogger("org.zeoraid.file");

    private final Disk disk;
    private final Files files;
    private final FileOptions.Access access;
    private final RecordReader reader = new RecordReader();

    /** Where the last transaction ends, or -1 where the scan has to find that. */
    private long end = -1;
    /** Whether it was this program that wrote last, and did not close the file. */
    private boolean ours;

    private boolean keptAside;
    /** From here to the end it was us who wrote, and the checksums did not reach the disk. */
    private long uncoveredFrom;

    private Opening(Disk disk, Files files, FileOptions.Access access) {
        this.disk = disk;
        this.files = files;
        this.access = access;
    }

    /**
     * Opens, creating an empty file where there is none.
     *
     * @throws CorruptedException if the file is damaged; nothing has been changed then
     * @throws StorageUnavailableException if it cannot be read
     */
    static Generation open(Disk disk, Files files, FileOptions.Access access) {
        Opening opening = new Opening(disk, files, access);
        try {
            return opening.run();
        } catch (IOException e) {
            throw Failures.of("cannot open " + files.data(), e);
        }
    }

    private boolean mayWrite() {
        return access == FileOptions.Access.READ_WRITE;
    }

    private Generation run() throws IOException {
        if (isMissing()) {
            if (!mayWrite()) {
                throw new StorageUnavailableException("there is no " + files.data() + ", and it is to be read only");
            }
            create();
        }
        LogFile log = new LogFile(
                files.data(), mayWrite() ? disk.openAlone(files.data()) : disk.openForReading(files.data()));
        Checksums checksums = null;
        try {
            checkMagic(log);
            findEnd(log);
            checksums = openChecksums(log);
            Generation generation = index(log, checksums);
            if (mayWrite()) {
                if (ours) {
                    makeDurable(log);
                }
                settleIfThereIsRoom(generation);
            }
            return generation;
        } catch (IOException | RuntimeException | Error e) {
            try (log) {
                if (checksums != null) {
                    checksums.close();
                }
            }
            throw e;
        }
    }

    private DiskFile openFile(Path path) throws IOException {
        return mayWrite() ? disk.open(path) : disk.openForReading(path);
    }

    private static void checkMagic(LogFile log) {
        ByteBuffer magic = ByteBuffer.allocate(4);
        int count = log.read(magic, 0);
        int found = count == 4 ? magic.getInt(0) : 0;
        if (found == Format.MAGIC) {
            return;
        }
        if (found == Format.OLD_MAGIC) {
            throw log.damage(
                    0, "this is FS21, the format of old ZODB versions, which is not supported: convert it with ZODB");
        }
        throw log.damage(0, "this is no ZODB file storage: it does not begin with FS30");
    }

    /** Creates an empty file, whole from the first moment that it has its name. */
    private void create() throws IOException {
        Path fresh = files.beside(".new");
        try (DiskFile file = disk.open(fresh)) {
            file.truncate(0);
            file.write(ByteBuffer.allocate(4).putInt(Format.MAGIC).flip(), 0);
            file.sync();
        }
        disk.rename(fresh, files.data());
        disk.syncFolder(files.folder());
    }

    /** Whether there is no file, or one without a byte, as Python's has when it is interrupted while creating it. */
    private boolean isMissing() throws IOException {
        if (!disk.exists(files.data())) {
            return true;
        }
        try (DiskFile file = disk.openForReading(files.data())) {
            return file.size() == 0;
        }
    }

    private void findEnd(LogFile log) {
        Optional<Reserve.Batch> batch = Reserve.newest(log, log.size());
        if (batch.isPresent()) {
            ours = true;
            end = Reserve.isWhole(log, batch.get())
                    ? batch.get().end()
                    : batch.get().start();
            LOG.log(
                    Level.INFO,
                    "{0} was not closed: its last transaction ends at byte {1}",
                    files.data(),
                    Long.toString(end));
        }
    }

    private Checksums openChecksums(LogFile log) throws IOException {
        if (!disk.exists(files.checksums()) && !mayWrite()) {
            return Checksums.none();
        }
        boolean created = !disk.exists(files.checksums());
        Checksums checksums =
                Checksums.open(openFile(files.checksums()), files.checksums().toString());
        if (created) {
            disk.syncFolder(files.folder());
        }
        Checksums.Covered covered = checksums.covered();
        uncoveredFrom = covered.position();
        if (!checksums.isLost() && !belongs(log, checksums)) {
            LOG.log(
                    Level.WARNING,
                    "{0} was written by somebody else: its records count as unverified, as {1} tells of another file",
                    files.data(),
                    files.checksums());
            checksums.clear();
        }
        if (checksums.isLost()) {
            // Nothing tells what we wrote and what was there before, but for the last batch, which has a checksum.
            uncoveredFrom =
                    Reserve.newest(log, log.size()).map(Reserve.Batch::start).orElse(Long.MAX_VALUE);
        }
        return checksums;
    }

    /**
     * Whether the checksums tell of this file: the transaction that they end with is where they say, or where that one is
     * damaged, most of the last ones are right.
     */
    private boolean belongs(LogFile log, Checksums checksums) {
        Checksums.Covered covered = checksums.covered();
        long limit = end >= 0 ? end : log.size();
        if (covered.transaction() == 0) {
            return covered.position() == Format.START;
        }
        if (covered.position() > limit || covered.transaction() + Format.TRANSACTION_HEAD > covered.position()) {
            return false;
        }
        return log.readLong(covered.transaction()) == covered.tid()
                || checksums.mostlyAgree((position, checksum) -> agrees(log, position, checksum, limit));
    }

    private boolean agrees(LogFile log, long position, int checksum, long limit) {
        if (position < Format.START || position + Format.TRANSACTION_HEAD > limit) {
            return false;
        }
        try {
            LogScan transaction = new LogScan(log, position, limit, 1 << 12);
            if (transaction.nextTransaction() && transaction.headChecksum() == checksum) {
                return true;
            }
        } catch (CorruptedException e) {
            // Then it is a data record's, or damaged.
        }
        try {
            reader.read(log, position, log.readLong(position));
            reader.skim();
            return reader.checksum() == checksum;
        } catch (CorruptedException e) {
            return false;
        }
    }

    private boolean endsWith(LogFile log, long start, long tid, long transactionEnd) {
        if (start == 0) {
            return transactionEnd == Format.START;
        }
        long limit = end >= 0 ? end : log.size();
        if (start < Format.START || transactionEnd > limit || start + Format.TRANSACTION_HEAD > transactionEnd) {
            return false;
        }
        try {
            TransactionHead head = log.readHead(start);
            return head.tid() == tid
                    && head.end() == transactionEnd
                    && log.readLong(head.recordsEnd()) == head.length();
        } catch (CorruptedException e) {
            return false;
        }
    }

    private Generation index(LogFile log, Checksums checksums) throws IOException {
        Optional<SavedIndex.Loaded> saved = loadIndex(log);
        ObjectIndex objects;
        TransactionIndex transactions;
        Generation.Tail tail;
        if (saved.isPresent()) {
            SavedIndex.Mark mark = saved.get().mark();
            objects = saved.get().objects();
            transactions = saved.get().transactions();
            tail = new Generation.Tail(
                    mark.end(), mark.lastStart(), mark.lastTid(), mark.highestTid(), mark.packedTo());
        } else {
            objects = new ObjectIndex(0);
            transactions = new TransactionIndex();
            tail = Generation.Tail.EMPTY;
        }
        Generation generation = new Generation(log, checksums, objects, transactions, tail);
        scan(generation);
        generation.noteUnsaved(generation.tail().end() - tail.end());
        return generation;
    }

    private Optional<SavedIndex.Loaded> loadIndex(LogFile log) {
        try {
            Optional<SavedIndex.Loaded> saved = SavedIndex.load(disk, files);
            if (saved.isPresent()) {
                SavedIndex.Mark mark = saved.get().mark();
                if (endsWith(log, mark.lastStart(), mark.lastTid(), mark.end())) {
                    return saved;
                }
                LOG.log(Level.INFO, "{0} tells of another file; reading all of {1}", files.index(), files.data());
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, files.index() + " cannot be read; reading all of " + files.data(), e);
        }
        return Optional.empty();
    }

    /** Indexes what follows the tail so far, up to the end, and finds that end where it is not known. */
    private void scan(Generation generation) {
        LogFile log = generation.log();
        long size = log.size();
        long limit = end >= 0 ? end : size;
        LogScan scan = new LogScan(log, generation.tail().end(), limit);
        Checksums.Walk sums = generation.checksums().walk();
        boolean warned = false;
        while (true) {
            long position = scan.position();
            try {
                if (!scan.nextTransaction()) {
                    break;
                }
                checkRecords(scan);
            } catch (CorruptedException e) {
                boolean wasWhole = position < generation.checksums().covered().position();
                if (end >= 0
                        || wasWhole
                        || TailInspection.inspect(log, position, size) == TailInspection.Finding.DAMAGED) {
                    throw e;
                }
                break;
            }
            TransactionHead head = scan.head();
            if (Long.compareUnsigned(head.tid(), generation.transactions().highest()) <= 0 && !warned) {
                warned = true;
                LOG.log(
                        Level.WARNING,
                        "{0}: time steps back, to transaction {1}; it is read all the same",
                        log.where(position),
                        new Tid(head.tid()));
            }
            if (head.status() != Format.UNDONE) {
                generation.transactions().add(head.tid(), head.position());
                scan.rewind();
                while (scan.nextRecord()) {
                    generation.objects().put(scan.oid(), scan.recordPosition(), sums.at(scan.recordPosition()));
                }
            }
            generation.publish(generation.tail().with(head));
        }
        if (end < 0) {
            end = generation.tail().end();
            ours = end < size && TailInspection.inspect(log, end, size) == TailInspection.Finding.RESERVE;
        }
    }

    private static void checkRecords(LogScan scan) {
        boolean more = scan.head().status() != Format.UNDONE;
        while (more) {
            more = scan.nextRecord();
        }
    }

    /** A full disk keeps nobody from reading. */
    private void settleIfThereIsRoom(Generation generation) throws IOException {
        try {
            settle(generation);
        } catch (DiskFullIOException e) {
            LOG.log(
                    Level.WARNING,
                    "{0} was not closed, and there is no room to put it in order; it is read, and written to when"
                            + " there is some: {1}",
                    files.data(),
                    DiskErrors.text(e));
            generation.leaveForLater(() -> settle(generation));
        }
    }

    /** Leaves nothing of a torn tail, and nothing unsure. After an error it can be done again. */
    private void settle(Generation generation) throws IOException {
        LogFile log = generation.log();
        long size = log.size();
        if (size > end && !keptAside) {
            keepAside(log, size);
            keptAside = true;
        }
        if (ours) {
            cover(generation);
        }
        if (size > end) {
            if (Reserve.newest(log, size).isPresent()) {
                Reserve.mark(log, end, size, generation.tail().lastTid());
            }
            log.file().truncate(end);
            log.file().sync();
        }
        Generation.Tail tail = generation.tail();
        if (generation.checksums().isLost() || generation.checksums().covered().position() != tail.end()) {
            generation.coverNow(tail, generation.checksums().count());
        }
    }

    /** Makes the checksums of what we wrote and whose checksums were lost. */
    private void cover(Generation generation) throws IOException {
        if (uncoveredFrom < generation.tail().end()) {
            CellBatch cells = new CellBatch();
            LogScan scan = new LogScan(
                    generation.log(), uncoveredFrom, generation.tail().end());
            while (scan.nextTransaction()) {
                cells.add(scan.head().position(), scan.headChecksum());
                boolean more = scan.head().status() != Format.UNDONE;
                scan.rewind();
                while (more && scan.nextRecord()) {
                    int checksum = scan.recordChecksum();
                    cells.add(scan.recordPosition(), checksum);
                    if (generation.objects().find(scan.oid()) == scan.recordPosition()) {
                        generation.objects().put(scan.oid(), scan.recordPosition(), checksum);
                    }
                }
                generation.checksums().add(cells);
                cells.clear();
                uncoveredFrom = scan.position();
                generation.checksums().bound();
            }
        }
        generation.coverNow(generation.tail(), generation.checksums().count());
    }

    /**
     * What the last batch wrote was read from memory perhaps, and a failed sync may have left it there marked as
     * written: it is written once more.
     */
    private void makeDurable(LogFile log) throws IOException {
        Optional<Reserve.Batch> batch = Reserve.newest(log, log.size());
        if (batch.isPresent() && batch.get().end() == end) {
            log.copyTo(log.file(), batch.get().start(), end, batch.get().start());
        }
        log.file().sync();
    }

    private void keepAside(LogFile log, long size) throws IOException {
        long to = size;
        Optional<Reserve.Batch> batch = Reserve.newest(log, size);
        if (batch.isPresent()) {
            to = batch.get().end() > end ? batch.get().end() : size - 2L * Reserve.PAGE;
        }
        ByteBuffer head = ByteBuffer.allocate(Format.RESERVE_HEAD);
        log.read(head, end);
        if (batch.isPresent()) {
            to = withoutZeros(log, end, to);
        }
        boolean nothing = to <= end + Format.RESERVE_HEAD && batch.isPresent();
        if (nothing
                || Format.isReserveHead(head)
                || TailInspection.inspect(log, end, size) == TailInspection.Finding.BLANK) {
            return;
        }
        Path aside = files.free(disk, ".tr");
        boolean whole = false;
        try (DiskFile copy = disk.open(aside)) {
            log.copyTo(copy, end, to, 0);
            copy.sync();
            whole = true;
        } finally {
            if (!whole) {
                disk.delete(aside);
            }
        }
        disk.syncFolder(files.folder());
        LOG.log(
                Level.WARNING,
                "{0}: an unfinished transaction is cut off; its bytes are kept in {1}",
                log.where(end),
                aside);
    }

    private static long withoutZeros(LogFile log, long from, long to) {
        ByteBuffer piece = ByteBuffer.allocate(1 << 16);
        long at = to;
        while (at > from) {
            long start = Math.max(from, at - piece.capacity());
            piece.clear().limit((int) (at - start));
            log.read(piece, start);
            for (int i = piece.limit() - 1; i >= 0; i--) {
                if (piece.get(i) != 0) {
                    return start + i + 1;
                }
            }
            at = start;
        }
        return from;
    }
}
