package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.seam.SystemEnvironment;

/** Members that stop answering somewhere in the course of a recovery, or a verification. */
class RecoveryDeadlinesTest {

    private static final Duration LONG = Duration.ofSeconds(60);

    private final ArrayRig rig = new ArrayRig(31, "a", "b");

    /** A member that is out, and ends with a transaction that was never acknowledged. */
    private void tailAtB() {
        rig.openServing();
        Tid last = rig.commit(1, "x");
        rig.faults("b").appendOnce(Faults.Append.REFUSE);
        rig.append("b", last.after(), "never acknowledged");
        rig.environment.advance(Duration.ofSeconds(1));
        rig.commit(1, "y");
    }

    private void recoveryEndsWithReason() {
        rig.environment.advance(Duration.ofMinutes(2));
        assertThat(rig.state("b")).as(rig.member("b").reason()).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.member("b").reason()).contains("its recovery failed").contains("did not");
        rig.commit(1, "z");
    }

    @ParameterizedTest
    @ValueSource(strings = {"packedTo", "cutTail", "stats"})
    void aRecoveryDoesNotWaitForEverForAMemberThatIsSilent(String call) {
        tailAtB();

        rig.faults("b").silentAt(call);
        rig.environment.await(rig.array.recover("b"));

        recoveryEndsWithReason();
    }

    @Test
    void norForOneThatDoesNotGoOnReading() {
        tailAtB();

        rig.faults("b").reads(Faults.Read.HANG);
        rig.environment.await(rig.array.recover("b"));

        recoveryEndsWithReason();
    }

    @Test
    void norForOneWhoseContentIsToBeSetAside() {
        tailAtB();

        rig.faults("b").silentAt("setAside");
        rig.environment.await(rig.array.rebuild("b"));

        recoveryEndsWithReason();
    }

    @Test
    void norForOneThatIsVerified() {
        rig.openServing();
        rig.commit(1, "x");
        rig.faults("b").damaged();
        rig.environment.await(rig.array.verify("b"));

        rig.faults("b").silentAt("verify");
        rig.environment.await(rig.array.recover("b"));

        recoveryEndsWithReason();
    }

    @Test
    void aVerificationThatHangsEndsAndTheMemberIsNotBusyForEver() {
        rig.openServing();
        rig.commit(1, "x");
        rig.faults("b").silentAt("verify");

        CompletableFuture<Void> verified = rig.array.verify("b").toCompletableFuture();
        rig.environment.advance(Duration.ofMinutes(2));

        assertThat(verified).isCompletedExceptionally();
        assertThat(rig.array.events(0, 1000)).anyMatch(event -> event.kind().equals("verify-failed"));
        rig.faults("b").release();
        rig.environment.await(rig.array.verify("b"));
    }

    @Test
    void aStartWaitsForAMemberThatMustReadMuchToTellItsPack() {
        rig.faults("b").silentAt("packedTo");
        rig.open();
        rig.environment.advance(ArrayRig.PATIENCE.answerDeadline().multipliedBy(4));
        rig.faults("b").release();
        rig.environment.await(rig.array.serving());

        assertThat(rig.array.events(0, 1000)).noneMatch(event -> event.text().contains("did not tell its pack"));
    }

    /** A disk that really hangs the thread that reads from it. */
    @Test
    void aTargetThatHoldsUpWhoAsksItHoldsUpNobodyElse() throws Exception {
        ArrayOptions quick = new ArrayOptions(
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(4),
                Duration.ofMillis(20),
                Duration.ofSeconds(1),
                Duration.ofMillis(100),
                Duration.ofMillis(200));
        tailAtB();
        rig.close();
        try (SystemEnvironment system = new SystemEnvironment("recovery-hangs")) {
            RaidArray array = RaidArray.open(
                    new OnDisk(system, rig.disk),
                    () -> new ArrayConfiguration(
                            "main", rig.configuration().members(), ArrayRig.STATE, FailMode.CLOSE, false, quick));
            await().atMost(LONG).until(() -> array.status().state() == ArrayState.DEGRADED);
            rig.faults("b").reads(Faults.Read.BLOCK);

            array.recover("b").toCompletableFuture().join();

            await().atMost(LONG).until(() -> array.status().members().stream()
                    .anyMatch(member -> member.reason().contains("its recovery failed")));
            // Timers go on, and so does the membership.
            array.disable("b").toCompletableFuture().join();
            rig.faults("b").release();
            array.close();
        }
    }
}
