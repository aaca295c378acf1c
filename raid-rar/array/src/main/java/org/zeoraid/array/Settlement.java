package org.zeoraid.array;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.admin.ArrayEvent.Severity;

/**
 * What is done when no member can tell whether it has the last transactions: all are opened again, the longest whole tail
 * is the truth and rolled forward to the others. Members that cannot be opened are taken out; if none can, writing stops.
 */
final class Settlement {

    private static final long BATCH = 1 << 20;

    private final MembershipKeeper keeper;
    private final List<Seat> doubtful;
    private final Tid before;

    /**
     * What is true now.
     *
     * @param seats the members that have it
     * @param last the last transaction
     * @param isComplete whether every member could be asked, so that nobody else can have more
     */
    record Settled(List<Seat> seats, Tid last, boolean isComplete) {}

    private record Reopened(
            Seat old,
            @Nullable Seat seat,
            Tid last,
            @Nullable Throwable failure) {}

    /** @param before the last transaction that all of them have for certain */
    Settlement(MembershipKeeper keeper, List<Seat> doubtful, Tid before) {
        this.keeper = keeper;
        this.doubtful = doubtful;
        this.before = before;
    }

    CompletionStage<Settled> run() {
        keeper.event(
                Severity.WARNING,
                "",
                "settling",
                "no member can tell whether it has what follows transaction " + before
                        + "; all are opened again and compared");
        List<Reopened> reopened = new ArrayList<>();
        CompletionStage<Void> all = CompletableFuture.completedFuture(null);
        for (Seat seat : doubtful) {
            CompletionStage<Reopened> one = reopen(seat);
            all = all.thenCombine(one, (nothing, answer) -> {
                reopened.add(answer);
                return null;
            });
        }
        return all.thenCompose(nothing -> agree(reopened));
    }

    private CompletionStage<Reopened> reopen(Seat seat) {
        return keeper.reopen(seat.member())
                .thenCompose(standing -> {
                    TransactionLog log = standing.log().orElseThrow();
                    return log.lastTid()
                            .thenApply(last ->
                                    new Reopened(seat, new Seat(seat.member(), log, Seat.Role.REQUIRED), last, null));
                })
                .exceptionally(failure -> new Reopened(seat, null, Tid.NONE, failure));
    }

    private CompletionStage<Settled> agree(List<Reopened> all) {
        Optional<Reopened> longest = all.stream().filter(r -> r.seat() != null).max((a, b) -> a.last()
                .compareTo(b.last()));
        if (longest.isEmpty()) {
            String why = "no member can tell what follows transaction " + before + ", and none can be opened again: "
                    + Failures.text(all.get(0).failure());
            return CompletableFuture.failedFuture(new ArrayFailedException(why));
        }
        Reopened truth = longest.get();
        if (truth.last().compareTo(before) < 0) {
            String why = "transaction " + before
                    + " was acknowledged, and every member has lost it; the newest one has " + truth.last();
            return CompletableFuture.failedFuture(new ArrayFailedException(why));
        }
        List<Seat> agreed = new ArrayList<>();
        CompletionStage<Void> done = CompletableFuture.completedFuture(null);
        for (Reopened one : all) {
            CompletionStage<Boolean> equal = equal(one, truth);
            done = done.thenCombine(equal, (nothing, in) -> {
                if (in) {
                    agreed.add(one.seat());
                }
                return null;
            });
        }
        boolean complete = all.stream().allMatch(r -> r.seat() != null);
        return done.thenApply(nothing -> {
            agreed.forEach(seat -> {
                seat.member().seen(truth.last());
            });
            return new Settled(agreed, truth.last(), complete);
        });
    }

    private CompletionStage<Boolean> equal(Reopened one, Reopened truth) {
        Seat seat = one.seat();
        if (seat == null) {
            return degrade(one, "it cannot be opened again: ", one.failure());
        }
        if (one.last().equals(truth.last())) {
            return CompletableFuture.completedFuture(true);
        }
        TransactionLog truthLog =
                truth.seat() == null ? seat.log() : truth.seat().log();
        CompletionStage<Void> copied = new TailCopy(truthLog, seat.log(), one.last(), truth.last()).run();
        return copied.thenApply(nothing -> true)
                .exceptionallyCompose(failure -> degrade(one, "it does not take what it misses: ", failure));
    }

    private CompletionStage<Boolean> degrade(Reopened one, String what, @Nullable Throwable failure) {
        String reason = what + Failures.text(failure);
        Member member = one.old().member();
        CompletionStage<MembershipKeeper.Verdict> out = Failures.isAbsence(failure)
                ? keeper.away(member, reason, before.after())
                : keeper.degrade(member, reason, before.after());
        return out.thenApply(verdict -> {
            if (verdict == MembershipKeeper.Verdict.LAST_OPTIMAL) {
                // Those that could be asked were taken out meanwhile: what they know does not count.
                throw new ArrayFailedException("member " + one.old() + " is the last optimal one, and " + reason);
            }
            return false;
        });
    }

    /** Appends what one log has and the other has not. */
    private static final class TailCopy {
        private final Cursor<CommittedTransaction> source;
        private final TransactionLog target;
        private Tid last;

        TailCopy(TransactionLog from, TransactionLog to, Tid after, Tid upTo) {
            this.source = from.transactions(after.after(), upTo);
            this.target = to;
            this.last = after;
        }

        CompletionStage<Void> run() {
            return next().whenComplete((nothing, failure) -> source.close());
        }

        private CompletionStage<Void> next() {
            return source.next(BATCH).thenCompose(batch -> {
                if (batch.isEmpty()) {
                    return CompletableFuture.completedFuture(null);
                }
                CompletionStage<Void> appended = CompletableFuture.completedFuture(null);
                for (var transaction : batch) {
                    appended = target.append(last, transaction);
                    last = transaction.tid();
                }
                return appended.thenCompose(nothing -> next());
            });
        }
    }
}
