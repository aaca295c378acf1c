package org.zeoraid.array;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.seam.Environment;

/**
 * Slows commits down for a recovery that goes as fast as it can and does not gain on them: it holds them in strokes. Safe for
 * any number of threads.
 */
final class Brake {

    /** Between two strokes commits go on. */
    private static final Duration FREE = Duration.ofMillis(100);

    /** The longest stroke, in times of what is free. */
    private static final int MOST = 15;

    private final Environment environment;
    private final CommitLane lane;
    private final CopyPace pace;
    private int strength;
    private CommitLane.@Nullable Hold hold;

    Brake(Environment environment, CommitLane lane, CopyPace pace) {
        this.environment = environment;
        this.lane = lane;
        this.pace = pace;
    }

    /** Has so many times less committed than now. */
    void press(double times) {
        boolean begins;
        synchronized (this) {
            begins = strength == 0;
            strength = (int) Math.min(MOST, Math.ceil((1 + strength) * times - 1));
        }
        if (begins) {
            stroke();
        }
    }

    /** Commits go on as ever. */
    void release() {
        synchronized (this) {
            strength = 0;
        }
        letGo();
    }

    // The lane calls others for a hold that begins or ends: without the monitor.

    private void stroke() {
        int length = strength();
        if (length == 0) {
            return;
        }
        if (!pace.isFlatOut()) {
            environment.schedule(FREE, this::stroke); // an admin holds it up, not the commits
            return;
        }
        CommitLane.Hold fresh = lane.hold();
        synchronized (this) {
            hold = fresh;
        }
        if (strength() == 0) {
            letGo();
            return;
        }
        environment.schedule(FREE.multipliedBy(length), () -> {
            letGo();
            environment.schedule(FREE, this::stroke);
        });
    }

    private synchronized int strength() {
        return strength;
    }

    private void letGo() {
        CommitLane.Hold last;
        synchronized (this) {
            last = hold;
            hold = null;
        }
        if (last != null) {
            last.release();
        }
    }
}
