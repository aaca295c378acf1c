package org.zeoraid.array;

/** Commits are not held any more. */
final class HoldOverException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    HoldOverException() {
        super("commits are not held any more");
    }
}
