package org.zeoraid.web.login;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Slows down whoever guesses passwords: after a few wrong ones in a row the next is not even looked at before a pause that
 * doubles each time. Keeps no thread waiting. Safe for any number of threads; attempts are looked at one at a time, so
 * that many at once are no way around it.
 */
final class AttemptThrottle {

    /** How many guessers are remembered; the one that has been quiet for longest is forgotten first. */
    private static final int REMEMBERED = 10_000;

    private static final int FREE = 3;
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private record Failures(int count, long notBefore) {}

    private final Map<String, Failures> failures = new LinkedHashMap<>();
    private final LongSupplier nanoTime;

    AttemptThrottle(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * Looks at an attempt, unless it comes too soon.
     *
     * @param who whom wrong attempts are counted against
     * @return what was seen; empty if it was not looked at
     */
    synchronized <T> Optional<T> attempt(String who, Supplier<T> look, Predicate<T> isRight) {
        if (!pause(who).isZero()) {
            return Optional.empty();
        }
        T seen = look.get();
        if (isRight.test(seen)) {
            failures.remove(who);
            return Optional.of(seen);
        }
        Failures before = failures.remove(who);
        int count = before == null ? 1 : before.count() + 1;
        failures.put(
                who,
                new Failures(count, nanoTime.getAsLong() + pauseAfter(count).toNanos()));
        if (failures.size() > REMEMBERED) {
            Iterator<String> oldest = failures.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
        return Optional.of(seen);
    }

    /** How long somebody has to wait, zero if they need not. */
    synchronized Duration pause(String who) {
        Failures known = failures.get(who);
        long left = known == null || known.count() < FREE ? 0 : known.notBefore() - nanoTime.getAsLong();
        return Duration.ofNanos(Math.max(0, left));
    }

    private static Duration pauseAfter(int failures) {
        if (failures < FREE) {
            return Duration.ZERO;
        }
        Duration doubled = FIRST.multipliedBy(1L << Math.min(failures - FREE, 20));
        return doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
    }
}
