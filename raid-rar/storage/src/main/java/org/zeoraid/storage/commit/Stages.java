package org.zeoraid.storage.commit;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;

/** Stages, most of which are complete already: then nothing is chained, and the calling thread goes straight on. */
final class Stages {

    static final System.Logger LOG = System.getLogger("org.zeoraid.storage");

    private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

    private Stages() {}

    static CompletionStage<Void> done() {
        return DONE;
    }

    static boolean isAtHand(CompletableFuture<?> future) {
        return future.isDone() && !future.isCompletedExceptionally();
    }

    /** Goes on with the value, at once if it is at hand. */
    static <T, U> CompletionStage<U> then(CompletionStage<T> stage, Function<? super T, CompletionStage<U>> next) {
        CompletableFuture<T> future = stage.toCompletableFuture();
        if (!isAtHand(future)) {
            return future.thenCompose(next);
        }
        try {
            return next.apply(future.join());
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Goes on with the value and an answer that is at hand then. */
    static <T, U> CompletionStage<U> map(CompletionStage<T> stage, Function<? super T, ? extends U> next) {
        return then(stage, value -> CompletableFuture.completedFuture(next.apply(value)));
    }

    /** Goes on with what an error stands for. */
    static <T> CompletionStage<T> orElse(
            CompletionStage<T> stage, Function<StorageException, CompletionStage<T>> instead) {
        CompletableFuture<T> future = stage.toCompletableFuture();
        if (isAtHand(future)) {
            return future;
        }
        return future.handle((value, error) ->
                        error == null ? CompletableFuture.completedFuture(value) : instead.apply(failure(error)))
                .thenCompose(Function.identity());
    }

    /** The storage's own error in what a stage failed with. */
    static StorageException failure(Throwable error) {
        Throwable cause = unwrapped(error);
        return cause instanceof StorageException known
                ? known
                : new StorageUnavailableException("an unexpected error below the storage: " + cause, cause);
    }

    static Throwable unwrapped(Throwable error) {
        Throwable cause = error;
        while (cause instanceof CompletionException || cause instanceof ExecutionException) {
            Throwable inner = cause.getCause();
            if (inner == null) {
                return cause;
            }
            cause = inner;
        }
        return cause;
    }
}
