package org.zeoraid.array;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.zeoraid.storage.Progress;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.VerifyResult;
import org.zeoraid.storage.admin.ArrayEvent.Severity;
import org.zeoraid.storage.admin.Count;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.OperationStatus;
import org.zeoraid.storage.seam.Environment;

/**
 * Reads members whole, to find damage before it is needed, and compares each with the next one, so that a round of all
 * compares all. Safe for any number of threads.
 */
final class Verifications {

    private final Environment environment;
    private final SuperblockKeeper keeper;
    private final Recoveries recoveries;
    private final Map<Member, Measure> running = new ConcurrentHashMap<>();

    private record Measure(String phase, String unit, long since, Supplier<Progress> progress) {}

    Verifications(Environment environment, SuperblockKeeper keeper, Recoveries recoveries) {
        this.environment = environment;
        this.keeper = keeper;
        this.recoveries = recoveries;
    }

    /** Verifies an optimal member; damage degrades it. Completes at the end. */
    CompletionStage<Void> verify(String name) {
        Standing standing = recoveries.named(name);
        Member member = standing.member();
        if (standing.state() != MemberState.OPTIMAL || standing.log().isEmpty()) {
            throw Recoveries.refusal(
                    "member " + name + " is " + standing.state().word() + "; its recovery compares what it holds");
        }
        TransactionLog log = standing.log().get();
        return recoveries.alone(member, () -> {
            tellOf(member, "reads everything", "bytes", () -> new Progress(0, 0));
            return new ReachedLog(keeper.reach(member, log))
                    .verify(progress -> running.computeIfPresent(
                            member, (m, now) -> new Measure(now.phase(), now.unit(), now.since(), () -> progress)))
                    .thenCompose(result -> conclude(standing, result))
                    .whenComplete((nothing, failure) -> {
                        running.remove(member);
                        if (failure != null) {
                            String text = "could not be verified: " + Failures.text(failure);
                            keeper.event(Severity.WARNING, member.name(), "verify-failed", text);
                        }
                    });
        });
    }

    private void tellOf(Member member, String phase, String unit, Supplier<Progress> progress) {
        running.put(member, new Measure(phase, unit, environment.nanoTime(), progress));
    }

    private CompletionStage<Void> conclude(Standing standing, VerifyResult result) {
        Member member = standing.member();
        String read = Count.of(result.transactions(), "transaction") + ", " + Count.of(result.records(), "record");
        if (result.isSound()) {
            String unverified = result.unverified() == 0 ? "" : ", " + result.unverified() + " without a checksum";
            return compare(standing, result.transactions(), "sound: " + read + unverified);
        }
        String damage = Count.of(result.damages().size(), "damaged place") + ", the first: "
                + result.damages().get(0);
        keeper.event(Severity.ERROR, member.name(), "damaged", damage + " (" + read + " read)");
        return takeOut(member, damage, "damaged");
    }

    private CompletionStage<Void> takeOut(Member member, String reason, String kind) {
        return keeper.distrust(member, reason, Tid.NONE).thenAccept(verdict -> {
            if (verdict == MembershipKeeper.Verdict.LAST_OPTIMAL) {
                String text =
                        "stays optimal although " + kind + ", for it is the last one: recover another member first";
                keeper.event(Severity.ERROR, member.name(), kind, text);
            }
        });
    }

    // ---- beside another member ----

    private CompletionStage<Void> compare(Standing standing, long transactions, String soFar) {
        Member member = standing.member();
        Optional<Standing> next = next(member);
        if (next.isEmpty()) {
            String text = soFar + "; no other optimal member to compare it with";
            keeper.event(Severity.INFO, member.name(), "verified", text);
            return CompletableFuture.completedFuture(null);
        }
        Member other = next.get().member();
        Environment.Worker worker = environment.worker("scrub-" + member.name());
        Scrub scrub = new Scrub(worker, keeper, standing, next.get());
        String phase = "is compared with member " + other.name();
        tellOf(member, phase, "transactions", () -> new Progress(scrub.compared(), transactions));
        return scrub.run()
                .thenCompose(finding -> {
                    if (finding.isPresent()) {
                        return differs(member, other, finding.get());
                    }
                    String text = soFar + "; member " + other.name() + " holds the same";
                    keeper.event(Severity.INFO, member.name(), "verified", text);
                    return CompletableFuture.<Void>completedFuture(null);
                })
                .whenComplete((nothing, failure) -> worker.execute(worker::close));
    }

    /** The optimal member that follows in the configuration's order, around its end. */
    private Optional<Standing> next(Member member) {
        List<Standing> around = new ArrayList<>(keeper.current().members());
        List<Member> members = around.stream().map(Standing::member).toList();
        Collections.rotate(around, -1 - members.indexOf(member));
        return around.stream()
                .filter(s -> s.member() != member && s.isOptimal() && s.log().isPresent())
                .findFirst();
    }

    private CompletionStage<Void> differs(Member member, Member other, Scrub.Finding finding) {
        String what = "members " + member.name() + " and " + other.name() + " differ: " + finding.what();
        if (finding.wrong().isEmpty()) {
            String text =
                    what + ". Nobody can tell which is right: look at both, disable the wrong one, and rebuild it";
            keeper.event(Severity.ERROR, member.name(), "differs", text);
            return CompletableFuture.completedFuture(null);
        }
        Member wrong = finding.wrong().get();
        String reason = what + "; the other optimal members speak against " + wrong.name();
        keeper.event(Severity.ERROR, wrong.name(), "differs", reason);
        return takeOut(wrong, reason, "different");
    }

    Optional<OperationStatus> status(Member member) {
        return Optional.ofNullable(running.get(member)).map(measure -> {
            Progress progress = measure.progress().get();
            double seconds = Math.max(1, environment.nanoTime() - measure.since()) / 1e9;
            return new OperationStatus(
                    "verify",
                    measure.phase(),
                    progress.done(),
                    progress.total(),
                    measure.unit(),
                    progress.done() / seconds,
                    Optional.empty(),
                    false,
                    Optional.empty());
        });
    }
}
