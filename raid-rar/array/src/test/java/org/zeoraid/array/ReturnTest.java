package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.memory.MemoryMember;

/** Members that come and go with a network or a server's restart. */
class ReturnTest {

    private final ArrayRig rig = new ArrayRig(31, "a", "b", "c").remote();

    private void serverOfBIsAway() {
        rig.faults("b").opening(Faults.Open.UNAVAILABLE).loseConnections();
    }

    private void serverOfBIsBack() {
        rig.faults("b").opening(Faults.Open.WORK);
    }

    private long eventsOf(String member) {
        return rig.array.events(0, 5000).stream()
                .filter(event -> event.member().equals(member))
                .count();
    }

    private void untilOptimal() {
        rig.environment.runUntil(() -> rig.array.status().state() == ArrayState.OPTIMAL);
    }

    @Test
    void aMemberThatWasOnlyAwayIsTakenBackByItselfWithWhatItMissed() {
        rig.openServing();
        rig.commit(1, "x");
        serverOfBIsAway();
        rig.commit(1, "missed");
        assertThat(rig.state("b")).isEqualTo(MemberState.DEGRADED);
        rig.environment.advance(Duration.ofHours(1));
        long told = eventsOf("b");
        assertThat(told).as("one event, not one a try").isLessThanOrEqualTo(2);

        serverOfBIsBack();
        untilOptimal();

        assertThat(rig.tids("b")).isEqualTo(rig.tids("a"));
    }

    /** A server that is restarted is to miss little more than what was committed while it was down. */
    @ParameterizedTest
    @ValueSource(ints = {6, 10, 15, 20, 30, 45, 60, 120})
    void aMemberIsFoundWithinHalfTheTimeThatItWasAway(int seconds) {
        rig.openServing();
        serverOfBIsAway();
        rig.commit(1, "missed");
        rig.environment.advance(Duration.ofSeconds(seconds));

        serverOfBIsBack();
        Duration back = rig.environment.elapsed();
        untilOptimal();

        assertThat(rig.environment.elapsed().minus(back).multipliedBy(2)).isLessThan(Duration.ofSeconds(seconds));
    }

    @Test
    void aMemberThatIsAwayAgainForAMomentIsNotLookedForLessOftenBecauseItWasAwayForLongBefore() {
        rig.openServing();
        serverOfBIsAway();
        rig.commit(1, "missed");
        rig.environment.advance(Duration.ofHours(1));
        serverOfBIsBack();
        untilOptimal();

        serverOfBIsAway();
        rig.commit(1, "missed again");
        serverOfBIsBack();
        Duration back = rig.environment.elapsed();
        untilOptimal();

        assertThat(rig.environment.elapsed().minus(back))
                .isLessThan(ArrayRig.PATIENCE.retryPause().multipliedBy(8));
    }

    @Test
    void aMemberWhoseConnectionIsLostWhileNobodyUsesItIsFoundAndTakenBack() {
        rig.openServing();
        rig.commit(1, "x");
        serverOfBIsAway();

        rig.environment.runUntil(() -> rig.state("b") == MemberState.DEGRADED);
        serverOfBIsBack();
        untilOptimal();

        assertThat(rig.member("b").reason()).isBlank();
    }

    @Test
    void anArrayWhoseServersWereAllAwayServesAgainWhenTheyAreBack() {
        rig.openServing();
        rig.commit(1, "x");
        for (String name : rig.names) {
            rig.faults(name).opening(Faults.Open.UNAVAILABLE).loseConnections();
        }
        rig.environment.runUntil(() -> rig.array.status().state() == ArrayState.FAILED);
        rig.environment.advance(Duration.ofMinutes(10));

        rig.names.forEach(name -> rig.faults(name).opening(Faults.Open.WORK));
        untilOptimal();

        assertThat(rig.load(1)).isEqualTo("x");
        rig.commit(1, "y");
    }

