package org.zeoraid.adapter;

import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static javax.transaction.xa.XAResource.XA_OK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.zeoraid.adapter.MemoryArray.bytes;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.PreparedTransactions;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;

/** What the transaction manager and the application hear when the storage breaks at the very end. */
class BrokenCommitTest {
    @TempDir
    Path folder;

    private final Xid xid = new TestXid("t1", "b1");
    private MemoryArray array;
    private ServedArray breaking;
    private RaidConnection connection;
    private XAResource xa;
    private boolean isBroken = true;
    private RuntimeException failure = new OutcomeUnknownException("nobody answers");

    @BeforeEach
    void open() throws Exception {
        array = new MemoryArray(folder);
        breaking = new ServedArray(
                proxy(Storage.class, array.storage),
                array.served.administration(),
                CompletableFuture.completedFuture(null),
                () -> {},
                BlobSpool.open(folder.resolve("blobs")),
                new Timeouts(array.environment),
                Duration.ZERO);
        RaidManagedConnection managed = new RaidManagedConnection(breaking, new RaidManagedConnectionFactory());
        connection = (RaidConnection) managed.getConnection(null, null);
        xa = managed.getXAResource();
    }

    @AfterEach
    void close() {
        array.close();
    }

    @Test
    void aPreparedBranchThatCannotBeCommittedNowStaysAndIsTriedAgain() throws Exception {
        for (RuntimeException why : List.of(
                new OutcomeUnknownException("nobody answers"),
                new DiskFullException("no room"),
                new IllegalStateException("a bug"))) {
            failure = why;
            Xid one = new TestXid("t1", why.toString());
            CompletionStage<Tid> outcome = work(one);
            assertThat(xa.prepare(one)).isEqualTo(XA_OK);

            XAException error = assertCode(XAException.XA_RETRY, () -> xa.commit(one, false));
            assertThat(error).hasCause(why);
            assertCode(XAException.XA_RETRY, () -> xa.commit(one, false));
            assertThat(xa.recover(XAResource.TMSTARTRSCAN)).hasSize(1);

            isBroken = false;
            xa.commit(one, false);
            assertThat(outcome.toCompletableFuture()).isCompleted();
            assertThat(breaking.branches().size()).isZero();
            isBroken = true;
        }
    }

    @Test
    void anUnknownOutcomeInOnePhaseIsNeverReportedAsARollback() throws Exception {
        CompletionStage<Tid> outcome = work();
        XAException error = assertCode(XAException.XA_HEURHAZ, () -> xa.commit(xid, true));
        assertThat(error).hasCauseInstanceOf(OutcomeUnknownException.class);
        assertThat(outcome.toCompletableFuture()).isCompletedExceptionally();
    }

    @Test
    void inOnePhaseThatIsAnOrdinaryRollback() throws Exception {
        failure = new DiskFullException("no room");
        work();
        XAException error = assertCode(XAException.XA_RBOTHER, () -> xa.commit(xid, true));
        assertThat(error).hasCauseInstanceOf(DiskFullException.class);
    }

    @Test
    void anErrorThatIsNotTheStoragesOwnSaysNothingAboutTheOutcome() throws Exception {
        failure = new IllegalStateException("a bug");
        work();
        XAException error = assertCode(XAException.XA_HEURHAZ, () -> xa.commit(xid, true));
        assertThat(error).hasCauseInstanceOf(OutcomeUnknownException.class);
    }

    @Test
    void outsideOfATransactionTheApplicationHearsItDirectly() {
        assertThatThrownBy(() -> connection.create(bytes("new"))).isInstanceOf(OutcomeUnknownException.class);
    }

    private CompletionStage<Tid> work() throws Exception {
        return work(xid);
    }

    private CompletionStage<Tid> work(Xid branch) throws Exception {
        xa.start(branch, TMNOFLAGS);
        connection.store(new Oid(77), bytes("new"));
        CompletionStage<Tid> outcome = connection.outcome();
        xa.end(branch, TMSUCCESS);
        return outcome;
    }

    private XAException assertCode(int code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        XAException error = catchThrowableOfType(XAException.class, call);
        assertThat(error.errorCode).isEqualTo(code);
        return error;
    }

    /** The real one, but for the end of a transaction. */
    private <T> T proxy(Class<T> type, T real) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    if (isBroken && List.of("finish", "commit").contains(method.getName())) {
                        return CompletableFuture.failedFuture(failure);
                    }
                    try {
                        Object answer = method.invoke(real, arguments);
                        if (answer instanceof Optional<?> some
                                && method.getName().equals("prepared")) {
                            return some.map(PreparedTransactions.class::cast)
                                    .map(prepared -> proxy(PreparedTransactions.class, prepared));
                        }
                        return answer instanceof StorageTransaction transaction
                                ? proxy(StorageTransaction.class, transaction)
                                : answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
