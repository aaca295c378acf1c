package org.zeoraid.test.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.zeoraid.test.PayaraMicro;

/** A database that Python's ZODB wrote, and the members of the array {@code main} that began with it. */
final class RealDatabase {
    private static final int TRANSACTIONS = 259;
    private static final Pattern RECORD = Pattern.compile("\\{\"oid\": \"(\\w+)\", \"tid\": \"\\w+\", \"size\": \\w+, "
            + "\"sha256\": (\"\\w+\"|null), \"data_txn\": (\"\\w+\"|null)\\}");

    private RealDatabase() {}

    /** Makes it the first member's file, before the server's first start. */
    static void layDown(PayaraMicro server) {
        Path file = server.data().resolve("a/Data.fs");
        try (InputStream in = resource("history.fs")) {
            Files.createDirectories(file.getParent());
            Files.copy(in, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops the server. All members hold the database, at least so many transactions more, and the same. */
    static void assertOnAllMembers(PayaraMicro server, int more) {
        assertThat(server.stop()).isEqualTo(143);
        List<String> a = DataFiles.lines(server.data().resolve("a/Data.fs"));
        assertThat(a.size()).isGreaterThanOrEqualTo(TRANSACTIONS + more);
        assertThat(DataFiles.lines(server.data().resolve("b/Data.fs"))).isEqualTo(a);
        assertThat(DataFiles.lines(server.data().resolve("c/Data.fs"))).isEqualTo(a);
        List<String> expected = expected();
        assertThat(expected).hasSize(TRANSACTIONS);
        for (int i = 0; i < TRANSACTIONS; i++) {
            assertThat(a.get(i))
                    .startsWith(expected.get(i).substring(0, 16))
                    .endsWith(expected.get(i).substring(16));
        }
    }

    /** Its transactions: each tid, and the records as {@link DataFiles} writes them. */
    private static List<String> expected() {
        List<String> lines = new ArrayList<>();
        for (String json : text("history.expected.jsonl").split("\n")) {
            StringBuilder line = new StringBuilder(json.substring(9, 25));
            Matcher found = RECORD.matcher(json);
            while (found.find()) {
                line.append(' ')
                        .append(found.group(1))
                        .append(':')
                        .append(found.group(2).replace("\"", ""));
                line.append(':').append(found.group(3).replace("\"", ""));
            }
            lines.add(line.toString());
        }
        return lines;
    }

    private static String text(String name) {
        try (InputStream in = resource(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream resource(String name) {
        return RealDatabase.class.getResourceAsStream("/zodb/" + name);
    }
}
