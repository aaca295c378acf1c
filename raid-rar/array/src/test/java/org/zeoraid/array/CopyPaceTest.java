package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.seam.SimulatedEnvironment;

class CopyPaceTest {

    private static final Duration BATCH = Duration.ofMillis(10);

    private final SimulatedEnvironment environment = new SimulatedEnvironment(1);
    private final CommitMeter meter = new CommitMeter();
    private final CopyPace pace = new CopyPace(environment, meter);

    /** Copies batches while commits, one a millisecond, take so long; gives the share of time that it copied. */
    private double shareOfCopying(int batches, long restingMicros, long copyingMicros) {
        Duration begin = environment.elapsed();
        for (int i = 0; i < batches; i++) {
            CompletableFuture<Void> permit = pace.permit().toCompletableFuture();
            while (!permit.isDone()) {
                pass(restingMicros);
            }
            for (long t = 0; t < BATCH.toMillis(); t++) {
                pass(copyingMicros);
            }
            pace.copied();
        }
        return batches
                * (double) BATCH.toMillis()
                / environment.elapsed().minus(begin).toMillis();
    }

    private void pass(long micros) {
        environment.advance(Duration.ofMillis(1));
        if (micros > 0) {
            meter.took(micros * 1000);
        }
    }

    @Test
    void whileNobodyCommitsItCopiesWithoutPause() {
        assertThat(shareOfCopying(100, 0, 0)).isEqualTo(1);
        assertThat(pace.hasRoom(1, 1 << 22)).isTrue();
        assertThat(pace.hasRoom(1, 1 << 26)).isFalse();
    }

    @Test
    void commitsThatBearItLeaveItMostOfTheTime() {
        assertThat(shareOfCopying(500, 1000, 1100)).isGreaterThan(0.6);
    }

    @Test
    void commitsThatSufferAreGivenMostOfTheTimeButNotAll() {
        shareOfCopying(200, 1000, 5000);
        assertThat(shareOfCopying(200, 1000, 5000)).isBetween(0.08, 0.2);
        assertThat(pace.hasRoom(0, 0)).isTrue();
        assertThat(pace.hasRoom(1, 1)).isFalse();
    }

    @Test
    void whereMoreIsCommittedThanCopiedPausesBecomeShortAndInTheEndThereAreNone() {
        shareOfCopying(200, 1000, 5000);
        double before = shareOfCopying(200, 1000, 5000);
        pace.hurry(2);
        double after = shareOfCopying(200, 1000, 5000);
        assertThat(after).isBetween(1.8 * before, 2.4 * before);

        pace.hurry(100);
        shareOfCopying(1, 1000, 5000);
        assertThat(shareOfCopying(200, 1000, 5000)).isEqualTo(1);
        assertThat(pace.hasRoom(1, 1)).isTrue();
    }

    @Test
    void itGoesFullSpeedAgainWhenTheCommitsAreOver() {
        shareOfCopying(200, 1000, 5000);
        shareOfCopying(50, 0, 0);
        assertThat(shareOfCopying(100, 0, 0)).isEqualTo(1);
    }
}
