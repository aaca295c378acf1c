package org.zeoraid.storage.seam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SystemEnvironmentTest {

    @Test
    void aWorkerRunsItsTasksInOrderOnItsOwnNamedDaemon() throws Exception {
        try (SystemEnvironment environment = new SystemEnvironment("test")) {
            Environment.Worker worker = environment.worker("log");
            CompletableFuture<Thread> thread = new CompletableFuture<>();
            List<Integer> order = new CopyOnWriteArrayList<>();
            worker.execute(() -> thread.complete(Thread.currentThread()));
            worker.execute(() -> {
                throw new IllegalStateException("a task that fails, on purpose");
            });
            for (int i = 0; i < 100; i++) {
                int number = i;
                worker.execute(() -> order.add(number));
            }
            worker.close();

            assertThat(thread.get().getName()).isEqualTo("test-log");
            assertThat(thread.get().isDaemon()).isTrue();
            assertThat(order).isSorted().hasSize(100);
            assertThatThrownBy(() -> worker.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
        }
    }

    @Test
    void aWorkerMayBeClosedByItsOwnTask() throws Exception {
        try (SystemEnvironment environment = new SystemEnvironment("test")) {
            Environment.Worker worker = environment.worker("self");
            CountDownLatch closed = new CountDownLatch(1);
            worker.execute(() -> {
                worker.close();
                closed.countDown();
            });
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void closingDoesWhatWasQueuedDropsTimersAndLeavesNoThread() throws Exception {
        SystemEnvironment environment = new SystemEnvironment("gone");
        CountDownLatch timer = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        environment.schedule(Duration.ofMillis(1), timer::countDown);
        environment.schedule(Duration.ofDays(1), never::countDown);
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch queued = new CountDownLatch(1);
        Environment.Worker worker = environment.worker("worker");
        worker.execute(() -> {
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        worker.execute(queued::countDown);
        assertThat(timer.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(threads()).isEqualTo(2);

        gate.countDown();
        environment.close();

        assertThat(queued.getCount()).isZero();
        assertThat(never.getCount()).isEqualTo(1);
        assertThat(threads()).isZero();
    }

    private static long threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("gone-"))
                .count();
    }
}
