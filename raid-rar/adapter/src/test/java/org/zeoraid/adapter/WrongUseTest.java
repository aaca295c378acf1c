package org.zeoraid.adapter;

import static javax.transaction.xa.XAResource.TMENDRSCAN;
import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSTARTRSCAN;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static javax.transaction.xa.XAResource.TMSUSPEND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.adapter.MemoryArray.bytes;
import static org.zeoraid.adapter.MemoryArray.text;

import jakarta.resource.spi.LocalTransaction;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidTransaction;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.pickle.BlobRecords;

/** Connections in the hands of those who hold them too long, or together. */
class WrongUseTest {
    @TempDir
    Path folder;

    private final Xid xid = new TestXid("t1", "b1");
    private MemoryArray array;
    private RaidManagedConnection managed;
    private OnePool pool;

    @BeforeEach
    void open() {
        array = new MemoryArray(folder);
        managed = array.connect();
        pool = new OnePool(managed);
    }

    @AfterEach
    void close() {
        array.close();
    }

    @Test
    void whoKeepsALocalTransactionReachesNobodyElsesConnection() {
        RaidConnection first = pool.connect();
        RaidTransaction kept = first.localTransaction();
        first.close();
        managed.cleanup();
        RaidConnection second = pool.connect();

        assertThatThrownBy(kept::begin).isInstanceOf(StorageClosedException.class);
        Oid oid = second.create(bytes("acknowledged"));
        managed.cleanup();

        assertThat(array.current(oid)).isEqualTo("acknowledged");
    }

    @Test
    void anOidThatLeavesNoneForNewObjectsIsRefused() {
        RaidConnection connection = pool.connect();

        assertThatThrownBy(() -> connection.store(new Oid(-1), bytes("no oid")))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("take newOid()");

        assertThat(array.current(connection.create(bytes("new")))).isEqualTo("new");
    }

    @Test
    void nobodyElseEndsALocalTransaction() throws Exception {
        RaidConnection mine = pool.connect();
        RaidConnection other = pool.connect();
        mine.localTransaction().begin();
        Oid oid = mine.create(bytes("mine"));

        assertThatThrownBy(other.localTransaction()::commit).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(other.localTransaction()::rollback).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(managed.getLocalTransaction()::rollback).hasCauseInstanceOf(ProtocolException.class);
        other.close();
        mine.localTransaction().commit();

        assertThat(array.current(oid)).isEqualTo("mine");
    }

    @Test
    void theServersLocalTransactionIsNoHandlesToEnd() throws Exception {
        LocalTransaction servers = managed.getLocalTransaction();
        RaidConnection connection = pool.connect();
        servers.begin();
        assertThatThrownBy(connection.localTransaction()::commit).isInstanceOf(ProtocolException.class);
        managed.getLocalTransaction().commit();
    }

