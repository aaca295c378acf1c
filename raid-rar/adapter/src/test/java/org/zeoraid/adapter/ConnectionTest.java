package org.zeoraid.adapter;

import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.adapter.MemoryArray.bytes;
import static org.zeoraid.adapter.MemoryArray.text;

import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.ConnectionEventListener;
import jakarta.resource.spi.LocalTransaction;
import jakarta.resource.spi.LocalTransactionException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.pickle.BlobRecords;

class ConnectionTest {
    @TempDir
    Path folder;

    private MemoryArray array;
    private RaidManagedConnection managed;
    private RaidConnection connection;

    @BeforeEach
    void open() {
        array = new MemoryArray(folder);
        managed = array.connect();
        connection = array.handle(managed);
    }

    @AfterEach
    void close() {
        array.close();
    }

    @Test
    void outsideOfATransactionEachOperationStandsAlone() {
        Oid oid = connection.create(bytes("one"));
        assertThat(array.current(oid)).isEqualTo("one");
        assertThat(connection.outcome().toCompletableFuture().join()).isEqualTo(connection.lastTid());

        array.handle(array.connect()).store(oid, bytes("two"));
        assertThat(text(connection.load(oid).data())).isEqualTo("two");

        connection.delete(oid);
        assertThatThrownBy(() -> connection.load(oid)).isInstanceOf(ObjectNotFoundException.class);
    }

    @Test
    void aTransactionSeesTheSnapshotOfItsFirstUseAndItsOwnWrites() {
        Oid oid = array.committed("old");
        connection.localTransaction().begin();
        Tid snapshot = connection.lastTid();

        array.handle(array.connect()).store(oid, bytes("newer"));
        Oid later = array.committed("made later");

        assertThat(text(connection.load(oid).data())).isEqualTo("old");
        assertThat(connection.lastTid()).isEqualTo(snapshot);
        assertThatThrownBy(() -> connection.load(later)).isInstanceOf(ObjectNotFoundException.class);
        Oid own = connection.create(bytes("own"));
        assertThat(text(connection.load(own).data())).isEqualTo("own");
        assertThat(connection.load(own).serial()).isEqualTo(Tid.NONE);
        connection.delete(own);
        assertThatThrownBy(() -> connection.load(own)).isInstanceOf(ObjectNotFoundException.class);
        connection.localTransaction().commit();
    }

    @Test
    void aWriteWithoutAReadConflictsWithWhatCameAfterTheSnapshot() {
        Oid oid = array.committed("old");
        connection.localTransaction().begin();
        connection.lastTid();
        array.handle(array.connect()).store(oid, bytes("faster"));

        connection.store(oid, bytes("slower"));

        assertThatThrownBy(() -> connection.localTransaction().commit()).isInstanceOf(ConflictException.class);
        assertThat(array.current(oid)).isEqualTo("faster");
    }

    @Test
    void aChangeOfARevisionReadEarlierConflictsIfTheObjectHasMovedOn() {
        Oid oid = array.committed("old");
        Tid seen = connection.load(oid).serial();
        connection.store(oid, seen, bytes("first"));
        assertThatThrownBy(() -> connection.store(oid, seen, bytes("second"))).isInstanceOf(ConflictException.class);
        assertThat(array.current(oid)).isEqualTo("first");
    }

    @Test
    void aCheckedReadThatWasOvertakenFailsTheCommit() {
        Oid read = array.committed("decides");
        Oid written = array.committed("depends");
        connection.localTransaction().begin();
        connection.checkCurrent(read);
        connection.store(written, bytes("decided"));
        array.handle(array.connect()).store(read, bytes("changed"));

        assertThatThrownBy(() -> connection.localTransaction().commit())
                .isInstanceOfSatisfying(ConflictException.class, e -> assertThat(e.isReadConflict())
                        .isTrue());
        assertThat(array.current(written)).isEqualTo("depends");
    }

    @Test
    void aTransactionThatOnlyChecksWhatItReadHasNoTid() {
        Oid read = array.committed("decides");
        connection.localTransaction().begin();
        CompletionStage<Tid> outcome = connection.outcome();
        connection.checkCurrent(read);

        assertThat(connection.localTransaction().commit()).isEqualTo(Tid.NONE);

        assertThat(outcome.toCompletableFuture()).isCompletedWithValue(Tid.NONE);
    }

