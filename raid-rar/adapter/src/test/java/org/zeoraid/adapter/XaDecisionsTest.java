package org.zeoraid.adapter;

import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSTARTRSCAN;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.zeoraid.adapter.MemoryArray.bytes;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
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
import org.zeoraid.storage.PreparedTransactions;
import org.zeoraid.storage.PreparedTransactions.Decider;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.Tid;

/** Prepared branches that are decided by somebody else, at the same time, or while nobody can tell. */
class XaDecisionsTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private final TroubledLog log = new TroubledLog();
    private Xid xid = new TestXid("t1", "b1");
    private MemoryArray array;
    private RaidConnection connection;
    private XAResource xa;

    @BeforeEach
    void open() throws Exception {
        array = new MemoryArray(folder, log.log);
        RaidManagedConnection managed = array.connect();
        connection = array.handle(managed);
        xa = managed.getXAResource();
    }

    @AfterEach
    void close() {
        array.close();
    }

    @Test
    void whatAnAdminDecidedIsToldUntilItIsForgotten() throws Exception {
        prepareAndAsk();
        Stages.await(prepared().rollback(Xids.id(xid), Decider.ADMIN));

        assertThat(xa.recover(TMSTARTRSCAN)).hasSize(1);
        assertCode(XAException.XA_HEURRB, () -> xa.commit(xid, false));
        assertCode(XAException.XA_HEURRB, () -> xa.rollback(xid));
        xa.forget(xid);
        assertThat(xa.recover(TMSTARTRSCAN)).isEmpty();
        assertCode(XAException.XAER_NOTA, () -> xa.commit(xid, false));
        assertNothingLeft();
    }

    @Test
    void whatWasCommittedMeanwhileIsToldAsCommitted() throws Exception {
        CompletionStage<Tid> outcome = prepareAndAsk();
        // As when nobody knew what became of the first attempt, and the members told later.
        Tid tid = Stages.await(prepared().commit(Xids.id(xid), Decider.TRANSACTION_MANAGER));
        xa.commit(xid, false);
        assertThat(outcome.toCompletableFuture()).isCompletedWithValue(tid);
        assertNothingLeft();
    }

    @Test
    void whatAnAdminDecidedIsToldToWhoeverWaitsForTheOutcome() throws Exception {
        CompletionStage<Tid> outcome = prepareAndAsk();
        Tid tid = Stages.await(prepared().commit(Xids.id(xid), Decider.ADMIN));
        assertCode(XAException.XA_HEURCOM, () -> xa.rollback(xid));
        assertThat(outcome.toCompletableFuture()).isCompletedWithValue(tid);
        xa.forget(xid);
        assertNothingLeft();

        CompletionStage<Tid> second = prepareAndAsk();
        Stages.await(prepared().rollback(Xids.id(xid), Decider.ADMIN));
        assertCode(XAException.XA_HEURRB, () -> xa.commit(xid, false));
        assertThat(second.toCompletableFuture())
                .failsWithin(LONG)
                .withThrowableThat()
                .withMessageContaining("an admin had");
        assertNothingLeft();
    }

    private CompletionStage<Tid> prepareAndAsk() throws Exception {
        xa.start(xid, TMNOFLAGS);
        connection.create(bytes("work"));
        CompletionStage<Tid> outcome = connection.outcome();
        xa.end(xid, TMSUCCESS);
        xa.prepare(xid);
        return outcome;
    }

    private PreparedTransactions prepared() {
        return array.storage.prepared().orElseThrow();
    }

    @Test
    void whileTheArrayIsNotOpenNobodyIsToldThatSomethingIsDecided() {
        Storage closed = (Storage) Proxy.newProxyInstance(
                Storage.class.getClassLoader(),
                new Class<?>[] {Storage.class},
                (proxy, method, arguments) -> method.getName().equals("name") ? "main" : Optional.empty());
        JournalledBranches journalled = new JournalledBranches(closed);
        assertCode(XAException.XA_RETRY, () -> journalled.commit(Xids.id(xid)));
        assertCode(XAException.XAER_RMFAIL, () -> journalled.rollback(Xids.id(xid)));
        assertCode(XAException.XAER_RMFAIL, () -> journalled.forget(Xids.id(xid)));
        assertCode(XAException.XAER_RMFAIL, journalled::list);
    }

    @Test
    void decisionsAtOnceAreAnsweredAsOneAfterTheOther() throws Exception {
        for (Decider first : Decider.values()) {
            prepareAndAsk();
            log.hold("append");
            CompletableFuture<?> commit = prepared().commit(Xids.id(xid), first).toCompletableFuture();
            log.awaitHeld();
            CompletableFuture<Integer> again = whileItWaits(other -> other.commit(xid, false));
            CompletableFuture<Integer> opposite = whileItWaits(other -> other.rollback(xid));
            log.release();

            assertThat(commit).succeedsWithin(LONG);
            assertThat(again).succeedsWithin(LONG).isEqualTo(XAResource.XA_OK);
            assertThat(opposite).succeedsWithin(LONG).isEqualTo(XAException.XA_HEURCOM);
            assertNothingLeft();
            xid = new TestXid("t2", "b1");
        }
    }

    @Test
    void whoAsksForWhatAnAdminIsAboutToDoIsToldThatItWasTheAdmin() throws Exception {
        prepareAndAsk();
        log.hold("stats");
        log.meets(Trouble.UNKNOWN_LOST, () -> {});
        assertCode(XAException.XA_RETRY, () -> xa.commit(xid, false));
        log.awaitHeld();
        CompletableFuture<Void> admin =
                prepared().rollback(Xids.id(xid), Decider.ADMIN).toCompletableFuture();
        CompletableFuture<Integer> same = whileItWaits(other -> other.rollback(xid));
        log.release();

        assertThat(admin).succeedsWithin(LONG);
        assertThat(same).succeedsWithin(LONG).isEqualTo(XAException.XA_HEURRB);
        assertThat(xa.recover(TMSTARTRSCAN)).hasSize(1);
        xa.forget(xid);
        assertThat(xa.recover(TMSTARTRSCAN)).isEmpty();
        assertNothingLeft();
    }

    private interface Decision {
        void make(XAResource resource) throws XAException;
    }

    /** Makes a decision in a thread of its own, which waits for another one's, and gives its answer when there is one. */
    private CompletableFuture<Integer> whileItWaits(Decision decision) throws Exception {
        XAResource other = array.connect().getXAResource();
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                decision.make(other);
                answer.complete(XAResource.XA_OK);
            } catch (XAException e) {
                answer.complete(e.errorCode);
            }
        });
        thread.start();
        await().until(() -> thread.getState() == Thread.State.WAITING);
        return answer;
    }

    private void assertNothingLeft() {
        assertThat(array.served.branches().size()).isZero();
    }

    private static void assertCode(int code, ThrowingCallable call) {
        assertThat(catchThrowableOfType(XAException.class, call).errorCode).isEqualTo(code);
    }
}
