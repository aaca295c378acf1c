package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.seam.SimulatedEnvironment;

class CommitLaneTest {

    private static final Duration DEADLINE = Duration.ofSeconds(2).plusMillis(600);

    private final SimulatedEnvironment environment = new SimulatedEnvironment(1);
    private final Rig rig = new Rig(environment, "a", "b", "c");

    @Test
    void aCommitIsOnAllMembersBeforeItIsAcknowledged() {
        rig.faults(1).appends(Faults.Append.HANG);

        CompletableFuture<Void> commit = rig.commit("1=x");

        assertThat(commit).isNotDone();
        rig.faults(1).release();
        assertThat(commit).isCompleted();
        assertThat(rig.tids(0)).containsExactly(rig.last());
        assertThat(rig.tids(1)).containsExactly(rig.last());
        assertThat(rig.tids(2)).containsExactly(rig.last());
        assertThat(rig.keeper.acknowledgedLast()).isEqualTo(rig.last());
    }

    @ParameterizedTest
    @EnumSource(
            value = Faults.Append.class,
            names = {"REFUSE", "DISK_FULL", "UNKNOWN_LOST", "UNKNOWN_DONE", "THROW"})
    void aMemberThatFailsIsTakenOutAndTheCallerSeesNothing(Faults.Append fault) {
        rig.commit("1=x");
        rig.faults(1).appends(fault);

        CompletableFuture<Void> second = rig.commit("1=y");
        CompletableFuture<Void> third = rig.commit("1=z");

        assertThat(second).isCompleted();
        assertThat(third).isCompleted();
        assertThat(rig.keeper.state("b")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.keeper.reason("b")).contains("failed here and not elsewhere");
        assertThat(rig.keeper.firstMissed("b")).isEqualTo(new Tid(1002));
        assertThat(rig.faults(1).appendCount()).isEqualTo(2);
        assertThat(rig.tids(0)).hasSize(3).isEqualTo(rig.tids(2));
    }

    @Test
    void nothingIsAcknowledgedBeforeItIsDurableThatAMemberMissedIt() {
        rig.keeper.holdMarks();
        rig.faults(1).appends(Faults.Append.REFUSE);

        CompletableFuture<Void> first = rig.commit("1=x");
        CompletableFuture<Void> second = rig.commit("1=y");

        assertThat(first).isNotDone();
        assertThat(second).isNotDone();
        rig.keeper.releaseMarks();
        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
    }

    @Test
    void ifTheMarkCannotBeWrittenNothingIsAcknowledgedAnyMore() {
        rig.keeper.failMarks();
        rig.faults(1).appends(Faults.Append.REFUSE);

        CompletableFuture<Void> first = rig.commit("1=x");

        assertThat(Rig.failure(first)).isInstanceOf(OutcomeUnknownException.class);
        assertThat(Rig.failure(rig.commit("1=y"))).isInstanceOf(ArrayFailedException.class);
    }

    @Test
    void aMemberThatHangsIsTakenOutAfterTheDeadline() {
        rig.faults(2).appends(Faults.Append.HANG);

        CompletableFuture<Void> commit = rig.commit("1=x");
        environment.advance(Duration.ofMillis(1900));
        assertThat(commit).isNotDone();
        environment.advance(Duration.ofMillis(700));

        assertThat(commit).isCompleted();
        assertThat(rig.keeper.state("c")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.keeper.reason("c")).contains("no answer");
        assertThat(rig.keeper.state("a")).isEqualTo(MemberState.OPTIMAL);
    }

    @Test
    void aLateAnswerOfAMemberThatIsOutChangesNothing() {
        rig.faults(2).appends(Faults.Append.HANG);
        rig.commit("1=x");
        rig.commit("1=y");
        environment.advance(DEADLINE);

        rig.faults(2).release();

        assertThat(rig.keeper.state("c")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.members.get(2).lastSeen()).isEqualTo(Tid.NONE);
        assertThat(rig.commit("1=z")).isCompleted();
        assertThat(rig.faults(2).appendCount()).isEqualTo(2);
    }

