package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.memory.MemoryMember;

/** Whole arrays that start over what a life before has left. */
class AssemblyTest {

    private static final Duration LONG = Duration.ofMinutes(5);

    @Test
    void aFreshArrayOfEmptyMembersIsOptimalAtOnce() {
        ArrayRig rig = new ArrayRig(1, "a", "b", "c");

        rig.openServing();

        assertThat(rig.array.status().state()).isEqualTo(ArrayState.OPTIMAL);
        assertThat(rig.array.status().reason()).isBlank();
        assertThat(rig.array.events(0, 100)).anyMatch(e -> e.text().equals("serves, and holds no transaction yet"));
    }

    @Test
    void atTheFirstStartTheNewestIsTheTruthAndTheOthersWaitForTheirRecovery() {
        ArrayRig rig = new ArrayRig(2, "a", "b", "c");
        rig.append("b", 10, "one");
        rig.append("b", 20, "two");
        rig.append("c", 10, "one");

        rig.openServing();

        assertThat(rig.load(0)).isEqualTo("two");
        assertThat(rig.state("b")).isEqualTo(MemberState.OPTIMAL);
        assertThat(rig.member("a").reason()).isEqualTo("is empty: recover it");
        assertThat(rig.member("c").state()).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.tids("a")).isEmpty();
    }

    @Test
    void atTheFirstStartEqualMembersAreAllOptimal() {
        ArrayRig rig = new ArrayRig(3, "a", "b");
        rig.append("a", 10, "one");
        rig.append("b", 10, "one");

        rig.openServing();

        assertThat(rig.array.status().state()).isEqualTo(ArrayState.OPTIMAL);
    }

    @Test
    void atTheFirstStartDifferentDatabasesAreRefusedAndForceTakesTheNewest() {
        ArrayRig rig = new ArrayRig(4, "a", "b");
        rig.append("a", 10, "one");
        rig.append("a", 30, "three");
        rig.append("b", 10, "one");
        rig.append("b", 20, "two");

        rig.open();
        rig.environment.advance(LONG);
        assertThat(rig.array.status().reason()).contains("hold different databases");

        rig.environment.await(rig.array.assembleByForce());

        assertThat(rig.load(0)).isEqualTo("three");
        assertThat(rig.state("a")).isEqualTo(MemberState.OPTIMAL);
    }

    @Test
    void afterAStopInOrderNothingIsComparedAndEverybodyIsOptimal() {
        ArrayRig rig = new ArrayRig(5, "a", "b", "c");
        rig.openServing();
        Tid tid = rig.commit(1, "hello");
        rig.close();

        rig.openServing();

        assertThat(rig.load(1)).isEqualTo("hello");
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.OPTIMAL);
        assertThat(rig.array.status().lastTid()).isEqualTo(tid);
        for (String name : rig.names) {
            assertThat(rig.tids(name)).containsExactly(tid);
        }
    }

    @Test
    void aMemberThatMissedACommitIsNeverTheTruthAlsoWhenItIsTheOnlyOneLeft() {
        ArrayRig rig = new ArrayRig(6, "a", "b");
        rig.openServing();
        rig.commit(1, "old");
        rig.faults("b").appends(Faults.Append.REFUSE);
        Tid missed = rig.commit(1, "new");
        assertThat(rig.state("b")).isEqualTo(MemberState.DEGRADED);
        rig.crash();
        rig.faults("a").opening(Faults.Open.UNAVAILABLE);

        rig.open();
        rig.environment.advance(LONG);

        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
        assertThat(rig.array.status().reason()).contains("waits for a");
        rig.faults("a").opening(Faults.Open.WORK);
        rig.environment.await(rig.array.serving());
        assertThat(rig.load(1)).isEqualTo("new");
        assertThat(rig.state("b")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.array.status().lastTid()).isEqualTo(missed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b c", "a c b", "b a c", "b c a", "c a b", "c b a"})
    void inWhateverOrderMembersMissCommitsAndComeBackNoneIsLost(String order) {
        ArrayRig rig = new ArrayRig(order.hashCode(), "a", "b", "c");
        rig.openServing();
        rig.commit(1, "1");
        String[] names = order.split(" ");
        // One after the other misses commits, down to a single one, with a crash between any two.
        rig.faults(names[0]).appends(Faults.Append.REFUSE);
        rig.commit(1, "2");
        rig.crash();
        rig.faults(names[0]).opening(Faults.Open.UNAVAILABLE);
        rig.openServing();
        rig.faults(names[1]).appends(Faults.Append.HANG);
        rig.commit(1, "3");
        rig.crash();

        // They come back one at a time, the stalest first.
        rig.faults(names[1]).opening(Faults.Open.UNAVAILABLE);
        rig.faults(names[2]).opening(Faults.Open.UNAVAILABLE);
        rig.open();
        rig.environment.advance(LONG);
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
        rig.faults(names[1]).opening(Faults.Open.WORK);
        rig.environment.advance(LONG);
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
        rig.faults(names[2]).opening(Faults.Open.WORK);
        rig.environment.await(rig.array.serving());

        assertThat(rig.load(1)).isEqualTo("3");
        assertThat(rig.state(names[2])).isEqualTo(MemberState.OPTIMAL);
        assertThat(rig.state(names[0])).isNotEqualTo(MemberState.OPTIMAL);
        assertThat(rig.state(names[1])).isNotEqualTo(MemberState.OPTIMAL);
    }

    @Test
    void theStartWaitsAWhileForTheLastOptimalSetAndThenGoesOnWithoutIt() {
        ArrayRig rig = new ArrayRig(7, "a", "b");
        rig.openServing();
        rig.commit(1, "x");
        rig.close();
        rig.faults("b").opening(Faults.Open.UNAVAILABLE);

        rig.open();
        rig.environment.advance(ArrayRig.PATIENCE.assemblyWait().minusSeconds(1));
        assertThat(rig.array.serving().toCompletableFuture()).isNotDone();
        rig.environment.await(rig.array.serving());

        assertThat(rig.state("b")).isEqualTo(MemberState.WAITING);
        rig.commit(1, "y");
        rig.crash();
        // Alone b does not know what it missed; the superblock does.
        rig.faults("a").opening(Faults.Open.UNAVAILABLE);
        rig.open();
        rig.environment.advance(LONG);
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
    }

    @Test
    void aMemberThatWaitsIsOfferedForRecoveryWhenItIsBack() {
        ArrayRig rig = new ArrayRig(8, "a", "b");
        rig.openServing();
        rig.close();
        rig.faults("b").opening(Faults.Open.UNAVAILABLE);
        rig.openServing();
        rig.commit(1, "x");

        rig.faults("b").opening(Faults.Open.WORK);
        rig.environment.runUntil(() -> rig.state("b") == MemberState.DEGRADED);

        assertThat(rig.member("b").reason()).contains("is back");
        rig.environment.await(rig.array.recover("b"));
        rig.environment.runUntil(() -> rig.array.status().state() == ArrayState.OPTIMAL);
        assertThat(rig.tids("b")).isEqualTo(rig.tids("a"));
    }

    @Test
    void tailsThatWereNeverAcknowledgedAreRolledForwardToTheOthers() {
        ArrayRig rig = new ArrayRig(9, "a", "b", "c");
        rig.openServing();
        Tid acknowledged = rig.commit(1, "x");
        rig.crash();
        Tid second = acknowledged.after();
        Tid third = second.after();
        rig.append("a", second, "2");
        rig.append("c", second, "2");
        rig.append("c", third, "3");

        rig.openServing();

        for (String name : rig.names) {
            assertThat(rig.tids(name)).containsExactly(acknowledged, second, third);
        }
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.OPTIMAL);
    }

    @Test
    void ofTailsThatContradictEachOtherTheLongestStaysAndTheOtherIsKeptAside() {
        ArrayRig rig = new ArrayRig(10, "a", "b");
        rig.openServing();
        Tid acknowledged = rig.commit(1, "x");
        rig.crash();
        rig.append("a", acknowledged.after(), "mine");
        rig.append("b", acknowledged.after(), "yours");
        rig.append("b", acknowledged.after().after(), "more");

        rig.openServing();

        assertThat(rig.tids("a")).isEqualTo(rig.tids("b")).hasSize(3);
        assertThat(rig.array.events(0, 100))
                .anyMatch(e -> e.member().equals("a") && e.text().contains("is kept aside"));
        assertThat(rig.load(0)).isEqualTo("more");
    }

    @Test
    void withoutTheStateDirectoryTheMembersOwnSuperblocksDo() throws IOException {
        ArrayRig rig = new ArrayRig(11, "a", "b");
        rig.openServing();
        rig.commit(1, "old");
        rig.faults("b").appends(Faults.Append.REFUSE);
        rig.commit(1, "new");
        rig.crash();
        rig.disk.delete(ArrayRig.STATE.resolve(SuperblockFile.NAME));
        rig.disk.syncFolder(ArrayRig.STATE);

        rig.openServing();

        assertThat(rig.load(1)).isEqualTo("new");
        assertThat(rig.state("b")).isEqualTo(MemberState.DEGRADED);
    }

    @Test
    void whatASuperblockSaysCountsAlsoBesideAMemberThatCannotBeOpened() throws IOException {
        ArrayRig rig = new ArrayRig(14, "a", "b");
        rig.openServing();
        rig.commit(1, "old");
        Path state = ArrayRig.STATE.resolve(SuperblockFile.NAME);
        Path besideB = ArrayRig.folder("b").resolve(SuperblockFile.NAME);
        byte[] oldState = rig.disk.contents(state);
        byte[] oldBesideB = rig.disk.contents(besideB);
        rig.faults("b").appends(Faults.Append.REFUSE);
        rig.commit(1, "new");
        rig.crash();
        rig.disk.put(state, oldState);
        rig.disk.put(besideB, oldBesideB);
        rig.faults("a").opening(Faults.Open.UNAVAILABLE);

        rig.open();
        rig.environment.advance(LONG);

        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
        assertThat(rig.array.status().reason()).contains("waits for a");
        rig.faults("a").opening(Faults.Open.WORK);
        rig.environment.await(rig.array.serving());
        assertThat(rig.load(1)).isEqualTo("new");
    }

    @Test
    void withoutTheStateDirectoryAMissingMemberIsWaitedForUntilForced() throws IOException {
        ArrayRig rig = new ArrayRig(12, "a", "b");
        rig.openServing();
        rig.commit(1, "old");
        rig.faults("b").appends(Faults.Append.REFUSE);
        rig.commit(1, "new");
        rig.crash();
        rig.disk.delete(ArrayRig.STATE.resolve(SuperblockFile.NAME));
        rig.faults("a").opening(Faults.Open.UNAVAILABLE);
        rig.open();
        rig.environment.advance(LONG);
        assertThat(rig.array.status().reason()).contains("waits for a");
        assertThat(rig.array.recover("b"))
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withMessageContaining("waits for a");
        assertThat(rig.storage().lastTid())
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withMessageContaining("waits for a");

        rig.environment.await(rig.array.assembleByForce());

        assertThat(rig.load(1)).isEqualTo("old");
    }

    @Test
    void anOlderCopyOfAMembersFilesIsNoticed() {
        ArrayRig rig = new ArrayRig(14, "a", "b");
        rig.openServing();
        rig.commit(1, "old");
        MemoryMember backup = rig.copyOf("b", Tid.MAX);
        rig.commit(1, "x");
        rig.close();
        rig.contents.put("b", backup);

        rig.openServing();

        assertThat(rig.state("b")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.member("b").reason()).contains("older copy");
        assertThat(rig.load(1)).isEqualTo("x");
    }

    @Test
    void ifAllMembersWereReplacedByOlderOnesNothingIsServed() {
        ArrayRig rig = new ArrayRig(15, "a");
        rig.openServing();
        rig.commit(1, "old");
        MemoryMember backup = rig.copyOf("a", Tid.MAX);
        Tid last = rig.commit(1, "x");
        rig.close();
        rig.contents.put("a", backup);

        rig.open();
        rig.environment.advance(LONG);

        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
        assertThat(rig.array.status().reason()).contains("a (ends with transaction", "and had " + last);
        rig.environment.await(rig.array.assembleByForce());
        assertThat(rig.load(1)).isEqualTo("old");
    }

    @Test
    void aTransactionThatCameWhileTheArrayWasStoppedStopsWritingUntilAnAdminDecides() {
        ArrayRig rig = new ArrayRig(16, "a", "b");
        rig.failMode = FailMode.READ_ONLY;
        rig.openServing();
        Tid last = rig.commit(1, "x");
        rig.close();
        rig.append("b", last.after(), "foreign");

        rig.openServing();

        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
        assertThat(rig.array.status().reason()).contains("which this array did not write");
        assertThat(rig.load(1)).isEqualTo("x");
        assertThat(rig.state("b")).isEqualTo(MemberState.DIVERGED);
        assertThat(rig.array.pack(new PackRequest(last, PackRequest.Garbage.KEEP)))
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withMessageContaining("is read-only and cannot be packed: member b holds");
        rig.crash();
        rig.openServing();
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
        rig.environment.await(rig.array.assembleByForce());
        rig.commit(1, "y");
        assertThat(rig.tids("a")).doesNotContain(last.after());
    }

    @Test
    void aCrashWithinAnyStepOfMarkingAMemberLeavesEitherTheCommitUnacknowledgedOrTheMemberMarked() {
        int crashes = 0;
        for (int step = 1; step < 60; step++) {
            ArrayRig rig = new ArrayRig(step, "a", "b", "c");
            rig.openServing();
            rig.commit(1, "old");
            rig.faults("c").appends(Faults.Append.REFUSE);
            rig.disk.crashAt(rig.disk.steps() + step);
            var commit = rig.commitLater(1, "new").toCompletableFuture();
            rig.environment.advance(Duration.ofSeconds(30));
            boolean acknowledged = commit.isDone() && !commit.isCompletedExceptionally();
            if (!rig.disk.hasCrashed()) {
                assertThat(acknowledged).isTrue();
            } else {
                crashes++;
            }
            rig.disk.crash();
            rig.disk = rig.disk.afterCrash(step);
            rig.faults.replaceAll((name, old) -> new Faults());
            // Only the one that missed it is there, and then all are.
            rig.faults("a").opening(Faults.Open.UNAVAILABLE);
            rig.faults("b").opening(Faults.Open.UNAVAILABLE);
            rig.open();
            rig.environment.advance(Duration.ofMinutes(2));
            if (acknowledged) {
                assertThat(rig.array.status().state()).as("step " + step).isEqualTo(ArrayState.FAILED);
                rig.faults("a").opening(Faults.Open.WORK);
                rig.faults("b").opening(Faults.Open.WORK);
                rig.environment.await(rig.array.serving());
                assertThat(rig.load(1)).as("step " + step).isEqualTo("new");
            }
        }
        assertThat(crashes).isPositive();
    }

    @Test
    void whileAnArrayAssemblesEachMemberSaysWhatItIsWaitedFor() {
        ArrayRig rig = new ArrayRig(41, "a", "b", "c");
        rig.append("a", 10, "one");
        rig.faults("b").opening(Faults.Open.UNAVAILABLE);
        rig.faults("c").opening(Faults.Open.HANG);

        rig.open();
        rig.environment.advance(Duration.ofSeconds(5));

        assertThat(rig.member("a").reason()).contains("is open and ends with transaction 000000000000000a");
        assertThat(rig.member("a").lastTid()).isEqualTo(new Tid(10));
        assertThat(rig.member("b").reason()).isEqualTo("cannot be taken in: told not to open; it is tried again");
        assertThat(rig.member("c").reason()).startsWith("is being opened, since 2026-01-01T01:00:0");
        rig.environment.advance(Duration.ofMinutes(5));
        assertThat(rig.member("c").reason()).contains("still hangs in an earlier attempt to open it");
    }

    @Test
    void aRecoveryThatTwoCrashesInterruptGoesOnByItself() {
        ArrayRig rig = new ArrayRig(42, "a", "b");
        rig.openServing();
        rig.environment.await(rig.array.disable("b"));
        rig.commit(1, "x");
        rig.faults("b").appends(Faults.Append.HANG);
        rig.environment.await(rig.array.recover("b"));
        assertThat(rig.state("b")).isEqualTo(MemberState.RECOVERING);
        rig.crash();
        rig.open();
        rig.environment.runUntil(() -> rig.state("b") == MemberState.DEGRADED);
        rig.crash();

        rig.openServing();
        rig.environment.runUntil(() -> rig.array.status().state() == ArrayState.OPTIMAL);

        assertThat(rig.tids("b")).isEqualTo(rig.tids("a"));
    }
}
