package org.zeoraid.ejb;

import jakarta.ejb.ApplicationException;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.StorageException;

/**
 * What a storage refused, as an application's exception: it reaches the caller of a session bean as it is, not wrapped, and
 * the transaction is marked for rollback.
 */
@ApplicationException(rollback = true, inherited = true)
public class StoreException extends RuntimeException {

    private final StorageException failure;

    public StoreException(StorageException failure) {
        super(failure.getMessage(), failure);
        this.failure = failure;
    }

    /** The stable word of the storage's error, such as {@code conflict} or {@code disk-full}. */
    public final String code() {
        return failure.code();
    }

    /** When it makes sense to try the same again, in a new transaction. */
    public final StorageException.Retry retry() {
        return failure.retry();
    }

    /** Whether somebody else was faster, so that the same work, done again from its start, may well succeed. */
    public final boolean isConflict() {
        return failure instanceof ConflictException;
    }
}
