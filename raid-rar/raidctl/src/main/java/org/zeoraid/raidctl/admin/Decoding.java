package org.zeoraid.raidctl.admin;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.zeoraid.raidctl.Refusal;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.admin.MemberStatus;
import org.zeoraid.storage.admin.OperationStatus;

/** What a server answers to an admin, read as what it is; entries that are not known are skipped. */
final class Decoding {

    private Decoding() {}

    static ArrayStatus status(@Nullable Object answer) {
        return read(() -> {
            Map<?, ?> map = map(answer);
            return new ArrayStatus(
                    text(map, "name"),
                    ArrayState.valueOf(text(map, "state").toUpperCase(Locale.ROOT)),
                    text(map, "reason"),
                    Tid.parse(text(map, "lastTid")),
                    number(map, "generation").longValue(),
                    truth(map, "readOnly"),
                    operation(map),
                    list(map.get("members")).stream().map(Decoding::member).toList());
        });
    }

    private static MemberStatus member(@Nullable Object value) {
        Map<?, ?> map = map(value);
        return new MemberStatus(
                text(map, "name"),
                text(map, "kind"),
                text(map, "location"),
                MemberState.valueOf(text(map, "state").toUpperCase(Locale.ROOT)),
                text(map, "reason"),
                Instant.parse(text(map, "since")),
                Tid.parse(text(map, "lastTid")),
                operation(map));
    }

    private static Optional<OperationStatus> operation(Map<?, ?> owner) {
        Object value = owner.get("operation");
        if (value == null) {
            return Optional.empty();
        }
        Map<?, ?> map = map(value);
        return Optional.of(new OperationStatus(
                text(map, "kind"),
                text(map, "phase"),
                number(map, "done").longValue(),
                number(map, "total").longValue(),
                text(map, "unit"),
                number(map, "rate").doubleValue(),
                map.get("secondsLeft") instanceof Number seconds
                        ? Optional.of(Duration.ofSeconds(seconds.longValue()))
                        : Optional.empty(),
                truth(map, "paused"),
                map.get("limit") instanceof Number limit ? Optional.of(limit.longValue()) : Optional.empty()));
    }

    static List<ArrayEvent> events(@Nullable Object answer) {
        return read(() -> list(answer).stream()
                .map(value -> {
                    Map<?, ?> map = map(value);
                    return new ArrayEvent(
                            number(map, "number").longValue(),
                            Instant.parse(text(map, "time")),
                            ArrayEvent.Severity.valueOf(text(map, "severity").toUpperCase(Locale.ROOT)),
                            map.get("member") == null ? "" : text(map, "member"),
                            text(map, "kind"),
                            text(map, "text"));
                })
                .toList());
    }

    static List<PreparedBranch> branches(@Nullable Object answer) {
        return read(() -> list(answer).stream()
                .map(value -> {
                    Map<?, ?> map = map(value);
                    return new PreparedBranch(
                            BranchId.parse(text(map, "xid")),
                            PreparedBranch.State.valueOf(
                                    text(map, "state").toUpperCase(Locale.ROOT).replace('-', '_')),
                            Instant.parse(text(map, "since")),
                            number(map, "objects").intValue(),
                            number(map, "bytes").longValue());
                })
                .toList());
    }

    static PackResult pack(@Nullable Object answer) {
        return read(() -> {
            Map<?, ?> map = map(answer);
            return new PackResult(
                    number(map, "bytesBefore").longValue(),
                    number(map, "bytesAfter").longValue(),
                    number(map, "recordsDropped").longValue(),
                    text(map, "note"));
        });
    }

    private interface Reader<T> {
        T read();
    }

    private static <T> T read(Reader<T> reader) {
        try {
            return reader.read();
        } catch (IllegalArgumentException | DateTimeException e) {
            throw Refusal.failed("the server's answer cannot be read, is it of another version? " + e.getMessage(), e);
        }
    }

    private static Map<?, ?> map(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new IllegalArgumentException("a dictionary was expected");
    }

    private static List<?> list(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        throw new IllegalArgumentException("a sequence was expected");
    }

    private static String text(Map<?, ?> map, String key) {
        if (map.get(key) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("'" + key + "' is no text");
    }

    private static Number number(Map<?, ?> map, String key) {
        if (map.get(key) instanceof Number number) {
            return number;
        }
        throw new IllegalArgumentException("'" + key + "' is no number");
    }

    private static boolean truth(Map<?, ?> map, String key) {
        if (map.get(key) instanceof Boolean truth) {
            return truth;
        }
        throw new IllegalArgumentException("'" + key + "' is neither true nor false");
    }
}
