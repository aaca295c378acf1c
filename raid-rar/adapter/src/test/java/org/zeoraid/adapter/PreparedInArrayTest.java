package org.zeoraid.adapter;

import static javax.transaction.xa.XAResource.TMENDRSCAN;
import static javax.transaction.xa.XAResource.TMNOFLAGS;
import static javax.transaction.xa.XAResource.TMSTARTRSCAN;
import static javax.transaction.xa.XAResource.TMSUCCESS;
import static javax.transaction.xa.XAResource.XA_OK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.zeoraid.adapter.MemoryArray.bytes;
import static org.zeoraid.adapter.MemoryArray.text;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.config.RaidConfiguration;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.ArrayAdministration;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.pickle.BlobRecords;

/** Prepared branches in an array of three files, over restarts and lost disks. */
class PreparedInArrayTest {
    @TempDir
    Path folder;

    private final Xid xid = new TestXid("t1", "host,server,P100");
    private ServedArrays arrays;

    private void start() {
        arrays = ServedArrays.open(
                RaidConfiguration.embedded(folder.resolve("data")).listeningAt("none"));
        arrays.awaitServing(Duration.ofSeconds(30));
    }

    @AfterEach
    void stop() {
        arrays.close(Duration.ofSeconds(20));
    }

    private void restart() {
        stop();
        start();
    }

    private ServedArray array() throws Exception {
        return arrays.served("main");
    }

    private RaidManagedConnection connect() throws Exception {
        return new RaidManagedConnection(array(), new RaidManagedConnectionFactory());
    }

    private XAResource xa() throws Exception {
        return connect().getXAResource();
    }

    private ArrayAdministration administration() {
        return arrays.administration("main");
    }

    private Oid prepare(Xid branch) throws Exception {
        RaidManagedConnection managed = connect();
        RaidConnection connection = (RaidConnection) managed.getConnection(null, null);
        managed.getXAResource().start(branch, TMNOFLAGS);
        Oid oid = connection.create(bytes("new"));
        connection.storeBlob(
                new Oid(oid.value() + 1000), BlobRecords.record(), new ByteArrayInputStream(bytes("blob")));
        managed.getXAResource().end(branch, TMSUCCESS);
        assertThat(managed.getXAResource().prepare(branch)).isEqualTo(XA_OK);
        return oid;
    }

    private String current(Oid oid) throws Exception {
        RaidConnection connection = (RaidConnection) connect().getConnection(null, null);
        try (InputStream in = connection.blob(new Oid(oid.value() + 1000)).open()) {
            return text(connection.load(oid).data()) + " " + text(in.readAllBytes());
        }
    }

    @Test
    void aBranchIsCommittedAfterARestart() throws Exception {
        start();
        Oid oid = prepare(xid);
        restart();
        assertThat(xa().recover(TMSTARTRSCAN | TMENDRSCAN)).hasSize(1);
        xa().commit(xid, false);
        assertThat(current(oid)).isEqualTo("new blob");
        restart();
        assertThat(xa().recover(TMSTARTRSCAN | TMENDRSCAN)).isEmpty();
        xa().commit(xid, false);
        assertThat(current(oid)).isEqualTo("new blob");
    }

    @Test
    void oneLostDiskDoesNotLoseIt() throws Exception {
        start();
        Oid oid = prepare(xid);
        stop();
        Path state = stateFolder();
        delete(state);
        start();
        assertThat(xa().recover(TMSTARTRSCAN | TMENDRSCAN)).hasSize(1);
        xa().commit(xid, false);
        assertThat(current(oid)).isEqualTo("new blob");
    }

    @Test
    void disablingAMemberAndReloadingOrphanNoBranch() throws Exception {
        start();
        Oid oid = prepare(xid);
        Stages.await(administration().disable("b"));
        Stages.await(administration().reload());
        assertThat(xa().recover(TMSTARTRSCAN)).hasSize(1);
        restart();
        xa().commit(xid, false);
        assertThat(current(oid)).isEqualTo("new blob");
    }

