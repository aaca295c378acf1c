package org.zeoraid.storage;

/**
 * A commit was sent and nobody can tell now whether it lasts. It will be settled on all members or on none; ask for the
 * transaction's tid later.
 */
public final class OutcomeUnknownException extends StorageException {

    public OutcomeUnknownException(String message) {
        super("outcome-unknown", Retry.NEVER, message);
    }

    public OutcomeUnknownException(String message, Throwable cause) {
        super("outcome-unknown", Retry.NEVER, message, cause);
    }
}
