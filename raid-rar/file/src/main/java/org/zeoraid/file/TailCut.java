package org.zeoraid.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.DiskFile;

/** Cuts the last transactions off a file. Runs while nothing else changes it. */
final class TailCut {

    private final Disk disk;
    private final Files files;
    private final Lease lease;
    private final Generation generation;
    private final Blobs blobs;

    TailCut(Disk disk, Files files, Lease lease, Blobs blobs) {
        this.disk = disk;
        this.files = files;
        this.lease = lease;
        this.generation = lease.generation();
        this.blobs = blobs;
    }

    /** @param aside where the tail is kept, as a file of the same format, before anything is changed */
    void cut(Tid keep, Path aside, Appender appender) throws IOException {
        LogFile log = generation.log();
        long end = generation.tail().end();
        long position = cutPosition(keep);
        Generation.Tail tail = position == end ? generation.tail() : tailAt(position, keep);
        copy(log, position, end, aside);
        if (position == end) {
            return;
        }
        Map<Long, Long> former = former(position, end);
        Blobs.Removal cutOff = blobs.cutTail(
                keep,
                files.beside(aside.getFileName()
                                .toString()
                                .substring(files.data().getFileName().toString().length()) + "-blobs"));
        appender.prepareToTruncate();
        // First nothing must tell of what is going to be cut; then the file may lose it.
        disk.delete(files.index());
        disk.syncFolder(files.folder());
        generation.checksums().cut(position, tail.lastStart(), tail.lastTid());
        former.forEach((oid, before) -> {
            if (before == 0) {
                generation.objects().remove(oid);
            } else {
                generation.objects().put(oid, before, 0);
            }
        });
        generation.transactions().cut(position, tail.highestTid());
        generation.publish(tail);
        appender.truncate();
        cutOff.carryOut(Blobs.Existence.in(lease));
    }

    /** Behind the transaction to keep; in a file whose time steps back, behind exactly that one if it is there. */
    private long cutPosition(Tid keep) {
        boolean ordered = generation.transactions().isOrdered();
        long firstLater = generation.tail().end();
        LogScan scan =
                new LogScan(generation.log(), Format.START, generation.tail().end());
        scan.seek(generation.transactions().floor(keep.value()));
        while (scan.nextTransaction()) {
            if (!ordered && scan.head().tid() == keep.value()) {
                return scan.head().end();
            }
            if (Long.compareUnsigned(scan.head().tid(), keep.value()) > 0) {
                firstLater = Math.min(firstLater, scan.head().position());
                if (ordered) {
                    break;
                }
            }
        }
        return firstLater;
    }

    /** What the tail was when the file ended at a position. */
    private Generation.Tail tailAt(long position, Tid keep) {
        long packedTo = generation.tail().packedTo();
        boolean near = generation.transactions().isOrdered() && Long.compareUnsigned(packedTo, keep.value()) <= 0;
        Generation.Tail tail = near ? new Generation.Tail(Format.START, 0, 0, 0, packedTo) : Generation.Tail.EMPTY;
        LogScan scan = new LogScan(generation.log(), Format.START, position);
        if (near) {
            scan.seek(generation.transactions().floor(keep.value()));
        }
        while (scan.nextTransaction()) {
            tail = tail.with(scan.head());
        }
        return tail;
    }

    /** For each object of the tail where its latest record before it is, 0 if it had none. */
    private Map<Long, Long> former(long position, long end) {
        Map<Long, Long> former = new HashMap<>();
        LogScan scan = new LogScan(generation.log(), position, end);
        while (scan.nextTransaction()) {
            boolean more = scan.head().status() != Format.UNDONE;
            while (more && scan.nextRecord()) {
                if (scan.previous() < position) {
                    former.putIfAbsent(scan.oid(), scan.previous());
                }
            }
        }
        return former;
    }

    private void copy(LogFile log, long from, long to, Path aside) throws IOException {
        try (DiskFile copy = disk.open(aside)) {
            copy.truncate(0);
            copy.write(ByteBuffer.allocate(4).putInt(Format.MAGIC).flip(), 0);
            log.copyTo(copy, from, to, Format.START);
            copy.sync();
        }
        disk.syncFolder(files.folder());
    }
}
