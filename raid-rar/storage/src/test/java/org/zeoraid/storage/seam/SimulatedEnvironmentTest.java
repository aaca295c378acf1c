package org.zeoraid.storage.seam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class SimulatedEnvironmentTest {

    private final SimulatedEnvironment environment = new SimulatedEnvironment(7);
    private final List<String> done = new ArrayList<>();

    @Test
    void timePassesOnlyWhenToldAndTimersRunInOrder() {
        environment.schedule(Duration.ofSeconds(2), () -> done.add("two"));
        environment.schedule(Duration.ofSeconds(1), () -> done.add("one"));
        Instant begin = environment.clock().instant();
        long nanos = environment.nanoTime();

        environment.advance(Duration.ofMillis(1500));
        assertThat(done).containsExactly("one");
        assertThat(environment.clock().instant()).isEqualTo(begin.plusMillis(1500));
        assertThat(environment.nanoTime() - nanos).isEqualTo(1_500_000_000L);

        environment.runUntil(() -> done.size() == 2);
        assertThat(environment.elapsed()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void aClosedTimerDoesNotRun() {
        environment.schedule(Duration.ofSeconds(1), () -> done.add("never")).close();
        environment.advance(Duration.ofHours(1));
        assertThat(done).isEmpty();
    }

    @Test
    void aWorkerKeepsItsOrderWhileWorkersInterleaveBySeed() {
        List<String> first = interleaving(1);
        List<List<String>> all = new ArrayList<>();
        for (int seed = 0; seed < 20; seed++) {
            all.add(interleaving(seed));
        }

        assertThat(interleaving(1)).isEqualTo(first);
        assertThat(all.stream().distinct().count()).isGreaterThan(3);
        assertThat(all).allSatisfy(each -> {
            assertThat(each).filteredOn(task -> task.startsWith("a")).containsExactly("a1", "a2", "a3");
            assertThat(each).filteredOn(task -> task.startsWith("b")).containsExactly("b1", "b2", "b3");
        });
    }

    private static List<String> interleaving(long seed) {
        SimulatedEnvironment environment = new SimulatedEnvironment(seed);
        List<String> order = new ArrayList<>();
        Environment.Worker a = environment.worker("a");
        Environment.Worker b = environment.worker("b");
        for (int i = 1; i <= 3; i++) {
            String number = "" + i;
            a.execute(() -> order.add("a" + number));
            b.execute(() -> order.add("b" + number));
        }
        environment.runUntil(() -> order.size() == 6);
        return order;
    }

    @Test
    void closingAWorkerRunsWhatWasQueuedAndRefusesMore() {
        Environment.Worker worker = environment.worker("w");
        worker.execute(() -> done.add("queued"));
        worker.close();
        assertThat(done).containsExactly("queued");
        assertThatThrownBy(() -> worker.execute(() -> done.add("late"))).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void waitingForWhatNeverComesFails() {
        assertThatThrownBy(() -> environment.await(new CompletableFuture<>())).isInstanceOf(AssertionError.class);
    }

    @Test
    void standingStillLetsTimePassWithoutDoingAnything() {
        environment.schedule(Duration.ofSeconds(1), () -> done.add("late"));
        environment.standStill(Duration.ofSeconds(10));
        assertThat(done).isEmpty();
        environment.advance(Duration.ZERO);
        assertThat(done).containsExactly("late");
        assertThat(environment.elapsed()).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void refusesOtherThreads() throws Exception {
        var failure = CompletableFuture.supplyAsync(environment::nanoTime)
                .handle((value, error) -> error)
                .get();
        assertThat(failure).hasRootCauseInstanceOf(IllegalStateException.class);
    }
}
