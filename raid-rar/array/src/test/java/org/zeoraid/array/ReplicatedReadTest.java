package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.seam.SimulatedEnvironment;

class ReplicatedReadTest {

    private static final Duration DEADLINE = Duration.ofSeconds(2).plusMillis(600);

    /** Time for a second member to be asked, in another thread. */
    private static final Duration HEDGED = Duration.ofMillis(30);

    private final SimulatedEnvironment environment = new SimulatedEnvironment(1);
    private final Rig rig = new Rig(environment, "a", "b", "c");

    @BeforeEach
    void someObjects() {
        for (int i = 0; i < 100; i++) {
            rig.commit(i + "=v" + i);
        }
    }

    @Test
    void readsSpreadOverAllMembers() {
        for (int i = 0; i < 100; i++) {
            assertThat(rig.load(i)).isCompletedWithValue("v" + i);
        }
        for (int i = 0; i < 3; i++) {
            assertThat(rig.faults(i).readCount()).isBetween(15, 60);
        }
    }

    @Test
    void neighboursWhichShareAPageAreReadFromTheSameMember() {
        Readers readers = rig.log.path().readers();
        for (int i = 0; i < 100; i++) {
            long first = Rig.oid(i).value();
            assertThat(LongStream.range(first, first + Readers.RANGE).mapToObj(readers::choose))
                    .containsOnly(readers.choose(first));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Faults.Read.class,
            names = {"UNAVAILABLE", "DAMAGED", "THROW"})
    void aMemberThatCannotReadIsTakenOutAndTheCallerSeesNothing(Faults.Read fault) {
        rig.faults(1).reads(fault);

        for (int i = 0; i < 100; i++) {
            assertThat(rig.load(i)).isCompletedWithValue("v" + i);
        }

        assertThat(rig.keeper.state("b")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.keeper.reason("b")).contains("a read failed here");
        assertThat(rig.keeper.distrusted.contains("b")).isEqualTo(fault == Faults.Read.DAMAGED);
        assertThat(rig.faults(1).readCount()).isEqualTo(1);
        assertThat(rig.keeper.current().optimal()).hasSize(2);
    }

    @Test
    void ifNobodyCanReadTheCallerIsToldAndNobodyIsTakenOut() {
        for (int i = 0; i < 3; i++) {
            rig.faults(i).reads(Faults.Read.DAMAGED);
        }
        assertThat(Rig.failure(rig.load(1))).isInstanceOf(CorruptedException.class);
        assertThat(rig.keeper.current().optimal()).hasSize(3);
    }

    @Test
    void anotherMemberIsAskedWhenTheFirstIsSlowAndNobodyIsTakenOutForThat() {
        rig.faults(1).reads(Faults.Read.HANG);
        List<CompletableFuture<String>> loads = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            loads.add(rig.load(i));
        }
        assertThat(loads).anyMatch(load -> !load.isDone());

        environment.advance(HEDGED);

        for (int i = 0; i < 30; i++) {
            assertThat(loads.get(i)).isCompletedWithValue("v" + i);
        }
        assertThat(rig.keeper.current().optimal()).hasSize(3);
        rig.faults(1).release();
        environment.advance(DEADLINE);
        assertThat(rig.keeper.current().optimal()).hasSize(3);
    }

    @Test
    void whoHasTooManyQuestionsToAnswerIsNotTakenOutForThat() {
        environment.workerDelay(Duration.ofNanos(1_000));
        List<CompletableFuture<Tid>> serials = new ArrayList<>();
        for (int i = 0; i < ReadWorkers.MOST + 500; i++) {
            serials.add(rig.log.aside().serial(Rig.oid(1)).toCompletableFuture());
        }
        environment.advance(Duration.ofSeconds(1));

        Tid serial = rig.log.serial(Rig.oid(1)).toCompletableFuture().join();
        assertThat(serials.stream().filter(answer -> !serial.equals(answer.getNow(Tid.NONE))))
                .isEmpty();
        assertThat(rig.keeper.current().optimal()).hasSize(3);
    }

    @Test
    void whoIsReadFromIsFoundWhileEverybodyGetsBusier() throws InterruptedException {
        Readers readers = rig.log.path().readers();
        AtomicBoolean done = new AtomicBoolean();
        Thread others = new Thread(() -> {
            while (!done.get()) {
                readers.all().forEach(seat -> seat.member().readsInFlight().set(1_000_000));
                readers.all().forEach(seat -> seat.member().readsInFlight().set(0));
            }
        });
        others.start();
        try {
            for (int i = 0; i < 100_000; i++) {
                readers.reroute();
                assertThat(readers.choose(i)).isNotNull();
            }
        } finally {
            done.set(true);
            others.join();
        }
    }

