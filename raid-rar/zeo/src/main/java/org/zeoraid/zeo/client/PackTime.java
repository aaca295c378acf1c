package org.zeoraid.zeo.client;

import java.time.Instant;
import org.zeoraid.storage.Tid;

/** The moment up to which a server packs, as the number of seconds that ZEO's call wants. */
final class PackTime {

    private PackTime() {}

    /** The earliest such number of which a server makes this tid or a later one: numbers are coarser than tids. */
    static double of(Tid upTo) {
        Instant moment = upTo.instant();
        double time = moment.getEpochSecond() + moment.getNano() / 1e9;
        while (upTo.isAfter(tid(time)) || upTo.isAfter(tidOfMicroseconds(time))) {
            time = Math.nextUp(time);
        }
        return time;
    }

    /** What our server makes of it. */
    private static Tid tidOfMicroseconds(double time) {
        long micros = (long) (time * 1e6);
        return Tid.at(
                Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000), Math.floorMod(micros, 1_000_000) * 1000L));
    }

    /** What Python makes of it: whole minutes by the calendar, the rest as a fraction of a minute. */
    private static Tid tid(double time) {
        long minute = Math.floorDiv((long) Math.floor(time), 60L);
        double seconds = time - minute * 60.0;
        long low = (long) (seconds / 60.0 * (1L << 32));
        return new Tid(Tid.at(Instant.ofEpochSecond(minute * 60)).value() | low);
    }
}
