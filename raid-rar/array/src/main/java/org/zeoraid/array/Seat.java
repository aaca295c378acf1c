package org.zeoraid.array;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.TransactionLog;

/**
 * A member's place in the data path, with the log that it has open. A member that comes back gets a new one. Compared by
 * identity.
 */
final class Seat {

    /** What a commit expects of it. Guarded by the {@link CommitLane}. */
    enum Role {
        /** Gets every transaction, and no commit is acknowledged without it. */
        REQUIRED,
        /** Gets every transaction, and no commit counts on it: the end of a recovery. */
        FOLLOWING,
        /** Gets nothing any more. */
        OUT
    }

    /** What a read has shown of a member. */
    enum Fault {
        /** It fails, or does not answer. */
        SERVICE,
        /** What it holds is damaged, lost or wrong. */
        CONTENT,
        /** Nothing: it was not asked. */
        NONE;

        static Fault of(@Nullable Throwable failure) {
            if (failure instanceof UnaskedException) {
                return NONE;
            }
            return failure instanceof CorruptedException ? CONTENT : SERVICE;
        }
    }

    private static final int LATENCY_SHARE = 8;
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final int number = NUMBERS.incrementAndGet() & ReadSlots.NUMBERS;

    private final Member member;
    private final TransactionLog log;

    /** Whether the membership knows it as optimal; a required seat is about to be until then. Guarded by the lane. */
    private boolean published;

    private Role role;
    private volatile int lastAppendAnswer;
    private volatile long latency;
    private volatile boolean hanging;

    Seat(Member member, TransactionLog log, Role role) {
        this.member = member;
        this.log = log;
        this.role = role;
        this.published = role == Role.REQUIRED;
    }

    /** Tells this seat from all others for as long as it matters. */
    int number() {
        return number;
    }

    Member member() {
        return member;
    }

    TransactionLog log() {
        return log;
    }

    Role role() {
        return role;
    }

    void role(Role now) {
        role = now;
    }

    boolean isRequired() {
        return role == Role.REQUIRED;
    }

    boolean isPublished() {
        return published;
    }

    void publish() {
        published = true;
    }

    /** The tick of its last answer to an append. */
    int lastAppendAnswer() {
        return lastAppendAnswer;
    }

    void appendAnswered(int tick) {
        lastAppendAnswer = tick;
    }

    /** Whether a read has hung here, in the thread that asked, for suspiciously long. */
    boolean isHanging() {
        return hanging;
    }

    void hangs(boolean now) {
        hanging = now;
    }

    /** Nanoseconds that a read takes, lately. Samples that race may be lost. */
    long latency() {
        return latency;
    }

    void took(long nanos) {
        long old = latency;
        latency = old == 0 ? nanos : old + (nanos - old) / LATENCY_SHARE;
    }

    /** A slow member that nobody asks any more would stay slow for ever: its bad name fades. */
    void forgive() {
        long old = latency;
        latency = old - old / LATENCY_SHARE;
    }

    /** What one more read costs here, by its latency and the answers that are not at hand: the less the better. */
    long cost() {
        return (member.readsInFlight().get() + 1) * (latency + 1);
    }

    @Override
    public String toString() {
        return member.name();
    }
}
