package org.zeoraid.storage;

/** The storage cannot answer now: not connected, starting, a deadline passed. Nothing was done. */
public class StorageUnavailableException extends StorageException {

    public StorageUnavailableException(String message) {
        super("unavailable", Retry.LATER, message);
    }

    public StorageUnavailableException(String message, Throwable cause) {
        super("unavailable", Retry.LATER, message, cause);
    }
}
