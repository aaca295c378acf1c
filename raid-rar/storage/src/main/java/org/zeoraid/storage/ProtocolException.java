package org.zeoraid.storage;

/** A peer sent something that breaks the protocol, or a caller used an interface against its rules. */
public final class ProtocolException extends StorageException {

    public ProtocolException(String message) {
        super("protocol", Retry.NEVER, message);
    }

    public ProtocolException(String message, Throwable cause) {
        super("protocol", Retry.NEVER, message, cause);
    }
}
