package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.memory.MemoryMember;

/** Arrays that wait for an admin: who forces them, or puts right what is missing. */
class AssemblyByAdminTest {

    private static final Duration LONG = Duration.ofMinutes(5);

    @Test
    void forceDoesNotBeginWithNothingWhereThereWasSomething() {
        ArrayRig rig = new ArrayRig(17, "a", "b");
        rig.openServing();
        rig.commit(1, "x");
        rig.close();
        rig.contents.replaceAll((name, content) -> MemoryMember.named(name));
        rig.open();
        rig.environment.advance(LONG);
        assertThat(rig.array.status().reason()).contains("is empty, and had transactions", "is its disk mounted?");

        var forced = rig.array.assembleByForce().toCompletableFuture();
        rig.environment.advance(LONG);

        assertThat(forced)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withMessageContaining("every member that could be taken is empty");
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
    }

    @Test
    void afterAssemblyByForceNewTidsAreLaterThanAllThatWereEverServedAndCachesAreDropped() {
        ArrayRig rig = new ArrayRig(13, "a", "b");
        rig.openServing();
        rig.commit(1, "old");
        rig.faults("b").appends(Faults.Append.REFUSE);
        rig.environment.jumpClock(Duration.ofDays(300));
        Tid lost = rig.commit(1, "new");
        rig.environment.advance(LONG);
        rig.crash();
        rig.faults("a").opening(Faults.Open.UNAVAILABLE);
        rig.open();
        int[] dropped = {0};
        rig.storage().subscribe(new Listener(() -> dropped[0]++));
        rig.environment.advance(LONG);

        rig.environment.await(rig.array.assembleByForce());

        assertThat(rig.load(1)).isEqualTo("old");
        assertThat(dropped[0]).isPositive();
        assertThat(rig.commit(1, "after")).isGreaterThan(lost);
        // The one that was the truth comes back with more than the array has: it is not believed any more.
        rig.close();
        rig.faults("a").opening(Faults.Open.WORK);
        rig.openServing();
        assertThat(rig.load(1)).isEqualTo("after");
        assertThat(rig.state("a")).isNotEqualTo(MemberState.OPTIMAL);
    }

    @Test
    void aDiskThatIsMountedWhileTheArrayWaitsIsFound() throws IOException {
        ArrayRig rig = new ArrayRig(18, "a", "b");
        rig.openServing();
        rig.commit(1, "x");
        rig.close();
        byte[] superblock = rig.disk.contents(beside("b"));
        MemoryMember mounted = Objects.requireNonNull(rig.contents.put("b", MemoryMember.named("b")));
        rig.disk.delete(beside("b"));
        rig.disk.delete(ArrayRig.STATE.resolve(SuperblockFile.NAME));
        rig.open();
        rig.environment.advance(LONG);
        assertThat(rig.array.status().reason()).contains("member b, which was optimal, is empty: is its disk mounted?");
        assertThat(rig.opened("b")).as("opened once by each life").isEqualTo(2);

        rig.contents.put("b", mounted);
        rig.disk.put(beside("b"), superblock);
        rig.environment.await(rig.array.serving());

        assertThat(rig.load(1)).isEqualTo("x");
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.OPTIMAL);
    }

    @Test
    void aStateDirectoryThatIsPutBackWhileTheArrayWaitsIsFound() throws IOException {
        ArrayRig rig = new ArrayRig(19, "a", "b");
        Path state = ArrayRig.STATE.resolve(SuperblockFile.NAME);
        rig.openServing();
        rig.commit(1, "x");
        rig.close();
        byte[] superblock = rig.disk.contents(state);
        rig.disk.delete(state);
        rig.faults("b").opening(Faults.Open.UNAVAILABLE);
        rig.open();
        rig.environment.advance(LONG);
        assertThat(rig.array.status().reason()).contains("the state directory has no readable superblock");

        rig.disk.put(state, superblock);
        rig.environment.await(rig.array.serving());

        assertThat(rig.load(1)).isEqualTo("x");
        assertThat(rig.state("b")).isEqualTo(MemberState.WAITING);
    }

    @Test
    void whatWasForcedOutranksWhatTheMissingMembersHaveWrittenDown() throws IOException {
        ArrayRig rig = new ArrayRig(20, "a", "b", "c");
        rig.openServing();
        rig.commit(1, "old");
        byte[] oldBesideC = rig.disk.contents(beside("c"));
        rig.faults("c").appends(Faults.Append.REFUSE);
        rig.commit(1, "new");
        for (int i = 0; i < 5; i++) {
            rig.environment.await(rig.array.disable("b"));
            rig.environment.await(rig.array.recover("b"));
            rig.environment.runUntil(() -> rig.state("b") == MemberState.OPTIMAL);
        }
        rig.crash();
        byte[] besideA = rig.disk.contents(beside("a"));
        byte[] besideB = rig.disk.contents(beside("b"));
        // The machine that is left has an old disk alone.
        rig.disk.delete(beside("a"));
        rig.disk.delete(beside("b"));
        rig.disk.delete(ArrayRig.STATE.resolve(SuperblockFile.NAME));
        rig.disk.put(beside("c"), oldBesideC);
        rig.faults("a").opening(Faults.Open.UNAVAILABLE);
        rig.faults("b").opening(Faults.Open.UNAVAILABLE);
        rig.open();
        rig.environment.advance(LONG);
        rig.environment.await(rig.array.assembleByForce());
        assertThat(rig.load(1)).isEqualTo("old");
        rig.commit(1, "after");
        rig.close();

        rig.disk.put(beside("a"), besideA);
        rig.disk.put(beside("b"), besideB);
        rig.faults("a").opening(Faults.Open.WORK);
        rig.faults("b").opening(Faults.Open.WORK);
        rig.openServing();

        assertThat(rig.load(1)).isEqualTo("after");
        assertThat(rig.state("a")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.state("b")).isEqualTo(MemberState.DEGRADED);
    }

    @Test
    void aMemberWhoseDiskIsMountedAgainIsNoLongerCalledEmpty() throws IOException {
        ArrayRig rig = new ArrayRig(21, "a", "b");
        rig.openServing();
        Tid last = rig.commit(1, "x");
        rig.close();
        byte[] superblock = rig.disk.contents(beside("b"));
        MemoryMember mounted = Objects.requireNonNull(rig.contents.put("b", MemoryMember.named("b")));
        rig.disk.delete(beside("b"));
        rig.openServing();
        String empty =
                "is empty, and had transactions up to " + last + " before: is its disk mounted? Recover it when it is";
        assertThat(rig.member("b").reason()).isEqualTo(empty);
        rig.close();

        rig.openServing();
        assertThat(rig.member("b").reason()).isEqualTo(empty);
        rig.close();
        rig.contents.put("b", mounted);
        rig.disk.put(beside("b"), superblock);
        rig.openServing();

        assertThat(rig.member("b").reason()).isEqualTo("is in its place again: recover it");
    }

    private static Path beside(String member) {
        return ArrayRig.folder(member).resolve(SuperblockFile.NAME);
    }

    private record Listener(Runnable dropped) implements Storage.InvalidationListener {
        @Override
        public void committed(Tid tid, List<Oid> oids, StorageTransaction by) {}

        @Override
        public void dropCaches() {
            dropped.run();
        }
    }
}