    @Test
    void aDeadlineThatPassedWithNoAnswerAtAllBlamesNobody() {
        for (int i = 0; i < 3; i++) {
            rig.faults(i).appends(Faults.Append.HANG);
        }

        CompletableFuture<Void> commit = rig.commit("1=x");
        environment.advance(Duration.ofSeconds(30));

        assertThat(commit).isNotDone();
        assertThat(rig.keeper.current().optimal()).hasSize(3);
        assertThat(rig.keeper.events).singleElement().asString().contains("stalled");
        for (int i = 0; i < 3; i++) {
            rig.faults(i).release();
        }
        assertThat(commit).isCompleted();
        assertThat(rig.keeper.current().optimal()).hasSize(3);
    }

    @Test
    void aProcessThatStoodStillBlamesNobody() {
        rig.faults(2).appends(Faults.Append.HANG_DONE);
        CompletableFuture<Void> commit = rig.commit("1=x");

        environment.standStill(Duration.ofSeconds(20));
        environment.advance(Duration.ofMillis(500));

        assertThat(rig.keeper.current().optimal()).hasSize(3);
        rig.faults(2).release();
        assertThat(commit).isCompleted();
        assertThat(rig.keeper.current().optimal()).hasSize(3);
    }

    @Test
    void whatAllRefuseFailsWithTheirErrorAndNobodyIsTakenOut() {
        for (int i = 0; i < 3; i++) {
            rig.faults(i).appends(Faults.Append.DISK_FULL);
        }

        assertThat(Rig.failure(rig.commit("1=x"))).isInstanceOf(DiskFullException.class);

        assertThat(rig.keeper.current().optimal()).hasSize(3);
        for (int i = 0; i < 3; i++) {
            rig.faults(i).release();
        }
        assertThat(rig.commit(Tid.NONE, rig.nextTid(), "1=y")).isCompleted();
        assertThat(rig.tids(0)).containsExactly(rig.last());
    }

    @Test
    void successorsOfARefusedTransactionFailTooAndNobodyIsTakenOut() {
        rig.commit("1=x");
        for (int i = 0; i < 3; i++) {
            rig.faults(i).appends(i == 0 ? Faults.Append.HANG : Faults.Append.DISK_FULL);
        }
        CompletableFuture<Void> second = rig.commit("1=y");
        CompletableFuture<Void> third = rig.commit("1=z");
        assertThat(second).isNotDone();

        rig.faults(1).release();
        rig.faults(2).release();
        CompletableFuture<Void> fourth = rig.commit("1=w");
        rig.faults(0).release();

        // The first member took all of them in the end; the others are out, and that is on stable storage.
        assertThat(second).isCompleted();
        assertThat(third).isCompleted();
        assertThat(fourth).isCompleted();
        assertThat(rig.keeper.current().optimal())
                .extracting(s -> s.member().name())
                .containsExactly("a");
        assertThat(rig.tids(0)).hasSize(4);
    }

    @Test
    void aTransactionThatOneMayHaveAndTheOthersRefusedIsOfUnknownOutcomeAndOnNoMemberThatCounts() {
        rig.commit("1=x");
        rig.faults(0).appends(Faults.Append.UNKNOWN_DONE);
        rig.faults(1).appends(Faults.Append.DISK_FULL);
        rig.faults(2).appends(Faults.Append.DISK_FULL);

        CompletableFuture<Void> commit = rig.commit("1=y");

        assertThat(Rig.failure(commit)).isInstanceOf(OutcomeUnknownException.class);
        assertThat(rig.keeper.state("a")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.keeper.state("b")).isEqualTo(MemberState.OPTIMAL);
        assertThat(rig.tids(1)).containsExactly(new Tid(1001));
        assertThat(rig.load(1)).isCompletedWithValue("x");
    }

    @Test
    void aTransactionOverWhichOneHangsAndTheOthersRefuseIsOfUnknownOutcome() {
        rig.commit("1=x");
        rig.faults(0).appends(Faults.Append.HANG);
        rig.faults(1).appends(Faults.Append.REFUSE);
        rig.faults(2).appends(Faults.Append.REFUSE);

        CompletableFuture<Void> commit = rig.commit("1=y");
        environment.advance(DEADLINE);

        assertThat(Rig.failure(commit)).isInstanceOf(OutcomeUnknownException.class);
        assertThat(rig.keeper.state("a")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.keeper.current().optimal()).hasSize(2);
    }

