package org.zeoraid.adapter;

import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.adapter.MemoryArray.bytes;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.pickle.BlobRecords;

/** What hangs in a transaction keeps nobody from ending it. The timeouts are those of a test that hangs itself. */
@Timeout(25)
class HangingWorkTest {
    @TempDir
    Path folder;

    private final Xid xid = new TestXid("t1", "b1");
    private final CountDownLatch hanging = new CountDownLatch(1);
    private final CountDownLatch release = new CountDownLatch(1);
    private MemoryArray array;
    private RaidConnection connection;
    private XAResource xa;

    @BeforeEach
    void open() throws Exception {
        array = new MemoryArray(folder);
        RaidManagedConnection managed = array.connect();
        connection = array.handle(managed);
        xa = managed.getXAResource();
    }

    @AfterEach
    void close() {
        release.countDown();
        array.close();
    }

    /** Gives a byte, and then nothing until it is released. */
    private final InputStream stuck = new InputStream() {
        @Override
        public int read() throws IOException {
            hanging.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return -1;
        }
    };

    @Test
    void aBlobThatDoesNotComeKeepsNobodyFromRollingBack() throws Exception {
        xa.start(xid, TMNOFLAGS);
        Oid oid = connection.newOid();
        CompletableFuture<Void> storing =
                CompletableFuture.runAsync(() -> connection.storeBlob(oid, BlobRecords.record(), stuck));
        hanging.await();

        array.connect().getXAResource().rollback(xid);

        release.countDown();
        assertThatThrownBy(storing::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(StorageClosedException.class)
                .hasMessageContaining("rolled back");
        try (Stream<Path> spooled = Files.list(folder.resolve("blobs"))) {
            assertThat(spooled).isEmpty();
        }
    }

    @Test
    void theTimeOfABlobThatDoesNotComeRunsOut() throws Exception {
        xa.setTransactionTimeout(1);
        xa.start(xid, TMNOFLAGS);
        Oid oid = connection.newOid();
        CompletableFuture<?> outcome = connection.outcome().toCompletableFuture();
        CompletableFuture<Void> storing =
                CompletableFuture.runAsync(() -> connection.storeBlob(oid, BlobRecords.record(), stuck));

        assertThatThrownBy(outcome::join).hasCauseInstanceOf(TransactionTimeoutException.class);

        release.countDown();
        assertThatThrownBy(storing::join).hasCauseInstanceOf(TransactionTimeoutException.class);
    }

    @Test
    void aVoteThatWaitsForSomebodyElsesLocksIsGivenUp() throws Exception {
        Oid oid = lockedBySomebodyElse();
        xa.start(xid, TMNOFLAGS);
        connection.store(oid, bytes("mine"));
        Thread[] voter = new Thread[1];
        CompletableFuture<Void> vote = CompletableFuture.runAsync(() -> connection.vote(), task -> {
            voter[0] = new Thread(task);
            voter[0].start();
        });
        awaitWaiting(voter[0]);

        array.connect().getXAResource().rollback(xid);

        assertThatThrownBy(vote::join)
                .hasCauseInstanceOf(StorageClosedException.class)
                .hasMessageContaining("rolled back");
    }

    @Test
    void theTimeOfAVoteThatWaitsRunsOut() throws Exception {
        Oid oid = lockedBySomebodyElse();
        xa.setTransactionTimeout(1);
        xa.start(xid, TMNOFLAGS);
        connection.store(oid, bytes("mine"));

        assertThatThrownBy(connection::vote).isInstanceOf(TransactionTimeoutException.class);
        assertThatThrownBy(() -> connection.load(oid)).isInstanceOf(TransactionTimeoutException.class);
    }

    @Test
    void whoTakesLongToHearOfATimeoutHoldsUpNoOtherAndNoTimer() throws Exception {
        xa.setTransactionTimeout(1);
        xa.start(xid, TMNOFLAGS);
        connection.outcome().whenComplete((tid, failure) -> {
            hanging.countDown();
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        hanging.await();

        CountDownLatch timer = new CountDownLatch(1);
        array.environment.schedule(java.time.Duration.ZERO, timer::countDown);
        timer.await();
    }

    private Oid lockedBySomebodyElse() throws Exception {
        Oid oid = array.committed("old");
        RaidManagedConnection other = array.connect();
        Xid prepared = new TestXid("other", "b1");
        other.getXAResource().start(prepared, TMNOFLAGS);
        array.handle(other).store(oid, bytes("other"));
        other.getXAResource().end(prepared, TMSUCCESS);
        other.getXAResource().prepare(prepared);
        return oid;
    }

    private static void awaitWaiting(Thread thread) {
        org.awaitility.Awaitility.await()
                .until(() ->
                        thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING);
    }
}
