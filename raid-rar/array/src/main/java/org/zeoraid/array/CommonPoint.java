package org.zeoraid.array;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;

/**
 * Finds the last transaction that the array and a member both have, by a number of small reads that does not grow with the
 * database: it gallops back from the member's end through time, then halves.
 *
 * <p>Two logs that agree in one transaction agree in all before it, for each was written behind another. A pack rewrites
 * what lies before its tid, so further back than the last transaction that either side has packed nothing can be
 * compared as a whole; there, at the floor, it is asked only whether the records that are left contradict each other. And a
 * member that ends before the array's packed part lacks transactions of which the array has only a part: it cannot be
 * continued.
 */
final class CommonPoint {

    /** About a second, in the scale of tids. */
    private static final long FIRST_STEP = 1L << 26;

    /** As many transactions may have been under way, unacknowledged, when a member went away. */
    private static final int TAIL_LIMIT = 1000;

    private final Executor worker;
    private final TransactionLog array;
    private final TransactionLog member;

    /** What was found. */
    sealed interface Found {

        /**
         * The member can be continued.
         *
         * @param tid the last common transaction, {@link Tid#NONE} for an empty member
         * @param tail how many transactions of the member after it were never acknowledged
         */
        record Common(Tid tid, int tail) implements Found {}

        /** The member is an old state of this database that the array has been packed past: it must be copied anew. */
        record PackedPast(String reason) implements Found {}

        /** The member holds something else. */
        record Diverged(String reason) implements Found {}
    }

    private record Ends(Tid last, Tid packed) {}

    CommonPoint(Executor worker, TransactionLog array, TransactionLog member) {
        this.worker = worker;
        this.array = array;
        this.member = member;
    }

    CompletionStage<Found> find() {
        return member.lastTid().thenCompose(last -> {
            if (last.equals(Tid.NONE)) {
                return done(new Found.Common(Tid.NONE, 0));
            }
            return ends(array).thenCompose(ours -> ends(member).thenCompose(its -> find(ours, its)));
        });
    }

    private CompletionStage<Ends> ends(TransactionLog log) {
        return log.lastTid().thenCompose(last -> log.packedTo()
                .thenCompose(packed -> lastUpTo(log, packed))
                .thenApply(packed -> new Ends(last, packed)));
    }

    private CompletionStage<Found> find(Ends ours, Ends its) {
        Tid floor = ours.packed().isAfter(its.packed()) ? ours.packed() : its.packed();
        return common(floor, its.last()).thenCompose(common -> {
            if (common.isPresent()) {
                return withTail(common.get(), its.last());
            }
            return atFloor(floor, ours, its);
        });
    }

    /** Nothing above the floor is common. */
    private CompletionStage<Found> atFloor(Tid floor, Ends ours, Ends its) {
        if (floor.equals(Tid.NONE)) {
            if (ours.last().equals(Tid.NONE)) {
                return withTail(Tid.NONE, its.last());
            }
            return diverged("it holds another database: its first transaction is not the array's");
        }
        return agree(floor).thenCompose(agrees -> {
            if (agrees) {
                return withTail(floor, its.last());
            }
            if (its.packed().isAfter(ours.packed())) {
                return diverged(
                        "it was packed to transaction " + its.packed() + ", which is not in the array's history");
            }
            if (its.last().isAfter(floor)) {
                return diverged("it has no transaction in common with the array after " + floor
                        + ", up to which the array is packed, and goes on until " + its.last());
            }
            return lastUpTo(array, its.last())
                    .thenCompose(related -> agree(related).thenCompose(is -> {
                        if (is && !related.equals(Tid.NONE)) {
                            return done(new Found.PackedPast("it ends with transaction " + its.last()
                                    + ", and the array was packed to " + floor + " since"));
                        }
                        return diverged("nothing that it holds up to its last transaction " + its.last()
                                + " is found in the array, which was packed to " + floor);
                    }));
        });
    }

    /** Whether both have a transaction, with nothing in it that contradicts. */
    private CompletionStage<Boolean> agree(Tid tid) {
        return array.transactions(tid, tid)
                .first()
                .thenCombine(
                        member.transactions(tid, tid).first(),
                        (ours, its) -> ours.isPresent()
                                && its.isPresent()
                                && Likeness.contradiction(ours.get(), its.get()).isEmpty());
    }

