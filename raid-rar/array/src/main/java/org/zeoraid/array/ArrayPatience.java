package org.zeoraid.array;

import java.time.Duration;
import org.zeoraid.storage.CommittedTransaction;

/** The deadlines of an array in periods of its {@link Ticker}. */
final class ArrayPatience {

    /** However slow a disk is, it takes a large transaction at this rate. */
    private static final long BYTES_PER_SECOND = 4 << 20;

    /** A deadline is kept to the twentieth part. */
    private static final int PARTS = 20;

    private final Ticker ticker;
    private final ArrayOptions options;
    private final int answer;
    private final int append;
    private final int blob;

    ArrayPatience(Ticker ticker, ArrayOptions options) {
        this.ticker = ticker;
        this.options = options;
        this.answer = ticker.periods(options.answerDeadline());
        this.append = ticker.periods(options.appendDeadline());
        this.blob = ticker.periods(options.blobDeadline());
    }

    /** A period that divides all deadlines finely enough. */
    static Duration period(ArrayOptions options) {
        Duration shortest = options.answerDeadline().compareTo(options.appendDeadline()) < 0
                ? options.answerDeadline()
                : options.appendDeadline();
        Duration period = shortest.dividedBy(PARTS);
        return period.isZero() ? Duration.ofNanos(1) : period;
    }

    int of(Pace pace) {
        return pace == Pace.QUICK ? answer : blob;
    }

    /** For a transaction, by its size. */
    boolean isOver(int elapsed, CommittedTransaction transaction) {
        if (elapsed < append) {
            return false;
        }
        // Asked for by a timer: records are not looked at, for they may have to be read from a disk.
        long bytes = transaction.dataBytes() + transaction.blobBytes();
        return elapsed - append >= ticker.periods(Duration.ofMillis(bytes * 1000 / BYTES_PER_SECOND)) - 1;
    }

    String appendText() {
        return text(options.appendDeadline());
    }

    String text(Pace pace) {
        return text(pace == Pace.QUICK ? options.answerDeadline() : options.blobDeadline());
    }

    private static String text(Duration duration) {
        return duration.toMillis() + " ms";
    }
}
