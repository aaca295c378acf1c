package org.zeoraid.raidctl.admin;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.zeoraid.raidctl.Units;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.admin.ArrayStatus;
import org.zeoraid.storage.admin.MemberStatus;
import org.zeoraid.storage.admin.OperationStatus;

/** What is known of an array, for people and for programs. */
final class Pictures {

    private Pictures() {}

    // For people

    /** An array's state on a line, as monitors show it. */
    static String line(ArrayStatus array) {
        return "array " + array.name() + " is " + array.state().word()
                + (array.reason().isBlank() ? "" : ": " + array.reason())
                + array.operation()
                        .map(operation -> "; " + operation(operation))
                        .orElse("");
    }

    /** Everything, over several lines. */
    static List<String> details(ArrayStatus array) {
        List<String> lines = new ArrayList<>();
        lines.add(line(array));
        lines.add("  last transaction " + Units.tid(array.lastTid()) + ", generation " + array.generation()
                + (array.readOnly() ? ", read-only" : ""));
        int names = array.members().stream()
                .mapToInt(member -> member.name().length())
                .max()
                .orElse(0);
        for (MemberStatus member : array.members()) {
            lines.add("  " + padded(member.name(), names) + "  "
                    + padded(member.state().word(), 10) + "  " + member.kind() + " " + member.location());
            String indent = " ".repeat(names + 4);
            if (!member.reason().isBlank()) {
                lines.add(indent + member.reason() + ", since " + member.since().truncatedTo(ChronoUnit.SECONDS));
            }
            if (!member.lastTid().equals(array.lastTid())) {
                lines.add(indent + "last transaction " + Units.tid(member.lastTid()));
            }
            member.operation().ifPresent(operation -> lines.add(indent + operation(operation)));
        }
        return lines;
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    /** Such as {@code recover: copies, 640 of 1000 transactions (64.0 %), 120/s, 3 s left}. */
    static String operation(OperationStatus operation) {
        StringBuilder text = new StringBuilder(operation.kind());
        if (!operation.phase().isBlank() && !operation.phase().equals(operation.kind())) {
            text.append(": ").append(operation.phase());
        }
        boolean bytes = operation.unit().equals("bytes");
        if (operation.total() > 0 || operation.done() > 0) {
            text.append(", ").append(amount(operation.done(), bytes));
            if (operation.total() > 0) {
                text.append(" of ").append(amount(operation.total(), bytes));
            }
            if (!bytes) {
                text.append(' ').append(operation.unit());
            }
            if (operation.total() > 0) {
                text.append(" (")
                        .append(Units.percent(operation.done(), operation.total()))
                        .append(')');
            }
        }
        if (operation.paused()) {
            text.append(", paused");
        } else if (operation.rate() > 0) {
            text.append(", ")
                    .append(bytes ? Units.bytes(operation.rate()) : String.valueOf(Math.round(operation.rate())))
                    .append("/s");
            operation.timeLeft().ifPresent(left -> text.append(", ")
                    .append(Units.time(left))
                    .append(" left"));
        }
        operation.limit().ifPresent(limit -> text.append(", at most ")
                .append(Units.bytes(limit))
                .append("/s"));
        return text.toString();
    }

    private static String amount(long count, boolean bytes) {
        return bytes ? Units.bytes(count) : String.valueOf(count);
    }

    static String event(ArrayEvent event) {
        return event.number() + "  " + event.time().truncatedTo(ChronoUnit.MILLIS) + "  "
                + padded(event.severity().name().toLowerCase(java.util.Locale.ROOT), 7) + "  "
                + (event.member().isBlank() ? "" : event.member() + ": ") + event.text();
    }

    // For programs: the words of REST

    static Map<String, @Nullable Object> json(ArrayStatus array) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("name", array.name());
        json.put("state", array.state().word());
        json.put("reason", array.reason());
        json.put("readOnly", array.readOnly());
        putTid(json, array.lastTid());
        json.put("generation", array.generation());
        json.put("operation", array.operation().map(Pictures::json).orElse(null));
        json.put("members", array.members().stream().map(Pictures::json).toList());
        return json;
    }

    private static Map<String, @Nullable Object> json(MemberStatus member) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("name", member.name());
        json.put("kind", member.kind());
        json.put("location", member.location());
        json.put("state", member.state().word());
        json.put("reason", member.reason());
        json.put("since", time(member.since()));
        putTid(json, member.lastTid());
        json.put("operation", member.operation().map(Pictures::json).orElse(null));
        return json;
    }

    private static Map<String, @Nullable Object> json(OperationStatus operation) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("kind", operation.kind());
        json.put("phase", operation.phase());
        json.put("done", operation.done());
        json.put("total", operation.total());
        json.put("unit", operation.unit());
        json.put("rate", operation.rate());
        json.put(
                "secondsLeft",
                operation.timeLeft().map(left -> left.toSeconds()).orElse(null));
        json.put("paused", operation.paused());
        json.put("limit", operation.limit().orElse(null));
        return json;
    }

    static Map<String, @Nullable Object> json(ArrayEvent event) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("number", event.number());
        json.put("time", time(event.time()));
        json.put("severity", event.severity().name().toLowerCase(java.util.Locale.ROOT));
        json.put("member", event.member());
        json.put("kind", event.kind());
        json.put("text", event.text());
        return json;
    }

    private static void putTid(Map<String, @Nullable Object> json, Tid tid) {
        json.put("lastTid", tid.toString());
        json.put(
                "lastTime",
                Optional.of(tid)
                        .filter(some -> !some.equals(Tid.NONE))
                        .map(some -> time(some.instant()))
                        .orElse(null));
    }

    private static String time(Instant moment) {
        return moment.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
