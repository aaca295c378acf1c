package org.zeoraid.adapter;

import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.Tid;

/** The transaction of a managed connection's own, if one is open, and who began it. Safe for any number of threads. */
final class LocalWork {
    private final ServedArray array;
    private @Nullable UnitOfWork unit;
    private @Nullable Object owner;

    LocalWork(ServedArray array) {
        this.array = array;
    }

    synchronized @Nullable UnitOfWork unit() {
        return unit;
    }

    synchronized boolean isOpen() {
        return unit != null;
    }

    synchronized void begin(Object beginner) {
        if (unit != null) {
            throw new ProtocolException("a transaction of this connection is open already");
        }
        unit = array.newUnit();
        owner = beginner;
    }

    Tid commit() {
        UnitOfWork open = take();
        try {
            open.vote();
            return open.commit();
        } catch (RuntimeException e) {
            open.rollback(e);
            throw e;
        }
    }

    void rollback() {
        take().rollback();
    }

    /** Rolls back what is open. */
    synchronized void drop() {
        if (unit != null) {
            rollback();
        }
    }

    /** Rolls back what a handle has begun and not ended, and tells whether there was anything. */
    synchronized boolean dropIfBegunBy(Object beginner) {
        if (unit == null || !beginner.equals(owner)) {
            return false;
        }
        rollback();
        return true;
    }

    private synchronized UnitOfWork take() {
        UnitOfWork open = unit;
        if (open == null) {
            throw new ProtocolException("no transaction of this connection is open");
        }
        unit = null;
        owner = null;
        return open;
    }
}
