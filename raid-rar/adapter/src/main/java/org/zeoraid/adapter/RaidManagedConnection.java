package org.zeoraid.adapter;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.ConnectionEventListener;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.DissociatableManagedConnection;
import jakarta.resource.spi.IllegalStateException;
import jakarta.resource.spi.LocalTransaction;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionMetaData;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import javax.security.auth.Subject;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;

/**
 * What the server pools: no more than a way to an array, which all share. It knows the handles that applications hold
 * on it, and the transaction it takes part in.
 */
final class RaidManagedConnection implements ManagedConnection, DissociatableManagedConnection {
    private final ServedArray array;
    private final RaidManagedConnectionFactory factory;
    private final LocalWork local;
    private final XaSession xa;
    private final List<ConnectionHandle> handles = new CopyOnWriteArrayList<>();
    private final List<ConnectionEventListener> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean isDestroyed;
    /** Whether the server has this take part in transactions; there are pools that do not. */
    private volatile boolean isTransactional;

    private @Nullable PrintWriter logWriter;

    RaidManagedConnection(ServedArray array, RaidManagedConnectionFactory factory) {
        this.array = array;
        this.factory = factory;
        this.local = new LocalWork(this);
        this.xa = new XaSession(array, local::isOpen);
    }

    ServedArray array() {
        return array;
    }

    /** Whether this can still be used. */
    boolean isValid() {
        return !isDestroyed && !array.isClosed();
    }

    boolean isMadeBy(RaidManagedConnectionFactory candidate) {
        return factory.equals(candidate);
    }

    /** What the transaction that this takes part in has done; null outside of one. */
    @Nullable UnitOfWork unit() {
        return xa.unit().orElseGet(local::unit);
    }

    LocalWork local() {
        return local;
    }

    boolean isInXaTransaction() {
        return xa.unit().isPresent();
    }

    /** Whether this takes part in a transaction that no handle has begun. */
    boolean isInServersTransaction() {
        return isInXaTransaction() || local.isBegunBy(this);
    }

    /** Whether the calling thread is in a transaction that the server should have this take part in, and has not. */
    boolean isLeftOut() {
        return isTransactional && unit() == null && factory.isInTransaction();
    }

    @Override
    public Object getConnection(@Nullable Subject subject, @Nullable ConnectionRequestInfo info)
            throws ResourceException {
        requireUsable();
        ConnectionHandle handle = new ConnectionHandle(this, factory);
        handles.add(handle);
        return handle;
    }

    @Override
    public void associateConnection(Object connection) throws ResourceException {
        requireUsable();
        if (!(connection instanceof ConnectionHandle handle) || !handle.isMadeBy(factory)) {
            throw new ResourceException("not a connection of " + factory + ": " + connection);
        }
        Optional<RaidManagedConnection> previous = handle.association();
        if (previous.isPresent() && previous.get().local.isBegunBy(handle)) {
            throw new IllegalStateException("a transaction of the connection's own is open");
        }
        handle.associate(this);
        previous.ifPresent(before -> before.handles.remove(handle));
        handles.add(handle);
    }

    @Override
    public void dissociateConnections() throws ResourceException {
        if (local.isOpen()) {
            throw new IllegalStateException("a transaction of the connection's own is open");
        }
        handles.forEach(handle -> handle.dissociateFrom(this));
        handles.clear();
    }

    /**
     * Readies this for the next user: ends the handles that are left, naming whoever did not close them, and drops what a
     * transaction of its own has done.
     */
    @Override
    public void cleanup() {
        for (ConnectionHandle handle : handles) {
            if (handle.takeFrom(this)) {
                array.connections().endedOpen(handle.opening());
            }
        }
        handles.clear();
        local.drop();
        xa.reset();
    }

    @Override
    public void destroy() {
        isDestroyed = true;
        cleanup();
        listeners.clear();
    }

    /** An application has closed a handle. */
    void closed(ConnectionHandle handle) {
        handles.remove(handle);
        if (local.dropIfBegunBy(handle)) {
            tellRolledBack(handle);
        }
        tell(ConnectionEvent.CONNECTION_CLOSED, handle, ConnectionEventListener::connectionClosed);
    }

    void tellRolledBack(ConnectionHandle handle) {
        tell(ConnectionEvent.LOCAL_TRANSACTION_ROLLEDBACK, handle, ConnectionEventListener::localTransactionRolledback);
    }

    /** The array is closed: this will never work again. */
    void failed(ConnectionHandle handle, Exception problem) {
        var event = new ConnectionEvent(this, ConnectionEvent.CONNECTION_ERROR_OCCURRED, problem);
        event.setConnectionHandle(handle);
        listeners.forEach(listener -> listener.connectionErrorOccurred(event));
    }

    void tell(int id, ConnectionHandle handle, BiConsumer<ConnectionEventListener, ConnectionEvent> how) {
        var event = new ConnectionEvent(this, id);
        event.setConnectionHandle(handle);
        // a copy: a listener may well have this destroyed
        new ArrayList<>(listeners).forEach(listener -> how.accept(listener, event));
    }

    @Override
    public void addConnectionEventListener(ConnectionEventListener listener) {
        listeners.add(listener);
    }

    @Override
    public void removeConnectionEventListener(ConnectionEventListener listener) {
        listeners.remove(listener);
    }

    @Override
    public XAResource getXAResource() throws ResourceException {
        requireUsable();
        isTransactional = true;
        return xa;
    }

    @Override
    public LocalTransaction getLocalTransaction() throws ResourceException {
        requireUsable();
        isTransactional = true;
        return new ContainerTransaction(this);
    }

    @Override
    public ManagedConnectionMetaData getMetaData() throws ResourceException {
        requireUsable();
        return new MetaData();
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) {
        logWriter = out;
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return logWriter;
    }

    private void requireUsable() throws IllegalStateException {
        if (isDestroyed) {
            throw new IllegalStateException("the managed connection has been destroyed");
        }
    }

    private static final class MetaData implements ManagedConnectionMetaData {
        @Override
        public String getEISProductName() {
            return "ZEORaid";
        }

        @Override
        public String getEISProductVersion() {
            return "1.0";
        }

        /** No limit. */
        @Override
        public int getMaxConnections() {
            return 0;
        }

        @Override
        public String getUserName() {
            return "";
        }
    }
}