    @Test
    void theOnlyMemberIsNeverTakenOut() {
        Rig single = new Rig(environment, "only");
        single.faults(0).appends(Faults.Append.REFUSE);
        assertThat(Rig.failure(single.commit("1=x"))).isInstanceOf(StorageUnavailableException.class);
        single.faults(0).appends(Faults.Append.HANG);
        CompletableFuture<Void> second = single.commit(Tid.NONE, new Tid(5000), "1=x");
        environment.advance(Duration.ofSeconds(60));
        single.faults(0).release();
        assertThat(second).isCompleted();
        assertThat(single.keeper.state("only")).isEqualTo(MemberState.OPTIMAL);
    }

    @Test
    void aTransactionThatAllMayHaveIsSettledByOpeningThemAgainAndCommittedIfOneHasIt() {
        rig.commit("1=x");
        rig.faults(0).appendOnce(Faults.Append.UNKNOWN_LOST);
        rig.faults(1).appendOnce(Faults.Append.UNKNOWN_DONE);
        rig.faults(2).appendOnce(Faults.Append.UNKNOWN_LOST);

        CompletableFuture<Void> second = rig.commit("1=y");

        assertThat(second).isCompleted();
        for (int i = 0; i < 3; i++) {
            assertThat(rig.tids(i)).containsExactly(new Tid(1001), new Tid(1002));
        }
        assertThat(rig.keeper.current().optimal()).hasSize(3);
        assertThat(rig.commit("1=z")).isCompleted();
        assertThat(rig.load(1)).isCompletedWithValue("z");
    }

    @Test
    void aTransactionThatTurnsOutToBeOnNoMemberWasNotCarriedOut() {
        rig.commit("1=x");
        for (int i = 0; i < 3; i++) {
            rig.faults(i).appends(Faults.Append.UNKNOWN_LOST);
        }

        CompletableFuture<Void> second = rig.commit("1=y");

        assertThat(Rig.failure(second)).isInstanceOf(StorageUnavailableException.class);
        assertThat(rig.keeper.current().optimal()).hasSize(3);
        for (int i = 0; i < 3; i++) {
            rig.faults(i).release();
        }
        assertThat(rig.commit(new Tid(1001), rig.nextTid(), "1=z")).isCompleted();
    }

    @Test
    void ifNoMemberThatMayHaveItCanBeOpenedAgainWritingStops() {
        rig.commit("1=x");
        for (int i = 0; i < 3; i++) {
            rig.faults(i).appends(Faults.Append.UNKNOWN_DONE).opening(Faults.Open.UNAVAILABLE);
        }

        CompletableFuture<Void> second = rig.commit("1=y");

        assertThat(Rig.failure(second)).isInstanceOf(OutcomeUnknownException.class);
        assertThat(rig.keeper.brokenBecause).contains("none can be opened again");
        assertThat(Rig.failure(rig.commit("1=z"))).isInstanceOf(ArrayFailedException.class);
    }

    @Test
    void aTransactionThatAHangingMemberMayHaveIsNotReportedAsNotCarriedOut() {
        Rig two = new Rig(environment, "a", "b");
        two.commit("1=x");
        two.faults(0).appends(Faults.Append.HANG_DONE);
        two.faults(1).appendOnce(Faults.Append.UNKNOWN_LOST);

        CompletableFuture<Void> commit = two.commit("1=y");
        environment.advance(Duration.ofSeconds(10));

        assertThat(two.keeper.state("a")).isEqualTo(MemberState.DEGRADED);
        assertThat(two.tids(0)).contains(two.last());
        assertThat(Rig.failure(commit)).isInstanceOf(OutcomeUnknownException.class);
    }

    @Test
    void stagesCompleteInTheOrderOfTheTransactionsWhateverTheMembersDo() {
        List<Integer> order = new ArrayList<>();
        rig.faults(0).appends(Faults.Append.HANG_DONE);
        rig.faults(1).appendsAfter(3, Faults.Append.REFUSE);
        rig.keeper.holdMarks();
        for (int i = 0; i < 6; i++) {
            int number = i;
            rig.commit("1=" + i).thenRun(() -> order.add(number));
        }
        rig.faults(0).release();
        assertThat(order).containsExactly(0, 1, 2);
        rig.keeper.releaseMarks();
        assertThat(order).containsExactly(0, 1, 2, 3, 4, 5);
    }

