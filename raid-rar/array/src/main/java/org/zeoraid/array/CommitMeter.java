package org.zeoraid.array;

import java.util.Arrays;

/** How long commits take, lately: a histogram with eight steps for each doubling. Safe for any number of threads. */
final class CommitMeter {

    private static final int STEPS = 8;

    private final int[] counts = new int[64 * STEPS];
    private int count;

    /**
     * What was measured.
     *
     * @param count commits
     * @param slow nanoseconds that 19 of 20 commits took at the most; 0 if there was none
     */
    record Window(int count, long slow) {}

    synchronized void took(long nanos) {
        long value = Math.max(nanos, STEPS);
        int octave = 63 - Long.numberOfLeadingZeros(value);
        counts[octave * STEPS + (int) ((value >>> (octave - 3)) & (STEPS - 1))]++;
        count++;
    }

    /** What was measured since the last time. */
    synchronized Window take() {
        int rest = count - count / 20;
        int index = 0;
        while (rest > 0) {
            rest -= counts[index++];
        }
        long slow = 0;
        if (count > 0) {
            int top = index - 1;
            slow = (1L << (top / STEPS)) + ((long) (top % STEPS + 1) << (top / STEPS)) / STEPS;
        }
        Window window = new Window(count, slow);
        Arrays.fill(counts, 0);
        count = 0;
        return window;
    }
}
