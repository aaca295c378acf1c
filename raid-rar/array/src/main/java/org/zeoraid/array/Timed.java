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
        return within(environment, deadline, new LifeSigns(environment::nanoTime), stage, what);
    }

    /** As {@link #within}, with the time counted anew from each sign of life. */
    static <T> CompletableFuture<T> within(
            Environment environment, Duration silence, LifeSigns signs, CompletionStage<T> stage, String what) {
        Waiting<T> waiting = new Waiting<>(environment, silence, signs, what);
        waiting.follow(stage);
        waiting.arm();
        return waiting.answer;
    }

    /** One answer that is waited for. */
    private static final class Waiting<T> {
        private final Environment environment;
        private final Duration silence;
        private final LifeSigns signs;
        private final String what;
        private final CompletableFuture<T> answer = new CompletableFuture<>();
        private final AtomicReference<Environment.Timer> timer = new AtomicReference<>();

        Waiting(Environment environment, Duration silence, LifeSigns signs, String what) {
            this.environment = environment;
            this.silence = silence;
            this.signs = signs;
            this.what = what;
        }

        void follow(CompletionStage<T> stage) {
            stage.whenComplete((value, failure) -> {
                disarm();
                if (failure != null) {
                    answer.completeExceptionally(Failures.cause(failure));
                } else {
                    answer.complete(value);
                }
            });
        }

        void arm() {
            arm(environment.nanoTime());
        }

        private void arm(long since) {
            if (answer.isDone()) {
                return;
            }
            long due = since + silence.toNanos();
            timer.set(environment.schedule(Duration.ofNanos(due - environment.nanoTime()), () -> over(since, due)));
            if (answer.isDone()) {
                disarm();
            }
        }

        private void over(long since, long due) {
            long now = environment.nanoTime();
            if (now - due > STOOD_STILL.toNanos()) {
                arm(now);
            } else if (signs.last() - since > 0) {
                arm(signs.last());
            } else {
                answer.completeExceptionally(
                        new StorageUnavailableException(what + " within " + silence.toMillis() + " ms"));
            }
        }

        private void disarm() {
            Environment.Timer running = timer.getAndSet(null);
            if (running != null) {
                running.close();
            }
        }
    }

    /** A question's stage, failed if asking it throws, be it for want of memory: nobody is to wait for an answer that cannot come. */
    static <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> question) {
        try {
            return question.get();
        } catch (RuntimeException | Error e) {
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
            all = all.thenCombine(stage, (nothing, value) -> null);
        }
        return all;
    }
}
