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
    private int batch = 1000;
    private long bytes;

    /** Copies while commits, one a millisecond, take so long; gives the share of time that it copied. */
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
            pace.copied(batch, bytes);
        }
        return batches
                * (double) BATCH.toMillis()
                / environment.elapsed().minus(begin).toMillis();
    }

    private void pass(long micros) {
        environment.advance(Duration.ofMillis(1));
        if (micros > 0) {
            meter.took(micros * 1000, 100);
        }
    }

    @Test
    void whileNobodyCommitsItCopiesWithoutPause() {
        assertThat(shareOfCopying(100, 0, 0)).isEqualTo(1);
        assertThat(pace.hasRoom(1)).isTrue();
        assertThat(pace.hasRoom(8)).isFalse();
    }

    @Test
    void commitsThatBearItLeaveItMostOfTheTime() {
        assertThat(shareOfCopying(500, 1000, 1100)).isGreaterThan(0.6);
    }

    @Test
    void commitsThatSufferAreGivenMostOfTheTimeButNotAll() {
        shareOfCopying(200, 1000, 5000);
        assertThat(shareOfCopying(200, 1000, 5000)).isBetween(0.08, 0.2);
        assertThat(pace.hasRoom(0)).isTrue();
        assertThat(pace.hasRoom(1)).isFalse();
    }

    @Test
    void pausesLeaveTwiceAsMuchToBeCopiedAsIsCommitted() {
        batch = 60;
        shareOfCopying(200, 1000, 5000);
        assertThat(pace.isFlatOut()).isFalse();
        assertThat(shareOfCopying(200, 1000, 5000)).isBetween(0.3, 0.37);
    }

    @Test
    void whereNoMoreIsCopiedThanCommittedThereAreNoPauses() {
        batch = 10;
        shareOfCopying(100, 1000, 5000);
        assertThat(pace.isFlatOut()).isTrue();
        assertThat(shareOfCopying(200, 1000, 5000)).isEqualTo(1);
        assertThat(pace.hasRoom(1)).isTrue();

        batch = 1000;
        shareOfCopying(500, 1000, 5000);
        assertThat(pace.isFlatOut()).isFalse();
        assertThat(shareOfCopying(200, 1000, 5000)).isBetween(0.08, 0.2);
    }

    @Test
    void whatIsLargeCountsForSeveral() {
        batch = 10;
        bytes = 100_000;
        shareOfCopying(200, 1000, 5000);
        assertThat(pace.isFlatOut()).isFalse();
    }

    @Test
    void thePauseOfAnAdminIsNoFallingBehind() {
        batch = 60;
        shareOfCopying(100, 1000, 1100);
        pace.pause();
        CompletableFuture<Void> permit = pace.permit().toCompletableFuture();
        for (int i = 0; i < 60_000; i++) {
            pass(1000);
        }
        pace.resume();
        assertThat(permit).isCompleted();
        shareOfCopying(50, 1000, 1100);
        assertThat(pace.isFlatOut()).isFalse();
    }

    @Test
    void aTargetOfWhichNothingIsKnownGetsLittleAtFirstAndASlowOneLess() {
        long first = pace.batchBytes();
        shareOfCopying(10, 0, 0);
        assertThat(pace.batchBytes()).isGreaterThan(8 * first);
        for (int i = 0; i < 100; i++) {
            pace.permit();
            environment.advance(Duration.ofSeconds(1));
            pace.copied(1, 100);
        }
        assertThat(pace.batchBytes()).isEqualTo(first);
    }

    @Test
    void itGoesFullSpeedAgainWhenTheCommitsAreOver() {
        shareOfCopying(200, 1000, 5000);
        shareOfCopying(50, 0, 0);
        assertThat(shareOfCopying(100, 0, 0)).isEqualTo(1);
    }
}
