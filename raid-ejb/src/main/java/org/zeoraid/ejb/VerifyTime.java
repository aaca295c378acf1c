package org.zeoraid.ejb;

import jakarta.ejb.ScheduleExpression;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When members are verified, as an admin writes it: {@code off}, or a day and a time of the server's zone such as {@code
 * Sun 02:30} or {@code daily 02:30}.
 *
 * @param day {@code Mon} to {@code Sun}, {@code *} for every day
 */
record VerifyTime(String day, int hour, int minute) {

    private static final Pattern FORM =
            Pattern.compile("(mon|tue|wed|thu|fri|sat|sun|daily) +([01]?\\d|2[0-3]):([0-5]\\d)");

    /**
     * Reads the setting.
     *
     * @return empty for {@code off}
     * @throws IllegalArgumentException saying what is expected
     */
    static Optional<VerifyTime> parse(String text) {
        String given = text.strip().toLowerCase(Locale.ROOT);
        if (given.equals("off")) {
            return Optional.empty();
        }
        Matcher form = FORM.matcher(given);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "'" + text
                            + "' is no time to verify members: 'off', or a day (Mon … Sun, or daily) and a time, as in 'Sun 02:30'");
        }
        String day = form.group(1).equals("daily")
                ? "*"
                : form.group(1).substring(0, 1).toUpperCase(Locale.ROOT)
                        + form.group(1).substring(1);
        return Optional.of(new VerifyTime(day, Integer.parseInt(form.group(2)), Integer.parseInt(form.group(3))));
    }

    ScheduleExpression expression() {
        return new ScheduleExpression().dayOfWeek(day).hour(hour).minute(minute).second(0);
    }
}