    @Test
    void aMemberThatWasAwayAtTheStartAndOneThatWasAwayBeforeItAreTakenBack() {
        rig.openServing();
        rig.commit(1, "x");
        serverOfBIsAway();
        rig.commit(1, "missed by b");
        rig.crash();
        rig.faults("c").opening(Faults.Open.UNAVAILABLE);
        rig.openServing();
        rig.commit(1, "missed by both");

        rig.faults("c").opening(Faults.Open.WORK);
        untilOptimal();

        assertThat(rig.tids("b")).isEqualTo(rig.tids("a"));
        assertThat(rig.tids("c")).isEqualTo(rig.tids("a"));
    }

    @Test
    void whatAnAdminDisabledAndWhatRefusedATransactionStaysOut() {
        rig.openServing();
        rig.commit(1, "x");
        rig.environment.await(rig.array.disable("b"));
        rig.faults("c").appendOnce(Faults.Append.DISK_FULL);
        rig.commit(1, "y");

        rig.environment.advance(Duration.ofHours(1));

        assertThat(rig.state("b")).isEqualTo(MemberState.DISABLED);
        assertThat(rig.state("c")).isEqualTo(MemberState.DEGRADED);
    }

    @Test
    void aMemberThatIsDisabledWhileItIsAwayStaysDisabled() {
        rig.openServing();
        rig.commit(1, "x");
        serverOfBIsAway();
        rig.commit(1, "missed");
        rig.environment.await(rig.array.disable("b"));

        serverOfBIsBack();
        rig.environment.advance(Duration.ofHours(1));

        assertThat(rig.state("b")).isEqualTo(MemberState.DISABLED);
    }

    /** @return the last transaction of the backup, of this object; another one is lost, and one missed */
    private Tid serverOfBIsAwayAndRestored(long object) {
        Tid backup = rig.commit(object, "in the backup");
        rig.commit(1, "lost by b");
        MemoryMember older = rig.copyOf("b", backup);
        serverOfBIsAway();
        rig.commit(1, "missed");
        rig.replace("b", older);
        return backup;
    }

    @Test
    void aMemberThatComesBackFromABackupIsNotWrittenToUntilAnAdminRecoversIt() {
        rig.openServing();
        rig.commit(1, "x");
        Tid backup = serverOfBIsAwayAndRestored(2);

        serverOfBIsBack();
        rig.environment.runUntil(() -> rig.member("b").reason().contains("restored from a backup"));
        rig.environment.advance(Duration.ofHours(1));

        assertThat(rig.state("b")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.tids("b")).last().isEqualTo(backup);
        rig.environment.await(rig.array.recover("b"));
        untilOptimal();
        assertThat(rig.tids("b")).isEqualTo(rig.tids("a"));
    }

    @Test
    void anAdminMayRecoverAMemberAsSoonAsItsReasonSaysSo() {
        rig.openServing();
        serverOfBIsAwayAndRestored(1);

        serverOfBIsBack();
        rig.environment.runUntil(() -> rig.member("b").reason().contains("recover it"));
        rig.environment.await(rig.array.recover("b"));
        untilOptimal();

        assertThat(rig.tids("b")).isEqualTo(rig.tids("a"));
    }

    @Test
    void aBackupIsRecognisedAlsoOverARestartOfTheArray() {
        rig.openServing();
        Tid backup = rig.commit(1, "in the backup");
        rig.commit(1, "lost by b");
        MemoryMember older = rig.copyOf("b", backup);
        serverOfBIsAway();
        rig.commit(1, "missed");
        rig.close();
        rig.replace("b", older);
        rig.faults("b").opening(Faults.Open.WORK);
        rig.openServing();

        rig.environment.runUntil(() -> rig.member("b").reason().contains("restored from a backup"));
        rig.environment.advance(Duration.ofHours(1));

        assertThat(rig.state("b")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.tids("b")).containsExactly(backup);
    }

    @Test
    void aMemberThatHoldsAnotherDatabaseWhenItIsBackIsDivergedAndNotWrittenTo() {
        rig.openServing();
        Tid last = rig.commit(1, "x");
        MemoryMember other = MemoryMember.named("b");
        serverOfBIsAway();
        rig.replace("b", other);
        rig.append("b", last.after(), "another database");
        List<Tid> held = rig.tids("b");
        rig.commit(1, "missed");

        serverOfBIsBack();
        rig.environment.runUntil(() -> rig.state("b") == MemberState.DIVERGED);
        rig.environment.advance(Duration.ofHours(1));

        assertThat(rig.member("b").reason()).contains("another database");
        assertThat(rig.tids("b")).isEqualTo(held);
    }

