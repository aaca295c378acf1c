package org.zeoraid.array;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;

/** What failed stages say. */
final class Failures {

    private Failures() {}

    /** The failure itself, without what stages wrap around it. */
    static Throwable cause(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** A few words for an admin. */
    static String text(@Nullable Throwable failure) {
        if (failure == null) {
            return "for no reason that is known";
        }
        Throwable cause = cause(failure);
        String message = cause.getMessage();
        if (cause instanceof StorageException && message != null) {
            return message;
        }
        return message == null ? cause.toString() : cause.getClass().getSimpleName() + ": " + message;
    }

    /** As an error that callers of a storage know. */
    static StorageException known(Throwable failure) {
        Throwable cause = cause(failure);
        return cause instanceof StorageException known
                ? known
                : new StorageUnavailableException("a member failed: " + text(cause), cause);
    }
}
