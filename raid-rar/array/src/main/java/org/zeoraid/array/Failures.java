package org.zeoraid.array;

import java.io.IOException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.seam.DiskErrors;

/** What failed stages say, unwrapped. */
final class Failures {

    private Failures() {}

    /** What really went wrong, without what stages wrap around it. */
    static Throwable cause(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** What went wrong, for an admin. */
    static String text(@Nullable Throwable failure) {
        if (failure == null) {
            return "for no reason that is known";
        }
        Throwable cause = cause(failure);
        if (cause instanceof IOException disk) {
            return DiskErrors.text(disk);
        }
        String message = cause.getMessage();
        if (message == null || message.isBlank()) {
            return cause.getClass().getSimpleName();
        }
        // "Java heap space" alone tells an admin nothing.
        return cause instanceof Error ? cause.getClass().getSimpleName() + ": " + message : message;
    }

    /**
     * Whether it says no more than that somebody could not be reached or did not answer: nothing against what is held there.
     *
     * @param failure null for an answer that did not come in time
     */
    static boolean isAbsence(@Nullable Throwable failure) {
        if (failure == null) {
            return true;
        }
        Throwable cause = cause(failure);
        return cause instanceof StorageUnavailableException
                || cause instanceof StorageClosedException
                || cause instanceof OutcomeUnknownException;
    }

    /** As an error that callers of a storage know. */
    static StorageException known(Throwable failure) {
        Throwable cause = cause(failure);
        return cause instanceof StorageException known
                ? known
                : new StorageUnavailableException("a member failed: " + text(cause), cause);
    }
}
