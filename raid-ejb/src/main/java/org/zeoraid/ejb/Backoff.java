package org.zeoraid.ejb;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait before work is done again: a random time, up to a bound that doubles each time. */
final class Backoff {

    static final Duration FIRST = Duration.ofMillis(10);
    static final Duration LONGEST = Duration.ofSeconds(1);

    private final RandomGenerator random;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** @param failures how often it has failed, at least once */
    Duration after(int failures) {
        long bound = Math.min(FIRST.toNanos() << Math.min(failures - 1, 20), LONGEST.toNanos());
        return Duration.ofNanos(random.nextLong(bound) + 1);
    }
}
