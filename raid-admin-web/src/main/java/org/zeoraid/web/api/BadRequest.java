package org.zeoraid.web.api;

/** A request that cannot be understood; the message says what is expected. */
public final class BadRequest extends RuntimeException {

    public BadRequest(String message) {
        super(message);
    }
}
