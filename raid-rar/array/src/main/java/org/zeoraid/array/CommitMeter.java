package org.zeoraid.array;

import java.util.Arrays;
import org.zeoraid.storage.CommittedTransaction;

/**
 * How many commits there are, how large they are, and how long they take: the last apart for times in which a recovery copies
 * and times in which it rests, in histograms with eight steps for each doubling. Safe for any number of threads.
 */
final class CommitMeter {

    private static final int STEPS = 8;

    private final Histogram resting = new Histogram();
    private final Histogram copying = new Histogram();
    private Histogram current = resting;
    private long commits;
    private long weights;

    private static final class Histogram {
        private final int[] counts = new int[64 * STEPS];
        private int count;

        void add(long nanos) {
            long value = Math.max(nanos, STEPS);
            int octave = 63 - Long.numberOfLeadingZeros(value);
            counts[octave * STEPS + (int) ((value >>> (octave - 3)) & (STEPS - 1))]++;
            count++;
        }

        /** Nanoseconds that 19 of 20 commits took at the most; 0 if there was none. */
        long slow() {
            if (count == 0) {
                return 0;
            }
            int rest = count - count / 20;
            int index = 0;
            while (rest > 0) {
                rest -= counts[index++];
            }
            int top = index - 1;
            return (1L << (top / STEPS)) + ((long) (top % STEPS + 1) << (top / STEPS)) / STEPS;
        }

        void clear() {
            Arrays.fill(counts, 0);
            count = 0;
        }
    }

    /** What copying costs those who commit. */
    enum Burden {
        /** Too few commits to tell. */
        UNKNOWN,
        BEARABLE,
        HEAVY
    }

    /** How much a transaction is for a member: its bytes, with those of its blobs. */
    static long weight(CommittedTransaction transaction) {
        return transaction.sizeInFile() + transaction.blobBytes();
    }

    synchronized void took(long nanos, long weight) {
        current.add(nanos);
        commits++;
        weights += weight;
    }

    /** Commits since the start. */
    synchronized long commits() {
        return commits;
    }

    /** The weight of all of them. */
    synchronized long weights() {
        return weights;
    }

    synchronized void copies() {
        current = copying;
    }

    synchronized void rests() {
        current = resting;
    }

    synchronized void clear() {
        resting.clear();
        copying.clear();
    }

    /**
     * Compares both times; once told it begins anew.
     *
     * @param enough so many commits of each are needed
     * @param bearable how many times longer commits may take
     */
    synchronized Burden burden(int enough, double bearable) {
        if (resting.count < enough || copying.count < enough) {
            return Burden.UNKNOWN;
        }
        Burden burden = copying.slow() > resting.slow() * bearable ? Burden.HEAVY : Burden.BEARABLE;
        clear();
        return burden;
    }
}
