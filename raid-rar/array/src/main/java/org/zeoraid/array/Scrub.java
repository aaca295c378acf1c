package org.zeoraid.array;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.admin.MemberState;

/**
 * Compares a member with another one, both optimal, transaction by transaction, up to the last that both have when it
 * begins. Up to the later of their packs records may be missing in either, but for those that are current. Where the two
 * contradict each other, the other optimal members are asked for what they hold, and most are right. Files of blobs are
 * compared only where records differ. Its steps run on a worker, which may block on disk.
 */
final class Scrub {

    private final Executor worker;
    private final MembershipKeeper keeper;
    private final Side one;
    private final Side other;
    private Tid packed = Tid.NONE;
    private volatile @Nullable SideBySide walk;

    private record Side(Member member, TransactionLog log) {}

    /** Where two members differ first, and who is wrong, if that can be told. */
    record Finding(String what, Optional<Member> wrong) {}

    /**
     * What differs in a transaction.
     *
     * @param isLoss one of the two lacks what a pack may have taken for garbage, and nobody can be blamed for that
     */
    private record Conflict(String what, boolean isLoss) {}

    Scrub(Executor worker, MembershipKeeper keeper, Standing one, Standing other) {
        this.worker = worker;
        this.keeper = keeper;
        this.one = side(one);
        this.other = side(other);
    }

    private Side side(Standing standing) {
        TransactionLog log = standing.log()
                .orElseThrow(() -> new StorageUnavailableException("member " + standing.member() + " is not open"));
        return new Side(standing.member(), new ReachedLog(keeper.reach(standing.member(), log)));
    }

    /** How many transactions were the same so far. Safe for any thread. */
    long compared() {
        SideBySide now = walk;
        return now == null ? 0 : now.compared();
    }

    /**
     * Looks for the first difference.
     *
     * @return empty if there is none
     * @throws StorageUnavailableException (in the stage) if one of the two is taken out meanwhile
     */
    CompletionStage<Optional<Finding>> run() {
        return one.log()
                .packedTo()
                .thenCompose(ours -> other.log().packedTo().thenCompose(its -> {
                    packed = its.isAfter(ours) ? its : ours;
                    return one.log().lastTid();
                }))
                .thenCompose(ours -> other.log().lastTid().thenCompose(its -> compare(its.isAfter(ours) ? ours : its)));
    }

    private CompletionStage<Optional<Finding>> compare(Tid last) {
        Tid first = Tid.NONE.after();
        SideBySide both =
                new SideBySide(one.log().digests(first, last), other.log().digests(first, last), Tid.NONE);
        walk = both;
        CompletableFuture<Optional<Finding>> outcome = new CompletableFuture<>();
        Loop.on(worker, () -> both.next().thenCompose(difference -> {
                    if (difference.isEmpty()) {
                        outcome.complete(Optional.empty());
                        return CompletableFuture.completedFuture(false);
                    }
                    return judge(difference.get().tid()).thenApply(found -> {
                        found.ifPresent(finding -> outcome.complete(found));
                        return found.isEmpty();
                    });
                }))
                .whenComplete((nothing, failure) -> {
                    both.close();
                    if (failure != null) {
                        outcome.completeExceptionally(failure);
                    }
                });
        return outcome;
    }

    private CompletionStage<Optional<Finding>> judge(Tid tid) {
        return conflict(one.log(), other.log(), tid).thenCompose(conflict -> {
            if (conflict.isEmpty()) {
                return CompletableFuture.completedFuture(Optional.empty());
            }
            for (Side side : List.of(one, other)) {
                if (!keeper.current().isIn(side.member(), MemberState.OPTIMAL)) {
                    throw new StorageUnavailableException("member " + side.member() + " was taken out meanwhile");
                }
            }
            CompletionStage<Optional<Member>> wrong =
                    conflict.get().isLoss() ? CompletableFuture.completedFuture(Optional.empty()) : outvoted(tid);
            return wrong.thenApply(
                    member -> Optional.of(new Finding(conflict.get().what(), member)));
        });
    }

