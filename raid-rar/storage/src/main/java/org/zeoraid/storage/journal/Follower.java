package org.zeoraid.storage.journal;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A copy, and how far it is. Guarded by the journal. */
final class Follower {

    enum Standing {
        /** It has not been laid down by this process. */
        NEW,
        /** It has all entries up to the one that it was told last. */
        FOLLOWS,
        /** It failed or is late, and has to be laid down anew. */
        LOST
    }

    private final JournalCopy copy;
    private final Set<Long> files = new HashSet<>();
    private Standing standing = Standing.NEW;
    private boolean isWriting;
    private long written;
    private long attempted;
    private long bytes;
    private long limit;
    private boolean hasSpare;
    private int ticks;

    Follower(JournalCopy copy) {
        this.copy = copy;
    }

    JournalCopy copy() {
        return copy;
    }

    boolean follows() {
        return standing == Standing.FOLLOWS;
    }

    boolean isLost() {
        return standing == Standing.LOST;
    }

    boolean isWriting() {
        return isWriting;
    }

    /** Number of the last entry that it has on stable storage. */
    long written() {
        return written;
    }

    /** Whether it has everything up to this number, if it was ever to have anything. */
    boolean hasAll(long last) {
        return standing == Standing.NEW || written == last;
    }

    /** Whether it is at something and nobody waits for it any more. */
    boolean hangs() {
        return isLost() && isWriting;
    }

    /** Number of the last entry that it has, or was given to write. */
    long attempted() {
        return attempted;
    }

    /** Whether it can be waited for. */
    boolean isHopeful() {
        return standing == Standing.FOLLOWS || standing == Standing.NEW && isWriting;
    }

    /** Entries up to this one it does not need any more, nor files whose end came before. */
    long floor() {
        if (standing == Standing.FOLLOWS) {
            return written;
        }
        return isWriting ? attempted : Long.MAX_VALUE;
    }

    /** Whether there is room for so many bytes more. */
    boolean hasRoom(long more) {
        return bytes + more <= limit;
    }

    /** Tells once that it is time to make the file in which it is laid down next, and how long that is to be. */
    Optional<Long> spare() {
        if (hasSpare || bytes <= limit / 2) {
            return Optional.empty();
        }
        hasSpare = true;
        return Optional.of(limit);
    }

    void appends(long upTo, long more) {
        isWriting = true;
        attempted = upTo;
        bytes += more;
    }

    void isLaidDown(long upTo, long length, long room) {
        isWriting = true;
        attempted = upTo;
        bytes = length;
        limit = length + room;
        hasSpare = false;
    }

    /** What it was at is done. */
    void wrote() {
        isWriting = false;
        written = attempted;
        standing = Standing.FOLLOWS;
    }

    void failed() {
        isWriting = false;
        lose();
    }

    /** It is not waited for any more; what it is at may go on. */
    void lose() {
        standing = Standing.LOST;
        ticks = 0;
    }

    /** Counts how long ago it was lost. */
    int tick() {
        return ++ticks;
    }

    void writes(long file) {
        files.add(file);
    }

    void hasWritten(long file) {
        files.remove(file);
    }

    boolean isWriting(List<JournalEntry.Prepared> needed) {
        return needed.stream().anyMatch(branch -> files.contains(branch.file()));
    }
}
