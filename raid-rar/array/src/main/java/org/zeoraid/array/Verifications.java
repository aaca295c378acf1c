package org.zeoraid.array;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.zeoraid.storage.Progress;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.VerifyResult;
import org.zeoraid.storage.admin.ArrayEvent.Severity;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.OperationStatus;
import org.zeoraid.storage.seam.Environment;

/** Reads members whole, to find damage before it is needed. Safe for any number of threads. */
final class Verifications {

    private final Environment environment;
    private final SuperblockKeeper keeper;
    private final Recoveries recoveries;
    private final Map<Member, Measure> running = new ConcurrentHashMap<>();

    private record Measure(long since, Progress progress) {}

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
            long since = environment.nanoTime();
            running.put(member, new Measure(since, new Progress(0, 0)));
            return new ReachedLog(keeper.reach(member, log))
                    .verify(progress -> running.computeIfPresent(member, (m, old) -> new Measure(since, progress)))
                    .thenCompose(result -> conclude(member, result))
                    .whenComplete((nothing, failure) -> {
                        running.remove(member);
                        if (failure != null) {
                            String text = "could not be verified: " + Failures.text(failure);
                            keeper.event(Severity.WARNING, member.name(), "verify-failed", text);
                        }
                    });
        });
    }

    private CompletionStage<Void> conclude(Member member, VerifyResult result) {
        String read = result.transactions() + " transactions, " + result.records() + " records";
        if (result.isSound()) {
            String unverified = result.unverified() == 0 ? "" : ", " + result.unverified() + " without a checksum";
            keeper.event(Severity.INFO, member.name(), "verified", "sound: " + read + unverified);
            return CompletableFuture.completedFuture(null);
        }
        String damage = result.damages().size() + " damaged places, the first: "
                + result.damages().get(0);
        keeper.event(Severity.ERROR, member.name(), "damaged", damage + " (" + read + " read)");
        return keeper.distrust(member, damage, Tid.NONE).thenAccept(verdict -> {
            if (verdict == MembershipKeeper.Verdict.LAST_OPTIMAL) {
                String text = "stays optimal although damaged, for it is the last one: recover another member first";
                keeper.event(Severity.ERROR, member.name(), "damaged", text);
            }
        });
    }

    Optional<OperationStatus> status(Member member) {
        return Optional.ofNullable(running.get(member)).map(measure -> {
            Progress progress = measure.progress();
            double seconds = Math.max(1, environment.nanoTime() - measure.since()) / 1e9;
            return new OperationStatus(
                    "verify",
                    "reads everything",
                    progress.done(),
                    progress.total(),
                    "bytes",
                    progress.done() / seconds,
                    Optional.empty(),
                    false,
                    Optional.empty());
        });
    }
}
