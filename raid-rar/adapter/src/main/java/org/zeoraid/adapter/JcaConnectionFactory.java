package org.zeoraid.adapter;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.LazyAssociatableConnectionManager;
import javax.naming.Reference;
import org.jspecify.annotations.Nullable;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidConnectionFactory;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageUnavailableException;

/** The connection factory that JNDI gives: asks the server's pool. */
final class JcaConnectionFactory implements RaidConnectionFactory {
    private static final long serialVersionUID = 1;

    private final RaidManagedConnectionFactory factory;
    private final ConnectionManager manager;
    private @Nullable Reference reference;

    JcaConnectionFactory(RaidManagedConnectionFactory factory, ConnectionManager manager) {
        this.factory = factory;
        this.manager = manager;
    }

    @Override
    public RaidConnection getConnection() {
        try {
            RaidConnection connection = (RaidConnection) manager.allocateConnection(factory, null);
            if (connection instanceof ConnectionHandle handle) {
                handle.openedBy(this, Opening.here());
            }
            return connection;
        } catch (ResourceException e) {
            throw unavailable(e);
        }
    }

    /** Asks the server for a managed connection for a handle that it has left without one. */
    void associate(ConnectionHandle handle) {
        if (!(manager instanceof LazyAssociatableConnectionManager server)) {
            throw new StorageClosedException("the server has taken the connection, and gives none again");
        }
        try {
            server.associateConnection(handle, factory, null);
        } catch (ResourceException e) {
            throw unavailable(e);
        }
    }

    /** An application has closed a handle that has no managed connection. */
    void closedInactive(ConnectionHandle handle) {
        if (manager instanceof LazyAssociatableConnectionManager server) {
            server.inactiveConnectionClosed(handle, factory);
        }
    }

    private StorageUnavailableException unavailable(ResourceException e) {
        factory.notGiven(e);
        return new StorageUnavailableException(
                "no connection to array " + factory.getArrayName() + ": " + e.getMessage(), e);
    }

    @Override
    public void setReference(@Nullable Reference reference) {
        this.reference = reference;
    }

    @Override
    public @Nullable Reference getReference() {
        return reference;
    }
}
