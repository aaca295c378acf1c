package org.zeoraid.storage;

/** No room for the transaction: the disk is full or a quota is reached. Reading goes on. */
public final class DiskFullException extends StorageException {

    public DiskFullException(String message) {
        super("disk-full", Retry.LATER, message);
    }

    public DiskFullException(String message, Throwable cause) {
        super("disk-full", Retry.LATER, message, cause);
    }
}
