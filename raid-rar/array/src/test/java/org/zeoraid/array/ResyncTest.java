package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.seam.SimulatedEnvironment;

class ResyncTest {

    private final SimulatedEnvironment environment = new SimulatedEnvironment(3);
    private final Rig rig = new Rig(environment, List.of("a", "b", "c"), List.of("c"));

    private static final int C = 2;

    private Recovery recovery() {
        return recovery(Superblock.RecoveryNote.NONE);
    }

    private Recovery recovery(Superblock.RecoveryNote note) {
        return Resync.create(environment, Rig.OPTIONS, rig.log, rig.keeper, rig.members.get(C), note);
    }

    private static Recovery inSmallBatches(Recovery recovery) {
        recovery.throttle(2_000_000);
        return recovery;
    }

    /** Transactions that only one member has. */
    private void onlyOn(int member, Tid previous, CommittedTransaction... transactions) {
        Tid last = previous;
        for (CommittedTransaction transaction : transactions) {
            rig.logs.get(member).append(last, transaction).toCompletableFuture().join();
            last = transaction.tid();
        }
    }

    private void assertEqualMembers() {
        assertThat(contents(C)).isEqualTo(contents(0)).isEqualTo(contents(1));
    }

    private List<String> contents(int member) {
        TransactionLog log =
                rig.sources.get(member).open().toCompletableFuture().join();
        return log.transactions(Tid.NONE, Tid.MAX).next(Long.MAX_VALUE).toCompletableFuture().join().stream()
                .map(ResyncTest::picture)
                .toList();
    }