    @Test
    void twoMembersThatTellThatTheyAreOneStorageAreRefusedAtTheStart() {
        rig.faults("a").identity("one");
        rig.faults("b").identity("one");
        rig.faults("c").identity("other");

        rig.open();
        rig.environment.advance(Duration.ofMinutes(5));

        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
        assertThat(rig.array.status().reason()).contains("b (is the same storage as member a");
    }

    @Test
    void aMemberThatTurnsOutToBeAnothersStorageIsNotRecovered() {
        rig.faults("a").identity("one");
        rig.faults("b").identity("two");
        rig.faults("c").identity("three");
        rig.openServing();
        rig.commit(1, "x");
        serverOfBIsAway();
        rig.commit(1, "missed");
        rig.faults("b").identity("one");

        serverOfBIsBack();
        rig.environment.runUntil(() -> rig.member("b").reason().contains("same storage as member a"));
        rig.environment.advance(Duration.ofHours(1));

        assertThat(rig.state("b")).isEqualTo(MemberState.DEGRADED);
        CompletableFuture<Void> again = rig.array.recover("b").toCompletableFuture();
        rig.environment.runUntil(again::isDone);
        assertThat(again).isCompletedExceptionally();
        assertThat(rig.state("b")).isEqualTo(MemberState.DEGRADED);
    }

    @Test
    void twoMembersThatAreOneStorageAndCannotTellEndWithOneOptimalCopy() {
        rig.openServing();
        rig.commit(1, "x");
        serverOfBIsAway();
        rig.commit(1, "missed");
        rig.replace("b", rig.contents.get("a"));
        serverOfBIsBack();

        for (int i = 0; i < 20; i++) {
            rig.environment.advance(Duration.ofMinutes(1));
            assertThat(rig.state("b")).as("after commit %d", i).isNotEqualTo(MemberState.OPTIMAL);
            rig.commit(1, "n" + i);
        }

        rig.environment.advance(Duration.ofMinutes(1));
        assertThat(rig.state("b")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.member("b").reason()).contains("same storage as another member");
        assertThat(rig.state("a")).isEqualTo(MemberState.OPTIMAL);
    }

    @Test
    void aMemberThatWasGivenACopyOfAnotherWhileItWasAwayComesBackWithTheNextCommit() {
        rig.openServing();
        rig.commit(1, "x");
        serverOfBIsAway();
        rig.commit(1, "missed");
        rig.replace("b", rig.copyOf("a", Tid.MAX));
        serverOfBIsBack();
        rig.environment.advance(Duration.ofMinutes(5));
        assertThat(rig.state("b")).isEqualTo(MemberState.RECOVERING);

        rig.commit(1, "shows that they are two");
        untilOptimal();

        assertThat(rig.tids("b")).isEqualTo(rig.tids("a"));
    }

    @Test
    void twoMembersThatWereOneStorageFromTheStartAreFoundOutAtTheFirstCommitAndStayFoundOut() {
        rig.contents.put("b", rig.contents.get("a"));
        rig.openServing();
        Tid tid = rig.commit(1, "x");
        assertThat(rig.tids("c")).containsExactly(tid);
        String out = rig.state("a") == MemberState.OPTIMAL ? "b" : "a";
        assertThat(rig.state(out)).isEqualTo(MemberState.DEGRADED);
        rig.environment.advance(Duration.ofHours(1));
        assertThat(rig.state(out)).as("it does not return by itself").isEqualTo(MemberState.DEGRADED);

        rig.environment.await(rig.array.recover(out));
        rig.environment.advance(Duration.ofMinutes(5));
        assertThat(rig.state(out)).isEqualTo(MemberState.RECOVERING);
        rig.commit(1, "y");
        rig.environment.advance(Duration.ofMinutes(5));

        assertThat(rig.state(out)).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.member(out).reason()).contains("same storage as another member");
    }
}
