package org.zeoraid.array;

/**
 * What a recovery gains on the commits that go on meanwhile: how much it copies for each of them. Not safe for threads.
 */
final class Gain {

    private final CommitMeter meter;
    private long begin;
    private long rested;
    private int copied;
    private long copiedWeight;
    private long commitsBefore;
    private long weightsBefore;
    private double usualWeight;

    /** It is measured from now on. */
    Gain(CommitMeter meter, long now) {
        this.meter = meter;
        begins(now);
    }

    /** It is measured anew. */
    void begins(long now) {
        begin = now;
        rested = 0;
        copied = 0;
        copiedWeight = 0;
        commitsBefore = meter.commits();
        weightsBefore = meter.weights();
    }

    /** For so many nanoseconds nothing was copied, for the sake of those who commit. */
    void rested(long nanos) {
        rested += nanos;
    }

    /** So many transactions were copied. */
    void copied(int transactions, long weight) {
        copied += transactions;
        copiedWeight += weight;
    }

    /** The transactions that were copied. */
    int copied() {
        return copied;
    }

    /** For how many nanoseconds it did not rest. */
    long worked(long now) {
        return now - begin - rested;
    }

    /** How many times as much as was committed would have been copied without rests; infinite if nothing was committed. */
    double measure(long now) {
        long committed = meter.commits() - commitsBefore;
        if (committed == 0) {
            return Double.POSITIVE_INFINITY;
        }
        usualWeight = (double) (meter.weights() - weightsBefore) / committed;
        double withoutRests = inCommits(copied, copiedWeight) * (now - begin) / worked(now);
        return withoutRests / committed;
    }

    /**
     * How many commits, as they were when it was last measured, so much comes to: one for each transaction at the least.
     *
     * @param weight see {@link CommitMeter#weight}
     */
    double inCommits(int transactions, long weight) {
        return usualWeight == 0 ? transactions : Math.max(transactions, weight / usualWeight);
    }
}
