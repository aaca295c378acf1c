package org.zeoraid.adapter;

import static javax.transaction.xa.XAResource.TMENDRSCAN;
import static javax.transaction.xa.XAResource.TMFAIL;
import static javax.transaction.xa.XAResource.TMJOIN;
import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMRESUME;
import static javax.transaction.xa.XAResource.TMSTARTRSCAN;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static javax.transaction.xa.XAResource.TMSUSPEND;
import static javax.transaction.xa.XAResource.XA_OK;
import static javax.transaction.xa.XAResource.XA_RDONLY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.zeoraid.adapter.MemoryArray.bytes;
import static org.zeoraid.adapter.MemoryArray.text;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.memory.MemoryLog;

class XaSessionTest {
    @TempDir
    Path folder;

    private final Xid xid = new TestXid("t1", "b1");
    private MemoryArray array;
    private RaidManagedConnection managed;
    private RaidConnection connection;
    private XAResource xa;

    @BeforeEach
    void open() throws Exception {
        array = new MemoryArray(folder);
        managed = array.connect();
        connection = array.handle(managed);
        xa = managed.getXAResource();
    }

    @AfterEach
    void close() {
        array.close();
    }

    @Test
    void aPreparedBranchCommitsInTheSecondPhase() throws Exception {
        xa.start(xid, TMNOFLAGS);
        Oid oid = connection.create(bytes("new"));
        var outcome = connection.outcome().toCompletableFuture();
        xa.end(xid, TMSUCCESS);

        assertThat(xa.prepare(xid)).isEqualTo(XA_OK);
        assertThat(outcome).isNotDone();
        assertThatThrownBy(() -> array.current(oid)).isInstanceOf(ObjectNotFoundException.class);
        xa.commit(xid, false);

        assertThat(array.current(oid)).isEqualTo("new");
        assertThat(outcome.join()).isEqualTo(Stages.await(array.storage.lastTid()));
        assertNothingLeft();
    }

    @Test
    void aBranchCommitsInOnePhase() throws Exception {
        xa.start(xid, TMNOFLAGS);
        Oid oid = connection.create(bytes("new"));
        xa.end(xid, TMSUCCESS);

        xa.commit(xid, true);

        assertThat(array.current(oid)).isEqualTo("new");
        assertNothingLeft();
    }

    @Test
    void aBranchThatWroteNothingIsReadOnlyAndIsOver() throws Exception {
        Oid oid = array.committed("old");
        xa.start(xid, TMNOFLAGS);
        connection.load(oid);
        var outcome = connection.outcome().toCompletableFuture();
        xa.end(xid, TMSUCCESS);

        assertThat(xa.prepare(xid)).isEqualTo(XA_RDONLY);

        assertThat(outcome.join()).isEqualTo(Tid.NONE);
        assertNothingLeft();
    }

    @Test
    void aRolledBackBranchLeavesNothing() throws Exception {
        Oid oid = array.committed("old");
        xa.start(xid, TMNOFLAGS);
        connection.store(oid, bytes("new"));
        xa.end(xid, TMSUCCESS);
        xa.prepare(xid);

        xa.rollback(xid);

        assertThat(array.current(oid)).isEqualTo("old");
        array.handle(array.connect()).store(oid, bytes("by another, without waiting for a lock"));
        assertNothingLeft();
    }

    @Test
    void aConflictFailsThePrepareWithARollbackCodeAndTheConflictAsItsCause() throws Exception {
        Oid oid = array.committed("old");
        xa.start(xid, TMNOFLAGS);
        connection.load(oid);
        var outcome = connection.outcome().toCompletableFuture();
        array.handle(array.connect()).store(oid, bytes("faster"));
        connection.store(oid, bytes("slower"));
        xa.end(xid, TMSUCCESS);

        XAException error = catchThrowableOfType(XAException.class, () -> xa.prepare(xid));

        assertThat(error.errorCode).isEqualTo(XAException.XA_RBROLLBACK);
        assertThat(error).hasCauseInstanceOf(ConflictException.class);
        assertThat(outcome).isCompletedExceptionally();
        assertThatThrownBy(outcome::join).hasCauseInstanceOf(ConflictException.class);
        assertThat(array.current(oid)).isEqualTo("faster");
        assertNothingLeft();
    }

