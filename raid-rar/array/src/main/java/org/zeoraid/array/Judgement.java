package org.zeoraid.array;

import java.util.ArrayList;
import java.util.List;
import org.zeoraid.array.PendingAppend.Answer;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;

/**
 * What the members' answers make of a transaction.
 *
 * @param failed members that must be taken out for what they answered
 */
record Judgement(Ruling ruling, List<Seat> failed) {

    /** What becomes of it. */
    enum Ruling {
        /** Somebody's answer is missing. */
        WAIT,
        /** It is committed, on everybody who stays. */
        ACKNOWLEDGE,
        /** It is not, on nobody who stays. */
        FAIL,
        /** Nobody who could stay can tell. */
        DOUBT
    }

    /** @param seats the members that count; one that is not published yet must have it, and is no truth by itself */
    static Judgement of(PendingAppend append, List<Seat> seats) {
        boolean durable = false;
        // What a follower still reads must not go away under it; if it is late the lane gives it up.
        boolean open = append.awaits(Seat.Role.FOLLOWING);
        boolean refused = false;
        boolean unknown = false;
        for (Seat seat : seats) {
            Answer answer = append.answerOf(seat);
            open |= answer == Answer.NONE;
            if (seat.isPublished()) {
                durable |= answer == Answer.DURABLE;
                refused |= answer == Answer.REFUSED;
                unknown |= answer == Answer.UNKNOWN;
            }
        }
        if (durable) {
            return new Judgement(
                    open ? Ruling.WAIT : Ruling.ACKNOWLEDGE, with(append, seats, Answer.REFUSED, Answer.UNKNOWN));
        }
        if (open) {
            return new Judgement(Ruling.WAIT, List.of());
        }
        if (unknown && !refused) {
            return new Judgement(Ruling.DOUBT, List.of());
        }
        return new Judgement(Ruling.FAIL, with(append, seats, Answer.UNKNOWN, Answer.UNKNOWN));
    }

    private static List<Seat> with(PendingAppend append, List<Seat> seats, Answer one, Answer other) {
        List<Seat> found = List.of();
        for (Seat seat : seats) {
            Answer answer = append.answerOf(seat);
            if (answer == one || answer == other) {
                found = found.isEmpty() ? new ArrayList<>() : found;
                found.add(seat);
            }
        }
        return found;
    }

    static String whyFailed(PendingAppend append, Seat seat) {
        Throwable failure = append.failureOf(seat);
        String said = failure == null ? "it was not sent to it" : Failures.text(failure);
        return "transaction " + append.tid() + " failed here and not elsewhere: " + said;
    }

    /**
     * What the caller is told of a transaction that is on no member that was opened again.
     *
     * @param maybeElsewhere whether a member that could not be asked may have it
     */
    static StorageException notCarriedOut(PendingAppend append, boolean maybeElsewhere) {
        StorageException cause = append.anyFailure();
        if (maybeElsewhere) {
            return unknown(append, cause);
        }
        return new StorageUnavailableException(
                "transaction " + append.tid() + " was not carried out: " + cause.getMessage(), cause);
    }

    private static StorageException unknown(PendingAppend append, StorageException cause) {
        if (cause instanceof OutcomeUnknownException) {
            return cause;
        }
        return new OutcomeUnknownException(
                "transaction " + append.tid() + " may be on a member that failed, and is on no other: "
                        + cause.getMessage(),
                cause);
    }

    /** What the caller is told of a transaction that is not committed. */
    static StorageException told(PendingAppend append, StorageException cause) {
        boolean maybe = append.mayBeWith(Seat.Role.OUT)
                || append.mayBeWith(Seat.Role.FOLLOWING)
                || append.mayBeWith(Seat.Role.REQUIRED);
        return maybe ? unknown(append, cause) : cause;
    }
}