    @Test
    void aMemberThatHangsOverAReadThatAnotherAnsweredIsTakenOutAfterTheDeadline() {
        rig.faults(1).reads(Faults.Read.HANG);
        for (int i = 0; i < 30; i++) {
            rig.load(i);
        }
        environment.advance(DEADLINE);
        assertThat(rig.keeper.state("b")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.keeper.current().optimal()).hasSize(2);
        assertThat(rig.members.get(0).readsInFlight()).hasValue(0);
    }

    @Test
    void ifAllHangTheReadFailsAfterTheDeadlineAndNobodyIsBlamed() {
        for (int i = 0; i < 3; i++) {
            rig.faults(i).reads(Faults.Read.HANG);
        }
        CompletableFuture<String> load = rig.load(1);
        environment.advance(DEADLINE.multipliedBy(2));
        assertThat(Rig.failure(load)).isInstanceOf(StorageUnavailableException.class);
        assertThat(rig.keeper.current().optimal()).hasSize(3);
        for (int i = 0; i < 3; i++) {
            rig.faults(i).release();
            assertThat(rig.members.get(i).readsInFlight()).hasValue(0);
        }
        assertThat(rig.load(1)).isCompletedWithValue("v1");
    }

    @Test
    void anObjectThatAllMembersLackIsNotFound() {
        assertThat(Rig.failure(rig.load(4711))).isInstanceOf(ObjectNotFoundException.class);
        rig.commit("5");
        assertThat(Rig.failure(rig.load(5))).isInstanceOf(ObjectNotFoundException.class);
        assertThat(rig.keeper.current().optimal()).hasSize(3);
        assertThat(rig.keeper.events).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Faults.Read.class,
            names = {"UNAVAILABLE", "HANG", "THROW"})
    void notFoundIsNotBelievedOfOneMemberWhileAnotherCannotAnswer(Faults.Read fault) {
        Rig two = new Rig(environment, "a", "b");
        two.commit("1=x");
        two.commit("2=y");
        two.faults(0).reads(Faults.Read.MISSING);
        two.faults(1).reads(fault);

        for (int i = 1; i < 3; i++) {
            CompletableFuture<String> load = two.load(i);
            environment.advance(DEADLINE);
            assertThat(Rig.failure(load)).isInstanceOf(StorageUnavailableException.class);
        }

        assertThat(two.keeper.current().optimal()).hasSize(2);
    }

    @Test
    void aMemberThatCannotFindWhatItWroteIsFoundOut() {
        rig.faults(1).reads(Faults.Read.MISSING);
        for (int i = 0; i < 100; i++) {
            assertThat(environment.await(rig.load(i))).isEqualTo("v" + i);
        }
        assertThat(rig.keeper.state("b")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.keeper.reason("b")).contains("it has lost data");
        assertThat(rig.keeper.distrusted).containsExactly("b");
        assertThat(rig.keeper.current().optimal()).hasSize(2);
    }

    @Test
    void aMemberThatDoesNotKnowWhatItWroteIsFoundOut() {
        rig.faults(1).reads(Faults.Read.MISSING);
        for (int i = 0; i < 100; i++) {
            assertThat(environment.await(rig.log.serial(Rig.oid(i)))).isEqualTo(new Tid(1001 + i));
        }
        assertThat(rig.keeper.distrusted).containsExactly("b");
    }

    @Test
    void aMemberThatHasNothingSoEarlyIsNotBelievedAlone() {
        rig.faults(1).reads(Faults.Read.NOTHING);
        for (int i = 0; i < 100; i++) {
            assertThat(environment.await(rig.load(i))).isEqualTo("v" + i);
        }
        assertThat(rig.keeper.distrusted).containsExactly("b");
    }

    @Test
    void whatIsNotThereYetIsSaidByTwo() {
        for (int i = 0; i < 3; i++) {
            assertThat(environment.await(rig.log.serial(Rig.oid(4711 + i)))).isEqualTo(Tid.NONE);
            assertThat(environment.await(rig.log.loadBefore(Rig.oid(1 + i), new Tid(1001))))
                    .isEmpty();
        }
        assertThat(rig.keeper.current().optimal()).hasSize(3);
        assertThat(IntStream.range(0, 3).map(i -> rig.faults(i).readCount()).sum())
                .isEqualTo(12);
    }

