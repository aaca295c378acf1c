package org.zeoraid.raidctl;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.zeoraid.storage.Tid;

/** Numbers as people read and write them. */
public final class Units {

    private static final String[] BYTES = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})\\s*([KMGT]?)(?:I?B)?", Pattern.CASE_INSENSITIVE);

    private Units() {}

    /** Such as {@code 3.2 MiB}. */
    public static String bytes(double bytes) {
        double rest = bytes;
        int unit = 0;
        while (rest >= 1024 && unit < BYTES.length - 1) {
            rest /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", rest, BYTES[unit]);
    }

    /**
     * Reads such as {@code 5MB}, {@code 512k} or {@code 1000}, in powers of 1024 as the configuration does.
     *
     * @throws Refusal if it is anything else
     */
    public static long bytes(String text) {
        Matcher size = SIZE.matcher(text.strip());
        if (!size.matches()) {
            throw Refusal.wrongUse("'" + text + "' is no number of bytes; expected such as 5MB, 512KB or 1000");
        }
        int power = " KMGT"
                .indexOf(
                        size.group(2).isEmpty()
                                ? ' '
                                : Character.toUpperCase(size.group(2).charAt(0)));
        try {
            return Math.multiplyExact(Long.parseLong(size.group(1)), 1L << (10 * power));
        } catch (ArithmeticException e) {
            throw Refusal.wrongUse("'" + text + "' is too many bytes");
        }
    }

    /** Such as {@code 1 h 05 min} or {@code 12 s}. */
    public static String time(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds >= 86_400) {
            return seconds / 86_400 + " d " + seconds % 86_400 / 3600 + " h";
        }
        if (seconds >= 3600) {
            return String.format(Locale.ROOT, "%d h %02d min", seconds / 3600, seconds % 3600 / 60);
        }
        return seconds >= 60 ? String.format(Locale.ROOT, "%d min %02d s", seconds / 60, seconds % 60) : seconds + " s";
    }

    /** Of something, such as {@code 42.1 %}; blank where the whole is not known. */
    public static String percent(long done, long total) {
        return total <= 0 ? "" : String.format(Locale.ROOT, "%.1f %%", Math.min(100, 100.0 * done / total));
    }

    /** A transaction with the moment that it tells. */
    public static String tid(Tid tid) {
        return tid.equals(Tid.NONE) ? "none" : tid + " (" + tid.instant() + ")";
    }
}
