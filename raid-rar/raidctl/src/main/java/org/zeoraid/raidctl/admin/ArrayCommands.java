package org.zeoraid.raidctl.admin;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.zeoraid.raidctl.Common;
import org.zeoraid.raidctl.Exit;
import org.zeoraid.raidctl.Json;
import org.zeoraid.raidctl.Refusal;
import org.zeoraid.raidctl.Units;
import org.zeoraid.raidctl.call.ServerOption;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.Tid;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What an admin does to an array: one method a command. */
public final class ArrayCommands {

    @Command(
            mixinStandardHelpOptions = true,
            description = {
                "Has the server read its configuration again: added members come in degraded, removed ones are closed.",
                "Refused if it cannot be read, or would remove every optimal member."
            })
    public static int reload(@Mixin Common common, @Mixin ServerOption server) {
        try (RemoteArray array = RemoteArray.connect(server)) {
            array.reload();
            MemberCommands.tell(common, array, "the configuration has been read again");
            return Exit.DONE;
        }
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = {
                "Forgets old revisions on all members, for good, and waits until it is done.",
                "What zeopack is to a plain server. Ctrl-C ends the waiting, not the pack."
            })
    public static int pack(
            @Mixin Common common,
            @Mixin ServerOption server,
            @Option(
                            names = {"-d", "--days"},
                            paramLabel = "DAYS",
                            description = "How many days of history to keep; 1 unless given, 0 for none.")
                    @Nullable Double days,
            @Option(
                            names = "--before",
                            paramLabel = "TIME",
                            description =
                                    "Forget what was no longer current at this moment, such as 2026-11-01T00:00:00Z.")
                    @Nullable String before,
            @Option(
                            names = "--garbage",
                            paramLabel = "WHAT",
                            defaultValue = "collect",
                            description = "What is done with objects that nothing references: collect or keep."
                                    + " They are collected only where that is safe.")
                    String garbage) {
        PackRequest request = new PackRequest(Tid.at(moment(days, before)), policy(garbage));
        try (RemoteArray array = RemoteArray.connect(server)) {
            PackResult result = array.pack(request);
            if (common.json()) {
                Map<String, Object> answer = new LinkedHashMap<>();
                answer.put("array", array.name());
                answer.put("bytesBefore", result.bytesBefore());
                answer.put("bytesAfter", result.bytesAfter());
                answer.put("recordsDropped", result.recordsDropped());
                answer.put("note", result.note());
                common.out().println(Json.of(answer));
            } else {
                MemberCommands.tell(
                        common,
                        array,
                        "packed from " + Units.bytes(result.bytesBefore()) + " to " + Units.bytes(result.bytesAfter())
                                + (result.note().isBlank() ? "" : "; " + result.note()));
            }
            return Exit.DONE;
        }
    }

    private static Instant moment(@Nullable Double days, @Nullable String before) {
        if (days != null && before != null) {
            throw Refusal.wrongUse("--days and --before exclude each other");
        }
        if (before != null) {
            try {
                return OffsetDateTime.parse(before).toInstant();
            } catch (DateTimeParseException e) {
                throw Refusal.wrongUse("'" + before + "' is no moment; expected such as 2026-11-01T00:00:00Z");
            }
        }
        double kept = days == null ? 1 : days;
        if (!(kept >= 0 && kept <= 36_500)) {
            throw Refusal.wrongUse("--days is from 0 to 36500");
        }
        return Instant.now()
                .minus(Duration.ofMillis((long) (kept * Duration.ofDays(1).toMillis())));
    }

    private static PackRequest.Garbage policy(String word) {
        return switch (word) {
            case "collect" -> PackRequest.Garbage.COLLECT;
            case "keep" -> PackRequest.Garbage.KEEP;
            default -> throw Refusal.wrongUse("--garbage is collect or keep, not '" + word + "'");
        };
    }

    @Command(
            mixinStandardHelpOptions = true,
            description = {
                "Makes an array that waits for members serve with those that are there.",
                "WHAT ONLY THE MISSING MEMBERS HOLD IS LOST, acknowledged or not. Only for members that are lost for good."
            })
    public static int assemble(
            @Mixin Common common,
            @Mixin ServerOption server,
            @Option(names = "--force", description = "Needed: says that you know what may be lost.") boolean force) {
        if (!force) {
            throw Refusal.wrongUse("what only the missing members hold would be lost: 'details' says which they are;"
                    + " bring them back, or say --force");
        }
        try (RemoteArray array = RemoteArray.connect(server)) {
            array.assembleByForce();
            MemberCommands.tell(common, array, "serves with the members that are there");
            return Exit.DONE;
        }
    }
}