    @ParameterizedTest
    @EnumSource(
            value = Faults.Read.class,
            names = {"UNAVAILABLE", "HANG", "THROW"})
    void whoIsSilentWhileAnotherSaysThatNothingIsThereYetIsTakenOut(Faults.Read fault) {
        Rig two = new Rig(environment, "a", "b");
        two.commit("1=x");
        two.faults(1).reads(fault);

        CompletableFuture<Tid> serial = two.log.serial(Rig.oid(2)).toCompletableFuture();
        environment.advance(DEADLINE);

        assertThat(serial).isCompletedWithValue(Tid.NONE);
        assertThat(two.keeper.state("b")).isEqualTo(MemberState.DEGRADED);
        assertThat(two.keeper.state("a")).isEqualTo(MemberState.OPTIMAL);
    }

    @Test
    void sizesThatMembersHaveAtHandAreAtHand() {
        assertThat(rig.log.stats().toCompletableFuture())
                .isCompletedWithValueMatching(stats -> stats.objects() == 100, "100 objects");
    }

    @Test
    void theLargestOidIsThatOfWhoeverHasMost() {
        Rig two = new Rig(environment, "a", "b");
        two.commit("1=x");
        two.faults(0).appends(Faults.Append.LIE);
        two.commit("7=x");

        assertThat(environment.await(two.log.stats()).largestOid()).isEqualTo(Rig.oid(7));
    }

    @ParameterizedTest
    @EnumSource(
            value = Faults.Read.class,
            names = {"UNAVAILABLE", "HANG", "THROW"})
    void howFarMembersArePackedIsToldByThoseThatCan(Faults.Read fault) {
        rig.logs.get(2).pack(new PackRequest(new Tid(1010), PackRequest.Garbage.KEEP));
        rig.faults(0).reads(fault);

        assertThat(environment.await(rig.log.packedTo())).isEqualTo(new Tid(1010));

        assertThat(rig.keeper.state("a")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.keeper.current().optimal()).hasSize(2);
    }

    @Test
    void ifNobodyTellsHowFarItIsPackedNobodyIsBlamed() {
        for (int i = 0; i < 3; i++) {
            rig.faults(i).reads(Faults.Read.HANG);
        }
        CompletableFuture<Tid> packedTo = rig.log.packedTo().toCompletableFuture();
        environment.runUntil(packedTo::isDone);
        assertThat(Rig.failure(packedTo)).isInstanceOf(StorageUnavailableException.class);
        assertThat(rig.keeper.current().optimal()).hasSize(3);
    }

    @Test
    void aMemberThatLostADeletionIsFoundOut() {
        for (int i = 0; i < 30; i++) {
            rig.faults(1).appends(Faults.Append.LIE);
            // The liar would refuse what follows, so each deletion is the last transaction of an array of its own.
            Rig own = new Rig(environment, "a", "b");
            own.commit(i + "=x");
            own.faults(1).appends(Faults.Append.LIE);
            own.commit(Integer.toString(i));

            CompletableFuture<String> load = own.load(i);
            environment.runUntil(load::isDone);
            assertThat(Rig.failure(load)).isInstanceOf(ObjectNotFoundException.class);

            if (own.keeper.current().optimal().size() == 1) {
                assertThat(own.keeper.state("b")).isEqualTo(MemberState.DEGRADED);
                assertThat(own.keeper.reason("b")).contains("deleted since");
                return;
            }
        }
        throw new AssertionError("the liar was never asked");
    }

    @Test
    void membersThatArePackedDifferentlyMayDifferAndNobodyIsBlamed() {
        rig.commit("7=new");
        rig.logs.get(1).pack(new PackRequest(rig.last(), PackRequest.Garbage.KEEP));
        CompletableFuture<String> old = Rig.text(rig.log.loadSerial(Rig.oid(7), new Tid(1008)));
        assertThat(old).isCompletedWithValue("v7");
        assertThat(rig.keeper.current().optimal()).hasSize(3);
    }

    @Test
    void nobodyIsBlamedForWhatAPackTookThatEndedElsewhereMeanwhile() {
        for (int i = 0; i < 100; i++) {
            rig.commit(i + "=new");
        }
        PackRequest pack = new PackRequest(rig.last(), PackRequest.Garbage.KEEP);
        environment.await(rig.logs.get(0).pack(pack));
        List<CompletableFuture<String>> old = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            old.add(Rig.text(rig.log.loadSerial(Rig.oid(i), new Tid(1001 + i))));
        }
        assertThat(old).anyMatch(load -> !load.isDone());

