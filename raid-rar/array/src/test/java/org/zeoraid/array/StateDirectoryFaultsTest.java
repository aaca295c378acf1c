package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.seam.FaultDisk;

/** Whole arrays, of members that are open once at a time, whose state directory fails and comes back. */
class StateDirectoryFaultsTest {

    private static ArrayRig serving(int seed, String... names) {
        ArrayRig rig = new ArrayRig(seed, names);
        rig.membersAreLocked = true;
        return rig;
    }

    /** From now on the state directory's superblock cannot be written. */
    private static AutoCloseable unwritable(ArrayRig rig) {
        return rig.disk.rule(operation -> {
            if (operation.path().endsWith(SuperblockFile.NAME)
                    && operation.path().startsWith(ArrayRig.STATE)
                    && operation.kind() == FaultDisk.Kind.WRITE) {
                throw new IOException("input/output error");
            }
        });
    }

    private static void failForMinutes(ArrayRig rig, int minutes) throws Exception {
        try (AutoCloseable rule = unwritable(rig)) {
            rig.faults("c").appendOnce(Faults.Append.REFUSE);
            rig.commitLater(1, "y");
            rig.environment.advance(Duration.ofMinutes(minutes));
        }
    }

    /** Commits as long as a client may, and gives what was acknowledged. */
    private static List<Tid> commitOften(ArrayRig rig, int times, Duration pause) {
        List<Tid> acknowledged = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            rig.environment.advance(pause);
            CompletableFuture<Tid> commit;
            try {
                commit = rig.commitLater(2 + i, "n" + i).toCompletableFuture();
            } catch (StorageException e) {
                assertThat(e).hasMessageContaining("array");
                continue;
            }
            rig.environment.advance(Duration.ofMillis(200));
            if (commit.isDone() && !commit.isCompletedExceptionally()) {
                acknowledged.add(commit.join());
            }
        }
        return acknowledged;
    }

    private static void assertOptimalMembersHave(ArrayRig rig, List<Tid> acknowledged) {
        for (String name : rig.names) {
            if (rig.state(name) == MemberState.OPTIMAL) {
                assertThat(rig.tids(name)).as(name).containsAll(acknowledged);
            }
        }
    }

    private static long servings(ArrayRig rig) {
        return rig.array.events(0, 5000).stream()
                .filter(event -> event.kind().equals("serving"))
                .count();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 6})
    void theArrayServesOnceWhenTheStateDirectoryIsBackAndLosesNothing(int minutes) throws Exception {
        ArrayRig rig = serving(minutes, "a", "b", "c");
        rig.superblocksLieBeside = false;
        rig.openServing();
        rig.commit(1, "x");

        failForMinutes(rig, minutes);
        List<Tid> acknowledged = commitOften(rig, 100, Duration.ofSeconds(2));

        assertThat(acknowledged).hasSizeGreaterThan(50);
        assertThat(servings(rig)).isEqualTo(2);
        assertOptimalMembersHave(rig, acknowledged);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 5, 8})
    void afterAStateDirectoryThatFailedForMinutesAStaleMemberIsNotTheTruth(int minutes) throws Exception {
        ArrayRig rig = serving(minutes, "a", "b", "c");
        rig.openServing();
        rig.commit(1, "x");
        failForMinutes(rig, minutes);
        rig.environment.advance(Duration.ofMinutes(2));
        rig.environment.runUntil(() -> rig.array.status().state() != ArrayState.FAILED);
        List<Tid> acknowledged = new ArrayList<>();
        acknowledged.add(rig.commit(1, "before"));

        try (AutoCloseable ofB = rig.disk.rule(operation -> {
            if (operation.path().startsWith(ArrayRig.folder("b"))) {
                throw new IOException("input/output error");
            }
        })) {
            rig.faults("b").appendOnce(Faults.Append.REFUSE);
            acknowledged.add(rig.commit(1, "missed by b"));
        }
        acknowledged.addAll(commitOften(rig, 40, Duration.ofSeconds(5)));

        assertThat(rig.load(1)).isEqualTo("missed by b");
        assertThat(servings(rig)).isEqualTo(2);
        assertOptimalMembersHave(rig, acknowledged);
    }

    @Test
    void aStateDirectoryThatFailsForAWhileHoldsUpACommitAndLosesNothing() throws Exception {
        ArrayRig rig = serving(11, "a", "b", "c");
        rig.openServing();
        rig.commit(1, "x");
        CompletableFuture<Tid> commit;
        try (AutoCloseable rule = unwritable(rig)) {
            rig.faults("c").appendOnce(Faults.Append.REFUSE);
            commit = rig.commitLater(1, "y").toCompletableFuture();
            rig.environment.advance(Duration.ofSeconds(5));
            assertThat(commit).isNotDone();
        }

        rig.environment.advance(Duration.ofSeconds(5));

        assertThat(commit).isCompleted();
        assertThat(rig.state("c")).isEqualTo(MemberState.DEGRADED);
    }

    @Test
    void aRecoveryWhoseLastSuperblockMayBeWrittenWaitsUntilItIsAndLosesNothing() throws Exception {
        ArrayRig rig = serving(12, "a", "b");
        rig.openServing();
        rig.commit(1, "x");
        rig.faults("b").appendOnce(Faults.Append.REFUSE);
        rig.commit(1, "missed by b");
        List<CompletableFuture<Tid>> commits = new ArrayList<>();
        // What was written stays, but nobody is told.
        try (AutoCloseable rule = rig.disk.rule(operation -> {
            if (operation.path().endsWith(SuperblockFile.NAME)
                    && operation.path().startsWith(ArrayRig.STATE)
                    && operation.kind() == FaultDisk.Kind.SYNC
                    && rig.array.events(0, 1000).stream().anyMatch(e -> e.kind().equals("recovered"))) {
                throw new IOException("input/output error");
            }
        })) {
            rig.array.recover("b");
            for (int i = 0; i < 40; i++) {
                commits.add(rig.commitLater(2 + i, "n").toCompletableFuture());
                rig.environment.advance(Duration.ofMillis(5));
            }
            rig.environment.advance(Duration.ofSeconds(3));
        } catch (StorageException e) {
            assertThat(e).hasMessageContaining("cannot be written");
        }
        rig.environment.advance(Duration.ofSeconds(5));

        assertThat(rig.state("b")).isEqualTo(MemberState.OPTIMAL);
        List<Tid> acknowledged = commits.stream()
                .filter(commit -> commit.isDone() && !commit.isCompletedExceptionally())
                .map(CompletableFuture::join)
                .toList();
        assertOptimalMembersHave(rig, acknowledged);
    }
}
