package org.zeoraid.array;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.seam.Environment;

/**
 * How fast a recovery copies: as fast as an admin allows, and no faster than the commits that go on meanwhile bear. While
 * nobody commits it goes at full speed. While somebody does, batches are small, and pauses between them grow until commits
 * take about as long as they did without; but they are never so long that less is copied than {@link #GAIN} times what is
 * committed, and where that leaves no room for any, there are none. Safe for any number of threads.
 */
final class CopyPace {

    /** So many transactions are to be copied for each that is committed: it takes twice as long as without commits. */
    static final double GAIN = 2;

    /** Commits may take this many times longer while a batch is copied. */
    private static final double BEARABLE = 1.5;

    private static final long LOOK = Duration.ofMillis(100).toNanos();
    private static final long LOOK_FOR_GAIN = Duration.ofMillis(200).toNanos();
    private static final int ENOUGH = 20;

    /** Pauses, in times of what the batch before took. */
    private static final double MOST_PAUSE = 8;

    private static final double LEAST_PAUSE = 0.25;
    private static final double FIRST_PAUSE = 2;

    /** Who goes without pauses makes some again when there is room for such. */
    private static final double PAUSE_AGAIN = 2;

    /** What a target gets of which nothing is known, and a slow one: each batch costs some time whatever is in it. */
    private static final long FIRST_BATCH = 1 << 16;

    private static final long SMALL_BATCH = 1 << 18;
    private static final long BIG_BATCH = 1 << 22;

    /** Batches grow if they take less, and shrink if they take more than the double. */
    private static final long SHORT = Duration.ofMillis(50).toNanos();

    /** So many batches may be on their way at once: a target that syncs takes all that has come meanwhile together. */
    private static final int MOST_UNDER_WAY = 8;

    private static final long LEAST_BATCH = 1 << 12;

    private final Environment environment;
    private final CommitMeter meter;
    private final Gain gain;
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
    private long lastCopied;
    private long batch = FIRST_BATCH;

    CopyPace(Environment environment, CommitMeter meter) {
        this.environment = environment;
        this.meter = meter;
        meter.clear();
        this.commits = meter.commits();
        this.looked = environment.nanoTime();
        this.lastCopied = looked;
        this.gain = new Gain(meter, looked);
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

    synchronized boolean isCancelled() {
        return cancelled;
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

    /** Whether nothing but the target bounds it. */
    synchronized boolean isFlatOut() {
        return mostPause == 0 && !paused && bytesPerSecond == 0;
    }

    private boolean givesWay() {
        return busy && mostPause > 0;
    }

    synchronized long batchBytes() {
        long bytes = Math.min(batch, givesWay() ? SMALL_BATCH : BIG_BATCH);
        return bytesPerSecond == 0 ? bytes : Math.max(LEAST_BATCH, Math.min(bytes, bytesPerSecond / 8));
    }

    /**
     * Whether another batch may be sent while some are on their way: where it gives way to commits there is one at a time.
     */
    synchronized boolean hasRoom(int underWay) {
        return underWay == 0 || (!givesWay() && underWay < MOST_UNDER_WAY);
    }

    /**
     * Completes when the next batch may be copied.
     *
     * @throws CancelledException (in the stage) when there will be none
     */
    CompletionStage<Void> permit() {
        CompletableFuture<Void> turn = new CompletableFuture<>();
        permit(turn, environment.nanoTime());
        return turn;
    }

    private void permit(CompletableFuture<Void> turn, long asked) {
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
                gain.rested(now - asked);
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
            permit(turn, asked);
        });
    }

    /** A batch of so many bytes is on its way. */
    synchronized void sent(long bytes) {
        if (bytesPerSecond > 0) {
            waitUntil(Math.max(stepBegin, isLimited ? notBefore : stepBegin) + (long) (bytes * 1e9 / bytesPerSecond));
        }
    }

    /** See {@link Gain#inCommits}. */
    synchronized double inCommits(int transactions, long weight) {
        return gain.inCommits(transactions, weight);
    }

    /** A batch is durable, and compared. */
    synchronized void copied(int transactions, long weight) {
        meter.rests();
        long now = environment.nanoTime();
        long took = now - (givesWay() ? stepBegin : lastCopied);
        lastCopied = now;
        if (took < SHORT) {
            batch = Math.min(BIG_BATCH, batch * 2);
        } else if (took > 2 * SHORT) {
            batch = Math.max(FIRST_BATCH, batch / 2);
        }
        gain.copied(transactions, weight);
        judgeGain(now);
        if (givesWay()) {
            waitUntil(now + (long) (took * Math.min(pause, mostPause)));
        }
    }

    private void judgeGain(long now) {
        // Without pauses commits are held, and come as the copying lets them: a few tell nothing.
        if (gain.worked(now) < LOOK_FOR_GAIN || (mostPause == 0 && gain.copied() < ENOUGH)) {
            return;
        }
        double room = gain.measure(now) / GAIN - 1;
        if (room < LEAST_PAUSE) {
            mostPause = 0;
        } else if (mostPause > 0 || room > PAUSE_AGAIN) {
            mostPause = Math.min(MOST_PAUSE, room);
        }
        gain.begins(now);
    }

    /** Copying begins, or goes on after something else was done: the gain is measured anew. */
    synchronized void begins() {
        gain.begins(environment.nanoTime());
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
            pause = Math.min(MOST_PAUSE, pause * 1.5);
        } else if (burden == CommitMeter.Burden.BEARABLE) {
            pause = Math.max(LEAST_PAUSE, pause * 0.7);
        }
    }
}
