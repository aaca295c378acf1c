package org.zeoraid.zeo.client;

import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageException;

/** What went wrong at a server, in a storage's terms. */
final class Failures {

    private Failures() {}

    static <T> CompletionStage<T> translate(CompletionStage<T> stage) {
        return stage.exceptionally(failure -> {
            throw translated(failure);
        });
    }

    static StorageException translated(Throwable failure) {
        Throwable cause = cause(failure);
        if (cause instanceof StorageException storage) {
            return storage;
        }
        return cause instanceof RemoteException remote
                ? remote.asStorageException()
                : new ProtocolException("an answer could not be read: " + cause, cause);
    }

    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    static boolean isMissingObject(Throwable failure) {
        return cause(failure) instanceof RemoteException remote && remote.isMissingObject();
    }

    /** Fails with another error where the server says that an object or revision is missing. */
    static <T> CompletionStage<T> missing(CompletionStage<T> stage, Supplier<StorageException> instead) {
        return stage.exceptionally(failure -> {
            throw isMissingObject(failure) ? instead.get() : translated(failure);
        });
    }
}