    private static String picture(CommittedTransaction transaction) {
        StringBuilder text = new StringBuilder(
                transaction.tid() + " " + transaction.header().meta().descriptionText());
        for (DataRecord entry : transaction.records()) {
            text.append(' ').append(entry.oid().value()).append('=');
            text.append(
                    entry.data().map(d -> new String(d, StandardCharsets.UTF_8)).orElse("-"));
            if (entry.content() instanceof Content.Link link) {
                text.append('@').append(link.origin());
            }
            entry.blob().ifPresent(blob -> {
                try (InputStream in = blob.open()) {
                    text.append('+').append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
        }
        return text.toString();
    }

    private static BlobSource blob(String text) {
        return new BlobSource() {
            @Override
            public long size() {
                return text.length();
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
            }

            @Override
            public Optional<Path> file() {
                return Optional.empty();
            }
        };
    }

    @Test
    void anEmptyMemberGetsEverythingLinksAndBlobsIncluded() {
        for (int i = 0; i < 300; i++) {
            rig.commit(i + "=v" + i, "1000=w" + i);
        }
        Tid tid = rig.nextTid();
        CommittedTransaction special = CommittedTransaction.of(
                new TransactionHeader(tid, TransactionStatus.COMMITTED, TransactionMeta.of("u", "special"), 0),
                List.of(
                        new DataRecord(
                                Rig.oid(5), new Content.Link(new Tid(1006), "v5".getBytes(StandardCharsets.UTF_8))),
                        new DataRecord(Rig.oid(6), Content.ABSENT),
                        new DataRecord(
                                Rig.oid(7),
                                new Content.Data("blob".getBytes(StandardCharsets.UTF_8)),
                                Optional.of(blob("the blob's bytes")))));
        rig.log.append(tid.before(), special).toCompletableFuture().join();

        environment.await(recovery().start());

        assertThat(rig.keeper.state("c")).as(rig.keeper.reason("c")).isEqualTo(MemberState.OPTIMAL);
        assertEqualMembers();
        assertThat(contents(C).get(300))
                .contains(Rig.oid(5).value() + "=v5@" + new Tid(1006))
                .contains("+the blob's bytes");
        assertThat(rig.commit("1=after")).isCompleted();
        assertEqualMembers();
    }

    @Test
    void onlyWhatIsMissingIsCopiedAndFewReadsFindIt() {
        for (int i = 0; i < 3000; i++) {
            CommittedTransaction transaction = Rig.transaction(rig.nextTid(), i % 50 + "=v" + i);
            for (int member = 0; member < 3; member++) {
                onlyOn(member, i == 0 ? Tid.NONE : transaction.tid().before(), transaction);
            }
        }
        Tid common = rig.last();
        Rig fresh = rig;
        CommitLane lane = fresh.log.path().lane();
        // The array's own log was opened on empty members.
        ReplicatedLog log = ReplicatedLog.open(environment, Rig.OPTIONS, rig.keeper, common, r -> null);
        for (int i = 0; i < 10; i++) {
            Tid tid = rig.nextTid();
            log.append(tid.before(), Rig.transaction(tid, "1=n" + i))
                    .toCompletableFuture()
                    .join();
        }
        int before = rig.faults(C).appendCount();
        int reads = rig.faults(C).readCount();

        environment.await(Resync.create(
                        environment, Rig.OPTIONS, log, rig.keeper, rig.members.get(C), Superblock.RecoveryNote.NONE)
                .start());

        assertThat(lane).isNotNull();
        assertThat(rig.faults(C).appendCount() - before).isEqualTo(10);
        assertThat(rig.faults(C).readCount() - reads).isLessThan(20);
        assertEqualMembers();
    }

    @Test
    void aTailThatWasNeverAcknowledgedIsCutOffAndKept() {
        rig.commit("1=x");
        rig.commit("2=x");
        onlyOn(C, Tid.NONE, Rig.transaction(new Tid(1001), "1=x"), Rig.transaction(new Tid(1002), "2=x"));
        onlyOn(C, new Tid(1002), Rig.transaction(new Tid(1003), "1=lost"), Rig.transaction(new Tid(1004), "1=lost"));
        rig.commit(new Tid(1002), new Tid(2000), "1=kept").join();

        environment.await(recovery().start());

        assertThat(rig.keeper.state("c")).as(rig.keeper.reason("c")).isEqualTo(MemberState.OPTIMAL);
        assertThat(rig.keeper.events).anyMatch(e -> e.startsWith("tail-cut c: 2 transactions"));
        assertEqualMembers();
    }

    @Test
    void aMemberThatWroteByItselfWhileTheArrayWroteIsRefused() {
        rig.commit("1=x");
        onlyOn(C, Tid.NONE, Rig.transaction(new Tid(1001), "1=x"));
        onlyOn(C, new Tid(1001), Rig.transaction(new Tid(1500), "1=own"), Rig.transaction(new Tid(2500), "1=own"));
        rig.commit(new Tid(1001), new Tid(2000), "1=ours").join();
        List<String> before = contents(C);

        environment.await(recovery().start());

        assertThat(rig.keeper.state("c")).isEqualTo(MemberState.DIVERGED);
        assertThat(rig.keeper.reason("c")).contains("went on by itself");
        assertThat(contents(C)).isEqualTo(before);
    }

    @Test
    void anotherDatabaseIsRefusedAndTakenInByARebuildOnly() {
        rig.commit("1=x");
        rig.commit("1=y");
        onlyOn(C, Tid.NONE, Rig.transaction(new Tid(500), "1=foreign"), Rig.transaction(new Tid(1001), "1=foreign"));

        environment.await(recovery().start());
        assertThat(rig.keeper.state("c")).isEqualTo(MemberState.DIVERGED);
        assertThat(rig.keeper.reason("c")).contains("another database");

        rig.keeper.put(rig.members.get(C), MemberState.RECOVERING, rig.logs.get(C));
        environment.await(recovery(new Superblock.RecoveryNote(false, true, 0)).start());

        assertThat(rig.keeper.state("c")).as(rig.keeper.reason("c")).isEqualTo(MemberState.OPTIMAL);
        assertThat(rig.keeper.events).anyMatch(e -> e.startsWith("set-aside c"));
        assertEqualMembers();
    }

    @Test
    void aMemberThatSaysTheSameTidsWithOtherDataIsRefused() {
        for (int i = 0; i < 20; i++) {
            rig.commit("1=x" + i);
            onlyOn(C, i == 0 ? Tid.NONE : rig.last().before(), Rig.transaction(rig.last(), "1=x" + (i < 10 ? i : 99)));
        }
        environment.await(recovery().start());
        assertThat(rig.keeper.state("c")).isEqualTo(MemberState.DIVERGED);
    }

    @Test
    void aMemberThatLostDataInItsMiddleDoesNotComeBackWithoutIt() {
        for (int i = 0; i < 20; i++) {
            rig.commit("1=x" + i);
            onlyOn(C, i == 0 ? Tid.NONE : rig.last().before(), Rig.transaction(rig.last(), "1=x" + (i == 7 ? 99 : i)));
        }

        environment.await(
                recovery(Superblock.RecoveryNote.NONE.distrusted(true)).start());

        assertThat(rig.keeper.state("c")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.keeper.distrusted).containsExactly("c");
        assertThat(rig.keeper.reason("c"))
                .contains("transaction " + new Tid(1008))
                .contains("rebuild it");
    }

    @Test
    void aMemberThatLacksATransactionInItsMiddleDoesNotComeBackWithoutIt() {
        Tid last = Tid.NONE;
        for (int i = 0; i < 20; i++) {
            rig.commit("1=x" + i);
            if (i != 7) {
                onlyOn(C, last, Rig.transaction(rig.last(), "1=x" + i));
                last = rig.last();
            }
        }

        environment.await(
                recovery(Superblock.RecoveryNote.NONE.distrusted(true)).start());

        assertThat(rig.keeper.state("c")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.keeper.reason("c")).contains("rebuild it");
    }

    @Test
    void aMemberThatWasTakenOutForWhatItHoldsComesBackIfAllOfItIsRight() {
        for (int i = 0; i < 20; i++) {
            rig.commit("1=x" + i);
            if (i < 15) {
                onlyOn(C, i == 0 ? Tid.NONE : rig.last().before(), Rig.transaction(rig.last(), "1=x" + i));
            }
        }

        environment.await(
                recovery(Superblock.RecoveryNote.NONE.distrusted(true)).start());

        assertThat(rig.keeper.state("c")).as(rig.keeper.reason("c")).isEqualTo(MemberState.OPTIMAL);
        assertEqualMembers();
    }

    @Test
    void aMemberThatMissedAPackAndNothingElseIsContinued() {
        for (int i = 0; i < 10; i++) {
            rig.commit("1=x" + i, i + 10 + "=y");
            onlyOn(C, i == 0 ? Tid.NONE : rig.last().before(), Rig.transaction(rig.last(), "1=x" + i, i + 10 + "=y"));
        }
        pack(0, rig.last());
        pack(1, rig.last());
        rig.commit("1=z");

        environment.await(recovery().start());

        assertThat(rig.keeper.state("c")).as(rig.keeper.reason("c")).isEqualTo(MemberState.OPTIMAL);
        assertThat(rig.keeper.events).noneMatch(e -> e.startsWith("packed-past"));
        assertThat(rig.tids(C)).hasSize(11);
        pack(C, new Tid(1010));
        assertEqualMembers();
    }

    @Test
    void aMemberThatTheArrayWasPackedPastIsCopiedAnew() {
        for (int i = 0; i < 10; i++) {
            rig.commit("1=x" + i, i + 10 + "=y");
            if (i < 5) {
                onlyOn(
                        C,
                        i == 0 ? Tid.NONE : rig.last().before(),
                        Rig.transaction(rig.last(), "1=x" + i, i + 10 + "=y"));
            }
        }
        pack(0, rig.last());
        pack(1, rig.last());

        environment.await(recovery().start());

        assertThat(rig.keeper.state("c")).as(rig.keeper.reason("c")).isEqualTo(MemberState.OPTIMAL);
        assertThat(rig.keeper.events).anyMatch(e -> e.startsWith("packed-past c"));
        assertEqualMembers();
    }

    @Test
    void aMemberThatWasPackedFurtherThanTheArrayIsContinued() {
        for (int i = 0; i < 10; i++) {
            rig.commit("1=x" + i, i + 10 + "=y");
            onlyOn(C, i == 0 ? Tid.NONE : rig.last().before(), Rig.transaction(rig.last(), "1=x" + i, i + 10 + "=y"));
        }
        pack(C, new Tid(1008));
        rig.commit("1=z");

        environment.await(recovery().start());

        assertThat(rig.keeper.state("c")).as(rig.keeper.reason("c")).isEqualTo(MemberState.OPTIMAL);
        assertThat(rig.tids(C)).endsWith(new Tid(1010), new Tid(1011));
    }

    private void pack(int member, Tid upTo) {
        rig.logs
                .get(member)
                .pack(new PackRequest(upTo, PackRequest.Garbage.KEEP))
                .toCompletableFuture()
                .join();
    }

    @Test
    void commitsGoOnMeanwhileAndNothingIsMissedOrDoubled() {
        for (int i = 0; i < 200; i++) {
            rig.commit(i + "=v" + i);
        }
        CompletableFuture<Void> recovered = recovery().start().toCompletableFuture();
        List<CompletableFuture<Void>> commits = new ArrayList<>();
        int rounds = 0;
        while (!recovered.isDone()) {
            commits.add(rig.commit(rounds % 100 + "=n" + rounds));
            environment.advance(Duration.ofNanos(100_000));
            rounds++;
        }
        commits.add(rig.commit("1=last"));
        environment.advance(Duration.ofSeconds(1));

        assertThat(rig.keeper.state("c")).as(rig.keeper.reason("c")).isEqualTo(MemberState.OPTIMAL);
        assertThat(commits).allMatch(CompletableFuture::isDone);
        assertEqualMembers();
    }

    @Test
    void aMemberThatFailsWhileItIsRecoveredIsDegradedAgainWithTheReason() {
        for (int i = 0; i < 50; i++) {
            rig.commit(i + "=v" + i);
        }
        rig.faults(C).appendsAfter(20, Faults.Append.DISK_FULL);
        environment.await(recovery().start());
        assertThat(rig.keeper.state("c")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.keeper.reason("c")).contains("recovery failed").contains("no room");
        assertThat(rig.commit("1=x")).isCompleted();

        rig.faults(C).release();
        rig.keeper.put(rig.members.get(C), MemberState.RECOVERING, rig.logs.get(C));
        environment.await(recovery().start());
        assertThat(rig.keeper.state("c")).as(rig.keeper.reason("c")).isEqualTo(MemberState.OPTIMAL);
        assertEqualMembers();
    }

    @Test
    void aMemberThatHangsWhileItIsRecoveredIsDegradedAgain() {
        rig.commit("1=x");
        rig.faults(C).appends(Faults.Append.HANG);
        environment.await(recovery().start());
        assertThat(rig.keeper.state("c")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.keeper.reason("c")).contains("did not take");
    }

    @Test
    void aMemberThatLosesWhatItIsSentIsFoundOut() {
        for (int i = 0; i < 50; i++) {
            rig.commit(i + "=v" + i);
        }
        rig.faults(C).appendsAfter(49, Faults.Append.LIE);
        environment.await(recovery().start());
        assertThat(rig.keeper.state("c")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.keeper.reason("c")).contains("does not hold what it was sent");
    }

    @Test
    void theSourceMayFailMeanwhile() {
        for (int i = 0; i < 2000; i++) {
            rig.commit(i + "=" + "v".repeat(2000));
        }
        CompletableFuture<Void> recovered = inSmallBatches(recovery()).start().toCompletableFuture();
        environment.runUntil(() -> rig.faults(C).appendCount() > 100);
        rig.faults(0).reads(Faults.Read.DAMAGED);
        environment.await(recovered);
        assertThat(rig.keeper.state("a")).isEqualTo(MemberState.DEGRADED);
        assertThat(rig.keeper.state("c")).as(rig.keeper.reason("c")).isEqualTo(MemberState.OPTIMAL);
        assertThat(contents(C)).isEqualTo(contents(1));
    }

    @Test
    void aPausedRecoveryWaitsAndGoesOn() {
        for (int i = 0; i < 2000; i++) {
            rig.commit(i + "=" + "v".repeat(2000));
        }
        Recovery recovery = inSmallBatches(recovery());
        CompletableFuture<Void> recovered = recovery.start().toCompletableFuture();
        environment.runUntil(() -> rig.faults(C).appendCount() > 100);
        recovery.pause();
        environment.advance(Duration.ofSeconds(5));
        int copied = rig.faults(C).appendCount();
        environment.advance(Duration.ofSeconds(60));
        assertThat(rig.faults(C).appendCount()).isEqualTo(copied).isLessThan(2000);
        assertThat(recovery.status().paused()).isTrue();
        assertThat(recovery.status().done())
                .isPositive()
                .isLessThan(recovery.status().total());

        recovery.resume();
        environment.await(recovered);
        assertThat(rig.keeper.state("c")).as(rig.keeper.reason("c")).isEqualTo(MemberState.OPTIMAL);
        assertEqualMembers();
    }

    @Test
    void aThrottledRecoveryKeepsToItsLimit() {
        for (int i = 0; i < 100; i++) {
            rig.commit(i + "=" + "v".repeat(10_000));
        }
        Recovery recovery = recovery();
        recovery.throttle(100_000);
        Duration begin = environment.elapsed();
        CompletableFuture<Void> recovered = recovery.start().toCompletableFuture();
        environment.advance(Duration.ofSeconds(5));
        assertThat(recovered).isNotDone();
        assertThat(recovery.status().limit()).hasValue(100_000L);
        assertThat(recovery.status().rate()).isBetween(50_000.0, 150_000.0);
        assertThat(recovery.status().timeLeft()).isPresent();
        environment.await(recovered);
        assertThat(environment.elapsed().minus(begin)).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(13));
        assertEqualMembers();
    }

    @Test
    void aRecoveryThatWasInterruptedGoesOnWhereItWas() {
        for (int i = 0; i < 2000; i++) {
            rig.commit(i + "=" + "v".repeat(2000));
        }
        Recovery first = inSmallBatches(recovery());
        CompletableFuture<Void> ended = first.start().toCompletableFuture();
        environment.runUntil(() -> rig.faults(C).appendCount() > 500);
        first.cancel();
        environment.await(ended);
        assertThat(rig.keeper.state("c")).isEqualTo(MemberState.RECOVERING);
        int copied = rig.tids(C).size();
        assertThat(copied).isBetween(500, 1999);

        environment.await(recovery().start());

        assertThat(rig.keeper.state("c")).as(rig.keeper.reason("c")).isEqualTo(MemberState.OPTIMAL);
        assertThat(rig.faults(C).appendCount()).isEqualTo(2000);
        assertEqualMembers();
    }

    @Test
    void whatFailsAsAnArrayStopsIsNotHeldAgainstTheMember() {
        rig.commit("1=x");
        environment.await(recovery().start());
        rig.commit("1=y");
        AtomicReference<Recovery> running = new AtomicReference<>();
        TransactionLog stopping = (TransactionLog) Proxy.newProxyInstance(
                TransactionLog.class.getClassLoader(), new Class<?>[] {TransactionLog.class}, (proxy, method, args) -> {
                    if (method.getName().equals("packedTo")) {
                        running.get().cancel();
                        return CompletableFuture.failedFuture(new StorageClosedException("the array is closed"));
                    }
                    return method.invoke(rig.logs.get(C), args);
                });
        rig.keeper.put(rig.members.get(C), MemberState.RECOVERING, stopping);
        running.set(recovery());

        environment.await(running.get().start());

        assertThat(rig.keeper.state("c")).as(rig.keeper.reason("c")).isEqualTo(MemberState.RECOVERING);
    }

    @Test
    void aMemberThatFailsRightAfterItJoinedIsTakenOutAsAnyOther() {
        rig.commit("1=x");
        environment.await(recovery().start());
        rig.faults(C).appends(Faults.Append.REFUSE);
        assertThat(rig.commit("1=y")).isCompleted();
        assertThat(rig.keeper.state("c")).isEqualTo(MemberState.DEGRADED);
    }

    @Test
    void theLastOptimalMemberCanGoOnceTheRecoveredOneIsIn() {
        rig.commit("1=x");
        environment.await(recovery().start());
        rig.faults(0).appends(Faults.Append.REFUSE);
        rig.faults(1).appends(Faults.Append.REFUSE);
        assertThat(rig.commit("1=y")).isCompleted();
        assertThat(rig.keeper.current().optimal())
                .extracting(s -> s.member().name())
                .containsExactly("c");
        assertThat(rig.load(1)).isCompletedWithValue("y");
    }
}
