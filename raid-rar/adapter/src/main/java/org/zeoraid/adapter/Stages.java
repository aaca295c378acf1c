package org.zeoraid.adapter;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.StorageUnavailableException;

/** The bridge from the storage's stages to callers that wait. */
final class Stages {
    private Stages() {}

    /**
     * Waits for a stage, whose deadline is the storage's.
     *
     * @throws RuntimeException what the stage failed with
     */
    static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CancellationException e) {
            throw new StorageUnavailableException("the storage gave the operation up", e);
        } catch (CompletionException e) {
            throw cause(e);
        }
    }

    private static RuntimeException cause(CompletionException wrapper) {
        Throwable cause = wrapper.getCause();
        if (cause instanceof RuntimeException e) {
            return e;
        }
        if (cause instanceof Error e) {
            throw e;
        }
        return wrapper;
    }
}
