package org.zeoraid.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.zeoraid.adapter.MemoryArray.bytes;
import static org.zeoraid.adapter.MemoryArray.text;

import com.arjuna.ats.arjuna.recovery.RecoveryManager;
import com.arjuna.ats.jta.recovery.XAResourceRecoveryHelper;
import jakarta.resource.ResourceException;
import jakarta.transaction.TransactionManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.PreparedTransactions;

/**
 * The only member goes between prepare and commit, stays away while the transaction manager recovers, and comes back: what was
 * prepared is committed without anybody's help.
 */
class RetriedRecoveryTest {
    private static final String SERVER = """
        <raidstorage main>
          <filestorage a>
            path Data.fs
          </filestorage>
        </raidstorage>
        <zeo>
          address ./zeo.socket
        </zeo>
        """;
    private static final String CLIENT = """
        <raidstorage main>
          retry-pause 50ms
          <zeoclient server>
            server ../server/zeo.socket
          </zeoclient>
        </raidstorage>
        """;

    @TempDir
    Path folder;

    private RaidResourceAdapter server;
    private RaidResourceAdapter client;
    private RecoveryManager recovery;
    private final XAResourceRecoveryHelper helper =
            Narayana.helper(() -> new XAResource[] {managed().getXAResource()});

    @BeforeEach
    void start() throws Exception {
        server = configured("server", SERVER);
        client = configured("client", CLIENT);
        server.start(null);
        client.start(null);
        recovery = Narayana.recovering(folder.resolve("store"), "1", helper);
    }

    @AfterEach
    void stop() {
        Narayana.xaOf(recovery).removeXAResourceRecoveryHelper(helper);
        recovery.terminate();
        client.stop();
        server.stop();
    }

    @Test
    void itEndsWhenTheMemberIsBack() throws Exception {
        Oid oid = commitWithoutItsMember();

        recoverInVain();
        server.start(null);

        recover();
        assertThat(text(connect().load(oid).data())).isEqualTo("after");
    }

    @Test
    void itEndsWhenTheMemberIsBackAlsoIfTheServerWasStartedMeanwhile() throws Exception {
        Oid oid = commitWithoutItsMember();
        client.stop();
        client.setStartSeconds(0);
        client.start(null);

        recoverInVain();
        server.start(null);

        recover();
        assertThat(text(connect().load(oid).data())).isEqualTo("after");
    }

    private Oid commitWithoutItsMember() throws Exception {
        Oid oid = connect().create(bytes("before"));
        TransactionManager transactions = com.arjuna.ats.jta.TransactionManager.transactionManager();
        transactions.begin();
        RaidManagedConnection managed = managed();
        // In this order: as the first is told to commit, the second loses its member.
        transactions.getTransaction().enlistResource(new AtCommit(server::stop));
        transactions.getTransaction().enlistResource(managed.getXAResource());
        ((RaidConnection) managed.getConnection(null, null)).store(oid, bytes("after"));
        transactions.commit();
        assertThat(inDoubt()).hasSize(1);
        return oid;
    }

    private void recoverInVain() throws ResourceException {
        recovery.scan();
        recovery.scan();
        assertThat(inDoubt())
                .as("nothing is decided otherwise for want of a member")
                .hasSize(1);
    }

    private void recover() {
        await().atMost(Duration.ofMinutes(2)).until(() -> {
            recovery.scan();
            return inDoubt().isEmpty();
        });
    }

    private List<PreparedBranch> inDoubt() throws ResourceException {
        return client.served("main")
                .storage()
                .prepared()
                .map(PreparedTransactions::branches)
                .orElseThrow();
    }

    private RaidManagedConnection managed() throws ResourceException {
        RaidManagedConnectionFactory factory = new RaidManagedConnectionFactory();
        factory.setResourceAdapter(client);
        return (RaidManagedConnection) factory.createManagedConnection(null, null);
    }

    private RaidConnection connect() throws ResourceException {
        return (RaidConnection) managed().getConnection(null, null);
    }

    private RaidResourceAdapter configured(String name, String text) throws Exception {
        RaidResourceAdapter adapter = new RaidResourceAdapter();
        adapter.setStartSeconds(120);
        Path file = Files.createDirectories(folder.resolve(name)).resolve("raid.conf");
        adapter.setConfigFile(Files.writeString(file, text).toString());
        return adapter;
    }

    /** A resource that always agrees, and does something as it is told to commit. */
    private record AtCommit(Runnable act) implements XAResource {
        @Override
        public int prepare(Xid xid) {
            return XA_OK;
        }

        @Override
        public void commit(Xid xid, boolean onePhase) throws XAException {
            act.run();
        }

        @Override
        public void start(Xid xid, int flags) {}

        @Override
        public void end(Xid xid, int flags) {}

        @Override
        public void rollback(Xid xid) {}

        @Override
        public void forget(Xid xid) {}

        @Override
        public Xid[] recover(int flags) {
            return new Xid[0];
        }

        @Override
        public boolean isSameRM(XAResource other) {
            return equals(other);
        }

        @Override
        public int getTransactionTimeout() {
            return 0;
        }

        @Override
        public boolean setTransactionTimeout(int seconds) {
            return false;
        }
    }
}
