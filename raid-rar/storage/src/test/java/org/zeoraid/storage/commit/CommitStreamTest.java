package org.zeoraid.storage.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.currentText;
import static org.zeoraid.storage.contract.Steps.failure;
import static org.zeoraid.storage.contract.Steps.isDone;
import static org.zeoraid.storage.contract.Steps.oid;
import static org.zeoraid.storage.contract.Steps.store;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.seam.SimulatedEnvironment;

/** The order of commits over a log that answers late, fails, or does not know. */
class CommitStreamTest {

    private final SimulatedEnvironment environment = new SimulatedEnvironment(1);
    private final ScriptedLog log = new ScriptedLog();
    private Optional<RuntimeException> refusal = Optional.empty();
    private final TransactionalStorage storage = new TransactionalStorage(
            "main",
            log,
            environment,
            CommitOptions.spillingTo(Path.of("/spill")).withLockWait(Duration.ofSeconds(5)),
            () -> refusal.ifPresent(why -> {
                throw why;
            }));
    private final List<Tid> told = new ArrayList<>();
    private int cachesDropped;

    private void listen() {
        storage.subscribe(new Storage.InvalidationListener() {
            @Override
            public void committed(Tid tid, List<Oid> oids, StorageTransaction by) {
                told.add(tid);
            }

            @Override
            public void dropCaches() {
                cachesDropped++;
            }
        });
    }

    private StorageTransaction voted(long oid, Tid based, String data) {
        StorageTransaction transaction = storage.begin(TransactionMeta.of("somebody", "writes"));
        transaction.store(oid(oid), based, bytes(data));
        await(transaction.vote());
        return transaction;
    }

    private CompletionStage<Tid> finish(long oid, Tid based, String data) {
        return voted(oid, based, data).finish();
    }

    @Test
    void nothingShowsBeforeItIsDurable() {
        Tid old = store(storage, oid(1), "old");
        log.hold();
        CompletionStage<Tid> changing = finish(1, old, "new");
        CompletionStage<Tid> creating = finish(2, Tid.NONE, "two");
        Tid hidden = await(log.serial(oid(1)));
        assertThat(hidden).isGreaterThan(old);

        assertThat(await(storage.lastTid())).isEqualTo(old);
        assertThat(Steps.current(storage, oid(1))).isEqualTo(new Revision(bytes("old"), old, Tid.MAX));
        assertThat(await(storage.loadBefore(oid(1), hidden))).contains(new Revision(bytes("old"), old, Tid.MAX));
        assertThat(await(storage.serial(oid(1)))).isEqualTo(old);
        assertThat(await(storage.serial(oid(2)))).isEqualTo(Tid.NONE);
        failure(ObjectNotFoundException.class, storage.loadBefore(oid(2), Tid.MAX));
        failure(ObjectNotFoundException.class, storage.loadBefore(oid(2), old));
        failure(ObjectNotFoundException.class, storage.loadSerial(oid(1), hidden));
        failure(ObjectNotFoundException.class, storage.history(oid(2), 3));
        assertThat(await(storage.history(oid(1), 1)))
                .extracting(entry -> entry.tid())
                .containsExactly(old);
        assertThat(await(storage.undoLog(0, 1)))
                .extracting(header -> header.tid())
                .containsExactly(old);
        assertThat(Steps.transactions(storage)).hasSize(1);
        assertThat(Steps.all(storage.headers(Tid.NONE, Tid.MAX), 1)).hasSize(1);
        assertThat(Steps.all(storage.currentRecords(Oid.ROOT), 1))
                .containsExactly(new CurrentRecord(oid(1), old, bytes("old")));
        StorageTransaction undo = storage.begin(TransactionMeta.EMPTY);
        undo.undo(hidden);
        CompletionStage<List<Oid>> undoing = undo.vote();
        failure(org.zeoraid.storage.UndoException.class, undoing);
        await(undo.abort());

        log.succeed();
        log.succeed();
        assertThat(await(changing)).isEqualTo(hidden);
        assertThat(await(storage.lastTid())).isEqualTo(await(creating));
        assertThat(currentText(storage, oid(1))).isEqualTo("new");
        assertThat(await(storage.loadBefore(oid(1), hidden))).contains(new Revision(bytes("old"), old, hidden));
    }