    @Test
    void anUndoBringsTheEarlierStateBack() {
        Oid oid = array.committed("old");
        connection.store(oid, bytes("mistake"));
        connection.undo(connection.lastTid());
        assertThat(array.current(oid)).isEqualTo("old");
        assertThat(connection.history(oid, 10)).hasSize(3);
        assertThat(connection.undoLog(0, 10)).hasSize(3);
    }

    @Test
    void whatIsSaidAboutATransactionIsKept() {
        connection.describe(TransactionMeta.of("me", "alone"));
        Oid oid = connection.create(bytes("one"));
        assertThat(connection.history(oid, 1).get(0).meta().descriptionText()).isEqualTo("alone");

        connection.localTransaction().begin();
        connection.describe(TransactionMeta.of("me", "together"));
        connection.store(oid, bytes("two"));
        assertThatThrownBy(() -> connection.describe(TransactionMeta.EMPTY)).isInstanceOf(ProtocolException.class);
        connection.localTransaction().commit();
        assertThat(connection.history(oid, 1).get(0).meta().descriptionText()).isEqualTo("together");
    }

    @Test
    void aBlobWhoseRecordIsNoBlobsIsRefused() {
        Oid oid = connection.newOid();

        assertThatThrownBy(() -> connection.storeBlob(oid, bytes("record"), new ByteArrayInputStream(new byte[1])))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("BlobRecords.record()");
    }

    @Test
    void aBlobIsReadBackBeforeAndAfterTheCommitAndLeavesNoFileBehind() throws Exception {
        byte[] content = new byte[200_000];
        new java.util.Random(1).nextBytes(content);
        Oid oid = connection.newOid();
        connection.localTransaction().begin();
        connection.storeBlob(oid, BlobRecords.record(), new ByteArrayInputStream(content));
        try (InputStream mine = connection.blob(oid).open()) {
            assertThat(mine.readAllBytes()).isEqualTo(content);
        }
        connection.localTransaction().commit();

        try (InputStream kept = connection.blob(oid).open()) {
            assertThat(kept.readAllBytes()).isEqualTo(content);
        }
        try (Stream<Path> spooled = Files.list(folder.resolve("blobs"))) {
            assertThat(spooled).isEmpty();
        }
    }

