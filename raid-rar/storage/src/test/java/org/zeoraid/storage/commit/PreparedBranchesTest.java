package org.zeoraid.storage.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.content;
import static org.zeoraid.storage.contract.Steps.currentText;
import static org.zeoraid.storage.contract.Steps.oid;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.PreparedTransactions.Decider;
import org.zeoraid.storage.PreparedTransactions.Fate;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.seam.FaultDisk;

/** Prepared branches from vote to decision, over restarts. */
class PreparedBranchesTest extends BranchRig {

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
    void anUndoIsCommittedAsItWasPreparedAfterARestart() {
        store(1, "first");
        Tid second = store(1, "second");
        prepare(ONE, transaction -> transaction.undo(second));
        restart();
        serve();
        commit(ONE);
        assertThat(currentText(storage, oid(1))).isEqualTo("first");
    }
}
