package org.zeoraid.raidctl;

import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Waits for answers: a command line has nothing else to do. */
public final class Await {

    private Await() {}

    /** The answer, or its failure as it was thrown. */
    public static <T> T answer(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw e;
        }
    }
}
