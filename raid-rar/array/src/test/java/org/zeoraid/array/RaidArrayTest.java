package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.AdministrationException.Refusal;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.MemberState;

/** What an admin does to a whole array, and what the array does by itself. */
class RaidArrayTest {

    private final ArrayRig rig = new ArrayRig(1, "a", "b", "c");

    @Test
    void beforeItIsAssembledTheStorageSaysWhatIsWaitedFor() {
        rig.faults("a").opening(Faults.Open.HANG);
        rig.open();

        assertThatThrownBy(() -> rig.storage().begin(TransactionMeta.EMPTY)).isInstanceOf(ArrayFailedException.class);
        assertThatThrownBy(() -> rig.environment.await(rig.storage().loadBefore(Oid.ROOT, Tid.MAX)))
                .hasCauseInstanceOf(ArrayFailedException.class);
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
        assertThat(rig.array.status().members()).hasSize(3).allMatch(member -> member.state() == MemberState.WAITING);
    }

    @Test
    void twoArraysNeverShareAStateDirectory() {
        rig.openServing();

        assertThatThrownBy(() -> RaidArray.open(rig.environment, rig::configuration))
                .isInstanceOf(StorageUnavailableException.class)
                .hasMessageContaining("locked");

        rig.close();
        rig.openServing();
    }

    @Test
    void aMemberThatHangsInOpeningHoldsUpTheStartNoLongerThanItsDeadline() {
        rig.openServing();
        rig.commit(1, "x");
        rig.close();
        rig.faults("b").opening(Faults.Open.HANG);

        rig.open();
        rig.environment.advance(ArrayRig.PATIENCE.openDeadline().plusSeconds(1));

        assertThat(rig.array.serving().toCompletableFuture()).isCompleted();
        assertThat(rig.state("b")).isEqualTo(MemberState.WAITING);
    }

    @Test
    void aDisabledMemberStaysOutOverRestartsUntilItIsRecovered() {
        rig.openServing();
        rig.commit(1, "x");
        rig.environment.await(rig.array.disable("b"));
        rig.commit(1, "y");
        rig.close();
        rig.openServing();

        assertThat(rig.state("b")).isEqualTo(MemberState.DISABLED);
        rig.environment.await(rig.array.recover("b"));
        untilOptimal();
        assertThat(rig.tids("b")).isEqualTo(rig.tids("a")).hasSize(2);
    }

    @Test
    void theLastOptimalMemberIsNotDisabled() {
        rig.openServing();
        rig.environment.await(rig.array.disable("a"));
        rig.environment.await(rig.array.disable("b"));

        assertRefused(rig.array.disable("c"), Refusal.WRONG_STATE);

        rig.commit(1, "still works");
        assertRefused(rig.array.disable("b"), Refusal.WRONG_STATE);
        assertRefused(rig.array.disable("z"), Refusal.UNKNOWN);
    }

    @Test
    void ofTwoAdminsWhoRecoverTheSameMemberOneIsRefused() {
        rig.openServing();
        rig.environment.await(rig.array.disable("b"));

        CompletionStage<Void> first = rig.array.recover("b");
        CompletionStage<Void> second = rig.array.recover("b");

        assertRefused(second, Refusal.WRONG_STATE);
        rig.environment.await(first);
        untilOptimal();
        assertRefused(rig.array.recover("b"), Refusal.WRONG_STATE);
    }

    @Test
    void aRecoveryThatARestartInterruptsGoesOnWithWhatTheAdminAskedOfIt() {
        rig.openServing();
        for (int i = 0; i < 20; i++) {
            rig.commit(i, "before " + i);
        }
        rig.environment.await(rig.array.disable("b"));
        for (int i = 0; i < 20; i++) {
            rig.commit(i, "after " + i);
        }
        rig.faults("b").appends(Faults.Append.HANG);
        rig.environment.await(rig.array.recover("b"));
        rig.environment.await(rig.array.pause("b"));
        rig.environment.await(rig.array.throttle("b", 1234));
        rig.faults("b").release();

        rig.close();
        rig.openServing();

        rig.environment.runUntil(() -> rig.member("b").operation().isPresent());
        assertThat(rig.member("b").operation().orElseThrow().paused()).isTrue();
        assertThat(rig.member("b").operation().orElseThrow().limit()).contains(1234L);
        rig.environment.advance(Duration.ofMinutes(1));
        assertThat(rig.state("b")).isEqualTo(MemberState.RECOVERING);
        rig.environment.await(rig.array.resume("b"));
        untilOptimal();
        assertThat(rig.tids("b")).isEqualTo(rig.tids("a"));
    }

