package org.zeoraid.adapter;

import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.ConnectionEventListener;
import java.util.function.Function;
import org.zeoraid.api.RaidTransaction;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.Tid;

/**
 * A local transaction that the application begins and ends; the server hears of each step. Whoever holds this longer than its
 * handle reaches nobody's connection with it.
 */
final class ApplicationTransaction implements RaidTransaction {
    private final ConnectionHandle handle;

    ApplicationTransaction(ConnectionHandle handle) {
        this.handle = handle;
        on(connection -> handle);
    }

    /** @throws org.zeoraid.storage.StorageClosedException if the handle has none any more */
    private <T> T on(Function<RaidManagedConnection, T> step) {
        return handle.alone(connection -> {
            if (connection.isInXaTransaction()) {
                throw new ProtocolException("the connection takes part in a JTA transaction");
            }
            return step.apply(connection);
        });
    }

    @Override
    public void begin() {
        on(connection -> {
            connection.local().beginBy(handle);
            connection.tell(
                    ConnectionEvent.LOCAL_TRANSACTION_STARTED,
                    handle,
                    ConnectionEventListener::localTransactionStarted);
            return connection;
        });
    }

    @Override
    public Tid commit() {
        return on(this::commit);
    }

    private Tid commit(RaidManagedConnection connection) {
        try {
            Tid tid = connection.local().commit(handle);
            connection.tell(
                    ConnectionEvent.LOCAL_TRANSACTION_COMMITTED,
                    handle,
                    ConnectionEventListener::localTransactionCommitted);
            return tid;
        } catch (ProtocolException e) {
            throw e;
        } catch (RuntimeException e) {
            connection.tellRolledBack(handle);
            throw e;
        }
    }

    @Override
    public void rollback() {
        on(connection -> {
            connection.local().rollback(handle);
            connection.tellRolledBack(handle);
            return connection;
        });
    }
}
