package org.zeoraid.storage.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.content;
import static org.zeoraid.storage.contract.Steps.currentText;
import static org.zeoraid.storage.contract.Steps.oid;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.PreparedTransactions;
import org.zeoraid.storage.PreparedTransactions.Decider;
import org.zeoraid.storage.PreparedTransactions.Fate;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.journal.JournalOptions;
import org.zeoraid.storage.journal.PreparedJournal;
import org.zeoraid.storage.memory.MemoryLog;
import org.zeoraid.storage.seam.CrashWalk;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;

/** Prepared branches from vote to decision, over crashes in between. */
class PreparedBranchesTest {

    private static final List<Path> FOLDERS = List.of(Path.of("/array/state"), Path.of("/array/a"));
    private static final Duration LOCK_WAIT = Duration.ofSeconds(5);
    private static final BranchId ONE = new BranchId(7, bytes("one"), bytes("node-1"));
    private static final BranchId TWO = new BranchId(7, bytes("two"), bytes("node-1"));

    private final List<String> notes = new ArrayList<>();
    private ScriptedLog log = new ScriptedLog();
    private FaultDisk disk = fresh();
    private SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);
    private TransactionalStorage storage = open();

    private static FaultDisk fresh() {
        FaultDisk disk = new FaultDisk();
        FOLDERS.forEach(folder -> disk.put(folder.resolve("something"), bytes("there")));
        return disk;
    }

    private TransactionalStorage open() {
        TransactionalStorage opened = new TransactionalStorage(
                "main",
                log,
                environment,
                CommitOptions.spillingTo(Path.of("/spill"))
                        .withLockWait(LOCK_WAIT)
                        .withSpillThreshold(10_000),
                WriteGate.OPEN);
        await(opened.keepPrepared(
                JournalOptions.in(FOLDERS, (level, text) -> notes.add(text)).withRoom(4096),
                PreparedJournal.Unseen.MAY_HAVE_A_COPY));
        return opened;
    }

    /** The process, and the machine, dies and comes back; the log has what it had. */
    private void restart() {
        disk = disk.afterCrash(FaultDisk.NOTHING_SURVIVES);
        environment = new SimulatedEnvironment(2, disk);
        ScriptedLog again = new ScriptedLog(log.memory);
        log = again;
        storage = open();
    }

    private void serve() {
        await(storage.resume(Tid.NONE));
    }

    private <T> T await(CompletionStage<T> stage) {
        try {
            return environment.await(stage);
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private PreparedTransactions prepared() {
        return storage.prepared().orElseThrow();
    }

    private StorageTransaction prepare(BranchId id, Consumer<StorageTransaction> work) {
        StorageTransaction transaction = storage.begin(TransactionMeta.of("me", id.toString()));
        work.accept(transaction);
        await(transaction.vote());
        await(transaction.prepare(id));
        return transaction;
    }

    private Tid store(long oid, String text) {
        StorageTransaction transaction = storage.begin(TransactionMeta.EMPTY);
        transaction.store(oid(oid), await(storage.serial(oid(oid))), bytes(text));
        await(transaction.vote());
        return await(transaction.finish());
    }

    private Tid commit(BranchId id) {
        return await(prepared().commit(id, Decider.TRANSACTION_MANAGER));
    }

    private void rollback(BranchId id) {
        await(prepared().rollback(id, Decider.TRANSACTION_MANAGER));
    }

    private List<BranchId> inDoubt() {
        return prepared().branches().stream()
                .filter(branch -> branch.state() == PreparedBranch.State.IN_DOUBT)
                .map(PreparedBranch::id)
                .toList();
    }

    private void assertLocked(long oid) {
        assertThatThrownBy(() -> store(oid, "in between"))
                .isInstanceOf(ConflictException.class)
                .satisfies(e -> assertThat(((StorageException) e).retry()).isEqualTo(StorageException.Retry.NOW))
                .hasMessageContaining("prepared branch " + ONE);
    }

    @Test
    void aPreparedBranchIsCommittedAfterARestart() {
        Tid before = store(1, "old");
        prepare(ONE, transaction -> {
            transaction.store(oid(1), before, bytes("new"));
            transaction.store(oid(2), Tid.NONE, bytes("x".repeat(100_000)));
        });
        assertThat(currentText(storage, oid(1))).isEqualTo("old");

        restart();
        assertThat(inDoubt()).containsExactly(ONE);
        serve();
        assertLocked(1);
        Tid tid = commit(ONE);

        assertThat(currentText(storage, oid(1))).isEqualTo("new");
        assertThat(currentText(storage, oid(2))).hasSize(100_000);
        assertThat(Steps.transaction(storage, tid).header().meta()).isEqualTo(TransactionMeta.of("me", ONE.toString()));
        assertThat(inDoubt()).isEmpty();
        store(1, "after");
    }

    @Test
    void itsLocksHoldBeforeTheLogIsThereAtAll() {
        Tid before = store(1, "old");
        prepare(ONE, transaction -> transaction.store(oid(1), before, bytes("new")));
        restart();
        // The very first commit of the new process.
        StorageTransaction fast = storage.begin(TransactionMeta.EMPTY);
        fast.store(oid(1), before, bytes("faster"));
        assertThatThrownBy(() -> await(fast.vote())).isInstanceOf(ConflictException.class);
    }

    @Test
    void whatItHasReadStaysAsItIsAndItsOidsAreNotHandedOutAgain() {
        Tid before = store(1, "read");
        Oid fresh = await(storage.newOids(5)).get(4);
        prepare(ONE, transaction -> {
            transaction.checkCurrent(oid(1), before);
            transaction.store(fresh, Tid.NONE, bytes("new"));
        });
        restart();
        serve();
        assertThatThrownBy(() -> store(1, "changed")).isInstanceOf(ConflictException.class);
        assertThat(await(storage.newOids(1)).get(0)).isGreaterThan(fresh);
        rollback(ONE);
        store(1, "changed");
    }

    @Test
    void whoWritesNothingAndReliesOnWhatItHasReadHoldsThatUntilItIsDecided() {
        Tid before = store(1, "read");
        prepare(ONE, transaction -> transaction.checkCurrent(oid(1), before));
        restart();
        serve();
        assertThat(inDoubt()).containsExactly(ONE);
        assertThatThrownBy(() -> store(1, "changed")).isInstanceOf(ConflictException.class);
        assertThat(commit(ONE)).isEqualTo(before);
        assertThat(commit(ONE)).isEqualTo(before);
        assertThat(Steps.transactions(storage)).hasSize(1);
        store(1, "changed");

        StorageTransaction nothing = storage.begin(TransactionMeta.EMPTY);
        await(nothing.vote());
        assertThatThrownBy(() -> nothing.prepare(TWO)).isInstanceOf(ProtocolException.class);
        await(nothing.abort());
    }

    @Test
    void blobsAreCommittedFromTheJournal() {
        byte[] content = bytes("blob ".repeat(1000));
        prepare(ONE, transaction -> transaction.storeBlob(oid(1), Tid.NONE, Steps.blobRecord(), Steps.blob(content)));
        restart();
        serve();
        Tid tid = commit(ONE);
        assertThat(content(Steps.await(storage.blob(oid(1), tid)))).isEqualTo(content);
        environment.advance(Duration.ofSeconds(1));
        assertThat(disk.files()).noneMatch(file -> file.toString().endsWith(".branch"));
    }

    @Test
    void aRolledBackBranchIsGoneAfterARestart() {
        prepare(ONE, transaction -> transaction.store(oid(1), Tid.NONE, bytes("new")));
        rollback(ONE);
        rollback(ONE);
        assertThat(prepared().fate(ONE)).contains(Fate.ROLLED_BACK);
        restart();
        serve();
        assertThat(inDoubt()).isEmpty();
        assertThat(prepared().fate(ONE)).contains(Fate.ROLLED_BACK);
        assertThatThrownBy(() -> commit(ONE)).isInstanceOf(ProtocolException.class);
        store(1, "free");
    }

    @Test
    void unpreparedWorkIsGoneAfterARestart() {
        StorageTransaction voted = storage.begin(TransactionMeta.EMPTY);
        voted.store(oid(1), Tid.NONE, bytes("new"));
        await(voted.vote());
        restart();
        serve();
        assertThat(inDoubt()).isEmpty();
        store(1, "free");
    }

    @Test
    void aCommitIsRepeatedWithoutBeingAppliedTwice() {
        prepare(ONE, transaction -> transaction.store(oid(1), Tid.NONE, bytes("new")));
        Tid tid = commit(ONE);
        assertThat(commit(ONE)).isEqualTo(tid);
        Tid later = store(1, "later");

        // The note of its end was not on the disk yet.
        restart();
        assertThat(inDoubt()).containsExactly(ONE);
        await(prepared().settled());

        assertThat(inDoubt()).isEmpty();
        assertThat(commit(ONE)).isEqualTo(tid);
        assertThat(currentText(storage, oid(1))).isEqualTo("later");
        assertThat(Steps.transactions(storage)).hasSize(2);
        assertThat(Steps.await(storage.lastTid())).isEqualTo(later);
    }

    @Test
    void whatIsFoundInTheLogCannotBeRolledBack() {
        prepare(ONE, transaction -> transaction.store(oid(1), Tid.NONE, bytes("new")));
        commit(ONE);
        restart();
        assertThatThrownBy(() -> rollback(ONE)).isInstanceOf(ProtocolException.class);
        assertThat(currentText(storage, oid(1))).isEqualTo("new");
        assertThat(prepared().fate(ONE)).contains(Fate.COMMITTED);
    }

    @Test
    void whoWritesPastTheArrayDoesNotPassForTheBranch() {
        Tid before = store(1, "old");
        prepare(ONE, transaction -> transaction.store(oid(1), before, bytes("new")));
        restart();
        Steps.await(log.memory.append(
                before,
                CommittedTransaction.of(
                        new TransactionHeader(before.after(), TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0),
                        List.of(new DataRecord(oid(1), new Content.Data(bytes("stranger")))))));
        serve();
        assertThat(inDoubt()).containsExactly(ONE);
        assertThat(notes).anyMatch(note -> note.contains("by another way") && note.contains(ONE.toString()));
        commit(ONE);
        assertThat(currentText(storage, oid(1))).isEqualTo("new");
    }

    @Test
    void extensionDataThatAMemberGivesBackPickledAnewIsTheBranchsAllTheSame() {
        byte[] sent = HexFormat.of().parseHex("80027d5801000000614b01732e");
        byte[] given = HexFormat.of().parseHex("80037d5801000000614b01732e");
        StorageTransaction transaction = storage.begin(new TransactionMeta(bytes("me"), bytes("why"), sent));
        transaction.store(oid(1), Tid.NONE, bytes("new"));
        await(transaction.vote());
        await(transaction.prepare(ONE));
        restart();
        Tid tid = new Tid(99);
        Steps.await(log.memory.append(
                Tid.NONE,
                CommittedTransaction.of(
                        new TransactionHeader(
                                tid,
                                TransactionStatus.COMMITTED,
                                new TransactionMeta(bytes("me"), bytes("why"), given),
                                0),
                        List.of(new DataRecord(oid(1), new Content.Data(bytes("new")))))));
        serve();
        assertThat(commit(ONE)).isEqualTo(tid);
        assertThat(Steps.transactions(storage)).hasSize(1);
    }

    @Test
    void whereTheLogCannotBeReachedTheBranchStaysAndIsCommittedLater() {
        prepare(ONE, transaction -> transaction.store(oid(1), Tid.NONE, bytes("new")));
        restart();
        log.lastTidFailsWith(new ArrayFailedException("no member"));
        assertThatThrownBy(() -> await(prepared().settled())).isInstanceOf(ArrayFailedException.class);
        assertThatThrownBy(() -> commit(ONE)).isInstanceOf(ArrayFailedException.class);
        assertThatThrownBy(() -> rollback(ONE)).isInstanceOf(ArrayFailedException.class);
        assertThat(inDoubt()).containsExactly(ONE);
        log.lastTidIsTold();
        commit(ONE);
        assertThat(currentText(storage, oid(1))).isEqualTo("new");
    }

    @Test
    void anUnknownOutcomeIsSettledByWhatTheLogHas() {
        for (boolean lasts : List.of(true, false)) {
            log = new ScriptedLog();
            disk = fresh();
            environment = new SimulatedEnvironment(1, disk);
            storage = open();
            serve();
            prepare(ONE, transaction -> transaction.store(oid(1), Tid.NONE, bytes("new")));
            log.hold();
            CompletionStage<Tid> commit = prepared().commit(ONE, Decider.TRANSACTION_MANAGER);
            CompletableFuture<Tid> told = log.holdLastTid();
            log.doubt(lasts);
            assertThatThrownBy(() -> await(commit)).isInstanceOf(OutcomeUnknownException.class);
            assertThat(inDoubt()).containsExactly(ONE);
            CompletionStage<Tid> again = prepared().commit(ONE, Decider.TRANSACTION_MANAGER);
            log.holdNoLonger();
            told.complete(Steps.await(log.memory.lastTid()));
            Tid tid = await(again);
            assertThat(Steps.transactions(storage)).singleElement().satisfies(found -> assertThat(found.tid())
                    .isEqualTo(tid));
            assertThat(inDoubt()).isEmpty();
        }
    }

    @Test
    void whoRecoversWhileACommitIsOnItsWayDoesNotMakeItHappenTwice() {
        prepare(ONE, transaction -> transaction.store(oid(1), Tid.NONE, bytes("new")));
        log.hide();
        CompletionStage<Tid> commit = prepared().commit(ONE, Decider.TRANSACTION_MANAGER);
        CompletionStage<Void> settled = prepared().settled();
        environment.advance(Duration.ofSeconds(1));
        log.doubt(true);
        log.holdNoLonger();
        assertThatThrownBy(() -> await(commit)).isInstanceOf(OutcomeUnknownException.class);

        await(settled);
        assertThat(inDoubt()).isEmpty();
        Tid tid = commit(ONE);

        assertThat(Steps.transactions(storage)).singleElement().satisfies(found -> assertThat(found.tid())
                .isEqualTo(tid));
    }

    @Test
    void whatWasAbsentIsAskedOnceMoreWhenTheMembersHaveBeenAssembledAnew() {
        prepare(ONE, transaction -> transaction.store(oid(1), Tid.NONE, bytes("new")));
        log.hold();
        CompletionStage<Tid> commit = prepared().commit(ONE, Decider.TRANSACTION_MANAGER);
        CommittedTransaction lost = log.oldest();
        log.doubt(false);
        log.holdNoLonger();
        assertThatThrownBy(() -> await(commit)).isInstanceOf(OutcomeUnknownException.class);
        await(prepared().settled());
        assertThat(inDoubt()).containsExactly(ONE);

        // By force of an admin a member is the truth that had it.
        Steps.await(log.memory.append(Tid.NONE, lost));
        serve();

        assertThat(commit(ONE)).isEqualTo(lost.tid());
        assertThat(Steps.transactions(storage)).hasSize(1);
    }

    @Test
    void aCommitThatWaitedForTheMembersIsNotRepeatedOnOthersUnasked() {
        prepare(ONE, transaction -> transaction.store(oid(1), Tid.NONE, bytes("new")));
        log.hold();
        CompletionStage<Tid> first = prepared().commit(ONE, Decider.TRANSACTION_MANAGER);
        CommittedTransaction lost = log.oldest();
        log.doubt(false);
        log.holdNoLonger();
        assertThatThrownBy(() -> await(first)).isInstanceOf(OutcomeUnknownException.class);
        await(prepared().settled());
        // The order of commits is somebody else's for a while: the second attempt waits in the stream.
        CompletableFuture<Tid> told = log.holdLastTid();
        CompletionStage<Void> breakdown = storage.resume(Tid.NONE);
        CompletionStage<Tid> second = prepared().commit(ONE, Decider.TRANSACTION_MANAGER);
        Steps.await(log.memory.append(Tid.NONE, lost));
        CompletionStage<Void> assembled = storage.resume(Tid.NONE);
        told.complete(Tid.NONE);
        await(breakdown);
        await(assembled);

        try {
            await(second);
        } catch (StorageException e) {
            assertThat(e.retry()).isNotEqualTo(StorageException.Retry.NEVER);
        }
        assertThat(commit(ONE)).isEqualTo(lost.tid());
        assertThat(Steps.transactions(storage)).hasSize(1);
    }

    @Test
    void aPackIsRefusedUntilTheLogHasToldWhatWasCommitted() {
        prepare(ONE, transaction -> transaction.store(oid(1), Tid.NONE, bytes("new")));
        commit(ONE);
        Tid later = store(1, "later");
        restart();
        log.historyFailsWith(new StorageUnavailableException("no answer"));
        serve();
        assertThatThrownBy(() -> await(storage.pack(new PackRequest(later, PackRequest.Garbage.KEEP))))
                .isInstanceOf(StorageUnavailableException.class)
                .hasMessageContaining("before history is forgotten");
        assertThat(log.packed).isEmpty();

        log.historyIsTold();
        // Nobody has to ask for it.
        environment.runUntil(() -> inDoubt().isEmpty());
        await(storage.pack(new PackRequest(later, PackRequest.Garbage.KEEP)));
        assertThat(log.packed).isPresent();

        restart();
        assertThat(prepared().fate(ONE)).contains(Fate.COMMITTED);
    }

    @Test
    void whatIsCommittedWhileAPackBeginsIsNotPacked() {
        Tid before = store(2, "before");
        prepare(ONE, transaction -> transaction.store(oid(1), Tid.NONE, bytes("new")));
        prepare(TWO, transaction -> transaction.store(oid(3), Tid.NONE, bytes("new")));
        log.hide();
        CompletionStage<Tid> commit = prepared().commit(ONE, Decider.TRANSACTION_MANAGER);
        CompletionStage<PackResult> pack = storage.pack(new PackRequest(Tid.MAX, PackRequest.Garbage.KEEP));
        assertThat(log.packed).isEmpty();
        log.doubt(true);
        log.holdNoLonger();
        assertThatThrownBy(() -> await(commit)).isInstanceOf(OutcomeUnknownException.class);
        await(pack);
        assertThat(log.packed.orElseThrow().upTo()).isEqualTo(before);
        assertThat(inDoubt()).containsExactly(TWO);
    }

    @Test
    void aRollbackThatCannotBeNotedIsNone() throws Exception {
        prepare(ONE, transaction -> transaction.store(oid(1), Tid.NONE, bytes("x".repeat(100_000))));
        AutoCloseable failing = disk.rule(operation -> {
            if (operation.kind() == FaultDisk.Kind.SYNC && operation.path().startsWith(FOLDERS.get(0))) {
                throw new IOException("input/output error");
            }
        });
        assertThatThrownBy(() -> rollback(ONE)).isInstanceOf(StorageUnavailableException.class);
        assertThat(inDoubt()).containsExactly(ONE);
        assertLocked(1);
        failing.close();
        commit(ONE);
        assertThat(currentText(storage, oid(1))).hasSize(100_000);
        restart();
        serve();
        assertThat(inDoubt()).isEmpty();
    }

    @Test
    void anAdminsDecisionIsKeptUntilItIsForgotten() {
        prepare(ONE, transaction -> transaction.store(oid(1), Tid.NONE, bytes("new")));
        prepare(TWO, transaction -> transaction.store(oid(2), Tid.NONE, bytes("new")));
        await(prepared().commit(ONE, Decider.ADMIN));
        await(prepared().rollback(TWO, Decider.ADMIN));
        restart();
        serve();
        assertThat(prepared().fate(ONE)).contains(Fate.COMMITTED_BY_ADMIN);
        assertThat(prepared().branches())
                .extracting(PreparedBranch::id, PreparedBranch::state)
                .containsExactly(
                        tuple(ONE, PreparedBranch.State.COMMITTED_BY_ADMIN),
                        tuple(TWO, PreparedBranch.State.ROLLED_BACK_BY_ADMIN));
        await(prepared().forget(ONE));
        await(prepared().forget(TWO));
        restart();
        assertThat(prepared().branches()).isEmpty();
    }

    @Test
    void whatCannotBeJournalledIsAbortedAndFree() {
        disk.limitTo(disk.usedBytes());
        assertThatThrownBy(() -> prepare(ONE, transaction -> transaction.store(oid(1), Tid.NONE, bytes("new"))))
                .isInstanceOf(StorageException.class);
        assertThat(inDoubt()).isEmpty();
        store(1, "free");
    }

    @Test
    void aNameIsUsedOnce() {
        prepare(ONE, transaction -> transaction.store(oid(1), Tid.NONE, bytes("new")));
        StorageTransaction second = storage.begin(TransactionMeta.EMPTY);
        second.store(oid(2), Tid.NONE, bytes("new"));
        await(second.vote());
        assertThatThrownBy(() -> second.prepare(ONE)).isInstanceOf(ProtocolException.class);
        await(second.abort());
    }

    @Test
    void aPackKeepsGarbageWhileABranchIsInDoubt() {
        prepare(ONE, transaction -> transaction.store(oid(1), Tid.NONE, bytes("new")));
        PackResult result = await(storage.pack(new PackRequest(Tid.MAX, PackRequest.Garbage.COLLECT)));
        assertThat(log.packed.orElseThrow().garbage()).isEqualTo(PackRequest.Garbage.KEEP);
        assertThat(result.note()).contains("prepared");
        commit(ONE);
        await(storage.pack(new PackRequest(Tid.MAX, PackRequest.Garbage.COLLECT)));
        assertThat(log.packed.orElseThrow().garbage()).isEqualTo(PackRequest.Garbage.COLLECT);
    }

    @Test
    void anUndoIsCommittedAsItWasPreparedAfterARestart() {
        store(1, "first");
        Tid second = store(1, "second");
        prepare(ONE, transaction -> transaction.undo(second));
        restart();
        serve();
        commit(ONE);
        assertThat(currentText(storage, oid(1))).isEqualTo("first");
    }

    // A crash anywhere.

    private static final class Notes {
        final ScriptedLog log = new ScriptedLog();
        final Map<BranchId, String> prepared = new LinkedHashMap<>();
        final Map<BranchId, String> committing = new LinkedHashMap<>();
        final Set<BranchId> rollingBack = new LinkedHashSet<>();
        final Set<BranchId> rolledBack = new LinkedHashSet<>();
    }

    @Test
    void afterACrashInAnyStepEachBranchIsAppliedOnceOrNotAtAll() {
        long steps = new CrashWalk<>(PreparedBranchesTest::fresh, Notes::new, this::scenario).walk(4, this::check);
        assertThat(steps).isGreaterThan(50);
    }

    private void scenario(FaultDisk crashing, Notes noted) {
        disk = crashing;
        log = noted.log;
        log.staysOpen = true;
        environment = new SimulatedEnvironment(3, crashing);
        storage = open();
        for (int i = 1; i <= 6; i++) {
            BranchId id = new BranchId(7, bytes("t" + i), bytes("b"));
            String text = "text ".repeat(i == 4 ? 20_000 : 3) + i;
            int oid = i;
            prepare(id, transaction -> transaction.store(oid(oid), Tid.NONE, bytes(text)));
            refuseToRunOn(crashing);
            noted.prepared.put(id, text);
            if (i % 3 == 1) {
                noted.committing.put(id, text);
                commit(id);
                refuseToRunOn(crashing);
                store(oid, "later " + i);
            } else if (i % 3 == 2) {
                noted.rollingBack.add(id);
                rollback(id);
                refuseToRunOn(crashing);
                noted.rolledBack.add(id);
            }
        }
        environment.advance(Duration.ofSeconds(1));
        await(storage.closeAsync());
    }

    private static void refuseToRunOn(FaultDisk crashing) {
        if (crashing.hasCrashed()) {
            throw new IllegalStateException("crashed");
        }
    }

    private void check(FaultDisk left, Notes noted) {
        disk = left;
        log = new ScriptedLog(copy(noted.log));
        environment = new SimulatedEnvironment(4, left);
        storage = open();
        serve();
        List<BranchId> open = new ArrayList<>(inDoubt());
        noted.prepared.forEach((id, text) -> {
            if (noted.rolledBack.contains(id)) {
                assertThat(open).doesNotContain(id);
            } else if (!noted.committing.containsKey(id) && !noted.rollingBack.contains(id)) {
                assertThat(open).contains(id);
            }
        });
        // The transaction manager commits what it had decided to commit, and rolls back all the rest.
        noted.committing.keySet().forEach(this::commit);
        open.stream().filter(id -> !noted.committing.containsKey(id)).forEach(this::rollback);
        assertThat(inDoubt()).isEmpty();
        Map<String, Integer> written = new LinkedHashMap<>();
        Steps.transactions(storage)
                .forEach(transaction -> written.merge(
                        Steps.text(Steps.records(transaction).get(0).data().orElseThrow()), 1, Integer::sum));
        noted.committing.values().forEach(text -> assertThat(written).containsEntry(text, 1));
        assertThat(written.keySet().stream().filter(text -> text.startsWith("text")))
                .allMatch(noted.committing::containsValue);
        for (int i = 1; i <= 6; i++) {
            store(i, "free");
        }
    }

    private static MemoryLog copy(ScriptedLog from) {
        var copy = new MemoryLog();
        Tid last = Tid.NONE;
        for (var transaction : Steps.transactions(from.memory)) {
            Steps.await(copy.append(last, transaction));
            last = transaction.tid();
        }
        return copy;
    }
}
