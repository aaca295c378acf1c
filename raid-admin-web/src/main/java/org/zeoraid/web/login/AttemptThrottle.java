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
 * doubles each time. Safe for any number of threads; a guesser's attempts are looked at one at a time, so that many at
 * once are no way around it. Nobody waits for another guesser's, whose password may lie on a disk that hangs.
 */
final class AttemptThrottle {

    /** How many guessers are remembered; the one that has been quiet for longest is forgotten first. */
    private static final int REMEMBERED = 10_000;

    private static final int FREE = 3;
    private static final Duration FIRST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofMinutes(1);

    /** Its monitor is held while an attempt of it is looked at. */
    private static final class Guesser {
        private volatile int failures;
        private volatile long notBefore;
    }

    private final Map<String, Guesser> guessers = new LinkedHashMap<>();
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
    <T> Optional<T> attempt(String who, Supplier<T> look, Predicate<T> isRight) {
        Guesser guesser = known(who);
        synchronized (guesser) {
            if (!pause(guesser).isZero()) {
                return Optional.empty();
            }
            T seen = look.get();
            if (isRight.test(seen)) {
                guesser.failures = 0;
            } else {
                guesser.notBefore =
                        nanoTime.getAsLong() + pauseAfter(guesser.failures + 1).toNanos();
                guesser.failures++;
            }
            return Optional.of(seen);
        }
    }

    /** How long somebody has to wait, zero if they need not. */
    Duration pause(String who) {
        synchronized (guessers) {
            Guesser guesser = guessers.get(who);
            return guesser == null ? Duration.ZERO : pause(guesser);
        }
    }

    private Guesser known(String who) {
        synchronized (guessers) {
            Guesser before = guessers.remove(who);
            Guesser guesser = before == null ? new Guesser() : before;
            guessers.put(who, guesser);
            if (guessers.size() > REMEMBERED) {
                Iterator<String> oldest = guessers.keySet().iterator();
                oldest.next();
                oldest.remove();
            }
            return guesser;
        }
    }

    private Duration pause(Guesser guesser) {
        long left = guesser.failures < FREE ? 0 : guesser.notBefore - nanoTime.getAsLong();
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
