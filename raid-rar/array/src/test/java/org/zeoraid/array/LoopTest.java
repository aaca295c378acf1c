package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LoopTest {
    private final Deque<Runnable> worker = new ArrayDeque<>();
    private int steps;

    @Test
    void whatAStepThrowsEndsTheLoopEvenIfItIsAnError() {
        OutOfMemoryError error = new OutOfMemoryError("on purpose");

        CompletableFuture<Void> loop = Loop.on(worker::add, () -> {
                    steps++;
                    if (steps == 3) {
                        throw error;
                    }
                    return CompletableFuture.completedStage(true);
                })
                .toCompletableFuture();
        while (!worker.isEmpty()) {
            worker.remove().run();
        }

        assertThat(steps).isEqualTo(3);
        assertThat(loop).isCompletedExceptionally();
        assertThat(loop.handle((nothing, failure) -> failure).join()).isSameAs(error);
    }
}
