package org.zeoraid.array;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.seam.Environment;

/** Deadlines for answers, and small tools for stages. */
final class Timed {

    /** A timer that fires this much late tells that the process itself stood still. */
    private static final Duration STOOD_STILL = Duration.ofMillis(500);

    private Timed() {}

    /**
     * The stage's outcome if it comes in time, else a {@link StorageUnavailableException}. A process that stood still
     * meanwhile grants the whole time again.
     *
     * @param what who is late with what, a text for an admin
     */
    static <T> CompletableFuture<T> within(
            Environment environment, Duration deadline, CompletionStage<T> stage, String what) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        AtomicReference<Environment.Timer> timer = new AtomicReference<>();
        stage.whenComplete((value, failure) -> {
            Environment.Timer running = timer.getAndSet(null);
            if (running != null) {
                running.close();
            }
            if (failure != null) {
                answer.completeExceptionally(Failures.cause(failure));
            } else {
                answer.complete(value);
            }
        });
        arm(environment, deadline, answer, timer, what);
        return answer;
    }

    private static void arm(
            Environment environment,
            Duration deadline,
            CompletableFuture<?> answer,
            AtomicReference<Environment.Timer> timer,
            String what) {
        if (answer.isDone()) {
            return;
        }
        long due = environment.nanoTime() + deadline.toNanos();
        timer.set(environment.schedule(deadline, () -> {
            if (environment.nanoTime() - due > STOOD_STILL.toNanos()) {
                arm(environment, deadline, answer, timer, what);
            } else {
                answer.completeExceptionally(
                        new StorageUnavailableException(what + " within " + deadline.toMillis() + " ms"));
            }
        }));
        if (answer.isDone()) {
            Environment.Timer late = timer.getAndSet(null);
            if (late != null) {
                late.close();
            }
        }
    }

    /** A question's stage, failed if asking it throws. */
    static <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> question) {
        try {
            return question.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Goes on with a failure as well. */
    static <T> CompletionStage<T> recover(CompletionStage<T> stage, Function<Throwable, CompletionStage<T>> otherwise) {
        return stage.handle((value, failure) -> failure == null
                        ? CompletableFuture.<T>completedStage(value)
                        : otherwise.apply(Failures.cause(failure)))
                .thenCompose(Function.identity());
    }

    /** Complete when all are, with the first failure if there is one. */
    static CompletableFuture<Void> all(Iterable<? extends CompletionStage<?>> stages) {
        CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
        for (CompletionStage<?> stage : stages) {
            all = all.thenCombine(stage, (nothing, value) -> nothing);
        }
        return all;
    }
}