    /** What follows the common point in the member must look like a tail that was never acknowledged. */
    private CompletionStage<Found> withTail(Tid common, Tid last) {
        if (last.equals(common)) {
            return done(new Found.Common(common, 0));
        }
        return array.headers(common.after(), Tid.MAX).first().thenCompose(next -> {
            if (next.isPresent() && !next.get().tid().isAfter(last)) {
                return diverged("after transaction " + common + " it went on by itself until " + last
                        + ", while the array wrote others");
            }
            Cursor<TransactionHeader> tail = member.headers(common.after(), last);
            int[] count = {0};
            return Loop.on(worker, () -> tail.next(1 << 16).thenApply(batch -> {
                        count[0] += batch.size();
                        return !batch.isEmpty() && count[0] <= TAIL_LIMIT;
                    }))
                    .whenComplete((nothing, failure) -> tail.close())
                    .thenCompose(nothing -> count[0] <= TAIL_LIMIT
                            ? done(new Found.Common(common, count[0]))
                            : diverged("after transaction " + common + " it holds more than " + TAIL_LIMIT
                                    + " transactions that the array does not have"));
        });
    }

    /** The last common transaction after the floor. */
    private CompletionStage<Optional<Tid>> common(Tid floor, Tid last) {
        if (!last.isAfter(floor)) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        Search search = new Search(floor.value(), last.value());
        return Loop.on(worker, search::step).thenApply(nothing -> search.found());
    }

    /** Gallops back until a common transaction is met, then halves what lies behind it. */
    private final class Search {
        private final long floor;
        private final long last;
        private long low;
        private long high;
        private long step;
        private boolean found;

        Search(long floor, long last) {
            this.floor = floor;
            this.last = last;
            this.high = last + 1;
        }

        Optional<Tid> found() {
            return found ? Optional.of(new Tid(low)) : Optional.empty();
        }

        // No transaction of the member at or behind high is common; once found, low is one that is.
        CompletionStage<Boolean> step() {
            if (found && high - low <= 1) {
                return CompletableFuture.completedFuture(false);
            }
            long at = found ? low + (high - low) / 2 : Math.max(floor + 1, last - step);
            step = step == 0 ? FIRST_STEP : Math.min(step * 2, Long.MAX_VALUE / 4);
            return member.digests(new Tid(at), new Tid(high - 1)).first().thenCompose(digest -> {
                if (digest.isEmpty()) {
                    high = at;
                    return CompletableFuture.completedFuture(found || at > floor + 1);
                }
                Tid tid = digest.get().tid();
                return array.digests(tid, tid).first().thenApply(other -> {
                    if (other.isPresent() && other.get().equals(digest.get())) {
                        found = true;
                        low = tid.value();
                        return true;
                    }
                    high = at;
                    return found || at > floor + 1;
                });
            });
        }
    }

    /** The last transaction of a log up to a tid, {@link Tid#NONE} if there is none. */
    CompletionStage<Tid> lastUpTo(TransactionLog log, Tid tid) {
        if (tid.equals(Tid.NONE)) {
            return CompletableFuture.completedFuture(tid);
        }
        long[] state = {0, tid.value() + 1, 0};
        return Loop.on(worker, () -> {
                    boolean found = state[0] != 0;
                    if (state[1] - state[0] <= 1) {
                        return CompletableFuture.completedFuture(false);
                    }
                    long at = found ? state[0] + (state[1] - state[0]) / 2 : Math.max(1, tid.value() - state[2]);
                    state[2] = state[2] == 0 ? FIRST_STEP : Math.min(state[2] * 2, Long.MAX_VALUE / 4);
                    return log.headers(new Tid(at), tid).first().thenApply(header -> {
                        if (header.isPresent()) {
                            state[0] = header.get().tid().value();
                        } else {
                            state[1] = at;
                        }
                        return header.isPresent() || at > 1;
                    });
                })
                .thenApply(nothing -> new Tid(state[0]));
    }

    private static CompletionStage<Found> done(Found found) {
        return CompletableFuture.completedFuture(found);
    }

    private static CompletionStage<Found> diverged(String reason) {
        return done(new Found.Diverged(reason));
    }
}
