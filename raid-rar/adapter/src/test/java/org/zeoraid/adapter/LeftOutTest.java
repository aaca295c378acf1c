package org.zeoraid.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.adapter.MemoryArray.bytes;
import static org.zeoraid.adapter.MemoryArray.text;

import jakarta.transaction.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;

/**
 * Connections that somebody keeps, and which the server does not have take part in the transaction in which they are used: what
 * they wrote would be committed even where the transaction is rolled back.
 */
class LeftOutTest {
    @TempDir
    Path folder;

    private final RaidResourceAdapter adapter = new RaidResourceAdapter();
    private final ListeningServer server = new ListeningServer();
    private RaidManagedConnection managed;
    private RaidConnection kept;
    private Oid oid;

    @BeforeEach
    void open() throws Exception {
        Path file = folder.resolve("raid.conf");
        Files.writeString(file, "<raidstorage main>\n<mappingstorage a/>\n<mappingstorage b/>\n</raidstorage>\n");
        adapter.setConfigFile(file.toString());
        adapter.start(server);
        RaidManagedConnectionFactory factory = new RaidManagedConnectionFactory();
        factory.setResourceAdapter(adapter);
        managed = (RaidManagedConnection) factory.createManagedConnection(null, null);
        kept = new OnePool(managed).connect();
        oid = kept.create(bytes("outside"));
    }

    @AfterEach
    void close() {
        adapter.stop();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {Status.STATUS_ACTIVE, Status.STATUS_MARKED_ROLLBACK})
    void nothingIsCommittedByItselfInTheMiddleOfATransaction(int status) throws Exception {
        managed.getXAResource();
        server.transactionStatus(status);

        assertThatThrownBy(() -> kept.store(oid, bytes("inside")))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("does not have it take part");
        assertThatThrownBy(() -> kept.load(oid)).isInstanceOf(ProtocolException.class);
        server.transactionStatus(Status.STATUS_NO_TRANSACTION);

        assertThat(text(kept.load(oid).data())).isEqualTo("outside");
    }

    @Test
    void whatTakesPartWorks() throws Exception {
        XAResource xa = managed.getXAResource();
        server.transactionStatus(Status.STATUS_ACTIVE);
        TestXid xid = new TestXid("t", "b");
        xa.start(xid, XAResource.TMNOFLAGS);
        kept.store(oid, bytes("inside"));
        xa.end(xid, XAResource.TMSUCCESS);
        xa.rollback(xid);
        server.transactionStatus(Status.STATUS_ROLLEDBACK);

        assertThat(text(kept.load(oid).data())).isEqualTo("outside");
    }

    @Test
    void aPoolWithoutTransactionsHasNone() {
        server.transactionStatus(Status.STATUS_ACTIVE);
        kept.store(oid, bytes("on purpose"));

        assertThat(text(kept.load(oid).data())).isEqualTo("on purpose");
    }
}