    @Test
    void aBlobStreamThatFailsIsNotTakenForAFullDisk() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("torn");
            }
        };
        Oid oid = connection.newOid();
        assertThatThrownBy(() -> connection.storeBlob(oid, BlobRecords.record(), broken))
                .isInstanceOf(UncheckedIOException.class)
                .hasRootCauseMessage("torn");
    }

    @Test
    void aLocalTransactionRollsBack() {
        Oid oid = array.committed("old");
        connection.localTransaction().begin();
        connection.store(oid, bytes("new"));
        connection.localTransaction().rollback();
        assertThat(text(connection.load(oid).data())).isEqualTo("old");
        assertThatThrownBy(() -> connection.localTransaction().rollback()).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> connection.localTransaction().commit()).isInstanceOf(ProtocolException.class);
    }

    @Test
    void theServerHearsOfLocalTransactionsAndOfClosing() {
        List<String> heard = listen(managed);
        connection.localTransaction().begin();
        connection.localTransaction().commit();
        connection.localTransaction().begin();
        connection.localTransaction().rollback();
        connection.localTransaction().begin();
        connection.close();
        connection.close();
        assertThat(heard)
                .containsExactly("started", "committed", "started", "rolled back", "started", "rolled back", "closed");
    }

    @Test
    void theServersOwnLocalTransactionSurvivesTheClosingOfAHandle() throws Exception {
        LocalTransaction transaction = managed.getLocalTransaction();
        transaction.begin();
        Oid oid = connection.create(bytes("new"));
        connection.close();
        transaction.commit();
        assertThat(array.current(oid)).isEqualTo("new");
        assertThatThrownBy(transaction::commit).isInstanceOf(LocalTransactionException.class);
    }

    @Test
    void aConflictOfTheServersLocalTransactionIsTheCause() throws Exception {
        Oid oid = array.committed("old");
        LocalTransaction transaction = managed.getLocalTransaction();
        transaction.begin();
        connection.load(oid);
        array.handle(array.connect()).store(oid, bytes("faster"));
        connection.store(oid, bytes("slower"));
        assertThatThrownBy(transaction::commit)
                .isInstanceOf(LocalTransactionException.class)
                .hasCauseInstanceOf(ConflictException.class);
    }

    @Test
    void noLocalTransactionWithinAnXaTransaction() throws Exception {
        managed.getXAResource().start(new TestXid("t", "b"), TMNOFLAGS);
        assertThatThrownBy(() -> connection.localTransaction()).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> managed.getLocalTransaction().begin()).isInstanceOf(LocalTransactionException.class);
    }

    @Test
    void aClosedHandleRefusesEverythingAndTheTransactionGoesOn() throws Exception {
        managed.getXAResource().start(new TestXid("t", "b"), TMNOFLAGS);
        Oid oid = connection.create(bytes("new"));
        connection.close();
        assertThatThrownBy(() -> connection.load(oid)).isInstanceOf(StorageClosedException.class);
        managed.getXAResource().end(new TestXid("t", "b"), TMSUCCESS);
        managed.getXAResource().commit(new TestXid("t", "b"), true);
        assertThat(array.current(oid)).isEqualTo("new");
    }

    @Test
    void aHandleMovesToAnotherManagedConnection() throws Exception {
        RaidManagedConnection other = array.connect();
        other.getXAResource().start(new TestXid("t", "b"), TMNOFLAGS);
        Oid uncommitted = array.handle(other).create(bytes("in the other's transaction"));
        assertThatThrownBy(() -> connection.load(uncommitted)).isInstanceOf(ObjectNotFoundException.class);

        other.associateConnection(connection);

        assertThat(text(connection.load(uncommitted).data())).isEqualTo("in the other's transaction");
        managed.cleanup();
        assertThat(text(connection.load(uncommitted).data())).isEqualTo("in the other's transaction");
        other.dissociateConnections();
        assertThatThrownBy(() -> connection.load(uncommitted)).isInstanceOf(StorageClosedException.class);
        managed.associateConnection(connection);
        assertThatThrownBy(() -> connection.load(uncommitted)).isInstanceOf(ObjectNotFoundException.class);
    }

    @Test
    void cleaningUpTakesHandlesAwayAndRollsBackWhatWasLeftOpen() {
        Oid oid = array.committed("old");
        connection.localTransaction().begin();
        connection.store(oid, bytes("new"));

        managed.cleanup();

        assertThatThrownBy(() -> connection.load(oid)).isInstanceOf(StorageClosedException.class);
        assertThat(text(array.handle(managed).load(oid).data())).isEqualTo("old");
    }

    @Test
    void destroyingTwiceIsNoErrorAndUsingAfterwardsIsOne() {
        managed.destroy();
        managed.destroy();
        managed.cleanup();
        assertThatThrownBy(managed::getXAResource).isInstanceOf(jakarta.resource.spi.IllegalStateException.class);
        assertThatThrownBy(() -> managed.getConnection(null, null))
                .isInstanceOf(jakarta.resource.spi.IllegalStateException.class);
        assertThat(managed.isValid()).isFalse();
    }

    @Test
    void aClosedArrayIsAConnectionError() {
        List<String> heard = listen(managed);
        array.served.close();
        assertThatThrownBy(() -> connection.load(Oid.ROOT)).isInstanceOf(StorageClosedException.class);
        assertThat(heard).containsExactly("error");
        assertThat(managed.isValid()).isFalse();
    }

    private static List<String> listen(RaidManagedConnection connection) {
        List<String> heard = new ArrayList<>();
        connection.addConnectionEventListener(new ConnectionEventListener() {
            @Override
            public void connectionClosed(ConnectionEvent event) {
                heard.add("closed");
            }

            @Override
            public void localTransactionStarted(ConnectionEvent event) {
                heard.add("started");
            }

            @Override
            public void localTransactionCommitted(ConnectionEvent event) {
                heard.add("committed");
            }

            @Override
            public void localTransactionRolledback(ConnectionEvent event) {
                heard.add("rolled back");
            }

            @Override
            public void connectionErrorOccurred(ConnectionEvent event) {
                heard.add("error");
            }
        });
        return heard;
    }
}
