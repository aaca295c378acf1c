package org.zeoraid.config.schema;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The kinds of values that a configuration knows; those of ZConfig read what they read there, and a little more. */
public final class Values {

    private static final Pattern AMOUNT = Pattern.compile("(\\d+)\\s*([a-z]*)");
    private static final Map<String, Long> SIZES =
            Map.of("", 1L, "b", 1L, "kb", 1L << 10, "mb", 1L << 20, "gb", 1L << 30, "tb", 1L << 40);
    private static final Map<String, Long> MILLISECONDS =
            Map.of("ms", 1L, "", 1_000L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

    /** Any text. */
    public static final ValueType<String> TEXT = type("a text", (text, folder) -> text);

    /** {@code on}, {@code off}, {@code true}, {@code false}, {@code yes}, {@code no}. */
    public static final ValueType<Boolean> SWITCH =
            type("on or off (or true, false, yes, no)", (text, folder) -> switch (text.toLowerCase(Locale.ROOT)) {
                case "on", "true", "yes" -> true;
                case "off", "false", "no" -> false;
                default -> throw new IllegalArgumentException("");
            });

    /** A number of bytes, with KB, MB, GB or TB in powers of 1024. */
    public static final ValueType<Long> SIZE =
            type("a byte size such as 512KB, 20MB or 4GB", (text, folder) -> amount(text, SIZES));

    /** A time, with ms, s, m, h or d; seconds where there is no unit. */
    public static final ValueType<Duration> TIME = type(
            "a time such as 500ms, 2s, 5m, 12h or 1d", (text, folder) -> Duration.ofMillis(amount(text, MILLISECONDS)));

    /** A file or folder; a relative one starts at the folder of the configuration file. */
    public static final ValueType<Path> PATH = type("a path", Values::path);

    /** Where to listen or connect: {@code host:port}, {@code :port}, {@code port}, or the path of a Unix socket. */
    public static final ValueType<SocketAddress> ADDRESS = type(
            "host:port, [IPv6]:port, a port alone, or the path of a Unix socket (with at least one /)",
            Values::address);

    private Values() {}

    /** A whole number from one bound to another, both included. */
    public static ValueType<Integer> number(int least, int most) {
        String range = most == Integer.MAX_VALUE
                ? "a whole number, at least " + least
                : "a whole number from " + least + " to " + most;
        return type(range, (text, folder) -> {
            int value = Integer.parseInt(text);
            if (value < least || value > most) {
                throw new IllegalArgumentException("");
            }
            return value;
        });
    }

    /** A time within bounds, both included. */
    public static ValueType<Duration> time(Duration least, Duration most) {
        return type(TIME.expected() + ", from " + show(least) + " to " + show(most), (text, folder) -> {
            Duration value = TIME.read(text, folder);
            if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
                throw new IllegalArgumentException("");
            }
            return value;
        });
    }

    /** One of the words that an enum's constants are: lower case, {@code -} for {@code _}. */
    public static <E extends Enum<E>> ValueType<E> word(Class<E> type) {
        List<E> constants = Arrays.asList(type.getEnumConstants());
        String words = constants.stream().map(Values::word).collect(Collectors.joining(" or "));
        return type(words, (text, folder) -> constants.stream()
                .filter(constant -> word(constant).equals(text.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("")));
    }

    /** A type of one's own. */
    public static <T> ValueType<T> type(String expected, BiFunction<String, Path, T> reader) {
        return new ValueType<>() {
            @Override
            public String expected() {
                return expected;
            }

            @Override
            public T read(String text, Path folder) {
                return reader.apply(text, folder);
            }
        };
    }

    /** A time as a configuration says it, in the largest unit that tells it exactly. */
    public static String show(Duration time) {
        long millis = time.toMillis();
        for (String unit : List.of("d", "h", "m", "s")) {
            long length = MILLISECONDS.getOrDefault(unit, 1L);
            if (millis != 0 && millis % length == 0) {
                return millis / length + unit;
            }
        }
        return millis + "ms";
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static long amount(String text, Map<String, Long> units) {
        Matcher match = AMOUNT.matcher(text.toLowerCase(Locale.ROOT));
        Long unit = match.matches() ? units.get(match.group(2)) : null;
        if (unit == null) {
            throw new IllegalArgumentException("");
        }
        try {
            return Math.multiplyExact(Long.parseLong(match.group(1)), unit);
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is too large", e);
        }
    }

    private static Path path(String text, Path folder) {
        try {
            return folder.resolve(text).normalize();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("'" + text + "' is not a path: " + e.getReason(), e);
        }
    }

    private static SocketAddress address(String text, Path folder) {
        if (text.contains("/")) {
            return new SocketAddress.Unix(path(text, folder));
        }
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            throw new IllegalArgumentException("put the IPv6 address '" + text + "' in brackets and the port behind");
        }
        int port = Integer.parseInt(text.substring(colon + 1));
        if (port < 0 || port > 0xFFFF || host.chars().anyMatch(Character::isWhitespace)) {
            throw new IllegalArgumentException("");
        }
        return new SocketAddress.Internet(host.toLowerCase(Locale.ROOT), port);
    }
}