    @Test
    void aConflictFailsTheCommitInOnePhaseTheSameWay() throws Exception {
        Oid oid = array.committed("old");
        xa.start(xid, TMNOFLAGS);
        connection.load(oid);
        array.handle(array.connect()).store(oid, bytes("faster"));
        connection.store(oid, bytes("slower"));
        xa.end(xid, TMSUCCESS);

        XAException error = catchThrowableOfType(XAException.class, () -> xa.commit(xid, true));

        assertThat(error.errorCode).isEqualTo(XAException.XA_RBROLLBACK);
        assertThat(error).hasCauseInstanceOf(ConflictException.class);
        assertNothingLeft();
    }

    @Test
    void aVoteShowsTheConflictWithinTheTransaction() throws Exception {
        Oid oid = array.committed("old");
        xa.start(xid, TMNOFLAGS);
        connection.load(oid);
        array.handle(array.connect()).store(oid, bytes("faster"));
        connection.store(oid, bytes("slower"));

        assertThatThrownBy(connection::vote).isInstanceOf(ConflictException.class);
        assertThatThrownBy(() -> connection.load(oid)).isInstanceOf(ConflictException.class);

        xa.end(xid, TMSUCCESS);
        assertCode(XAException.XA_RBROLLBACK, () -> xa.prepare(xid));
    }

    @Test
    void afterAVoteNothingCanBeWrittenAndNobodyElseCommitsTheObjects() throws Exception {
        Oid oid = array.committed("old");
        xa.start(xid, TMNOFLAGS);
        connection.store(oid, bytes("new"));
        connection.vote();

        assertThatThrownBy(() -> connection.store(oid, bytes("newer"))).isInstanceOf(ProtocolException.class);
        assertThat(text(connection.load(oid).data())).isEqualTo("new");

        xa.end(xid, TMSUCCESS);
        xa.commit(xid, true);
        assertThat(array.current(oid)).isEqualTo("new");
    }

    @Test
    void sessionsThatJoinShareSnapshotAndWrites() throws Exception {
        RaidManagedConnection second = array.connect();
        RaidConnection sibling = array.handle(second);
        xa.start(xid, TMNOFLAGS);
        Oid oid = connection.create(bytes("mine"));
        second.getXAResource().start(xid, TMJOIN);

        assertThat(text(sibling.load(oid).data())).isEqualTo("mine");
        sibling.store(oid, bytes("ours"));
        assertThat(text(connection.load(oid).data())).isEqualTo("ours");

        xa.end(xid, TMSUCCESS);
        second.getXAResource().end(xid, TMSUCCESS);
        xa.commit(xid, true);
        assertThat(array.current(oid)).isEqualTo("ours");
    }

    @Test
    void branchesOfOneTransactionShareTheirWorkAndOneOfThemCommitsIt() throws Exception {
        Xid other = new TestXid("t1", "b2");
        RaidManagedConnection second = array.connect();
        RaidConnection sibling = array.handle(second);
        xa.start(xid, TMNOFLAGS);
        second.getXAResource().start(other, TMNOFLAGS);
        Oid oid = connection.create(bytes("mine"));
        assertThat(text(sibling.load(oid).data())).isEqualTo("mine");
        Oid further = sibling.create(bytes("further"));
        xa.end(xid, TMSUCCESS);
        second.getXAResource().end(other, TMSUCCESS);

        assertThat(xa.prepare(xid)).isEqualTo(XA_OK);
        assertThat(second.getXAResource().prepare(other)).isEqualTo(XA_RDONLY);
        xa.commit(xid, false);

        assertThat(array.current(oid)).isEqualTo("mine");
        assertThat(array.current(further)).isEqualTo("further");
        assertNothingLeft();
    }

