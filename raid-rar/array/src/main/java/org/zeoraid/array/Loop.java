package org.zeoraid.array;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.zeoraid.storage.StorageClosedException;

/** A loop whose steps are answered later, each begun on a worker, so that however many there are no stack grows. */
final class Loop {

    private Loop() {}

    /** Takes one step on a worker, whichever thread asks for it. */
    static <T> CompletionStage<T> once(Executor worker, Supplier<CompletionStage<T>> step) {
        CompletableFuture<T> done = new CompletableFuture<>();
        try {
            worker.execute(() -> Timed.ask(step).whenComplete((value, failure) -> {
                if (failure != null) {
                    done.completeExceptionally(Failures.cause(failure));
                } else {
                    done.complete(value);
                }
            }));
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(new StorageClosedException("the worker has ended"));
        }
        return done;
    }

    /** Takes steps, one after another, until one says that no other shall follow. */
    static CompletionStage<Void> on(Executor worker, Supplier<CompletionStage<Boolean>> step) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        turn(worker, step, done);
        return done;
    }

    private static void turn(Executor worker, Supplier<CompletionStage<Boolean>> step, CompletableFuture<Void> done) {
        once(worker, step).whenComplete((again, failure) -> {
            if (failure != null) {
                done.completeExceptionally(Failures.cause(failure));
            } else if (again) {
                turn(worker, step, done);
            } else {
                done.complete(null);
            }
        });
    }
}