    @Test
    void manyAreUnderWayAndPublishedInOrder() {
        log.hold();
        listen();
        List<CompletionStage<Tid>> finishes = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            finishes.add(finish(i, Tid.NONE, "data"));
        }
        assertThat(log.underWay()).isEqualTo(5);

        for (int i = 0; i < 5; i++) {
            assertThat(finishes).filteredOn(Steps::isDone).hasSize(i);
            assertThat(told).hasSize(i);
            log.succeed();
            assertThat(await(storage.lastTid())).isEqualTo(await(finishes.get(i)));
        }

        assertThat(told).isSorted().hasSize(5);
    }

    @Test
    void nothingIsPublishedBeforeWhatComesBeforeIt() {
        log.hold();
        listen();
        CompletionStage<Tid> first = finish(1, Tid.NONE, "one");
        CompletionStage<Tid> second = finish(2, Tid.NONE, "two");
        log.succeedLast();

        assertThat(isDone(second)).isFalse();
        assertThat(told).isEmpty();
        failure(ObjectNotFoundException.class, storage.loadBefore(oid(2), Tid.MAX));
        log.succeed();

        assertThat(told).containsExactly(await(first), await(second));
    }

    @Test
    void anObjectUnderWayIsLockedUntilItIsPublished() {
        log.hold();
        CompletionStage<Tid> first = finish(1, Tid.NONE, "first");
        StorageTransaction second = storage.begin(TransactionMeta.EMPTY);
        second.store(oid(1), Tid.NONE, bytes("second"));
        CompletionStage<List<Oid>> vote = second.vote();
        assertThat(isDone(vote)).isFalse();

        log.succeed();

        Tid tid = await(first);
        assertThat(failure(ConflictException.class, vote).conflicts().get(0).committed())
                .isEqualTo(tid);
    }

    @Test
    void aFailedAppendFailsThoseBehindItAndTheNextGoesOnFromTheLogsLastTid() {
        Tid old = store(storage, oid(1), "old");
        listen();
        log.hold();
        CompletionStage<Tid> full = finish(1, old, "too large");
        CompletionStage<Tid> behind = finish(2, Tid.NONE, "behind it");
        CompletionStage<Tid> last = finish(3, Tid.NONE, "last");
        log.fail(new DiskFullException("no room, on purpose"));
        CompletionStage<Tid> meanwhile = finishLater(4);
        log.fail(new ProtocolException("it counted on one that failed"));
        log.fail(new ProtocolException("it counted on one that failed"));

        failure(DiskFullException.class, full);
        assertThat(failure(StorageUnavailableException.class, behind).retry()).isEqualTo(StorageException.Retry.LATER);
        failure(StorageUnavailableException.class, last);
        assertThat(told).isEmpty();
        assertThat(await(storage.lastTid())).isEqualTo(old);
        assertThat(log.underWay()).isEqualTo(1);
        log.succeed();

        Tid next = await(meanwhile);
        assertThat(Steps.transactions(storage)).extracting(one -> one.tid()).containsExactly(old, next);
        CompletionStage<Tid> again = finish(1, old, "fits");
        log.succeed();
        assertThat(await(again)).isGreaterThan(next);
    }

    /** Votes before the storage is asked to go on, so its finish has to wait. */
    private CompletionStage<Tid> finishLater(long oid) {
        StorageTransaction transaction = storage.begin(TransactionMeta.EMPTY);
        transaction.store(oid(oid), Tid.NONE, bytes("later"));
        return transaction.vote().thenCompose(undone -> transaction.finish());
    }

    @Test
    void anUnknownOutcomeStaysUnknownAndShowsWhenItTurnsOutToLast() {
        Tid old = store(storage, oid(1), "old");
        listen();
        log.hold();
        StorageTransaction doubted = voted(1, old, "new");
        CompletionStage<Tid> finish = doubted.finish();
        log.lastTidFailsWith(new StorageUnavailableException("not settled yet"));
        log.doubt(true);
        failure(OutcomeUnknownException.class, finish);
        failure(OutcomeUnknownException.class, doubted.abort());

        // Not settled: nothing shows, nothing is written, the object stays locked.
        assertThat(currentText(storage, oid(1))).isEqualTo("old");
        assertThat(told).isEmpty();
        StorageTransaction other = storage.begin(TransactionMeta.EMPTY);
        other.store(oid(2), Tid.NONE, bytes("two"));
        failure(StorageUnavailableException.class, other.vote());
        await(other.abort());
        assertThat(storage.locks().size()).isEqualTo(1);

        log.lastTidIsTold();
        CompletionStage<Tid> next = finish(2, Tid.NONE, "two");
        log.succeed();
        await(next);

        assertThat(currentText(storage, oid(1))).isEqualTo("new");
        assertThat(told).hasSize(2);
        assertThat(cachesDropped).isZero();
        assertThat(storage.locks().size()).isZero();
    }

    @Test
    void anUnknownOutcomeThatDoesNotLastIsNeverSeen() {
        Tid old = store(storage, oid(1), "old");
        listen();
        log.hold();
        CompletionStage<Tid> doubted = finish(1, old, "new");
        CompletionStage<Tid> behind = finish(2, Tid.NONE, "behind it");
        log.doubt(false);
        log.fail(new ProtocolException("it counted on one that failed"));
        failure(OutcomeUnknownException.class, doubted);
        failure(StorageUnavailableException.class, behind);

        assertThat(currentText(storage, oid(1))).isEqualTo("old");
        assertThat(told).isEmpty();
        CompletionStage<Tid> again = finish(1, old, "another");
        log.succeed();
        assertThat(await(again)).isEqualTo(told.get(0));
    }

    @Test
    void whatTheLogCallsDurableBehindAnUnknownOneIsUnknownToo() {
        log.hold();
        CompletionStage<Tid> first = finish(1, Tid.NONE, "one");
        CompletionStage<Tid> second = finish(2, Tid.NONE, "two");
        listen();
        log.doubt(true);
        log.succeed();

        failure(OutcomeUnknownException.class, first);
        failure(OutcomeUnknownException.class, second);
        assertThat(told).hasSize(2).isSorted();
        assertThat(currentText(storage, oid(2))).isEqualTo("two");
    }

    @Test
    void anAppendThatFailsUnexpectedlyIsInDoubt() {
        log.hold();
        CompletionStage<Tid> first = finish(1, Tid.NONE, "one");
        log.fail(new IllegalStateException("a mistake in the log, on purpose"));

        assertThat(failure(OutcomeUnknownException.class, first))
                .hasRootCauseMessage("a mistake in the log, on purpose");
        assertThat(storage.locks().size()).isZero();
    }

    @Test
    void aVoteThatWaitsTooLongIsToldToRetryAndByWhomItWasKept() {
        StorageTransaction first = voted(1, Tid.NONE, "first");
        StorageTransaction second = storage.begin(TransactionMeta.EMPTY);
        second.store(oid(1), Tid.NONE, bytes("second"));
        second.store(oid(2), Tid.NONE, bytes("second"));
        CompletionStage<List<Oid>> vote = second.vote();
        environment.advance(Duration.ofMillis(4_999));
        assertThat(isDone(vote)).isFalse();

        environment.advance(Duration.ofMillis(2));

        ConflictException late = failure(ConflictException.class, vote);
        assertThat(late.conflicts()).isEmpty();
        assertThat(late.retry()).isEqualTo(StorageException.Retry.NOW);
        assertThat(late).hasMessageContaining("somebody writes");
        assertThatThrownBy(() -> second.store(oid(3), Tid.NONE, bytes("more"))).isInstanceOf(ProtocolException.class);
        await(second.abort());
        await(first.finish());
        assertThat(storage.locks().size()).isZero();
    }

    @Test
    void aSecondTransactionWithItsOwnTidWaitsAndGivesUpInTime() {
        Tid early = Tid.at(SimulatedEnvironment.START.minusSeconds(1_000));
        StorageTransaction first = storage.begin(TransactionMeta.EMPTY, early, TransactionStatus.COMMITTED);
        await(first.vote());
        StorageTransaction second = storage.begin(TransactionMeta.EMPTY, early.after(), TransactionStatus.COMMITTED);
        CompletionStage<List<Oid>> vote = second.vote();
        StorageTransaction third = storage.begin(TransactionMeta.EMPTY, early.after(), TransactionStatus.COMMITTED);
        CompletionStage<List<Oid>> thirdVote = third.vote();

        environment.advance(Duration.ofSeconds(6));
        failure(ConflictException.class, vote);
        failure(ConflictException.class, thirdVote);
        await(second.abort());
        await(third.abort());

        assertThat(await(first.finish())).isEqualTo(early);
        assertThat(Steps.transactions(storage)).hasSize(1);
        StorageTransaction fourth = storage.begin(TransactionMeta.EMPTY, early.after(), TransactionStatus.COMMITTED);
        await(fourth.vote());
        assertThat(await(fourth.finish())).isEqualTo(early.after());
    }

    @Test
    void aTransactionWithItsOwnTidThatIsNotFinishedKeepsCommitsWaitingNoLongerThanAnObject() {
        Tid early = Tid.at(SimulatedEnvironment.START.minusSeconds(1_000));
        StorageTransaction stopped = storage.begin(TransactionMeta.EMPTY, early, TransactionStatus.COMMITTED);
        await(stopped.vote());
        environment.advance(Duration.ofMinutes(1));
        CompletionStage<Tid> commit = finish(1, Tid.NONE, "one");
        CompletionStage<Tid> next = finish(2, Tid.NONE, "two");
        environment.advance(Duration.ofMillis(4_999));
        assertThat(isDone(commit)).isFalse();

        environment.advance(Duration.ofMillis(2));

        assertThat(await(next)).isGreaterThan(await(commit));
        failure(ProtocolException.class, stopped.finish());
        assertThat(Steps.transactions(storage)).hasSize(2);
    }

    @Test
    void aTransactionThatLostTheOrderIsCommittedIfItsTidStillIsTheLatest() {
        Tid late = Tid.at(SimulatedEnvironment.START.plusSeconds(100));
        StorageTransaction slow = storage.begin(TransactionMeta.EMPTY, late, TransactionStatus.COMMITTED);
        await(slow.vote());
        CompletionStage<Tid> commit = finish(1, Tid.NONE, "one");
        environment.advance(Duration.ofSeconds(6));
        assertThat(await(commit)).isLessThan(late);

        assertThat(await(slow.finish())).isEqualTo(late);
        StorageTransaction later = storage.begin(TransactionMeta.EMPTY, late.after(), TransactionStatus.COMMITTED);
        await(later.vote());
        CompletionStage<Tid> waits = finish(2, Tid.NONE, "two");
        assertThat(await(later.finish())).isEqualTo(late.after());
        assertThat(await(waits)).isGreaterThan(late.after());
    }

    @Test
    void aListenerInWhichAnErrorIsThrownKeepsNobodyFromBeingTold() {
        storage.subscribe(new Storage.InvalidationListener() {
            @Override
            public void committed(Tid tid, List<Oid> oids, StorageTransaction by) {
                throw new StackOverflowError("on purpose");
            }

            @Override
            public void dropCaches() {}
        });
        listen();

        Tid tid = store(storage, oid(1), "one");

        assertThat(told).containsExactly(tid);
        assertThat(storage.locks().size()).isZero();
    }

    @Test
    void whatIsNotServedIsNotReadOnly() {
        refusal = Optional.of(new ArrayFailedException("not assembled"));

        assertThat(storage.isReadOnly()).isFalse();
        assertThatThrownBy(() -> storage.begin(TransactionMeta.EMPTY)).isInstanceOf(ArrayFailedException.class);
    }

    @Test
    void aGateThatClosesAfterTheVoteStopsTheCommitBeforeItIsSent() {
        Tid old = store(storage, oid(1), "old");
        StorageTransaction transaction = voted(1, old, "new");
        refusal = Optional.of(new ReadOnlyException("fail mode, on purpose"));

        failure(ReadOnlyException.class, transaction.finish());

        assertThat(storage.isReadOnly()).isTrue();
        assertThatThrownBy(() -> storage.begin(TransactionMeta.EMPTY)).isInstanceOf(ReadOnlyException.class);
        assertThat(currentText(storage, oid(1))).isEqualTo("old");
        assertThat(await(log.lastTid())).isEqualTo(old);
        await(transaction.abort());
        refusal = Optional.empty();
        StorageTransaction unlucky = voted(1, old, "new");
        refusal = Optional.of(new IllegalStateException("a mistake in the gate, on purpose"));
        failure(StorageUnavailableException.class, unlucky.finish());
        refusal = Optional.empty();
        store(storage, oid(1), "newer");
    }

    @Test
    void tidsAscendThoughTheClockGoesBack() {
        Tid first = store(storage, oid(1), "one");
        environment.jumpClock(Duration.ofDays(-1));

        Tid second = store(storage, oid(1), "two");

        assertThat(second).isEqualTo(first.after());
        environment.jumpClock(Duration.ofDays(2));
        assertThat(store(storage, oid(1), "three"))
                .isEqualTo(Tid.at(environment.clock().instant()));
    }

    @Test
    void aFloorIsServedAndNewTidsAreAboveIt() {
        Tid first = store(storage, oid(1), "one");
        Tid floor = Tid.at(environment.clock().instant().plusSeconds(3_600));
        listen();

        await(storage.resume(floor));

        assertThat(await(storage.lastTid())).isEqualTo(floor);
        assertThat(Steps.current(storage, oid(1)).serial()).isEqualTo(first);
        Tid next = store(storage, oid(1), "two");
        assertThat(next).isEqualTo(floor.after());
        assertThat(await(storage.loadBefore(oid(1), floor.after()))).contains(new Revision(bytes("one"), first, next));
        await(storage.resume(Tid.NONE));
        assertThat(cachesDropped).isZero();
    }

    @Test
    void transactionsThatComeAnotherWayHaveTheCachesDropped() {
        store(storage, oid(1), "one");
        TransactionalStorage other = new TransactionalStorage(
                "other", log.memory, environment, CommitOptions.spillingTo(Path.of("/spill")), WriteGate.OPEN);
        listen();
        Tid foreign = store(other, oid(1), "by another way");
        assertThat(currentText(storage, oid(1))).isEqualTo("one");

        await(storage.resume(Tid.NONE));

        assertThat(cachesDropped).isEqualTo(1);
        assertThat(currentText(storage, oid(1))).isEqualTo("by another way");
        assertThat(store(storage, oid(1), "two")).isGreaterThan(foreign);
    }

    @Test
    void aLogThatLostTransactionsNeverHasTimeGoBack() {
        Tid kept = store(storage, oid(1), "one");
        Tid lost = store(storage, oid(1), "two");
        listen();
        await(log.memory.cutTail(kept));

        await(storage.resume(Tid.NONE));

        assertThat(cachesDropped).isEqualTo(1);
        assertThat(await(storage.lastTid())).isEqualTo(lost);
        assertThat(currentText(storage, oid(1))).isEqualTo("one");
        assertThat(store(storage, oid(1), "three")).isGreaterThan(lost);
    }

    @Test
    void aLogThatCannotAnswerYetIsAskedAgain() {
        log.lastTidFailsWith(new ArrayFailedException("waiting for its members, on purpose"));
        failure(ArrayFailedException.class, storage.lastTid());
        failure(ArrayFailedException.class, storage.loadBefore(oid(1), Tid.MAX));
        failure(ArrayFailedException.class, storage.newOids(1));
        StorageTransaction transaction = storage.begin(TransactionMeta.EMPTY);
        transaction.store(oid(1), Tid.NONE, bytes("one"));
        failure(ArrayFailedException.class, transaction.vote());
        await(transaction.abort());

        log.lastTidIsTold();

        assertThat(await(storage.lastTid())).isEqualTo(Tid.NONE);
        store(storage, oid(1), "one");
    }

    @Test
    void whoResumesIsNotGivenAnAnswerFromBefore() {
        CompletableFuture<Tid> old = log.holdLastTid();
        CompletionStage<Tid> reading = storage.lastTid();
        CompletionStage<Void> resumed = storage.resume(new Tid(7));
        assertThat(isDone(resumed)).isFalse();

        old.completeExceptionally(new ArrayFailedException("still waiting for members, on purpose"));

        await(resumed);
        assertThat(await(reading)).isEqualTo(new Tid(7));
    }

    @Test
    void whatIsUnderWayWhenResumedIsPublishedAsUsual() {
        log.hold();
        listen();
        CompletionStage<Tid> underWay = finish(1, Tid.NONE, "one");
        CompletionStage<Void> resumed = storage.resume(Tid.NONE);
        assertThat(isDone(resumed)).isFalse();
        CompletionStage<Tid> later = finishLater(2);

        log.succeed();

        await(resumed);
        assertThat(told).containsExactly(await(underWay));
        log.succeed();
        assertThat(told).containsExactly(await(underWay), await(later));
        assertThat(cachesDropped).isZero();
    }

    @Test
    void aGateThatClosesBeforeTheVoteFailsTheVote() {
        StorageTransaction transaction = storage.begin(TransactionMeta.EMPTY);
        transaction.store(oid(1), Tid.NONE, bytes("one"));
        refusal = Optional.of(new ArrayFailedException("no member is left, on purpose"));

        failure(ArrayFailedException.class, transaction.vote());

        await(transaction.abort());
        assertThatThrownBy(() -> storage.begin(TransactionMeta.EMPTY)).isInstanceOf(ArrayFailedException.class);
    }

    @Test
    void aCloseWaitsForWhatIsUnderWayAndAbortsTheRest() throws Exception {
        log.hold();
        CompletionStage<Tid> underWay = finish(1, Tid.NONE, "one");
        StorageTransaction voted = voted(2, Tid.NONE, "two");
        CompletableFuture<Void> closed = new CompletableFuture<>();
        Thread closer = new Thread(() -> {
            storage.close();
            closed.complete(null);
        });
        closer.start();
        while (closer.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertThat(log.closed).isFalse();

        log.succeed();

        await(closed);
        closer.join();
        await(underWay);
        assertThat(log.closed).isTrue();
        assertThatThrownBy(voted::finish).isInstanceOf(StorageClosedException.class);
    }

    @Test
    void aClosedStorageRefusesReadsEvenIfItsLogDoesNot() {
        store(storage, oid(1), "one");
        log.staysOpen = true;

        storage.close();

        assertThat(currentText(log, oid(1))).isEqualTo("one");
        failure(StorageClosedException.class, storage.loadBefore(oid(1), Tid.MAX));
        failure(StorageClosedException.class, storage.serial(oid(1)));
        failure(StorageClosedException.class, storage.stats());
        failure(StorageClosedException.class, storage.headers(Tid.NONE, Tid.MAX).next(1));
    }

    @Test
    void onePackRunsAtATimeAndNeverBeyondWhatIsPublished() {
        Tid last = store(storage, oid(1), "one");
        log.packs = new CompletableFuture<>();
        CompletionStage<PackResult> first = storage.pack(new PackRequest(Tid.MAX, PackRequest.Garbage.KEEP));

        failure(StorageUnavailableException.class, storage.pack(new PackRequest(Tid.MAX, PackRequest.Garbage.KEEP)));
        assertThat(log.packed.orElseThrow().upTo()).isEqualTo(last);
        log.packs.complete(new PackResult(2, 1, 1, ""));

        assertThat(await(first).recordsDropped()).isEqualTo(1);
        await(storage.pack(new PackRequest(Tid.MAX, PackRequest.Garbage.KEEP)));
    }

    @Test
    void aCommitFromWithinAListenerDoesNotDisturbTheOrder() {
        List<CompletionStage<Tid>> inner = new ArrayList<>();
        storage.subscribe(new Storage.InvalidationListener() {
            @Override
            public void committed(Tid tid, List<Oid> oids, StorageTransaction by) {
                if (oids.contains(oid(1))) {
                    inner.add(finish(2, Tid.NONE, "by the listener"));
                }
            }

            @Override
            public void dropCaches() {}
        });
        listen();

        Tid outer = store(storage, oid(1), "one");

        assertThat(told).containsExactly(outer, await(inner.get(0)));
    }
}