    @Test
    void branchesOfOneTransactionThatOnlyReadAreAllReadOnly() throws Exception {
        Xid other = new TestXid("t1", "b2");
        XAResource second = array.connect().getXAResource();
        xa.start(xid, TMNOFLAGS);
        second.start(other, TMNOFLAGS);
        connection.lastTid();
        xa.end(xid, TMSUCCESS);
        second.end(other, TMSUCCESS);

        assertThat(xa.prepare(xid)).isEqualTo(XA_RDONLY);
        assertThat(second.prepare(other)).isEqualTo(XA_RDONLY);
        assertNothingLeft();
    }

    @Test
    void aSuspendedBranchIsResumedWithItsWorkAndTheConnectionIsFreeMeanwhile() throws Exception {
        Xid other = new TestXid("t2", "b1");
        xa.start(xid, TMNOFLAGS);
        Oid oid = connection.create(bytes("first"));
        xa.end(xid, TMSUSPEND);

        xa.start(other, TMNOFLAGS);
        assertThatThrownBy(() -> connection.load(oid)).isInstanceOf(ObjectNotFoundException.class);
        Oid between = connection.create(bytes("between"));
        xa.end(other, TMSUCCESS);
        xa.commit(other, true);

        xa.start(xid, TMRESUME);
        assertThat(text(connection.load(oid).data())).isEqualTo("first");
        xa.end(xid, TMSUCCESS);
        xa.commit(xid, true);

        assertThat(array.current(oid)).isEqualTo("first");
        assertThat(array.current(between)).isEqualTo("between");
    }

    @Test
    void aSuspendedBranchCanBeEndedWithoutBeingResumed() throws Exception {
        xa.start(xid, TMNOFLAGS);
        Oid oid = connection.create(bytes("first"));
        xa.end(xid, TMSUSPEND);
        xa.end(xid, TMSUCCESS);
        xa.commit(xid, true);
        assertThat(array.current(oid)).isEqualTo("first");
    }

    @Test
    void aBranchThatFailedCanOnlyBeRolledBack() throws Exception {
        xa.start(xid, TMNOFLAGS);
        Oid oid = connection.create(bytes("new"));
        xa.end(xid, TMFAIL);

        assertCode(XAException.XA_RBOTHER, () -> xa.prepare(xid));

        assertThatThrownBy(() -> array.current(oid)).isInstanceOf(ObjectNotFoundException.class);
        assertNothingLeft();
    }

    @Test
    void callsOutOfOrderAreRefusedWithTheCodesOfXa() throws Exception {
        assertCode(XAException.XAER_NOTA, () -> xa.prepare(xid));
        assertCode(XAException.XAER_NOTA, () -> xa.commit(xid, false));
        assertCode(XAException.XAER_NOTA, () -> xa.rollback(xid));
        assertCode(XAException.XAER_NOTA, () -> xa.start(xid, TMJOIN));
        assertCode(XAException.XAER_NOTA, () -> xa.end(xid, TMSUCCESS));

        xa.start(xid, TMNOFLAGS);
        connection.create(bytes("new"));
        assertCode(XAException.XAER_DUPID, () -> array.connect().getXAResource().start(xid, TMNOFLAGS));
        assertCode(XAException.XAER_PROTO, () -> xa.start(new TestXid("t2", "b"), TMNOFLAGS));
        assertCode(XAException.XAER_PROTO, () -> xa.prepare(xid));
        assertCode(XAException.XAER_PROTO, () -> xa.commit(xid, true));
        xa.end(xid, TMSUCCESS);
        assertCode(XAException.XAER_PROTO, () -> xa.commit(xid, false));
        assertCode(XAException.XAER_PROTO, () -> xa.start(xid, TMRESUME));
        assertCode(XAException.XAER_PROTO, () -> xa.forget(xid));
        xa.prepare(xid);
        assertCode(XAException.XAER_PROTO, () -> xa.start(xid, TMJOIN));
        xa.commit(xid, false);
        assertCode(XAException.XAER_NOTA, () -> xa.prepare(xid));
    }

