package org.zeoraid.storage;

/** The root of all that a storage throws, directly or through a {@link java.util.concurrent.CompletionStage}. */
public abstract class StorageException extends RuntimeException {

    /** When it makes sense to try the same again. */
    public enum Retry {
        /** At once, with fresh data: somebody else was faster. */
        NOW,
        /** After a while, when what is missing is back. */
        LATER,
        /** The same will fail again. */
        NEVER
    }

    private final String code;
    private final Retry retry;

    protected StorageException(String code, Retry retry, String message) {
        super(message);
        this.code = code;
        this.retry = retry;
    }

    protected StorageException(String code, Retry retry, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.retry = retry;
    }

    /** A stable word for this kind of error, such as {@code not-found}. */
    public final String code() {
        return code;
    }

    public final Retry retry() {
        return retry;
    }
}
