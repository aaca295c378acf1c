package org.zeoraid.storage;

/** No optimal member is left, or the array waits for an admin; the message says for what. */
public final class ArrayFailedException extends StorageException {

    public ArrayFailedException(String message) {
        super("array-failed", Retry.LATER, message);
    }

    public ArrayFailedException(String message, Throwable cause) {
        super("array-failed", Retry.LATER, message, cause);
    }
}
