package org.zeoraid.adapter;

import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.ConnectionEventListener;
import org.zeoraid.api.RaidTransaction;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.Tid;

/** A local transaction that the application begins and ends; the server hears of each step. */
final class ApplicationTransaction implements RaidTransaction {
    private final RaidManagedConnection connection;
    private final LocalWork local;
    private final ConnectionHandle handle;

    ApplicationTransaction(RaidManagedConnection connection, LocalWork local, ConnectionHandle handle) {
        this.connection = connection;
        this.local = local;
        this.handle = handle;
        if (connection.isInXaTransaction()) {
            throw new ProtocolException("the connection takes part in a JTA transaction");
        }
    }

    @Override
    public void begin() {
        if (connection.isInXaTransaction()) {
            throw new ProtocolException("the connection takes part in a JTA transaction");
        }
        local.begin(handle);
        connection.tell(
                ConnectionEvent.LOCAL_TRANSACTION_STARTED, handle, ConnectionEventListener::localTransactionStarted);
    }

    @Override
    public Tid commit() {
        try {
            Tid tid = local.commit();
            connection.tell(
                    ConnectionEvent.LOCAL_TRANSACTION_COMMITTED,
                    handle,
                    ConnectionEventListener::localTransactionCommitted);
            return tid;
        } catch (ProtocolException e) {
            throw e;
        } catch (RuntimeException e) {
            tellRolledBack();
            throw e;
        }
    }

    @Override
    public void rollback() {
        local.rollback();
        tellRolledBack();
    }

    private void tellRolledBack() {
        connection.tell(
                ConnectionEvent.LOCAL_TRANSACTION_ROLLEDBACK,
                handle,
                ConnectionEventListener::localTransactionRolledback);
    }
}
