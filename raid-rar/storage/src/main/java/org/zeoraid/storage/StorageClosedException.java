package org.zeoraid.storage;

/** The storage, the transaction or the handle has been closed. */
public final class StorageClosedException extends StorageException {

    public StorageClosedException(String message) {
        super("closed", Retry.NEVER, message);
    }

    public StorageClosedException(String message, Throwable cause) {
        super("closed", Retry.NEVER, message, cause);
    }
}
