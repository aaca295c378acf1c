package org.zeoraid.web.page;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.OperationStatus;

/** Figures and times as people say them. */
final class Words {

    private static final DateTimeFormatter MOMENT = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final List<String> BYTES = List.of("bytes", "KB", "MB", "GB", "TB", "PB");

    private Words() {}

    static String moment(Instant instant) {
        return MOMENT.format(instant);
    }

    /** How long ago, roughly. */
    static String ago(Instant instant, Instant now) {
        Duration age = Duration.between(instant, now);
        if (age.compareTo(Duration.ofSeconds(-5)) < 0) {
            return "in the future";
        }
        return age.toSeconds() < 5 ? "just now" : duration(age) + " ago";
    }

    /** Roughly how long. */
    static String duration(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 60) {
            return seconds + " s";
        }
        long minutes = (seconds + 30) / 60;
        if (minutes < 60) {
            return minutes + " min";
        }
        long hours = minutes / 60;
        if (hours < 48) {
            return hours + " h" + (hours < 10 && minutes % 60 != 0 ? " " + minutes % 60 + " min" : "");
        }
        return hours / 24 + " days";
    }

    static String bytes(double bytes) {
        int unit = 0;
        double value = bytes;
        while (value >= 1000 && unit < BYTES.size() - 1) {
            value /= 1000;
            unit++;
        }
        String figure = unit == 0 || value >= 100
                ? String.format(Locale.ROOT, "%,.0f", value)
                : String.format(Locale.ROOT, "%.1f", value);
        return figure + " " + BYTES.get(unit);
    }

    static String count(double number) {
        return String.format(Locale.ROOT, "%,.0f", number);
    }

    static String bytes(long bytes) {
        return bytes((double) bytes);
    }

    static String count(long number) {
        return count((double) number);
    }

    static String amount(OperationStatus operation, long amount) {
        return amount(operation, (double) amount);
    }

    /** A number without needless zeros. */
    static String decimal(double number) {
        return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }

    /** An amount in the unit of an operation. */
    static String amount(OperationStatus operation, double amount) {
        if (operation.unit().equals("bytes")) {
            return bytes(amount);
        }
        String figure = count(amount);
        return figure + " " + (figure.equals("1") ? operation.unit().replaceFirst("s$", "") : operation.unit());
    }

    /** How far an operation is, as in {@code 1.2 GB of 3.4 GB · 12 MB/s · about 3 min left}. */
    static String progress(OperationStatus operation) {
        StringBuilder words = new StringBuilder();
        if (operation.total() > 0) {
            words.append(
                    operation.unit().equals("bytes")
                            ? bytes(operation.done()) + " of " + bytes(operation.total())
                            : count(operation.done()) + " of " + amount(operation, operation.total()));
        } else if (operation.done() > 0) {
            words.append(amount(operation, operation.done()));
        }
        if (!operation.paused() && operation.rate() > 0) {
            words.append(words.isEmpty() ? "" : " · ")
                    .append(amount(operation, operation.rate()))
                    .append("/s");
        }
        if (!operation.paused()) {
            operation.timeLeft().ifPresent(left -> words.append(words.isEmpty() ? "" : " · ")
                    .append("about ")
                    .append(duration(left))
                    .append(" left"));
        }
        operation.limit().ifPresent(limit -> words.append(words.isEmpty() ? "" : " · ")
                .append("bounded to ")
                .append(bytes(limit))
                .append("/s"));
        return words.toString();
    }

    /** Whole percents, 0 to 100; 100 only when all is done. */
    static int percent(OperationStatus operation) {
        if (operation.total() <= 0) {
            return 0;
        }
        return (int) Math.max(0, Math.min(100, Math.floor(100.0 * operation.done() / operation.total())));
    }

    static String verb(OperationStatus operation) {
        return switch (operation.kind()) {
            case "recover" -> "Recovering";
            case "rebuild" -> "Rebuilding";
            case "pack" -> "Packing";
            case "verify" -> "Verifying";
            default -> operation.kind();
        };
    }

    /** When a transaction was, for a tid that is one. */
    static void transaction(Html html, Tid tid, Instant now) {
        if (tid.equals(Tid.NONE)) {
            html.text("none yet");
            return;
        }
        time(html, tid.instant(), now);
        html.text(" ").element("code", tid.toString(), "class", "tid", "title", "transaction id");
    }

    /** A moment, told by its distance, with the moment itself at hand. */
    static void time(Html html, Instant instant, Instant now) {
        html.element(
                "time",
                ago(instant, now),
                "datetime",
                instant.truncatedTo(ChronoUnit.SECONDS).toString(),
                "title",
                moment(instant));
    }
}
