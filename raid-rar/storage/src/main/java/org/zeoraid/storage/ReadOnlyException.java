package org.zeoraid.storage;

/** Writing was asked of a storage that does not write: configured so, or in fail mode {@code read-only}. */
public final class ReadOnlyException extends StorageException {

    public ReadOnlyException(String message) {
        super("read-only", Retry.NEVER, message);
    }

    public ReadOnlyException(String message, Throwable cause) {
        super("read-only", Retry.NEVER, message, cause);
    }
}