    @Test
    void aBranchRolledBackUnderTheHandsOfTheApplicationTellsItAtItsEnd() throws Exception {
        xa.start(xid, TMNOFLAGS);
        connection.create(bytes("new"));
        array.connect().getXAResource().rollback(xid);

        assertThatThrownBy(() -> connection.lastTid()).isInstanceOf(RuntimeException.class);
        XAException error = catchThrowableOfType(XAException.class, () -> xa.end(xid, TMSUCCESS));
        assertThat(error.errorCode).isBetween(XAException.XA_RBBASE, XAException.XA_RBEND);

        xa.start(new TestXid("t2", "b"), TMNOFLAGS);
        connection.lastTid();
    }

    @Test
    void aTransactionThatTakesTooLongIsRolledBackAndItsLocksAreFree() throws Exception {
        Oid oid = array.committed("old");
        assertThat(xa.setTransactionTimeout(1)).isTrue();
        xa.start(xid, TMNOFLAGS);
        connection.store(oid, bytes("new"));
        var outcome = connection.outcome().toCompletableFuture();

        await().until(outcome::isDone);

        assertThatThrownBy(() -> connection.load(oid)).isInstanceOf(TransactionTimeoutException.class);
        xa.end(xid, TMSUCCESS);
        assertCode(XAException.XA_RBTIMEOUT, () -> xa.prepare(xid));
        assertThat(array.current(oid)).isEqualTo("old");
    }

    @Test
    void oneArrayIsOneResourceManager() throws Exception {
        try (MemoryArray another = new MemoryArray(folder.resolve("another"))) {
            assertThat(xa.isSameRM(array.connect().getXAResource())).isTrue();
            assertThat(xa.isSameRM(another.connect().getXAResource())).isFalse();
        }
    }

    @Test
    void aDecisionOnceMoreIsAnsweredAsTheFirstTimeAndTheOppositeWithTheTruth() throws Exception {
        work(xid);
        xa.prepare(xid);
        xa.commit(xid, false);
        xa.commit(xid, false);
        assertCode(XAException.XA_HEURCOM, () -> xa.rollback(xid));
        xa.forget(xid);

        Xid other = new TestXid("t2", "b1");
        work(other);
        xa.prepare(other);
        xa.rollback(other);
        xa.rollback(other);
        assertCode(XAException.XA_HEURRB, () -> xa.commit(other, false));
        xa.forget(other);
    }

    @Test
    void preparedBranchesAreListedOnceAScanWhateverTheFlags() throws Exception {
        work(xid);
        assertThat(xa.recover(TMSTARTRSCAN | TMENDRSCAN)).isEmpty();
        xa.prepare(xid);

        for (int i = 0; i < 2; i++) {
            assertThat(xa.recover(TMSTARTRSCAN | TMENDRSCAN)).hasSize(1);
            assertThat(xa.recover(TMSTARTRSCAN)).hasSize(1);
            assertThat(xa.recover(TMNOFLAGS)).isEmpty();
            assertThat(xa.recover(TMENDRSCAN)).isEmpty();
            assertThat(xa.recover(TMNOFLAGS)).hasSize(1);
            assertThat(xa.recover(TMENDRSCAN)).hasSize(1);
        }
        Xid found = array.connect().getXAResource().recover(TMSTARTRSCAN)[0];
        assertThat(found.getFormatId()).isEqualTo(xid.getFormatId());
        assertThat(found.getGlobalTransactionId()).isEqualTo(xid.getGlobalTransactionId());
        assertThat(found.getBranchQualifier()).isEqualTo(xid.getBranchQualifier());
        assertThat(found).isEqualTo(xa.recover(TMSTARTRSCAN)[0]);
        assertCode(XAException.XAER_INVAL, () -> xa.recover(TMJOIN));

        xa.rollback(found);
        assertThat(xa.recover(TMSTARTRSCAN)).isEmpty();
        assertNothingLeft();
    }

