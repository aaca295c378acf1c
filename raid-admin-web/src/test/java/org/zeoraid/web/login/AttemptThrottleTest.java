package org.zeoraid.web.login;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AttemptThrottleTest {

    private final AtomicLong nanos = new AtomicLong(-5);
    private final AttemptThrottle throttle = new AttemptThrottle(nanos::get);

    @Test
    void aFewWrongPasswordsCostNothing() {
        assertThat(wrong("x")).isTrue();
        assertThat(wrong("x")).isTrue();
        assertThat(throttle.pause("x")).isZero();
        assertThat(right("x")).isTrue();
    }

    @Test
    void moreOfThemCostAPauseInWhichNotEvenTheRightOneIsLookedAt() {
        for (int i = 0; i < 3; i++) {
            wrong("x");
        }

        assertThat(throttle.pause("x")).isEqualTo(Duration.ofSeconds(1));
        assertThat(right("x")).isFalse();
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(right("x")).isTrue();
        assertThat(throttle.pause("x")).isZero();
    }

    @Test
    void thePauseDoublesUpToAMinute() {
        for (int i = 0; i < 3; i++) {
            wrong("x");
        }
        for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
            assertThat(throttle.pause("x")).isEqualTo(Duration.ofSeconds(seconds));
            nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
            assertThat(wrong("x")).isTrue();
        }
    }

    @Test
    void nobodyPaysForAnother() {
        for (int i = 0; i < 10; i++) {
            wrong("x");
        }

        assertThat(right("y")).isTrue();
    }

    @Test
    void theRightPasswordStartsAnew() {
        wrong("x");
        wrong("x");
        right("x");
        wrong("x");
        wrong("x");

        assertThat(throttle.pause("x")).isZero();
    }

    @Test
    void guessersAreForgottenBeforeTheyFillTheMemory() {
        for (int i = 0; i < 3; i++) {
            wrong("first");
        }
        for (int i = 0; i < 10_000; i++) {
            wrong("other " + i);
        }

        assertThat(throttle.pause("first")).isZero();
        assertThat(throttle.pause("other 9999")).isZero();
    }

    @Test
    void whoseLookHangsHoldsUpNobodyElse() throws Exception {
        var begun = new CountDownLatch(1);
        var end = new CountDownLatch(1);
        var hanging = CompletableFuture.supplyAsync(() -> throttle.attempt(
                "hangs",
                () -> {
                    begun.countDown();
                    await(end);
                    return true;
                },
                result -> result));
        assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();

        assertThat(CompletableFuture.supplyAsync(() -> right("y")).get(10, TimeUnit.SECONDS))
                .isTrue();
        assertThat(CompletableFuture.supplyAsync(() -> throttle.pause("hangs")).get(10, TimeUnit.SECONDS))
                .isZero();
        end.countDown();
        assertThat(hanging.get(10, TimeUnit.SECONDS)).isPresent();
    }

    @Test
    void manyGuessesAtOnceAreLookedAtOneByOne() throws Exception {
        List<CompletableFuture<Boolean>> guesses = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            guesses.add(CompletableFuture.supplyAsync(() -> wrong("x")));
        }
        int seen = 0;
        for (CompletableFuture<Boolean> guess : guesses) {
            seen += guess.get(10, TimeUnit.SECONDS) ? 1 : 0;
        }
        assertThat(seen).isEqualTo(3);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether it was looked at. */
    private boolean wrong(String who) {
        return throttle.attempt(who, () -> false, result -> result).isPresent();
    }

    private boolean right(String who) {
        return throttle.attempt(who, () -> true, result -> result).isPresent();
    }
}
