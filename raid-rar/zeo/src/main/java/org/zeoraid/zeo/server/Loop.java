package org.zeoraid.zeo.server;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Brings answers back to an event loop. */
final class Loop {

    private Loop() {}

    /** The same stage if it has completed, else one that completes on the loop. */
    static <T> CompletionStage<T> back(CompletionStage<T> stage, Executor loop) {
        CompletableFuture<T> future = stage.toCompletableFuture();
        return future.isDone() ? future : future.whenCompleteAsync((value, failure) -> {}, loop);
    }
}
