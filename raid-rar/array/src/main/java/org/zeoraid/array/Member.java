package org.zeoraid.array;

import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.Tid;

/**
 * A member of the array for as long as it is configured: who it is, and what it is doing. Its state is not here but in
 * the {@link Standing} that a {@link Membership} gives it. Safe for any number of threads; compared by identity.
 */
final class Member {

    private volatile MemberSource source;
    private final UUID id;
    private final AtomicInteger readsInFlight = new AtomicInteger();
    private final AtomicLong lastSeen = new AtomicLong();
    private volatile Tid sentAtMost = Tid.MAX;
    private volatile boolean doubtful;

    Member(MemberSource source, UUID id) {
        this.source = source;
        this.id = id;
    }

    MemberSource source() {
        return source;
    }

    /** The configuration says something else of it now; that counts when it is opened the next time. */
    void source(MemberSource now) {
        source = now;
    }

    /** Unique over all arrays; lies in the superblock beside the member, so that a wrong folder is noticed. */
    UUID id() {
        return id;
    }

    String name() {
        return source.name();
    }

    boolean isWriteMostly() {
        return source.isWriteMostly();
    }

    /** Reads sent to it and not answered yet. */
    AtomicInteger readsInFlight() {
        return readsInFlight;
    }

    /** The last transaction that it is known to have: it can be asked for snapshots up to that. */
    Tid lastSeen() {
        return new Tid(lastSeen.get());
    }

    /** It has shown that it has this transaction. Never goes back. */
    void seen(Tid tid) {
        lastSeen.accumulateAndGet(tid.value(), (old, now) -> Long.compareUnsigned(now, old) > 0 ? now : old);
    }

    /** Its content was replaced, or its tail cut off: this is its last transaction now. */
    void resetSeen(Tid tid) {
        lastSeen.set(tid.value());
    }

    /** It was taken out, and cannot have got anything later than this from the array. */
    void sentAtMost(Tid tid) {
        sentAtMost = tid;
    }

    /** The last transaction that it can have got from the array before it was taken out; the greatest tid if that is not known. */
    Tid sentAtMost() {
        return sentAtMost;
    }

    /** Whether it holds what it was never sent, so that it may be one storage with another member, by another way. */
    boolean isDoubtful() {
        return doubtful;
    }

    void doubtful(boolean now) {
        doubtful = now;
    }

    @Override
    public String toString() {
        return name();
    }
}
