package org.zeoraid.adapter;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionManager;
import javax.naming.Reference;
import org.jspecify.annotations.Nullable;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidConnectionFactory;
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
            return (RaidConnection) manager.allocateConnection(factory, null);
        } catch (ResourceException e) {
            throw new StorageUnavailableException(
                    "no connection to array " + factory.getArrayName() + ": " + e.getMessage(), e);
        }
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