        environment.await(rig.logs.get(1).pack(pack));
        environment.await(rig.logs.get(2).pack(pack));

        for (int i = 0; i < 100; i++) {
            assertThat(environment.await(old.get(i))).isEqualTo("v" + i);
        }
        assertThat(rig.keeper.current().optimal()).hasSize(3);
    }

    @Test
    void writeMostlyMembersAreAskedWhenNoOtherCanAnswer() {
        Rig two = new Rig(environment, "wm", "b");
        two.commit("1=x", "2=x", "3=x", "4=x");
        for (int i = 1; i <= 4; i++) {
            two.load(i);
        }
        assertThat(two.faults(0).readCount()).isZero();
        two.faults(1).reads(Faults.Read.DAMAGED);
        assertThat(two.load(1)).isCompletedWithValue("x");
        assertThat(two.keeper.state("b")).isEqualTo(MemberState.DEGRADED);
    }

    @Test
    void withoutAnOptimalMemberNothingIsRead() {
        Rig none = new Rig(environment, List.of("a"), List.of("a"));
        assertThat(Rig.failure(none.load(1))).isInstanceOf(ArrayFailedException.class);
        assertThat(Rig.failure(none.commit("1=x"))).isInstanceOf(ArrayFailedException.class);
    }

    @Test
    void aWalkGoesOnBehindTheLastElementWhenItsMemberFails() {
        List<Tid> seen = new ArrayList<>();
        try (Cursor<TransactionHeader> cursor = rig.log.headers(Tid.NONE, Tid.MAX)) {
            for (int round = 0; ; round++) {
                List<TransactionHeader> batch =
                        cursor.next(100).toCompletableFuture().join();
                if (batch.isEmpty()) {
                    break;
                }
                batch.forEach(header -> seen.add(header.tid()));
                if (round == 3) {
                    rig.faults(0).reads(Faults.Read.UNAVAILABLE);
                }
            }
        }
        assertThat(seen).isEqualTo(rig.tids(1)).hasSize(100);
        assertThat(rig.keeper.state("a")).isEqualTo(MemberState.DEGRADED);
    }

    @Test
    void aWalkOverObjectsGoesOnElsewhereWhenItsMemberHangs() {
        Cursor<CurrentRecord> cursor = rig.log.currentRecords(Oid.ROOT);
        List<CurrentRecord> seen =
                new ArrayList<>(cursor.next(10).toCompletableFuture().join());
        rig.faults(0).reads(Faults.Read.HANG);
        CompletableFuture<List<CurrentRecord>> rest = cursor.next(1 << 20).toCompletableFuture();
        assertThat(rest).isNotDone();
        environment.advance(Duration.ofSeconds(5));
        seen.addAll(rest.join());
        assertThat(seen).hasSize(100).doesNotHaveDuplicates();
        assertThat(rig.keeper.state("a")).isEqualTo(MemberState.DEGRADED);
    }

    @Test
    void whoAsksAWalkTwiceAtOnceIsToldSoAndNoMemberIsBlamed() {
        Cursor<CurrentRecord> cursor = rig.log.currentRecords(Oid.ROOT);
        rig.faults(0).reads(Faults.Read.HANG);
        CompletableFuture<List<CurrentRecord>> first = cursor.next(10).toCompletableFuture();

        CompletableFuture<List<CurrentRecord>> second = cursor.next(10).toCompletableFuture();

        assertThat(Rig.failure(second)).isInstanceOf(ProtocolException.class);
        rig.faults(0).release();
        assertThat(environment.await(first)).isNotEmpty();
        assertThat(environment.await(cursor.next(10))).isNotEmpty();
        assertThat(rig.keeper.current().optimal()).hasSize(3);
    }

    @Test
    void aWalkEndsAtTheLastAcknowledgedTransaction() {
        rig.faults(1).appends(Faults.Append.HANG);
        rig.commit("1=unacknowledged");
        assertThat(rig.log
                        .headers(Tid.NONE, Tid.MAX)
                        .next(1 << 20)
                        .toCompletableFuture()
                        .join())
                .hasSize(100);
        assertThat(rig.log.lastTid().toCompletableFuture()).isCompletedWithValue(new Tid(1100));
    }
}
