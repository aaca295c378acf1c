package org.zeoraid.array;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;

/**
 * Makes the candidates of an assembly equal. What follows the settled tid was perhaps never acknowledged, so members may
 * differ in it: the longest tail is the truth, because it holds everything that was acknowledged, and the others get what
 * they lack; a tail that the truth does not have was never acknowledged and is cut off.
 *
 * <p>Used once; its stages complete where answers come.
 */
final class TailSettling {

    private final AssemblyPlan plan;
    private final Tid floor;
    private final Notice notice;

    /** The outcome: the plan with the roles that remain, and the last transaction of the truth. */
    sealed interface Outcome {

        record Settled(AssemblyPlan plan, Tid last) implements Outcome {}

        /** @param reason what stands in the way, a sentence */
        record Impossible(String reason) implements Outcome {}
    }

    /** Told what was done to a member, for the event log. */
    interface Notice {
        void about(String member, String text);
    }

    TailSettling(AssemblyPlan plan, Notice notice) {
        this.notice = notice;
        this.plan = plan;
        Tid chosen = plan.base().pack().map(PackRequest::upTo).orElse(Tid.NONE);
        this.floor = plan.candidates().stream()
                .map(part -> part.sighting().packedTo())
                .reduce(chosen, (a, b) -> a.isAfter(b) ? a : b);
    }

    CompletionStage<Outcome> settle() {
        return settle(plan, Optional.empty());
    }

    private CompletionStage<Outcome> settle(AssemblyPlan now, Optional<String> preferred) {
        List<AssemblyPlan.Part> candidates = now.candidates();
        Optional<AssemblyPlan.Part> truth = candidates.stream()
                .filter(p -> preferred.isEmpty() || p.name().equals(preferred.get()))
                .max(Comparator.comparing((AssemblyPlan.Part p) -> p.sighting().last())
                        .thenComparing(p -> -candidates.indexOf(p)));
        if (truth.isEmpty()) {
            return done(new Outcome.Impossible("no member could be read through"));
        }
        Tid last = truth.get().sighting().last();
        if (now.kind() != AssemblyPlan.Kind.FORCED && now.base().marks().last().isAfter(last)) {
            return done(new Outcome.Impossible("transaction "
                    + now.base().marks().last() + " was acknowledged, and no member that can be read through has it"));
        }
        List<AssemblyPlan.Part> others = candidates.stream()
                .filter(p -> !p.name().equals(truth.get().name()))
                .toList();
        return settleOthers(now, truth.get(), others, preferred);
    }

    private CompletionStage<Outcome> settleOthers(
            AssemblyPlan now, AssemblyPlan.Part truth, List<AssemblyPlan.Part> others, Optional<String> preferred) {
        if (others.isEmpty()) {
            return done(new Outcome.Settled(now, truth.sighting().last()));
        }
        AssemblyPlan.Part other = others.get(0);
        List<AssemblyPlan.Part> rest = others.subList(1, others.size());
        return compare(truth, other)
                .handle((outcome, failure) -> {
                    if (failure == null) {
                        return now.kind() == AssemblyPlan.Kind.FIRST
                                ? judgeFirst(now, truth, other, rest, outcome)
                                : equalise(now, truth, other, rest, outcome, preferred);
                    }
                    Throwable cause = Failures.cause(failure);
                    boolean truthFailed = Reach.SideFailedException.isOf(log(truth), cause);
                    String reason = unreadable(cause);
                    if (now.kind() == AssemblyPlan.Kind.FIRST) {
                        return done(new Outcome.Impossible("member " + (truthFailed ? truth : other).name() + " "
                                + reason + ". If another one is whole, move this one's files away"));
                    }
                    return truthFailed
                            ? settle(without(now, truth, lost(cause), reason), Optional.empty())
                            : settleOthers(without(now, other, lost(cause), reason), truth, rest, preferred);
                })
                .thenCompose(stage -> stage);
    }

    private CompletionStage<Comparison.Outcome> compare(AssemblyPlan.Part truth, AssemblyPlan.Part other) {
        Tid settled = plan.base().marks().settled();
        // The settled transaction itself is looked at as well: whoever has another one is not of this array.
        boolean anchored = settled.isAfter(floor);
        Tid from = anchored ? settled : floor.after();
        Tid before = anchored ? settled.before() : floor;
        if (plan.kind() == AssemblyPlan.Kind.FIRST
                && truth.sighting().packedTo().equals(other.sighting().packedTo())) {
            from = Tid.NONE;
            before = Tid.NONE;
        }
        return Comparison.compare(reach(truth), reach(other), from, before);
    }

