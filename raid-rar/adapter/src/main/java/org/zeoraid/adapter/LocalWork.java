package org.zeoraid.adapter;

import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.Tid;

/**
 * The transaction of a managed connection's own, if one is open, and who began it, the server or a handle: nobody else can end
 * it. Safe for any number of threads.
 */
final class LocalWork {
    private final RaidManagedConnection connection;
    private @Nullable UnitOfWork unit;
    private @Nullable Object owner;

    LocalWork(RaidManagedConnection connection) {
        this.connection = connection;
    }

    synchronized @Nullable UnitOfWork unit() {
        return unit;
    }

    synchronized boolean isOpen() {
        return unit != null;
    }

    synchronized boolean isBegunBy(Object candidate) {
        return candidate.equals(owner);
    }

    synchronized void beginByServer() {
        begin(connection);
    }

    /** A handle that is closed meanwhile either has begun nothing, or {@link #dropIfBegunBy} ends what it has. */
    synchronized void beginBy(ConnectionHandle handle) {
        if (!handle.belongsTo(connection)) {
            throw new StorageClosedException("the connection is closed");
        }
        begin(handle);
    }

    private void begin(Object beginner) {
        if (unit != null) {
            throw new ProtocolException("a transaction of this connection is open already");
        }
        unit = connection.array().newUnit();
        owner = beginner;
    }

    Tid commit(Object beginner) {
        UnitOfWork open = take(beginner);
        try {
            open.vote();
            return open.commit();
        } catch (RuntimeException e) {
            open.rollback(e);
            throw e;
        }
    }

    void rollback(Object beginner) {
        take(beginner).rollback();
    }

    /** Rolls back what is open. */
    void drop() {
        UnitOfWork open = release();
        if (open != null) {
            open.rollback();
        }
    }

    /** Rolls back what a handle has begun and not ended, and tells whether there was anything. */
    boolean dropIfBegunBy(ConnectionHandle handle) {
        UnitOfWork open;
        synchronized (this) {
            open = isBegunBy(handle) ? release() : null;
        }
        if (open == null) {
            return false;
        }
        open.rollback();
        return true;
    }

    private synchronized UnitOfWork take(Object beginner) {
        UnitOfWork open = isBegunBy(beginner) ? release() : null;
        if (open == null) {
            throw new ProtocolException("no transaction that this connection has begun is open");
        }
        return open;
    }

    private synchronized @Nullable UnitOfWork release() {
        UnitOfWork open = unit;
        unit = null;
        owner = null;
        return open;
    }
}
