package org.zeoraid.storage.admin;

import java.time.Duration;
import java.util.Optional;

/**
 * A long operation on a member or an array while it runs.
 *
 * @param kind {@code recover}, {@code rebuild}, {@code pack}, {@code verify}
 * @param phase what it does now, a few words
 * @param done in {@code unit}
 * @param total in {@code unit}, 0 while unknown
 * @param unit such as {@code transactions} or {@code bytes}
 * @param rate units a second, lately
 * @param timeLeft an estimate, where there is one
 * @param paused whether an admin has paused it
 * @param limit bytes a second that it may copy at the most; empty for no limit
 */
public record OperationStatus(
        String kind,
        String phase,
        long done,
        long total,
        String unit,
        double rate,
        Optional<Duration> timeLeft,
        boolean paused,
        Optional<Long> limit) {}
