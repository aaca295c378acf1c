package org.zeoraid.array;

import java.time.Duration;
import java.util.Optional;
import org.zeoraid.storage.admin.OperationStatus;
import org.zeoraid.storage.seam.Environment;

/** How far a recovery is. Safe for any number of threads. */
final class ResyncProgress {

    private static final double RATE_SPAN = 3e9;

    private final Environment environment;
    private final String kind;
    private String phase = "begins";
    private long done;
    private long total;
    private long transactions;
    private double rate;
    private long measured;
    private long sinceMeasured;

    ResyncProgress(Environment environment, String kind) {
        this.environment = environment;
        this.kind = kind;
        this.measured = environment.nanoTime();
    }

    synchronized void phase(String now) {
        phase = now;
    }

    /** About so many bytes are still to be copied. */
    synchronized void remaining(long bytes) {
        total = done + Math.max(0, bytes);
    }

    synchronized void copied(long count, long bytes) {
        transactions += count;
        done += bytes;
        sinceMeasured += bytes;
        if (total < done) {
            total = done;
        }
        measure(environment.nanoTime());
    }

    synchronized long transactions() {
        return transactions;
    }

    synchronized long bytes() {
        return done;
    }

    private void measure(long now) {
        double span = now - measured;
        if (span < RATE_SPAN / 20) {
            return;
        }
        double lately = sinceMeasured * 1e9 / span;
        double weight = rate == 0 ? 1 : Math.min(1, span / RATE_SPAN);
        rate += (lately - rate) * weight;
        measured = now;
        sinceMeasured = 0;
    }

    synchronized OperationStatus status(CopyPace pace) {
        measure(environment.nanoTime());
        boolean paused = pace.isPaused();
        Optional<Duration> left = paused || rate < 1 || total <= done
                ? Optional.empty()
                : Optional.of(Duration.ofMillis((long) ((total - done) / rate * 1000)));
        long limit = pace.limit();
        return new OperationStatus(
                kind,
                paused ? "paused" : phase,
                done,
                total,
                "bytes",
                paused ? 0 : rate,
                left,
                paused,
                limit == 0 ? Optional.empty() : Optional.of(limit));
    }
}