    @Test
    void twoThreadsAtOnceAreToldSo() throws Exception {
        RaidConnection connection = pool.connect();
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        InputStream slow = new InputStream() {
            @Override
            public int read() throws IOException {
                reading.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                return -1;
            }
        };
        RaidTransaction kept = connection.localTransaction();
        Oid oid = connection.newOid();
        CompletableFuture<Void> storing = CompletableFuture.runAsync(
                () -> connection.storeBlob(oid, BlobRecords.record(), slow), task -> new Thread(task, "first").start());
        reading.await();

        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> connection.load(oid), connection::localTransaction, kept::begin, kept::commit, kept::rollback)) {
            assertThatThrownBy(call).isInstanceOf(ProtocolException.class).hasMessageContaining("thread 'first'");
        }

        go.countDown();
        storing.join();
        assertThat(connection.load(oid)).isNotNull();
    }

    @Test
    void oneThreadMayUseAConnectionWhileItUsesIt() {
        RaidConnection connection = pool.connect();
        Oid source = connection.create(bytes("source"));
        InputStream reader = new InputStream() {
            private InputStream content = InputStream.nullInputStream();
            private boolean isOpen;

            @Override
            public int read() throws IOException {
                if (!isOpen) {
                    isOpen = true;
                    content = new ByteArrayInputStream(connection.load(source).data());
                }
                return content.read();
            }
        };
        connection.localTransaction().begin();
        Oid blob = connection.newOid();
        connection.storeBlob(blob, BlobRecords.record(), reader);
        connection.localTransaction().commit();
        assertThat(connection.blob(blob).size()).isEqualTo(6);
    }

    @Test
    void whatWasOpenedInATransactionDoesNothingOnItsOwnAfterIt() throws Exception {
        XAResource xa = managed.getXAResource();
        xa.start(xid, TMNOFLAGS);
        RaidConnection connection = pool.connect();
        Oid oid = connection.create(bytes("in it"));
        xa.end(xid, TMSUSPEND);
        assertThatThrownBy(() -> connection.store(oid, bytes("beside it"))).hasMessageContaining("is suspended");
        xa.end(xid, TMSUCCESS);
        xa.commit(xid, true);

        assertThatThrownBy(() -> connection.store(oid, bytes("after it")))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("opened in a transaction that has ended");
        assertThatThrownBy(() -> connection.load(oid)).isInstanceOf(ProtocolException.class);
        assertThat(array.current(oid)).isEqualTo("in it");

        // a bean that holds it may use it in its next transaction
        Xid next = new TestXid("t2", "b1");
        xa.start(next, TMNOFLAGS);
        connection.store(oid, bytes("in the next"));
        xa.end(next, TMSUCCESS);
        xa.commit(next, true);
        assertThat(array.current(oid)).isEqualTo("in the next");
        connection.localTransaction().begin();
        connection.store(oid, bytes("in its own"));
        connection.localTransaction().commit();
        assertThat(array.current(oid)).isEqualTo("in its own");
    }

    @Test
    void whatWasOpenedOutsideOfATransactionIsOfUseInAndAfterOne() throws Exception {
        RaidConnection connection = pool.connect();
        Oid oid = connection.create(bytes("before it"));
        XAResource xa = managed.getXAResource();
        xa.start(xid, TMNOFLAGS);
        connection.store(oid, bytes("in it"));
        xa.end(xid, TMSUCCESS);
        xa.commit(xid, true);
        assertThat(text(connection.load(oid).data())).isEqualTo("in it");
        connection.store(oid, bytes("after it"));
        assertThat(array.current(oid)).isEqualTo("after it");
    }

    @Test
    void aConnectionThatIsLeftOpenIsNamedWhenTheServerTakesIt() {
        try (LogLines log = new LogLines()) {
            pool.connect().close();
            managed.cleanup();
            assertThat(log.lines()).isEmpty();

            RaidConnection leaked = leak();
            managed.cleanup();

            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .contains("WARNING", "was not closed", "WrongUseTest.leak");
            assertThatThrownBy(() -> leaked.load(Oid.ROOT))
                    .isInstanceOf(StorageClosedException.class)
                    .hasMessageContaining("taken back by the server");
            leaked.close();
            assertThatThrownBy(leaked::lastTid).hasMessageContaining("taken back by the server");
        }
    }

    private RaidConnection leak() {
        return pool.connect();
    }

    @Test
    void theNextUserFindsNothingOfTheLast() throws Exception {
        XAResource xa = managed.getXAResource();
        Xid prepared = new TestXid("prepared", "b1");
        xa.start(prepared, TMNOFLAGS);
        pool.connect().create(bytes("new"));
        xa.end(prepared, TMSUCCESS);
        xa.prepare(prepared);
        xa.setTransactionTimeout(5);
        xa.start(xid, TMNOFLAGS);
        assertThat(xa.recover(TMSTARTRSCAN)).hasSize(1);

        managed.cleanup();

        assertThat(xa.getTransactionTimeout()).isZero();
        assertThat(xa.recover(TMNOFLAGS)).hasSize(1);
        Oid alone = pool.connect().create(bytes("by itself"));
        assertThat(array.current(alone)).isEqualTo("by itself");
        xa.start(new TestXid("t2", "b1"), TMNOFLAGS);
        assertThat(xa.recover(TMSTARTRSCAN | TMENDRSCAN)).hasSize(1);
    }

    @Test
    void aConnectionOfAnArrayThatWasClosedSaysSoToTheServerWhateverIsAskedOfIt() {
        RaidConnection connection = pool.connect();
        AtomicInteger errors = new AtomicInteger();
        managed.addConnectionEventListener(new ErrorCount(errors));
        array.served.close();
        Oid oid = new Oid(7);
        List<Runnable> calls = List.of(
                () -> connection.load(oid),
                () -> connection.loadBefore(oid, Tid.MAX),
                () -> connection.loadSerial(oid, Tid.MAX),
                connection::newOid,
                () -> connection.history(oid, 1),
                () -> connection.undoLog(0, 1),
                connection::lastTid);
        for (Runnable call : calls) {
            int before = errors.get();
            assertThatThrownBy(call::run).isInstanceOf(StorageClosedException.class);
            assertThat(errors).hasValue(before + 1);
        }
    }

    @Test
    void aThreadThatUsesItIsForgottenAfterwards() {
        RaidConnection connection = pool.connect();
        Oid oid = CompletableFuture.supplyAsync(() -> connection.create(bytes("there")))
                .join();
        assertThat(text(connection.load(oid).data())).isEqualTo("there");
        assertThatThrownBy(() -> CompletableFuture.runAsync(() -> connection.load(new Oid(99)))
                        .join())
                .isInstanceOf(CompletionException.class);
        assertThat(text(connection.load(oid).data())).isEqualTo("there");
    }
}