    @Test
    void aPackTakesNothingFromAPreparedUndo() throws Exception {
        start();
        RaidConnection writer = (RaidConnection) connect().getConnection(null, null);
        Oid oid = writer.create(bytes("first"));
        Oid blob = new Oid(oid.value() + 1000);
        writer.storeBlob(blob, BlobRecords.record(), new ByteArrayInputStream(bytes("blob")));
        writer.store(oid, bytes("second"));
        Tid change = writer.lastTid();
        writer.storeBlob(blob, BlobRecords.record(), new ByteArrayInputStream(bytes("other")));
        Tid blobChange = writer.lastTid();

        RaidManagedConnection managed = connect();
        RaidConnection connection = (RaidConnection) managed.getConnection(null, null);
        managed.getXAResource().start(xid, TMNOFLAGS);
        connection.undo(change);
        connection.undo(blobChange);
        managed.getXAResource().end(xid, TMSUCCESS);
        assertThat(managed.getXAResource().prepare(xid)).isEqualTo(XA_OK);
        Stages.await(administration().pack(new PackRequest(Tid.MAX, PackRequest.Garbage.KEEP)));
        assertThatThrownBy(() -> writer.loadSerial(oid, change.before())).isInstanceOf(ObjectNotFoundException.class);
        restart();

        xa().commit(xid, false);
        assertThat(current(oid)).isEqualTo("first blob");
        for (String member : List.of("a", "b", "c")) {
            Stages.await(administration().verify(member));
        }
        assertThat(administration().status().state()).isEqualTo(ArrayState.OPTIMAL);
    }

    @Test
    void anAdminSeesItAndDecidesAndTheEventLogKeepsThat() throws Exception {
        start();
        Oid kept = prepare(xid);
        Xid second = new TestXid("t2", "b");
        prepare(second);
        restart();

        List<PreparedBranch> branches = administration().preparedBranches();
        assertThat(branches).hasSize(2);
        PreparedBranch first = branches.get(0);
        assertThat(first.state()).isEqualTo(PreparedBranch.State.IN_DOUBT);
        assertThat(first.id().words()).isEqualTo("host,server,P100");
        assertThat(first.objects()).isEqualTo(2);
        assertThatThrownBy(() -> Stages.await(administration().forgetBranch(first.id())))
                .isInstanceOf(AdministrationException.class);

        Stages.await(administration().commitBranch(first.id()));
        Stages.await(administration().rollbackBranch(branches.get(1).id()));
        assertThat(current(kept)).isEqualTo("new blob");
        assertThatThrownBy(() -> Stages.await(administration().rollbackBranch(first.id())))
                .isInstanceOf(AdministrationException.class);
        restart();

        assertThat(catchThrowableOfType(XAException.class, () -> xa().rollback(xid)).errorCode)
                .isEqualTo(XAException.XA_HEURCOM);
        assertThat(catchThrowableOfType(XAException.class, () -> xa().commit(second, false)).errorCode)
                .isEqualTo(XAException.XA_HEURRB);
        Stages.await(administration().forgetBranch(first.id()));
        xa().forget(second);
        assertThat(administration().preparedBranches()).isEmpty();
        assertThatThrownBy(() -> Stages.await(administration().commitBranch(first.id())))
                .isInstanceOf(AdministrationException.class)
                .hasMessageContaining(first.id().toString());
        assertThat(administration().events(0, 1000))
                .extracting(ArrayEvent::kind)
                .contains("heuristic-commit", "heuristic-rollback", "heuristic-forget");
    }

    private Path stateFolder() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.endsWith("raid.superblock"))
                    .map(Path::getParent)
                    .filter(parent -> !List.of("a", "b", "c")
                            .contains(parent.getFileName().toString()))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(Files::isRegularFile).sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