    @Test
    void aMemberThatAnAdminTookOutIsNotWaitedForButItsMarkIs() {
        rig.faults(1).appends(Faults.Append.HANG);
        CompletableFuture<Void> commit = rig.commit("1=x");
        rig.keeper.holdMarks();

        rig.keeper.disable(rig.members.get(1));
        assertThat(commit).isNotDone();
        rig.keeper.releaseMarks();

        assertThat(commit).isCompleted();
    }

    @Test
    void commitsThatAreHeldGoOnInOrderAfterwards() {
        CommitLane lane = rig.log.path().lane();
        rig.commit("1=x");
        CommitLane.Hold hold = lane.hold();
        CompletableFuture<Void> second = rig.commit("1=y");
        CompletableFuture<Void> third = rig.commit("1=z");
        assertThat(hold.drained().toCompletableFuture()).isCompletedWithValue(new Tid(1001));
        assertThat(second).isNotDone();

        hold.release();

        assertThat(second).isCompleted();
        assertThat(third).isCompleted();
        assertThat(rig.tids(0)).hasSize(3);
    }

    @Test
    void aHoldThatIsForgottenEndsByItself() {
        rig.log.path().lane().hold();
        CompletableFuture<Void> commit = rig.commit("1=x");
        environment.advance(DEADLINE);
        assertThat(commit).isCompleted();
    }

    @Test
    void aHoldLetsSomePassInTheirOrderAndThenHoldsAgain() {
        CommitLane.Hold hold = rig.log.path().lane().hold();
        CommitLane.Hold other = rig.log.path().lane().hold();
        List<CompletableFuture<Void>> commits = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            commits.add(rig.commit("1=x" + i));
        }
        assertThat(hold.letPass(2)).isTrue();
        assertThat(commits.get(0)).isNotDone();

        other.release();

