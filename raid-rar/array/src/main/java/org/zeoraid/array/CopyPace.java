package org.zeoraid.array;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.seam.Environment;

/**
 * How fast a recovery copies: as fast as an admin allows, and no faster than the commits that go on meanwhile bear. While
 * nobody commits it goes at full speed. While somebody does, batches are small, and pauses between them grow until commits
 * take about as long as they did without; but where more is committed than is copied, they become short again, and in the end
 * there are none. Safe for any number of threads.
 */
final class CopyPace {

    /** Commits may take this many times longer while a batch is copied. */
    private static final double BEARABLE = 1.5;

    private static final long LOOK = Duration.ofMillis(100).toNanos();
    private static final int ENOUGH = 20;

    /** Pauses, in times of what the batch before took, unless they have to be shorter. */
    private static final double MOST_PAUSE = 8;

    private static final double LEAST_PAUSE = 0.25;
    private static final double FIRST_PAUSE = 2;
    private static final long SMALL_BATCH = 1 << 18;
    private static final long BIG_BATCH = 1 << 22;

    /** What may be on its way at once: a target that syncs takes all that has come meanwhile together. */
    private static final long MOST_UNDER_WAY = 1 << 25;

    private static final long LEAST_BATCH = 1 << 12;

    private final Environment environment;
    private final CommitMeter meter;
    private boolean cancelled;
    private boolean paused;
    private long bytesPerSecond;
    private long notBefore;
    private boolean isLimited;
    private CompletableFuture<Void> changed = new CompletableFuture<>();
    private boolean busy;
    private double pause = FIRST_PAUSE;
    private double mostPause = MOST_PAUSE;
    private long looked;
    private long commits;
    private long stepBegin;

    CopyPace(Environment environment, CommitMeter meter) {
        this.environment = environment;
        this.meter = meter;
        meter.clear();
        this.commits = meter.commits();
        this.looked = environment.nanoTime();
    }

    /** A recovery that was cancelled ends with this. */
    static final class CancelledException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        CancelledException() {
            super("cancelled");
        }
    }

    synchronized void pause() {
        paused = true;
    }

    void resume() {
        change(() -> paused = false);
    }

    /** Bytes a second; 0 for no limit. */
    void throttle(long limit) {
        change(() -> {
            bytesPerSecond = limit;
            isLimited = false;
        });
    }

    void cancel() {
        change(() -> cancelled = true);
    }

    private void change(Runnable what) {
        CompletableFuture<Void> now;
        synchronized (this) {
            what.run();
            now = changed;
            changed = new CompletableFuture<>();
        }
        now.complete(null);
    }

    synchronized boolean isPaused() {
        return paused;
    }

    synchronized long limit() {
        return bytesPerSecond;
    }

    /**
     * So much is committed meanwhile that it has to become so many times faster: however much others suffer, a recovery comes to
     * its end.
     */
    synchronized void hurry(double times) {
        double shorter = (1 + pause) / times - 1;
        mostPause = shorter > LEAST_PAUSE ? shorter : 0;
        pause = Math.min(pause, mostPause);
    }

    /** Whether nothing but the target bounds it. */
    synchronized boolean isFlatOut() {
        return mostPause == 0 && !paused && bytesPerSecond == 0;
    }

    private boolean givesWay() {
        return busy && mostPause > 0;
    }

    synchronized long batchBytes() {
        long bytes = givesWay() ? SMALL_BATCH : BIG_BATCH;
        return bytesPerSecond == 0 ? bytes : Math.max(LEAST_BATCH, Math.min(bytes, bytesPerSecond / 8));
    }

    /**
     * Whether another batch may be sent while some are on their way: where it gives way to commits there is one at a time.
     *
     * @param batches how many are on their way
     * @param bytes what they hold
     */
    synchronized boolean hasRoom(int batches, long bytes) {
        return batches == 0 || (!givesWay() && bytes < MOST_UNDER_WAY);
    }

    /**
     * Completes when the next batch may be copied.
     *
     * @throws CancelledException (in the stage) when there will be none
     */
    CompletionStage<Void> permit() {
        CompletableFuture<Void> turn = new CompletableFuture<>();
        permit(turn);
        return turn;
    }

    private void permit(CompletableFuture<Void> turn) {
        CompletableFuture<Void> change;
        long delay;
        synchronized (this) {
            if (cancelled) {
                turn.completeExceptionally(new CancelledException());
                return;
            }
            observe();
            long now = environment.nanoTime();
            delay = paused ? Long.MAX_VALUE : isLimited ? notBefore - now : 0;
            if (delay <= 0) {
                isLimited = false;
                stepBegin = now;
                meter.copies();
                change = null;
            } else {
                change = changed;
            }
        }
        if (change == null) {
            turn.complete(null);
            return;
        }
        Environment.Timer timer = delay == Long.MAX_VALUE
                ? () -> {}
                : environment.schedule(Duration.ofNanos(delay), () -> change(() -> {}));
        change.thenRun(() -> {
            timer.close();
            permit(turn);
        });
    }

    /** A batch of so many bytes is on its way. */
    synchronized void sent(long bytes) {
        if (bytesPerSecond > 0) {
            waitUntil(Math.max(stepBegin, isLimited ? notBefore : stepBegin) + (long) (bytes * 1e9 / bytesPerSecond));
        }
    }

    /** A batch is durable, and compared. */
    synchronized void copied() {
        meter.rests();
        long now = environment.nanoTime();
        if (givesWay()) {
            waitUntil(now + (long) ((now - stepBegin) * pause));
        }
    }

    private void waitUntil(long time) {
        if (!isLimited || time - notBefore > 0) {
            notBefore = time;
            isLimited = true;
        }
    }

    private void observe() {
        long now = environment.nanoTime();
        if (now - looked < LOOK) {
            return;
        }
        looked = now;
        long before = commits;
        commits = meter.commits();
        busy = commits > before;
        if (!busy) {
            meter.clear();
            return;
        }
        CommitMeter.Burden burden = meter.burden(ENOUGH, BEARABLE);
        if (burden == CommitMeter.Burden.HEAVY) {
            pause = Math.min(mostPause, pause * 1.5);
        } else if (burden == CommitMeter.Burden.BEARABLE) {
            pause = Math.min(mostPause, Math.max(LEAST_PAUSE, pause * 0.7));
        }
    }
}
