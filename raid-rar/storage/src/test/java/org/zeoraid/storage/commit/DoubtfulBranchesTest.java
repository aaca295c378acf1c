package org.zeoraid.storage.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.currentText;
import static org.zeoraid.storage.contract.Steps.oid;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
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
import org.zeoraid.storage.seam.SimulatedEnvironment;

/** Prepared branches of which the log has to tell what became, and packs meanwhile. */
class DoubtfulBranchesTest extends BranchRig {

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
    void aPackKeepsGarbageWhileABranchIsInDoubt() {
        prepare(ONE, transaction -> transaction.store(oid(1), Tid.NONE, bytes("new")));
        PackResult result = await(storage.pack(new PackRequest(Tid.MAX, PackRequest.Garbage.COLLECT)));
        assertThat(log.packed.orElseThrow().garbage()).isEqualTo(PackRequest.Garbage.KEEP);
        assertThat(result.note()).contains("prepared");
        commit(ONE);
        await(storage.pack(new PackRequest(Tid.MAX, PackRequest.Garbage.COLLECT)));
        assertThat(log.packed.orElseThrow().garbage()).isEqualTo(PackRequest.Garbage.COLLECT);
    }
}