        assertThat(commits.get(0)).isCompleted();
        assertThat(commits.get(1)).isCompleted();
        assertThat(commits.get(2)).isNotDone();
        hold.letPass(2);
        assertThat(commits.get(2)).isCompleted();
        assertThat(rig.commit("1=y")).isCompleted();
        CompletableFuture<Void> last = rig.commit("1=z");
        assertThat(last).isNotDone();
        environment.advance(DEADLINE.dividedBy(2));
        hold.letPass(0);
        environment.advance(DEADLINE.dividedBy(2));
        assertThat(last).as("it goes on as long as it lets some pass").isNotDone();
        environment.advance(DEADLINE);
        assertThat(last).isCompleted();
        assertThat(hold.letPass(1)).isFalse();
    }

    @Test
    void aMemberJoinsOnlyBehindTheLastTransactionAndWhileCommitsAreHeld() {
        Rig two = new Rig(environment, List.of("a", "b"), List.of("b"));
        CommitLane lane = two.log.path().lane();
        two.commit("1=x");
        Seat seat = new Seat(two.members.get(1), two.logs.get(1), Seat.Role.FOLLOWING);
        CommitLane.Hold over = lane.hold();
        over.release();
        assertThat(lane.join(over, seat, two.last(), why -> {})).isFalse();

        CommitLane.Hold hold = lane.hold();
        assertThat(lane.join(hold, seat, two.last().before(), why -> {})).isFalse();
        assertThat(lane.join(hold, seat, two.last(), why -> {})).isTrue();
        hold.release();
        two.commit("1=y");
        assertThat(two.faults(1).appendCount()).isEqualTo(1);
    }

    @Test
    void aMemberThatIsAboutToBeOptimalIsNoTruthByItself() {
        Rig two = new Rig(environment, List.of("a", "b"), List.of("b"));
        CommitLane lane = two.log.path().lane();
        Seat seat = new Seat(two.members.get(1), two.logs.get(1), Seat.Role.FOLLOWING);
        CommitLane.Hold hold = lane.hold();
        lane.join(hold, seat, Tid.NONE, why -> {});
        hold.release();
        assertThat(lane.require(seat)).contains(Tid.NONE);
        two.faults(0).appends(Faults.Append.DISK_FULL);

        CompletableFuture<Void> commit = two.commit("1=x");

        assertThat(Rig.failure(commit)).isInstanceOf(OutcomeUnknownException.class);
        assertThat(two.keeper.state("a")).isEqualTo(MemberState.OPTIMAL);
        assertThat(two.keeper.state("b")).isEqualTo(MemberState.DEGRADED);
        assertThat(two.keeper.reason("b")).contains("which the array has not");
    }

    @Test
    void whatAFollowerStillReadsIsNotOverUntilItHasAnsweredOrIsLate() {
        Rig two = new Rig(environment, List.of("a", "b"), List.of("b"));
        CommitLane lane = two.log.path().lane();
        Seat seat = new Seat(two.members.get(1), two.logs.get(1), Seat.Role.FOLLOWING);
        List<String> lost = new ArrayList<>();
        CommitLane.Hold hold = lane.hold();
        lane.join(hold, seat, Tid.NONE, lost::add);
        hold.release();
        two.faults(1).appends(Faults.Append.HANG);
        CompletableFuture<Void> first = two.commit("1=x");
        assertThat(first).isNotDone();
        two.faults(1).release();
        assertThat(first).isCompleted();
        two.faults(1).appends(Faults.Append.HANG);
        CompletableFuture<Void> second = two.commit("1=y");
        assertThat(second).isNotDone();
        environment.advance(DEADLINE.dividedBy(2));
        lane.heard(seat);
        environment.advance(DEADLINE.dividedBy(4).multipliedBy(3));
        assertThat(second).as("it still answers to what it was sent before").isNotDone();
        assertThat(lost).isEmpty();

        environment.advance(DEADLINE);

        assertThat(second).isCompleted();
        assertThat(lost).containsExactly("it does not answer");
        assertThat(two.keeper.state("a")).isEqualTo(MemberState.OPTIMAL);
    }

    @Test
    void aMemberThatIsAboutToBeOptimalIsWaitedFor() {
        Rig two = new Rig(environment, List.of("a", "b"), List.of("b"));
        CommitLane lane = two.log.path().lane();
        Seat seat = new Seat(two.members.get(1), two.logs.get(1), Seat.Role.FOLLOWING);
        CommitLane.Hold hold = lane.hold();
        lane.join(hold, seat, Tid.NONE, why -> {});
        hold.release();
        assertThat(two.commit("1=x")).isCompleted();

        assertThat(lane.require(seat)).contains(two.last());
        two.faults(1).appends(Faults.Append.HANG_DONE);

        assertThat(two.commit("1=y")).isNotDone();
        two.faults(1).release();
    }

    @Test
    void whileItIsAskedWhatWasCommittedLastNobodyJoins() {
        Rig two = new Rig(environment, List.of("a", "b"), List.of("b"));
        CommitLane lane = two.log.path().lane();
        Seat seat = new Seat(two.members.get(1), two.logs.get(1), Seat.Role.FOLLOWING);
        CommitLane.Hold hold = lane.hold();
        lane.join(hold, seat, Tid.NONE, why -> {});
        hold.release();
        two.faults(0).appendOnce(Faults.Append.UNKNOWN_DONE).opening(Faults.Open.HANG);
        CompletableFuture<Void> commit = two.commit("1=x");
        assertThat(commit).isNotDone();

        assertThat(lane.require(seat)).isEmpty();

        two.faults(0).release();
        assertThat(commit).isCompleted();
        assertThat(two.keeper.state("b")).isNotEqualTo(MemberState.OPTIMAL);
    }

    @Test
    void aLogThatIsClosedHearsOfNoMembershipAnyMore() {
        Rig two = new Rig(environment, "a", "b");
        assertThat(two.keeper.listenerCount()).isEqualTo(1);

        two.log.close();

        assertThat(two.keeper.listenerCount()).isZero();
    }

    @Test
    void whatIsUnderWayWhenTheArrayGivesUpIsUnknownAndWhatWasNotSentIsRefused() {
        CommitLane lane = rig.log.path().lane();
        rig.faults(1).appends(Faults.Append.HANG);
        CompletableFuture<Void> sent = rig.commit("1=x");
        lane.hold();
        CompletableFuture<Void> waiting = rig.commit("1=y");

        lane.giveUp();

        assertThat(Rig.failure(sent)).isInstanceOf(OutcomeUnknownException.class);
        assertThat(Rig.failure(waiting)).isInstanceOf(StorageClosedException.class);
        rig.faults(1).release();
        environment.advance(DEADLINE);
        assertThat(rig.keeper.current().optimal()).hasSize(3);
    }
}
