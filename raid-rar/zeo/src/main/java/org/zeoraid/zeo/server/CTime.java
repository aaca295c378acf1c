package org.zeoraid.zeo.server;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Times as C's {@code ctime} writes them, {@code Sun Nov 22 08:17:12 2026}; in UTC. */
final class CTime {

    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern(
                    "EEE MMM ppd HH:mm:ss yyyy", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private CTime() {}

    static String format(Instant moment) {
        return FORMAT.format(moment);
    }
}
