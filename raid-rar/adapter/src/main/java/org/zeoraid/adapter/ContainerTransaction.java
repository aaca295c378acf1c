package org.zeoraid.adapter;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.LocalTransaction;
import jakarta.resource.spi.LocalTransactionException;

/** A local transaction that the server begins and ends, and so needs no events. */
final class ContainerTransaction implements LocalTransaction {
    private final RaidManagedConnection connection;

    ContainerTransaction(RaidManagedConnection connection) {
        this.connection = connection;
    }

    @Override
    public void begin() throws ResourceException {
        if (connection.isInXaTransaction()) {
            throw new LocalTransactionException("the connection takes part in an XA transaction");
        }
        run("begun", () -> connection.local().beginByServer());
    }

    @Override
    public void commit() throws ResourceException {
        run("committed", () -> connection.local().commit(connection));
    }

    @Override
    public void rollback() throws ResourceException {
        run("rolled back", () -> connection.local().rollback(connection));
    }

    private static void run(String what, Runnable step) throws LocalTransactionException {
        try {
            step.run();
        } catch (RuntimeException e) {
            throw new LocalTransactionException("the local transaction was not " + what + ": " + e.getMessage(), e);
        }
    }
}
