package org.zeoraid.web.action;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Tid;

/** How far to pack, as people say it. */
public final class PackWish {

    /** More would be before the first tid there can be. */
    public static final int MOST_DAYS = 36_500;

    private PackWish() {}

    /**
     * A pack that keeps the history of some days.
     *
     * @throws IllegalArgumentException saying what is expected
     */
    public static PackRequest keepingDays(double days, PackRequest.Garbage garbage, Instant now) {
        if (!(days >= 0 && days <= MOST_DAYS)) {
            throw new IllegalArgumentException("the days of history to keep are 0 to " + MOST_DAYS + ", not " + days);
        }
        return upTo(now.minus(Duration.ofSeconds((long) (days * 86_400))), garbage, now);
    }

    /**
     * A pack that keeps everything since a moment.
     *
     * @throws IllegalArgumentException if it lies in the future, or before 1900
     */
    public static PackRequest upTo(Instant moment, PackRequest.Garbage garbage, Instant now) {
        if (moment.isAfter(now)) {
            throw new IllegalArgumentException("a pack goes up to a moment in the past, not " + moment);
        }
        try {
            return new PackRequest(Tid.at(moment), garbage);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("no such moment: " + moment, e);
        }
    }
}
