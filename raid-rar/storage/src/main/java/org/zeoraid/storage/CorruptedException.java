package org.zeoraid.storage;

/** Stored data is damaged; the message says where (file and position). Nothing was thrown away. */
public final class CorruptedException extends StorageException {

    private final String where;

    /** @param where the place: a file and the position in it, or a member and an oid */
    public CorruptedException(String where, String message) {
        super("corrupted", Retry.NEVER, where + ": " + message);
        this.where = where;
    }

    public CorruptedException(String where, String message, Throwable cause) {
        super("corrupted", Retry.NEVER, where + ": " + message, cause);
        this.where = where;
    }

    public String where() {
        return where;
    }
}