    /** Which of the two most of the other optimal members contradict. */
    private CompletionStage<Optional<Member>> outvoted(Tid tid) {
        CompletionStage<Integer> lead = CompletableFuture.completedFuture(0);
        for (Standing standing : keeper.current().optimal()) {
            boolean isWitness = standing.member() != one.member() && standing.member() != other.member();
            if (isWitness && standing.log().isPresent()) {
                TransactionLog witness = side(standing).log();
                lead = lead.thenCompose(sum -> testimony(witness, tid).thenApply(vote -> sum + vote));
            }
        }
        return lead.thenApply(
                sum -> sum == 0 ? Optional.empty() : Optional.of(sum > 0 ? other.member() : one.member()));
    }

    /** 1 for the first of the two, -1 for the second; 0 if it speaks for neither, for both, or cannot be read. */
    private CompletionStage<Integer> testimony(TransactionLog witness, Tid tid) {
        return conflict(witness, one.log(), tid)
                .thenCompose(first -> conflict(witness, other.log(), tid)
                        .thenApply(second -> (second.isPresent() ? 1 : 0) - (first.isPresent() ? 1 : 0)))
                .exceptionally(failure -> 0);
    }

    private CompletionStage<Optional<Conflict>> conflict(TransactionLog here, TransactionLog there, Tid tid) {
        return here.transactions(tid, tid).first().thenCompose(mine -> there.transactions(tid, tid)
                .first()
                .thenCompose(its -> Loop.once(worker, () -> conflict(here, mine, there, its, tid))));
    }

    private CompletionStage<Optional<Conflict>> conflict(
            TransactionLog here,
            Optional<CommittedTransaction> mine,
            TransactionLog there,
            Optional<CommittedTransaction> its,
            Tid tid) {
        boolean whole = tid.isAfter(packed);
        Optional<String> contradiction = mine.flatMap(ours ->
                its.flatMap(that -> whole ? Likeness.difference(ours, that) : Likeness.contradiction(ours, that)));
        if (whole && mine.isPresent() != its.isPresent()) {
            contradiction = Optional.of("only one of them has transaction " + tid);
        }
        if (whole || contradiction.isPresent()) {
            return CompletableFuture.completedFuture(contradiction.map(what -> new Conflict(what, false)));
        }
        Set<Oid> ours = written(mine);
        Set<Oid> theirs = written(its);
        return lost(there, without(ours, theirs), here, tid)
                .thenCompose(loss -> loss.isPresent()
                        ? CompletableFuture.completedFuture(loss)
                        : lost(here, without(theirs, ours), there, tid));
    }

    private static Set<Oid> written(Optional<CommittedTransaction> transaction) {
        Set<Oid> oids = new LinkedHashSet<>();
        if (transaction.isPresent()) {
            for (DataRecord entry : transaction.get().records()) {
                if (entry.data().isPresent()) {
                    oids.add(entry.oid());
                }
            }
        }
        return oids;
    }

    private static Set<Oid> without(Set<Oid> oids, Set<Oid> others) {
        Set<Oid> rest = new LinkedHashSet<>(oids);
        rest.removeAll(others);
        return rest;
    }

    /** The first of what one log lacks of a transaction that is current in the other. */
    private CompletionStage<Optional<Conflict>> lost(
            TransactionLog lacking, Set<Oid> oids, TransactionLog having, Tid tid) {
        Iterator<Oid> rest = oids.iterator();
        CompletableFuture<Optional<Conflict>> loss = new CompletableFuture<>();
        Loop.on(worker, () -> {
                    if (!rest.hasNext()) {
                        return CompletableFuture.completedFuture(false);
                    }
                    Oid oid = rest.next();
                    return having.serial(oid)
                            .thenCompose(current -> lacking.serial(oid).thenApply(its -> {
                                boolean isLost = current.equals(tid) && tid.isAfter(its);
                                if (isLost) {
                                    loss.complete(Optional.of(new Conflict(
                                            "object " + oid + ", written by " + tid + ", is missing in one of them",
                                            true)));
                                }
                                return !isLost;
                            }));
                })
                .whenComplete((nothing, failure) -> {
                    if (failure != null) {
                        loss.completeExceptionally(failure);
                    } else {
                        loss.complete(Optional.empty());
                    }
                });
        return loss;
    }
}
