package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SystemEnvironment;

/** Arrays whose state directory does not answer: a network file system that is gone, a disk that is dying. */
class StateDirectoryHangsTest {

    private static final String STATE = "state-";
    private static final Duration LONG = Duration.ofSeconds(60);

    private static List<String> texts(ArrayRig rig, String kind) {
        return rig.array.events(0, 5000).stream()
                .filter(event -> event.kind().equals(kind))
                .map(ArrayEvent::text)
                .toList();
    }

    @Test
    void aCommitThatAMemberMissedWaitsUntilTheStateDirectoryAnswersAgain() {
        ArrayRig rig = new ArrayRig(1, "a", "b", "c");
        rig.openServing();
        rig.commit(1, "x");

        rig.stalls.hang(STATE);
        rig.faults("c").appendOnce(Faults.Append.REFUSE);
        CompletableFuture<Tid> commit = rig.commitLater(1, "y").toCompletableFuture();
        rig.environment.advance(Duration.ofSeconds(5));

        assertThat(commit).isNotDone();
        assertThat(rig.array.status().reason()).contains("/state").contains("hangs");
        assertThat(texts(rig, "superblock")).singleElement().asString().contains("the state directory /state hangs");

        rig.stalls.goOn(STATE);
        rig.environment.advance(Duration.ofSeconds(5));

        assertThat(commit).isCompleted();
        assertThat(rig.state("c")).isEqualTo(MemberState.DEGRADED);
        assertThat(texts(rig, "superblock")).hasSize(2).last().asString().contains("can be written again");
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.DEGRADED);
    }

    @Test
    void aCommitThatARemovedMemberMissedWaitsUntilItIsWrittenThatItLeft() {
        ArrayRig rig = new ArrayRig(6, "a", "b");
        rig.openServing();
        rig.commit(1, "x");

        rig.stalls.hang(STATE);
        rig.names.remove("b");
        CompletableFuture<Void> reloaded = rig.array.reload().toCompletableFuture();
        rig.environment.advance(Duration.ofMillis(100));
        CompletableFuture<Tid> commit = rig.commitLater(1, "y").toCompletableFuture();
        rig.environment.advance(Duration.ofSeconds(1));

        assertThat(reloaded).isNotDone();
        assertThat(commit).isNotDone();

        rig.stalls.goOn(STATE);
        rig.environment.await(reloaded);
        rig.environment.await(commit);
        rig.crash();
        rig.names.add("b");
        rig.openServing();
        assertThat(rig.state("b")).isNotEqualTo(MemberState.OPTIMAL);
        assertThat(rig.load(1)).isEqualTo("y");
    }

    @Test
    void whoeverWaitsIsToldWhenItHangsForLongAndTheArrayGoesOnWhenItAnswers() {
        ArrayRig rig = new ArrayRig(2, "a", "b", "c");
        rig.membersAreLocked = true;
        rig.openServing();
        rig.commit(1, "x");

        rig.stalls.hang(STATE);
        rig.faults("c").appendOnce(Faults.Append.REFUSE);
        CompletableFuture<Tid> commit = rig.commitLater(1, "y").toCompletableFuture();
        rig.environment.advance(Duration.ofMinutes(3));

        assertThat(commit).isCompletedExceptionally();
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
        assertThat(rig.array.status().reason()).contains("the state directory /state hangs");

        rig.stalls.goOn(STATE);
        rig.environment.runUntil(() -> rig.array.status().state() != ArrayState.FAILED);

        Tid after = rig.commit(1, "z");
        assertThat(rig.load(1)).isEqualTo("z");
        assertThat(rig.names.stream().filter(name -> rig.state(name) == MemberState.OPTIMAL))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(rig.tids(name)).contains(after));
    }

    @Test
    void anArrayThatStartsWaitsForItsStateDirectoryAndTakesNoMemberForTheTruthMeanwhile() {
        ArrayRig rig = new ArrayRig(3, "a", "b");
        rig.openServing();
        rig.commit(1, "old");
        rig.faults("b").appendOnce(Faults.Append.REFUSE);
        rig.commit(1, "new");
        rig.crash();
        rig.open();
        rig.stalls.hang(STATE);
        rig.faults("a").opening(Faults.Open.UNAVAILABLE);

        rig.environment.advance(Duration.ofMinutes(1));
        CompletableFuture<Void> forced = rig.array.assembleByForce().toCompletableFuture();
        rig.environment.advance(Duration.ofMinutes(1));

        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
        assertThat(rig.array.status().reason()).contains("the state directory /state hangs");
        assertThatThrownBy(forced::join).hasMessageContaining("the state directory /state hangs");
        assertThat(texts(rig, "waiting")).hasSize(1);

        rig.faults("a").opening(Faults.Open.WORK);
        rig.stalls.goOn(STATE);
        rig.environment.await(rig.array.serving());
        assertThat(rig.load(1)).isEqualTo("new");
    }

    @Test
    void anArrayStopsAlsoWhileItsStateDirectoryHangs() {
        ArrayRig rig = new ArrayRig(4, "a", "b");
        rig.openServing();
        rig.commit(1, "x");
        rig.stalls.hang(STATE);

        CompletableFuture<Void> closed = rig.array.closeAsync().toCompletableFuture();
        rig.environment.advance(Duration.ofMinutes(2));

        assertThat(closed).isCompleted();
    }

    /** A disk that really hangs its threads. */
    @Test
    void aHangingDiskHoldsUpNeitherTheMembershipNorAnAdminNorTheEnd() throws Exception {
        ArrayRig rig = new ArrayRig(5, "a", "b", "c");
        ArrayOptions quick = ArrayRig.PATIENCE;
        try (SystemEnvironment system = new SystemEnvironment("state-hangs")) {
            RaidArray array = RaidArray.open(
                    new OnDisk(system, rig.disk),
                    () -> new ArrayConfiguration(
                            "main", rig.configuration().members(), ArrayRig.STATE, FailMode.CLOSE, false, quick));
            await().atMost(LONG).until(() -> array.status().state() == ArrayState.OPTIMAL);
            FaultDisk.Gate gate = rig.disk.hang(operation -> isState(operation.path()));

            CompletableFuture<Void> disabled = array.disable("c").toCompletableFuture();

            await().atMost(LONG).until(() -> array.status().reason().contains("hangs"));
            assertThat(disabled).isNotDone();
            gate.release();
            await().atMost(LONG).until(disabled::isDone);
            await().atMost(LONG).until(() -> array.status().state() == ArrayState.DEGRADED);
            array.close();
        }
    }

    private static boolean isState(Path path) {
        return path.startsWith(ArrayRig.STATE) && path.endsWith(SuperblockFile.NAME);
    }
}
