package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.MemberState;

/** What must not keep each other from going on for ever: recoveries, packs, and the end of an array. */
class RecoveriesTest {

    private final ArrayRig rig = new ArrayRig(77, "a", "b", "c");

    @Test
    void aRecoveryThatCannotBeginLeavesItsMemberDegradedWithTheReason() {
        rig.recoveries = (environment, options, log, keeper, member, note) -> {
            throw new StorageUnavailableException("told not to begin");
        };
        rig.openServing();
        rig.environment.await(rig.array.disable("b"));

        CompletableFuture<Void> recovery = rig.array.recover("b").toCompletableFuture();
        rig.environment.advance(Duration.ofSeconds(5));

        assertThat(recovery).isCompletedExceptionally();
        assertThat(rig.state("b")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.member("b").reason()).contains("could not begin").contains("told not to begin");
        rig.environment.await(
                rig.array.pack(new PackRequest(rig.commit(1, "nothing is held"), PackRequest.Garbage.KEEP)));
    }

    @Test
    void aPackThatHangsEndsWhenItsMemberIsTakenOut() {
        rig.openServing();
        Tid last = rig.commit(1, "x");
        rig.faults("b").packsHang();
        CompletableFuture<PackResult> pack =
                rig.array.pack(new PackRequest(last, PackRequest.Garbage.KEEP)).toCompletableFuture();
        rig.environment.advance(Duration.ofMinutes(1));
        assertThat(pack).isNotDone();

        rig.environment.await(rig.array.disable("b"));
        rig.environment.advance(Duration.ofSeconds(10));

        assertThat(pack).isCompleted();
        rig.faults("b").release();
        rig.environment.await(rig.array.recover("b"));
        rig.environment.runUntil(() -> rig.state("b") == MemberState.OPTIMAL);
        rig.environment.advance(Duration.ofSeconds(10));
        assertThat(rig.array.events(0, 1000))
                .filteredOn(event -> event.kind().equals("packed"))
                .extracting(event -> event.member())
                .containsExactly("a", "c", "b");
    }

    @Test
    void aPackThatHangsWhileItsMemberAnswersOtherwiseIsGivenUpInTheEnd() {
        rig.openServing();
        Tid last = rig.commit(1, "x");
        rig.faults("b").packsHang();

        CompletableFuture<PackResult> pack =
                rig.array.pack(new PackRequest(last, PackRequest.Garbage.KEEP)).toCompletableFuture();
        rig.environment.advance(Duration.ofMinutes(11));

        assertThat(pack).isCompleted();
        assertThat(rig.array.events(0, 1000))
                .anyMatch(event -> event.member().equals("b")
                        && event.kind().equals("pack-failed")
                        && event.text().contains("its pack has not ended"));
        rig.environment.await(rig.array.disable("c"));
        rig.environment.await(rig.array.recover("c"));
    }

    @Test
    void anArrayWhoseMembersNeverAnswerStopsAllTheSame() {
        rig.openServing();
        rig.names.forEach(name -> rig.faults(name).appends(Faults.Append.HANG));
        CompletableFuture<Tid> commit = rig.commitLater(1, "x").toCompletableFuture();
        rig.environment.advance(Duration.ofSeconds(1));

        CompletableFuture<Void> closed = rig.array.closeAsync().toCompletableFuture();
        rig.environment.advance(Duration.ofMinutes(2));

        assertThat(closed).isCompleted();
        assertThat(commit).isNotCompleted();
    }
}
