package org.zeoraid.api;

import org.zeoraid.storage.Tid;

/**
 * A connection's own transaction, begun and ended by the application where no container does it. For one thread at a time, as its
 * connection is; throws {@link org.zeoraid.storage.StorageException}s.
 */
public interface RaidTransaction {
    /**
     * Begins one.
     *
     * @throws org.zeoraid.storage.ProtocolException if one is open already
     */
    void begin();

    /**
     * Commits. Whatever is thrown, the transaction has ended then.
     *
     * @return the tid under which it was committed, {@link Tid#NONE} if nothing was written
     * @throws org.zeoraid.storage.ConflictException if somebody else was faster; do the work again from its start
     * @throws org.zeoraid.storage.OutcomeUnknownException if nobody can tell now whether it lasts
     * @throws org.zeoraid.storage.ProtocolException if none is open
     */
    Tid commit();

    /**
     * Drops what was written.
     *
     * @throws org.zeoraid.storage.ProtocolException if none is open
     */
    void rollback();
}
