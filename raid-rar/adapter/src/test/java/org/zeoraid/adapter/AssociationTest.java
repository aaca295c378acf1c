package org.zeoraid.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.adapter.MemoryArray.bytes;
import static org.zeoraid.adapter.MemoryArray.text;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageClosedException;

/** Handles that the server has left without a managed connection get one again when they are used. */
class AssociationTest {
    @TempDir
    Path folder;

    private MemoryArray array;
    private RaidManagedConnection first;
    private RaidManagedConnection second;
    private OnePool pool;
    private RaidConnection connection;

    @BeforeEach
    void open() throws Exception {
        array = new MemoryArray(folder);
        first = array.connect();
        second = array.connect();
        pool = new OnePool(second);
        ConnectionHandle handle = (ConnectionHandle) first.getConnection(null, null);
        handle.openedBy(new JcaConnectionFactory(new RaidManagedConnectionFactory(), pool), Opening.UNKNOWN);
        connection = handle;
    }

    @AfterEach
    void close() {
        array.close();
    }

    @Test
    void aHandleThatIsUsedAsksTheServerForAManagedConnection() throws Exception {
        Oid oid = connection.create(bytes("by the first"));
        first.dissociateConnections();

        assertThat(text(connection.load(oid).data())).isEqualTo("by the first");

        assertThat(((ConnectionHandle) connection).belongsTo(second)).isTrue();
        first.destroy();
        connection.store(oid, bytes("by the second"));
        assertThat(array.current(oid)).isEqualTo("by the second");
    }

    @Test
    void aLocalTransactionIsBegunWhereTheHandleIsThen() throws Exception {
        var transaction = connection.localTransaction();
        first.dissociateConnections();

        transaction.begin();

        assertThat(second.local().isOpen()).isTrue();
        assertThatThrownBy(second::dissociateConnections)
                .isInstanceOf(jakarta.resource.spi.IllegalStateException.class);
        assertThatThrownBy(() -> first.associateConnection(connection))
                .isInstanceOf(jakarta.resource.spi.IllegalStateException.class);
        transaction.rollback();
        first.associateConnection(connection);
        assertThat(((ConnectionHandle) connection).belongsTo(first)).isTrue();
    }

    @Test
    void aHandleThatIsClosedWithoutOneTellsTheServer() throws Exception {
        first.dissociateConnections();
        connection.close();
        connection.close();
        assertThat(pool.inactiveClosed).isEqualTo(1);
        assertThatThrownBy(connection::lastTid)
                .isInstanceOf(StorageClosedException.class)
                .hasMessageContaining("has been closed");
    }

    @Test
    void aClosedHandleStaysClosed() throws Exception {
        connection.close();
        assertThatThrownBy(() -> first.associateConnection(connection))
                .isInstanceOf(jakarta.resource.spi.IllegalStateException.class)
                .hasMessageContaining("has been closed");
        assertThatThrownBy(connection::lastTid).isInstanceOf(StorageClosedException.class);
    }

    @Test
    void aHandleOfAnotherFactoryIsRefused() throws Exception {
        RaidManagedConnectionFactory strange = new RaidManagedConnectionFactory();
        strange.setArrayName("strange");
        Object handle = new RaidManagedConnection(array.served, strange).getConnection(null, null);
        assertThatThrownBy(() -> first.associateConnection(handle))
                .isInstanceOf(jakarta.resource.ResourceException.class);
        assertThatThrownBy(() -> first.associateConnection("no handle"))
                .isInstanceOf(jakarta.resource.ResourceException.class);
    }

    @Test
    void whereTheServerCannotGiveAnotherOneThatIsSaid() throws Exception {
        ConnectionHandle handle = (ConnectionHandle) first.getConnection(null, null);
        handle.openedBy(
                new JcaConnectionFactory(new RaidManagedConnectionFactory(), new UnpooledConnections()),
                Opening.UNKNOWN);
        first.dissociateConnections();
        assertThatThrownBy(handle::lastTid).isInstanceOf(StorageClosedException.class);
        handle.close();
    }
}
