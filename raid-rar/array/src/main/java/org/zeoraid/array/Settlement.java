package org.zeoraid.array;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.admin.ArrayEvent.Severity;

/**
 * What is done when no member can tell whether it has the last transactions: all are opened again, the longest whole tail
 * is the truth and rolled forward to the others. Members that cannot be opened, or whose tail cannot be read, are taken out;
 * if none is left, writing stops. Every question has its deadline, and is asked on the member's own worker.
 */
final class Settlement {

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

    /** What became of a seat. */
    private sealed interface Reopened {

        Seat old();

        /** @param last the last transaction that it holds */
        record Open(Seat old, Seat seat, Tid last) implements Reopened {}

        record Failed(Seat old, String what, Throwable failure) implements Reopened {}
    }

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
        return all(doubtful.stream().map(this::reopen).toList()).thenCompose(this::agree);
    }

    private static <T> CompletionStage<List<T>> all(List<? extends CompletionStage<T>> stages) {
        List<T> answers = new ArrayList<>();
        CompletionStage<Void> all = CompletableFuture.completedFuture(null);
        for (CompletionStage<T> stage : stages) {
            all = all.thenCombine(stage, (nothing, answer) -> {
                answers.add(answer);
                return null;
            });
        }
        return all.thenApply(nothing -> answers);
    }

    private CompletionStage<Reopened> reopen(Seat seat) {
        return Timed.recover(
                keeper.reopen(seat.member()).thenCompose(standing -> {
                    TransactionLog log = standing.log().orElseThrow();
                    return look(seat, new Seat(seat.member(), log, Seat.Role.REQUIRED));
                }),
                failure -> failed(seat, "it cannot be opened again: ", failure));
    }

    private CompletionStage<Reopened> look(Seat old, Seat seat) {
        return reach(seat)
                .ask(seat.log()::lastTid, "it did not tell its last transaction")
                .thenApply(last -> new Reopened.Open(old, seat, last));
    }

    private static CompletionStage<Reopened> failed(Seat seat, String what, Throwable failure) {
        return CompletableFuture.completedFuture(new Reopened.Failed(seat, what, failure));
    }

    private Reach reach(Seat seat) {
        return keeper.reach(seat.member(), seat.log());
    }

    private CompletionStage<Settled> agree(List<Reopened> all) {
        Optional<Reopened.Open> longest = all.stream()
                .filter(Reopened.Open.class::isInstance)
                .map(Reopened.Open.class::cast)
                .max((a, b) -> a.last().compareTo(b.last()));
        if (longest.isEmpty()) {
            String why = "no member can tell what follows transaction " + before + ", and none can be opened again: "
                    + Failures.text(((Reopened.Failed) all.get(0)).failure());
            return CompletableFuture.failedFuture(new ArrayFailedException(why));
        }
        Reopened.Open truth = longest.get();
        if (truth.last().compareTo(before) < 0) {
            String why = "transaction " + before
                    + " was acknowledged, and every member has lost it; the newest one has " + truth.last();
            return CompletableFuture.failedFuture(new ArrayFailedException(why));
        }
        CompletionStage<Settled> settled = all(all.stream()
                        .map(one -> equal(one, truth))
                        .toList())
                .thenApply(agreed -> {
                    List<Seat> seats = agreed.stream().flatMap(Optional::stream).toList();
                    seats.forEach(seat -> seat.member().seen(truth.last()));
                    return new Settled(seats, truth.last(), all.stream().allMatch(Reopened.Open.class::isInstance));
                });
        return Timed.recover(
                settled,
                failure -> Reach.SideFailedException.isOf(truth.seat().log(), failure)
                        ? agreeWithout(truth, all, Reach.SideFailedException.cause(failure))
                        : CompletableFuture.failedFuture(failure));
    }

    /** What cannot be read cannot be rolled forward: the others may have got some of it, and agree among themselves. */
    private CompletionStage<Settled> agreeWithout(Reopened.Open truth, List<Reopened> all, Throwable failure) {
        return all(all.stream()
                        .map(one -> {
                            if (one == truth) {
                                return failed(one.old(), "its last transactions cannot be read: ", failure);
                            }
                            return one instanceof Reopened.Open open
                                    ? Timed.recover(look(open.old(), open.seat()), late -> failed(open.old(), "", late))
                                    : CompletableFuture.completedFuture(one);
                        })
                        .toList())
                .thenCompose(this::agree);
    }

    /** The seat that has all of the truth now; empty if it was taken out. */
    private CompletionStage<Optional<Seat>> equal(Reopened one, Reopened.Open truth) {
        if (one instanceof Reopened.Failed failed) {
            return degrade(failed);
        }
        Reopened.Open open = (Reopened.Open) one;
        if (open.last().equals(truth.last())) {
            return CompletableFuture.completedFuture(Optional.of(open.seat()));
        }
        CompletionStage<Optional<Seat>> copied = TailCopy.copy(
                        reach(truth.seat()), reach(open.seat()), open.last(), truth.last())
                .thenApply(nothing -> Optional.of(open.seat()));
        return Timed.recover(
                copied,
                failure -> failure instanceof Reach.SideFailedException
                        ? CompletableFuture.failedFuture(failure)
                        : degrade(new Reopened.Failed(one.old(), "it does not take what it misses: ", failure)));
    }

    private CompletionStage<Optional<Seat>> degrade(Reopened.Failed one) {
        String reason = one.what() + Failures.text(one.failure());
        Member member = one.old().member();
        CompletionStage<MembershipKeeper.Verdict> out = Failures.isAbsence(one.failure())
                ? keeper.away(member, reason, before.after())
                : keeper.degrade(member, reason, before.after());
        return out.thenApply(verdict -> {
            if (verdict == MembershipKeeper.Verdict.LAST_OPTIMAL) {
                // Those that could be asked were taken out meanwhile: what they know does not count.
                throw new ArrayFailedException("member " + one.old() + " is the last optimal one, and " + reason);
            }
            return Optional.empty();
        });
    }
}
