package org.zeoraid.zeo.server;

import org.zeoraid.zeo.codec.Tuple;

/** An error in Python's terms: the class that the client raises, and what it gives to it. */
final class PythonException extends RuntimeException {

    private final String className;
    private final Object details;

    PythonException(String className, String message) {
        this(className, message, Tuple.of(message));
    }

    /** @param details the arguments as a {@link Tuple}, or attributes by name as a map */
    PythonException(String className, String message, Object details) {
        // Its reader is a client: nobody looks for the place where it came from, and finding that takes long.
        super(className + ": " + message, null, false, false);
        this.className = className;
        this.details = details;
    }

    String className() {
        return className;
    }

    Object details() {
        return details;
    }
}
