package org.zeoraid.test.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.zeoraid.test.PayaraMicro;
import org.zeoraid.test.RemoteArray;
import org.zeoraid.test.TestApplication;

/**
 * A database that Python's ZODB wrote is the first member's file; the others are empty. The array takes it as its truth
 * and recovers the others when told to, while an application commits.
 */
class RealDatabaseIT {

    private static final int TRANSACTIONS = 259;
    private static final Pattern RECORD = Pattern.compile("\\{\"oid\": \"(\\w+)\", \"tid\": \"\\w+\", \"size\": \\w+, "
            + "\"sha256\": (\"\\w+\"|null), \"data_txn\": (\"\\w+\"|null)\\}");

    @Test
    void pythonsDatabaseBecomesAnArrayWhileAnApplicationCommits() throws Exception {
        try (PayaraMicro server =
                PayaraMicro.inFreshFolder("real-database").withAdminPage().withApplication(TestApplication.war())) {
            layDown(server.data().resolve("a/Data.fs"));
            server.start();
            RemoteArray array = RemoteArray.mainOf(server);
            array.awaitState("degraded");
            assertThat(array.members())
                    .containsEntry("a", "optimal")
                    .containsEntry("b", "degraded")
                    .containsEntry("c", "degraded");

            int commits;
            try (Load load = new Load(server, 4, 0)) {
                load.awaitCommits(20);
                array.post("members/b/recover");
                array.post("members/c/recover");
                array.awaitMember("b", "optimal");
                array.awaitMember("c", "optimal");
                load.awaitCommits(20);
                load.close();
                assertThat(load.failures()).isEmpty();
                commits = load.commits();
            }
            array.awaitState("optimal");
            assertThat(server.stop()).isEqualTo(143);

            List<String> a = DataFiles.lines(server.data().resolve("a/Data.fs"));
            assertThat(a.size()).isGreaterThanOrEqualTo(TRANSACTIONS + commits);
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
    }

    private static void layDown(Path file) throws Exception {
        Files.createDirectories(file.getParent());
        try (InputStream in = RealDatabaseIT.class.getResourceAsStream("/zodb/history.fs")) {
            Files.copy(in, file);
        }
    }

    /** The fixture's transactions: each tid, and the records as {@link DataFiles} writes them. */
    private static List<String> expected() throws Exception {
        List<String> lines = new ArrayList<>();
        try (InputStream in = RealDatabaseIT.class.getResourceAsStream("/zodb/history.expected.jsonl")) {
            for (String json : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
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
        }
        return lines;
    }
}