    @Test
    void aDisabledMemberWhoseRecoveryRunsIsOutAtOnce() {
        rig.openServing();
        rig.commit(1, "x");
        rig.environment.await(rig.array.disable("b"));
        rig.commit(1, "y");
        rig.environment.await(rig.array.recover("b"));
        rig.environment.await(rig.array.disable("b"));

        rig.environment.advance(Duration.ofMinutes(1));

        assertThat(rig.state("b")).isEqualTo(MemberState.DISABLED);
    }

    @Test
    void aRebuildTakesADivergedMemberBack() {
        rig.openServing();
        Tid last = rig.commit(1, "x");
        rig.close();
        rig.append("b", last.after(), "foreign");
        rig.openServing();
        assertThat(rig.state("b")).isEqualTo(MemberState.DIVERGED);
        rig.environment.await(rig.array.assembleByForce());
        assertRefused(rig.array.recover("b"), Refusal.WRONG_STATE);

        rig.environment.await(rig.array.rebuild("b"));
        untilOptimal();

        assertThat(rig.tids("b")).isEqualTo(rig.tids("a"));
    }

    @Test
    void aReloadTakesMembersInDegradedAndLetsOthersGo() {
        rig.openServing();
        rig.commit(1, "x");
        rig.add("d");
        rig.names.remove("c");

        rig.environment.await(rig.array.reload());

        assertThat(rig.array.status().members()).extracting(m -> m.name()).containsExactly("a", "b", "d");
        assertThat(rig.state("d")).isEqualTo(MemberState.DEGRADED);
        Tid second = rig.commit(1, "y");
        assertThat(rig.tids("c")).doesNotContain(second);
        rig.environment.await(rig.array.recover("d"));
        untilOptimal();
        assertThat(rig.tids("d")).isEqualTo(rig.tids("a"));
        rig.close();
        rig.openServing();
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.OPTIMAL);
    }

    @Test
    void aReloadThatWouldRemoveEveryOptimalMemberOrDoesNotParseChangesNothing() {
        rig.openServing();
        rig.environment.await(rig.array.disable("c"));
        long generation = rig.array.status().generation();
        rig.names.remove("a");
        rig.names.remove("b");

        assertRefused(rig.array.reload(), Refusal.WRONG_STATE);
        rig.names.clear();
        assertRefused(rig.array.reload(), Refusal.INVALID);

        assertThat(rig.array.status().members()).hasSize(3);
        assertThat(rig.array.status().generation()).isEqualTo(generation);
        rig.commit(1, "x");
    }

    @Test
    void whileTheArrayWaitsAReloadBeginsTheAssemblyAfresh() {
        rig.faults("c").opening(Faults.Open.UNAVAILABLE);
        rig.open();
        rig.environment.advance(Duration.ofMinutes(1));
        assertThat(rig.array.status().reason()).contains("waits for c");
        rig.names.remove("c");

        rig.environment.await(rig.array.reload());
        rig.environment.await(rig.array.serving());

        assertThat(rig.array.status().state()).isEqualTo(ArrayState.OPTIMAL);
        rig.close();
    }

    @Test
    void aPackIsDoneByAllMembersAndMadeUpForByThoseThatWereAway() {
        rig.openServing();
        for (int i = 0; i < 10; i++) {
            rig.commit(1, "revision " + i);
        }
        rig.environment.await(rig.array.disable("b"));
        Tid last = rig.array.status().lastTid();

        PackResult result = rig.environment.await(rig.array.pack(new PackRequest(last, PackRequest.Garbage.KEEP)));

        assertThat(result.recordsDropped()).isEqualTo(9);
        rig.environment.await(rig.array.recover("b"));
        rig.environment.runUntil(() -> rig.array.events(0, 100).stream()
                .anyMatch(e -> e.member().equals("b") && e.kind().equals("packed")));
        assertThat(rig.load(1)).isEqualTo("revision 9");
        assertThat(rig.state("b")).isEqualTo(MemberState.OPTIMAL);
    }

    @Test
    void aPackWhileAMemberRecoversIsRefused() {
        rig.openServing();
        Tid last = rig.commit(1, "x");
        rig.environment.await(rig.array.disable("b"));
        CompletionStage<Void> recovery = rig.array.recover("b");

        assertRefused(rig.array.pack(new PackRequest(last, PackRequest.Garbage.KEEP)), Refusal.WRONG_STATE);

        rig.environment.await(recovery);
        untilOptimal();
    }

    @Test
    void whatOnlyADisabledMemberHasIsNotAcknowledged() {
        rig.openServing();
        rig.environment.await(rig.array.disable("c"));
        rig.commit(1, "x");
        rig.faults("a").appendOnce(Faults.Append.UNKNOWN_DONE);
        rig.faults("b").appendOnce(Faults.Append.UNKNOWN_LOST).opening(Faults.Open.HANG);
        CompletableFuture<Tid> commit = rig.commitLater(1, "y").toCompletableFuture();
        rig.environment.advance(Duration.ofSeconds(1));
        assertThat(commit).isNotDone();

        rig.environment.await(rig.array.disable("a"));
        rig.environment.advance(Duration.ofMinutes(1));

        assertThat(rig.tids("b")).hasSize(1);
        assertThat(Rig.failure(commit)).isInstanceOf(OutcomeUnknownException.class);
        rig.faults("b").release();
        rig.environment.advance(Duration.ofMinutes(1));
        rig.commit(1, "z");
        assertThat(rig.load(1)).isEqualTo("z");
    }

    @Test
    void aMemberThatWasTakenOutForItsDamageComesBackOnlyRebuiltEvenAfterARestart() {
        rig.openServing();
        rig.commit(1, "x");
        rig.commit(2, "y");
        rig.faults("b").damaged();
        rig.environment.await(rig.array.verify("b"));
        assertThat(rig.state("b")).isEqualTo(MemberState.DEGRADED);
        rig.close();
        rig.openServing();

        for (int attempt = 0; attempt < 2; attempt++) {
            rig.environment.await(rig.array.recover("b"));
            rig.environment.runUntil(() -> rig.state("b") != MemberState.RECOVERING);
            rig.environment.advance(Duration.ofSeconds(1));
            assertThat(rig.state("b")).isEqualTo(MemberState.DEGRADED);
            assertThat(rig.member("b").reason()).contains("told to be damaged").contains("rebuild it");
        }

        rig.environment.await(rig.array.rebuild("b"));
        rig.environment.runUntil(() -> rig.state("b") == MemberState.OPTIMAL);
        assertThat(rig.tids("b")).isEqualTo(rig.tids("a"));
        rig.environment.await(rig.array.disable("b"));
        rig.faults("b").damaged();
        rig.environment.await(rig.array.recover("b"));
        rig.environment.runUntil(() -> rig.state("b") == MemberState.OPTIMAL);
    }

    @Test
    void aMemberThatHangsHoldsUpACommitForItsDeadlineAndATenthOfASecond() {
        rig.openServing();
        rig.commit(1, "x");
        for (int i = 0; i < 10; i++) {
            rig.environment.advance(Duration.ofMillis(37));
            rig.faults("b").appends(Faults.Append.HANG);
            Duration begin = rig.environment.elapsed();

            rig.commit(1, "y" + i);

            Duration deadline = ArrayRig.PATIENCE.appendDeadline();
            assertThat(rig.environment.elapsed().minus(begin)).isBetween(deadline, deadline.plusMillis(100));
            rig.faults("b").release();
            rig.environment.await(rig.array.recover("b"));
            untilOptimal();
        }
    }

    @Test
    void verifyingASoundMemberIsAnEvent() {
        rig.openServing();
        rig.commit(1, "x");

        rig.environment.await(rig.array.verify("a"));

        assertThat(rig.array.events(0, 100)).extracting(ArrayEvent::kind).contains("verified");
        assertThat(rig.state("a")).isEqualTo(MemberState.OPTIMAL);
    }

    @Test
    void aSuperblockThatCannotBeWrittenBesideAMemberTakesThatMemberOut() throws Exception {
        rig.openServing();
        AutoCloseable rule = rig.disk.rule(operation -> {
            if (operation.path().startsWith(ArrayRig.folder("b"))) {
                throw new IOException("input/output error");
            }
        });
        rig.faults("c").appends(Faults.Append.REFUSE);

        rig.commit(1, "x");

        assertThat(rig.state("c")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.state("b")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.member("b").reason()).contains("superblock");
        assertThat(rig.state("a")).isEqualTo(MemberState.OPTIMAL);
        rule.close();
        rig.environment.await(rig.array.recover("b"));
        rig.environment.runUntil(() -> rig.state("b") == MemberState.OPTIMAL);
    }

    @Test
    void nothingThatAMemberMissedIsAcknowledgedWhileTheStateDirectoryCannotBeWritten() throws Exception {
        rig.openServing();
        rig.commit(1, "x");
        AutoCloseable rule = stateDirectoryFails();
        rig.faults("c").appends(Faults.Append.REFUSE);

        CompletableFuture<Tid> commit = rig.commitLater(1, "y").toCompletableFuture();
        rig.environment.advance(Duration.ofSeconds(3));

        assertThat(commit).isNotDone();
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
        assertThat(rig.array.status().reason())
                .startsWith("the superblock in the state directory ")
                .containsOnlyOnce("cannot be written");
        rule.close();
        rig.environment.advance(Duration.ofSeconds(3));
        assertThat(commit).isCompleted();
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.DEGRADED);
        rig.commit(1, "z");
        assertThat(rig.load(1)).isEqualTo("z");
    }

    @Test
    void anArrayWhoseStateDirectoryStaysBrokenBeginsAfreshWhenItIsBack() throws Exception {
        rig.openServing();
        rig.commit(1, "x");
        AutoCloseable rule = stateDirectoryFails();
        rig.faults("c").appendOnce(Faults.Append.REFUSE);

        CompletableFuture<Tid> commit = rig.commitLater(1, "y").toCompletableFuture();
        rig.environment.advance(Duration.ofMinutes(2));

        assertThat(commit).isCompletedExceptionally();
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
        rule.close();
        // Who had it, and who had not, is settled by comparing them.
        untilOptimal();
        assertThat(rig.load(1)).isEqualTo("y");
        assertThat(rig.tids("c")).isEqualTo(rig.tids("a"));
        assertThat(rig.commit(1, "z")).isGreaterThan(rig.tids("b").get(1));
    }

    @Test
    void whenNoMemberCanTellWhatWasCommittedTheyAreOpenedAgainUntilTheyCan() {
        rig.openServing();
        rig.commit(1, "x");
        rig.names.forEach(
                name -> rig.faults(name).appendOnce(Faults.Append.UNKNOWN_DONE).opening(Faults.Open.UNAVAILABLE));

        CompletableFuture<Tid> commit = rig.commitLater(1, "y").toCompletableFuture();
        rig.environment.advance(Duration.ofMinutes(2));

        assertThat(commit).isDone();
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
        rig.names.forEach(name -> rig.faults(name).opening(Faults.Open.WORK));
        untilOptimal();
        assertThat(rig.load(1)).isEqualTo("y");
        rig.commit(1, "z");
    }

    private AutoCloseable stateDirectoryFails() {
        return rig.disk.rule(operation -> {
            if (operation.path().endsWith(SuperblockFile.NAME)
                    && operation.path().startsWith(ArrayRig.STATE)) {
                throw new IOException("input/output error");
            }
        });
    }

    @Test
    void aDiskThatHangsUnderASuperblockHoldsUpACommitNoLongerThanItsDeadline() {
        rig.openServing();
        rig.stalls.hang("superblock-main-b");
        rig.faults("c").appends(Faults.Append.REFUSE);

        CompletableFuture<Tid> commit = rig.commitLater(1, "x").toCompletableFuture();
        rig.environment.advance(Duration.ofMinutes(2));

        assertThat(commit).isDone();
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.DEGRADED);
        assertThat(rig.member("b").reason()).contains("/data/b").contains("hangs");
    }

    @Test
    void aTransactionThatSomebodyElseWritesMeanwhileStopsWriting() {
        rig.failMode = FailMode.READ_ONLY;
        rig.openServing();
        Tid last = rig.commit(1, "x");
        rig.environment.advance(Duration.ofMinutes(1));
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.OPTIMAL);

        rig.append("b", last.after(), "foreign");
        rig.environment.advance(Duration.ofMinutes(1));

        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
        assertThat(rig.array.status().reason()).contains("member b holds transaction " + last.after());
        assertThatThrownBy(() -> rig.storage().begin(TransactionMeta.EMPTY)).isInstanceOf(ReadOnlyException.class);
        assertThat(rig.load(1)).isEqualTo("x");
        rig.crash();
        rig.openServing();
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
        rig.environment.await(rig.array.assembleByForce());
        rig.commit(1, "y");
        rig.environment.await(rig.array.recover("b"));
        untilOptimal();
        assertThat(rig.tids("b")).isEqualTo(rig.tids("a")).doesNotContain(last.after());
    }

    @Test
    void failModeReadOnlyGoesOnReading() {
        rig.failMode = FailMode.READ_ONLY;
        rig.openServing();
        Tid last = rig.commit(1, "x");
        rig.close();
        rig.append("b", last.after(), "foreign");
        rig.openServing();

        assertThat(rig.load(1)).isEqualTo("x");
        assertThatThrownBy(() -> rig.storage().begin(TransactionMeta.EMPTY)).isInstanceOf(ReadOnlyException.class);
    }

    @Test
    void failModeCloseRefusesReadingToo() {
        rig.openServing();
        Tid last = rig.commit(1, "x");
        rig.close();
        rig.append("b", last.after(), "foreign");
        rig.openServing();

        assertThatThrownBy(() -> rig.load(1)).hasCauseInstanceOf(ArrayFailedException.class);
        assertThatThrownBy(() -> rig.storage().begin(TransactionMeta.EMPTY)).isInstanceOf(ArrayFailedException.class);
    }

    @Test
    void aClosedArrayRefusesEverythingAndClosingAgainDoesNothing() {
        rig.openServing();
        rig.close();
        rig.close();

        assertThatThrownBy(() -> rig.storage().begin(TransactionMeta.EMPTY)).isInstanceOf(StorageClosedException.class);
        assertThatThrownBy(() -> rig.environment.await(rig.array.disable("a")))
                .hasCauseInstanceOf(StorageClosedException.class);
    }

    @Test
    void closingWhileItIsStillWaitingLetsGoOfAllMembers() {
        rig.faults("c").opening(Faults.Open.UNAVAILABLE);
        rig.open();
        rig.environment.advance(Duration.ofMinutes(1));

        rig.close();

        assertThat(rig.array.serving().toCompletableFuture()).isCompletedExceptionally();
        rig.faults("c").opening(Faults.Open.WORK);
        rig.openServing();
    }

    @Test
    void eventsTellWhatHappenedAndSurviveARestart() {
        rig.openServing();
        rig.faults("b").appends(Faults.Append.REFUSE);
        rig.commit(1, "x");
        rig.close();
        rig.openServing();

        assertThat(rig.array.events(0, 1000))
                .anyMatch(e -> e.member().equals("b") && e.kind().equals("degraded"));
        assertThat(rig.array.events(0, 1000))
                .extracting(ArrayEvent::number)
                .isSorted()
                .doesNotHaveDuplicates();
    }

    private void untilOptimal() {
        rig.environment.runUntil(() -> rig.array.status().state() == ArrayState.OPTIMAL);
    }

    private void assertRefused(CompletionStage<?> request, Refusal refusal) {
        assertThatThrownBy(() -> rig.environment.await(request))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        AdministrationException.class,
                        e -> assertThat(e.refusal()).as(e.getMessage()).isEqualTo(refusal));
    }
}