    @Test
    void afterARestartAPreparedBranchIsCommittedFromAnyConnection() throws Exception {
        MemoryLog log = new MemoryLog();
        Path home = folder.resolve("process");
        Oid oid;
        try (MemoryArray first = new MemoryArray(home, staysOpen(log))) {
            RaidManagedConnection working = first.connect();
            XAResource session = working.getXAResource();
            session.start(xid, TMNOFLAGS);
            oid = first.handle(working).create(bytes("new"));
            session.end(xid, TMSUCCESS);
            assertThat(session.prepare(xid)).isEqualTo(XA_OK);
        }
        try (MemoryArray second = new MemoryArray(home, staysOpen(log))) {
            XAResource session = second.connect().getXAResource();
            assertCode(XAException.XAER_DUPID, () -> session.start(xid, TMNOFLAGS));
            assertCode(XAException.XAER_PROTO, () -> session.start(xid, TMJOIN));
            assertCode(XAException.XAER_PROTO, () -> session.prepare(xid));
            assertCode(XAException.XAER_PROTO, () -> session.forget(xid));
            Xid[] found = session.recover(TMSTARTRSCAN | TMENDRSCAN);
            assertThat(found).hasSize(1);
            session.commit(found[0], false);
            assertThat(second.current(oid)).isEqualTo("new");
            session.commit(xid, false);
        }
        try (MemoryArray third = new MemoryArray(home, staysOpen(log))) {
            XAResource session = third.connect().getXAResource();
            assertThat(session.recover(TMSTARTRSCAN | TMENDRSCAN)).isEmpty();
            session.commit(xid, false);
            assertThat(third.current(oid)).isEqualTo("new");
        }
    }

    @Test
    void aSuspendedBranchMovesToAnotherConnection() throws Exception {
        RaidManagedConnection second = array.connect();
        xa.start(xid, TMNOFLAGS);
        Oid oid = connection.create(bytes("first"));
        xa.end(xid, TMSUSPEND);
        second.getXAResource().start(xid, TMRESUME);
        array.handle(second).store(oid, bytes("second"));
        assertCode(XAException.XAER_PROTO, () -> xa.end(xid, TMSUCCESS));
        second.getXAResource().end(xid, TMSUCCESS);
        xa.commit(xid, true);
        assertThat(array.current(oid)).isEqualTo("second");
    }

    @Test
    void whoReliesOnWhatItHasReadHoldsItUntilTheDecision() throws Exception {
        Oid oid = array.committed("old");
        xa.start(xid, TMNOFLAGS);
        Tid seen = connection.load(oid).serial();
        connection.checkCurrent(oid);
        CompletionStage<Tid> outcome = connection.outcome();
        xa.end(xid, TMSUCCESS);
        assertThat(xa.prepare(xid)).isEqualTo(XA_OK);
        StorageTransaction other = array.storage.begin(TransactionMeta.EMPTY);
        other.store(oid, seen, bytes("new"));
        CompletionStage<?> vote = other.vote();
        assertThat(vote.toCompletableFuture()).isNotDone();

        xa.commit(xid, false);

        assertThat(vote.toCompletableFuture()).succeedsWithin(Duration.ofSeconds(20));
        assertThat(outcome.toCompletableFuture()).isCompleted();
        assertNothingLeft();
    }

    /** A log that outlives the process that closes it. */
    private static TransactionLog staysOpen(TransactionLog log) {
        return (TransactionLog) Proxy.newProxyInstance(
                TransactionLog.class.getClassLoader(),
                new Class<?>[] {TransactionLog.class},
                (proxy, method, arguments) -> method.getName().equals("close") ? null : method.invoke(log, arguments));
    }

    private void work(Xid branch) throws Exception {
        xa.start(branch, TMNOFLAGS);
        connection.create(bytes("work"));
        xa.end(branch, TMSUCCESS);
    }

    private void assertNothingLeft() {
        assertThat(array.served.branches().size()).isZero();
    }

    private static void assertCode(int code, ThrowingCallable call) {
        assertThat(catchThrowableOfType(XAException.class, call).errorCode).isEqualTo(code);
    }
}
