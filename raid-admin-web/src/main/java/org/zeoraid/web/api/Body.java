package org.zeoraid.web.api;

import jakarta.json.Json;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.io.StringReader;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Tid;
import org.zeoraid.web.action.PackWish;

/** What comes with a request. Fields that nobody knows are refused: a misspelt one must not pass unseen. */
final class Body {

    private final JsonObject fields;

    /**
     * Reads a body.
     *
     * @param text a JSON object; may be blank
     * @param known the names that fields may have
     * @throws BadRequest if it is anything else
     */
    Body(String text, Set<String> known) {
        fields = text.isBlank() ? JsonValue.EMPTY_JSON_OBJECT : read(text);
        checkNames(fields, known);
    }

    private static void checkNames(JsonObject fields, Set<String> known) {
        Set<String> unknown = new TreeSet<>(fields.keySet());
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw new BadRequest("unknown: " + String.join(", ", unknown) + "; "
                    + (known.isEmpty()
                            ? "nothing is to be sent with this request"
                            : "known are " + String.join(", ", new TreeSet<>(known))));
        }
    }

    private static JsonObject read(String text) {
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            return reader.readObject();
        } catch (RuntimeException e) {
            // not only JsonException: limits of depth and of digits are told by others
            throw new BadRequest("the body is to be a JSON object: " + e.getMessage());
        }
    }

    Optional<Double> number(String name) {
        JsonValue value = fields.get(name);
        if (value == null || value.equals(JsonValue.NULL)) {
            return Optional.empty();
        }
        if (value instanceof JsonNumber number) {
            return Optional.of(number.doubleValue());
        }
        throw new BadRequest(name + " is to be a number, not " + value);
    }

    Optional<String> string(String name) {
        JsonValue value = fields.get(name);
        if (value == null || value.equals(JsonValue.NULL)) {
            return Optional.empty();
        }
        if (value instanceof JsonString string) {
            return Optional.of(string.getString());
        }
        throw new BadRequest(name + " is to be a string, not " + value);
    }

    /** {@code days} (1, where nothing is said) or {@code before} or {@code tid}, and {@code garbage}. */
    static PackRequest pack(String text, Instant now) {
        Body body = new Body(text, Set.of("days", "before", "tid", "garbage"));
        PackRequest.Garbage garbage =
                switch (body.string("garbage").orElse("keep")) {
                    case "keep" -> PackRequest.Garbage.KEEP;
                    case "collect" -> PackRequest.Garbage.COLLECT;
                    default -> throw new BadRequest("garbage is 'keep' or 'collect'");
                };
        Optional<Double> days = body.number("days");
        Optional<String> before = body.string("before");
        Optional<String> tid = body.string("tid");
        if ((days.isPresent() ? 1 : 0) + (before.isPresent() ? 1 : 0) + (tid.isPresent() ? 1 : 0) > 1) {
            throw new BadRequest("say how far to pack by one of: days (of history to keep), before (a moment, such as"
                    + " 2026-01-31T00:00:00Z), tid (16 hexadecimal digits)");
        }
        try {
            if (before.isPresent()) {
                return PackWish.upTo(Instant.parse(before.get()), garbage, now);
            }
            if (tid.isPresent()) {
                return new PackRequest(Tid.parse(tid.get()), garbage);
            }
            return PackWish.keepingDays(days.orElse(1.0), garbage, now);
        } catch (DateTimeParseException e) {
            throw new BadRequest("before is a moment such as 2026-01-31T00:00:00Z, not '" + before.orElse("") + "'");
        } catch (IllegalArgumentException e) {
            throw new BadRequest(String.valueOf(e.getMessage()));
        }
    }

    /** {@code bytesPerSecond}; 0 for no bound. */
    static long bytesPerSecond(String text) {
        double rate = new Body(text, Set.of("bytesPerSecond"))
                .number("bytesPerSecond")
                .orElseThrow(() -> new BadRequest("bytesPerSecond is missing: a number, 0 for no bound"));
        if (!(rate >= 0 && rate <= Long.MAX_VALUE)) {
            throw new BadRequest("bytesPerSecond is 0, for no bound, or more");
        }
        return (long) rate;
    }

    /**
     * {@code force}, which must be said.
     *
     * @param warning what it means, for who has not said it
     */
    static void force(String text, String warning) {
        JsonValue force = new Body(text, Set.of("force")).fields.getOrDefault("force", JsonValue.FALSE);
        if (!JsonValue.TRUE.equals(force)) {
            throw new BadRequest(warning + ": send {\"force\": true} if that is meant");
        }
    }

    /** Nothing. */
    static void none(String text) {
        checkNames(text.isBlank() ? JsonValue.EMPTY_JSON_OBJECT : read(text), Set.of());
    }
}
