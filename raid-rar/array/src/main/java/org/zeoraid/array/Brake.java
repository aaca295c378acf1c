package org.zeoraid.array;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Slows commits down for a recovery that goes as fast as it can and does not gain enough on them: it lets one pass for every
 * {@link CopyPace#GAIN} transactions that were copied. If nothing is copied any more, commits go on after the answer deadline.
 * Safe for any number of threads.
 */
final class Brake {

    private final CommitLane lane;
    private final CopyPace pace;
    private final AtomicReference<CommitLane.Hold> hold = new AtomicReference<>();
    private volatile boolean ready;
    private double due;

    Brake(CommitLane lane, CopyPace pace) {
        this.lane = lane;
        this.pace = pace;
    }

    /** From now on it brakes when it has to. */
    void ready() {
        pace.begins();
        ready = true;
    }

    /** Commits go on as ever. */
    void release() {
        ready = false;
        letGo();
    }

    /** Commits go on, until more is copied. */
    void letGo() {
        CommitLane.Hold last = hold.getAndSet(null);
        if (last != null) {
            last.release();
        }
    }

    /** So many transactions were copied. */
    void copied(double transactions) {
        if (!ready || !pace.isFlatOut()) {
            letGo();
            return;
        }
        int commits = pass(transactions / CopyPace.GAIN);
        CommitLane.Hold last = hold.get();
        if (last == null || !last.letPass(commits)) {
            CommitLane.Hold fresh = lane.hold();
            if (!hold.compareAndSet(last, fresh) || !ready) {
                fresh.release();
            }
        }
    }

    /** Whole ones, of all that are due. */
    private synchronized int pass(double more) {
        due += more;
        int whole = (int) due;
        due -= whole;
        return whole;
    }
}
