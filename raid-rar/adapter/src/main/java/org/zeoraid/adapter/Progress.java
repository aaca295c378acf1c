package org.zeoraid.adapter;

import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageTransaction;

/** How far a unit of work has come. Nothing here waits for anything. Safe for any number of threads. */
final class Progress {
    /** What may become of the work now. */
    enum Phase {
        /** It reads, and collects what is written. */
        OPEN,
        /** It holds the locks of what it wrote, and nothing can be written any more. */
        VOTED,
        /** It is being prepared or committed, and cannot be given up until that is over. */
        DECIDING,
        /** It outlives this process, and waits for its decision. */
        PREPARED,
        ENDED
    }

    /**
     * What is left to do for work that was given up.
     *
     * @param transaction to be aborted, if there is one
     * @param reason the first one there was
     */
    record GivenUp(Optional<StorageTransaction> transaction, RuntimeException reason) {}

    private Phase phase = Phase.OPEN;
    private @Nullable StorageTransaction transaction;
    /** Why it can only be rolled back, or has been. */
    private @Nullable RuntimeException failure;

    private boolean hasChanges;
    private boolean mustHold;

    synchronized Phase phase() {
        return phase;
    }

    /** The storage's transaction, from the first write on. */
    synchronized Optional<StorageTransaction> transaction() {
        return Optional.ofNullable(transaction);
    }

    synchronized Optional<RuntimeException> failure() {
        return Optional.ofNullable(failure);
    }

    synchronized void requireUsable() {
        if (failure != null) {
            throw failure;
        }
        if (phase == Phase.ENDED) {
            throw new StorageClosedException("the transaction has ended");
        }
    }

    /** The first write has come. The transaction is to be aborted if this throws. */
    synchronized void begin(StorageTransaction begun) {
        requireUsable();
        transaction = begun;
    }

    /**
     * It has taken its locks.
     *
     * @param changes whether it changes anything; undos may have found nothing
     * @param holds whether it has to hold those locks until it is decided
     */
    synchronized void vote(boolean changes, boolean holds) {
        requireUsable();
        phase = Phase.VOTED;
        hasChanges = changes;
        mustHold = holds;
    }

    synchronized boolean mustHold() {
        return mustHold;
    }

    /** Whether what was voted changes anything. */
    synchronized boolean hasChanges() {
        return hasChanges;
    }

    /** Whether its end loses nothing. */
    synchronized boolean isVain() {
        boolean wroteNothing = transaction == null || (phase == Phase.VOTED && !hasChanges);
        return wroteNothing && phase != Phase.ENDED && failure == null;
    }

    /**
     * From here on nobody can give it up.
     *
     * @return what is to be committed or prepared; empty if nothing was written
     */
    synchronized Optional<StorageTransaction> settle(String what) {
        requireUsable();
        if (transaction != null && phase != Phase.VOTED) {
            throw new ProtocolException(what + " before vote");
        }
        phase = Phase.DECIDING;
        return Optional.ofNullable(transaction);
    }

    /** What {@link #settle} began has put it on stable storage. */
    synchronized void prepared() {
        phase = Phase.PREPARED;
    }

    /** What {@link #settle} began came to nothing. */
    synchronized void fallBack() {
        phase = Phase.VOTED;
    }

    /** @param reason why it was not committed, null if it was */
    synchronized void end(@Nullable RuntimeException reason) {
        phase = Phase.ENDED;
        failure = reason;
    }

    /** The same, unless it has ended; tells whether it had not. */
    synchronized boolean endOnce(@Nullable RuntimeException reason) {
        boolean first = phase != Phase.ENDED;
        if (first) {
            end(reason);
        }
        return first;
    }

    /** It can only be rolled back from now on, if it is in one of these phases; empty if not. */
    synchronized Optional<GivenUp> fail(RuntimeException reason, Set<Phase> phases) {
        if (failure != null || !phases.contains(phase)) {
            return Optional.empty();
        }
        failure = reason;
        return Optional.of(new GivenUp(Optional.ofNullable(transaction), reason));
    }

    /** It ends without a commit; empty if it has ended. */
    synchronized Optional<GivenUp> drop(RuntimeException reason) {
        if (phase == Phase.ENDED) {
            return Optional.empty();
        }
        RuntimeException first = failure == null ? reason : failure;
        Optional<StorageTransaction> rest =
                phase == Phase.PREPARED ? Optional.empty() : Optional.ofNullable(transaction);
        end(first);
        return Optional.of(new GivenUp(rest, first));
    }
}
