package org.zeoraid.zeo.codec;

/** Bytes that are no message, or one beyond the limits. The connection they came on is to be closed. */
public final class MalformedMessageException extends RuntimeException {

    public MalformedMessageException(String message) {
        super(message);
    }

    public MalformedMessageException(String message, Throwable cause) {
        super(message, cause);
    }
}