    /** Nothing is known of the members: one that is not the same is left for a recovery that an admin asks for. */
    private CompletionStage<Outcome> judgeFirst(
            AssemblyPlan now,
            AssemblyPlan.Part truth,
            AssemblyPlan.Part other,
            List<AssemblyPlan.Part> rest,
            Comparison.Outcome outcome) {
        AssemblyPlan next = now;
        boolean packedAlike =
                truth.sighting().packedTo().equals(other.sighting().packedTo());
        if (outcome.relation() == Comparison.Relation.CONFLICT) {
            return done(new Outcome.Impossible("members " + truth.name() + " and " + other.name()
                    + " hold different databases, and no superblock says which is right: they part after transaction "
                    + outcome.lastCommon()
                    + ". Does another server write to them? Otherwise remove one, or assemble by force"
                    + " to take the newest, " + truth.name()));
        }
        if (outcome.relation() == Comparison.Relation.SHORTER) {
            boolean empty = other.sighting().last().equals(Tid.NONE);
            next = without(
                    now,
                    other,
                    AssemblyPlan.Role.STALE,
                    empty
                            ? "is empty: recover it"
                            : "ends with " + other.sighting().last() + ": recover it");
        } else if (!packedAlike) {
            next = without(now, other, AssemblyPlan.Role.STALE, "was packed to another transaction: recover it");
        }
        return settleOthers(next, truth, rest, Optional.empty());
    }

    private CompletionStage<Outcome> equalise(
            AssemblyPlan now,
            AssemblyPlan.Part truth,
            AssemblyPlan.Part other,
            List<AssemblyPlan.Part> rest,
            Comparison.Outcome outcome,
            Optional<String> preferred) {
        Tid common = outcome.lastCommon();
        if (outcome.relation() == Comparison.Relation.EQUAL) {
            return settleOthers(now, truth, rest, preferred);
        }
        Tid settled = now.base().marks().settled();
        if (outcome.relation() == Comparison.Relation.CONFLICT && settled.isAfter(common) && settled.isAfter(floor)) {
            return settleOthers(
                    without(
                            now,
                            other,
                            AssemblyPlan.Role.DIVERGED,
                            "transaction " + settled + ", on which all agreed, is another one here"),
                    truth,
                    rest,
                    preferred);
        }
        if (now.kind() == AssemblyPlan.Kind.FORCED && common.equals(Tid.NONE) && !isEmpty(other)) {
            // Nothing in common: not a tail, another database.
            return settleOthers(
                    without(now, other, AssemblyPlan.Role.DIVERGED, "holds another database than " + truth.name()),
                    truth,
                    rest,
                    preferred);
        }
        boolean cut = outcome.relation() == Comparison.Relation.CONFLICT;
        if (!cut && now.base().generation() == 0) {
            // A first start by force: what may be a whole database is copied while the array works.
            return settleOthers(
                    without(now, other, AssemblyPlan.Role.STALE, "ends with " + common + ": recover it"),
                    truth,
                    rest,
                    preferred);
        }
        CompletionStage<String> ready = cut
                ? reach(other).ask(() -> log(other).cutTail(common), "it did not cut off what was never acknowledged")
                : CompletableFuture.completedFuture("");
        return ready.thenApply(place -> {
                    notice.about(
                            other.name(),
                            cut
                                    ? "what it held after transaction " + common
                                            + " is not the array's, and is kept aside: " + place
                                    : "gets what it lacked after transaction " + common);
                    return place;
                })
                .thenCompose(place -> TailCopy.copy(
                        reach(truth), reach(other), common, truth.sighting().last()))
                .handle((nothing, failure) -> {
                    if (failure == null) {
                        return settleOthers(now, truth, rest, preferred);
                    }
                    Throwable cause = Failures.cause(failure);
                    if (Reach.SideFailedException.isOf(log(truth), cause)) {
                        return settle(without(now, truth, lost(cause), unreadable(cause)), Optional.empty());
                    }
                    if (cut && cause instanceof ReadOnlyException) {
                        // Its tail cannot be cut off; nothing has been built on the truth's yet, so its own is taken.
                        return preferred.isEmpty()
                                ? settle(now, Optional.of(other.name()))
                                : settleOthers(
                                        without(
                                                now,
                                                other,
                                                AssemblyPlan.Role.DIVERGED,
                                                "holds transactions after " + common
                                                        + " that are not the array's and that cannot be cut off"),
                                        truth,
                                        rest,
                                        preferred);
                    }
                    String reason = "could not be made equal to " + truth.name() + ": " + Failures.text(cause);
                    return settleOthers(without(now, other, lost(cause), reason), truth, rest, preferred);
                })
                .thenCompose(stage -> stage);
    }

    private static boolean isEmpty(AssemblyPlan.Part part) {
        return part.sighting().last().equals(Tid.NONE);
    }

    private static String unreadable(Throwable cause) {
        return "could not be read through: " + Failures.text(cause);
    }

    private static AssemblyPlan.Role lost(Throwable failure) {
        return Failures.isAbsence(Reach.SideFailedException.cause(failure))
                ? AssemblyPlan.Role.LOST
                : AssemblyPlan.Role.STALE;
    }

    private static AssemblyPlan without(
            AssemblyPlan now, AssemblyPlan.Part part, AssemblyPlan.Role role, String reason) {
        return now.with(now.parts().stream()
                .map(p -> p.name().equals(part.name()) ? p.as(role, reason) : p)
                .toList());
    }

    private static Reach reach(AssemblyPlan.Part part) {
        return part.sighting().door().reach(log(part));
    }

    private static TransactionLog log(AssemblyPlan.Part part) {
        return part.sighting().contact().orElseThrow().log();
    }

    private static CompletionStage<Outcome> done(Outcome outcome) {
        return CompletableFuture.completedFuture(outcome);
    }
}
