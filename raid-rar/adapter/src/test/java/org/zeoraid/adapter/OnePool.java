package org.zeoraid.adapter;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.LazyAssociatableConnectionManager;
import jakarta.resource.spi.ManagedConnectionFactory;
import org.zeoraid.api.RaidConnection;

/** A server's pool of one managed connection, which associates handles with it when they are used. */
final class OnePool implements ConnectionManager, LazyAssociatableConnectionManager {
    private static final long serialVersionUID = 1;

    private final transient RaidManagedConnection managed;
    transient int inactiveClosed;

    OnePool(RaidManagedConnection managed) {
        this.managed = managed;
    }

    /** What an application gets. */
    RaidConnection connect() {
        return new JcaConnectionFactory(new RaidManagedConnectionFactory(), this).getConnection();
    }

    @Override
    public Object allocateConnection(ManagedConnectionFactory factory, ConnectionRequestInfo info)
            throws ResourceException {
        return managed.getConnection(null, info);
    }

    @Override
    public void associateConnection(Object connection, ManagedConnectionFactory factory, ConnectionRequestInfo info)
            throws ResourceException {
        managed.associateConnection(connection);
    }

    @Override
    public void inactiveConnectionClosed(Object connection, ManagedConnectionFactory factory) {
        inactiveClosed++;
    }
}
