package org.zeoraid.storage;

/** The transaction cannot be undone: later changes build on it, it has been packed, or there is no such transaction. */
public final class UndoException extends StorageException {

    public UndoException(String message) {
        super("undo-impossible", Retry.NEVER, message);
    }

    public UndoException(String message, Throwable cause) {
        super("undo-impossible", Retry.NEVER, message, cause);
    }
}
