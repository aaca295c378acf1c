package org.zeoraid.array;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;

/**
 * A transaction on its way to the members: who got it, and what each said. Guarded by the {@link CommitLane}; completing
 * the stage is the last thing that happens to it.
 */
final class PendingAppend implements Runnable {

    /** What one member said. */
    enum Answer {
        NONE,
        DURABLE,
        /** It is not there and will not be. */
        REFUSED,
        /** It may be there. */
        UNKNOWN
    }

    private static final Seat[] NOBODY = {};

    private final Tid previous;
    private final CommittedTransaction transaction;
    private final long weight;
    private final CompletableFuture<Void> stage = new CompletableFuture<>();
    private Seat[] seats = NOBODY;
    private Answer[] answers = {};
    private @Nullable Throwable[] failures = {};
    private @Nullable StorageException verdict;
    private int sentAt;
    private long sentNanos;
    private boolean stalled;

    PendingAppend(Tid previous, CommittedTransaction transaction) {
        this.previous = previous;
        this.transaction = transaction;
        this.weight = CommitMeter.weight(transaction);
    }

    Tid tid() {
        return transaction.tid();
    }

    Tid previous() {
        return previous;
    }

    CommittedTransaction transaction() {
        return transaction;
    }

    /** See {@link CommitMeter#weight}. */
    long weight() {
        return weight;
    }

    CompletableFuture<Void> stage() {
        return stage;
    }

    void sentTo(Seat[] targets, int tick, long nanos) {
        sentNanos = nanos;
        seats = targets;
        answers = new Answer[targets.length];
        Arrays.fill(answers, Answer.NONE);
        failures = new Throwable[targets.length];
        sentAt = tick;
    }

    int sentAt() {
        return sentAt;
    }

    long sentNanos() {
        return sentNanos;
    }

    Seat[] seats() {
        return seats;
    }

    /** What a seat said; one that never got the transaction surely does not have it. */
    Answer answerOf(Seat seat) {
        int i = indexOf(seat);
        return i < 0 ? Answer.REFUSED : answers[i];
    }

    @Nullable Throwable failureOf(Seat seat) {
        int i = indexOf(seat);
        return i < 0 ? null : failures[i];
    }

    /** Notes an answer. */
    void answered(int index, @Nullable Throwable failure) {
        failures[index] = failure;
        if (failure == null) {
            answers[index] = Answer.DURABLE;
        } else if (failure instanceof StorageException && !(failure instanceof OutcomeUnknownException)) {
            answers[index] = Answer.REFUSED;
        } else {
            answers[index] = Answer.UNKNOWN;
        }
    }

    /** Members that were opened again have it. */
    void settledOn(List<Seat> holders) {
        int count = seats.length;
        seats = Arrays.copyOf(seats, count + holders.size());
        answers = Arrays.copyOf(answers, seats.length);
        failures = Arrays.copyOf(failures, seats.length);
        for (int i = 0; i < holders.size(); i++) {
            seats[count + i] = holders.get(i);
            answers[count + i] = Answer.DURABLE;
        }
    }

    /** Whether a member that does not count any more may have made it durable. */
    boolean mayBeWith(Seat.Role role) {
        for (int i = 0; i < seats.length; i++) {
            if (seats[i].role() == role && answers[i] != Answer.REFUSED) {
                return true;
            }
        }
        return false;
    }

    /** Whether a member of this role has not answered. */
    boolean awaits(Seat.Role role) {
        for (int i = 0; i < seats.length; i++) {
            if (seats[i].role() == role && answers[i] == Answer.NONE) {
                return true;
            }
        }
        return false;
    }

    /** The first failure that some member gave. */
    StorageException anyFailure() {
        if (seats.length == 0) {
            return new ArrayFailedException("no optimal member is left to write to");
        }
        for (Throwable failure : failures) {
            if (failure instanceof StorageException known) {
                return known;
            }
        }
        return new OutcomeUnknownException("transaction " + tid() + " was sent to no member that could answer");
    }

    /** Whether the silence of all members over it is noted for the first time. */
    boolean stallsNow() {
        boolean first = !stalled;
        stalled = true;
        return first;
    }

    boolean isFailed() {
        return verdict != null;
    }

    void fail(StorageException why) {
        verdict = why;
    }

    private int indexOf(Seat seat) {
        for (int i = 0; i < seats.length; i++) {
            if (seats[i] == seat) {
                return i;
            }
        }
        return -1;
    }

    /** Tells the caller. */
    @Override
    public void run() {
        if (verdict == null) {
            stage.complete(null);
        } else {
            stage.completeExceptionally(verdict);
        }
    }
}
