package org.zeoraid.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** A server as its command files set it up ends what a crash has interrupted, in an array and in a database whose pool is theirs. */
class RecoveryIT {
    private static final Duration HALTED = Duration.ofMinutes(1);
    private static final Duration RECOVERED = Duration.ofMinutes(5);

    @Test
    void whatACrashInterruptedEndsTheSameWayInBoth() {
        try (PayaraMicro server = PayaraMicro.inFreshFolder("recovery")) {
            server.withApplication(TestApplication.war())
                    .withVariable("OTHER_PASSWORD", "secret")
                    .withCommand("create-jdbc-connection-pool --restype javax.sql.XADataSource --datasourceclassname"
                            + " org.h2.jdbcx.JdbcDataSource --steadypoolsize 1 --property"
                            + " user=sa:password=${ENV=OTHER_PASSWORD}:url=jdbc\\:h2\\:"
                            + server.data().resolve("other") + " other")
                    .withCommand("create-jdbc-resource --connectionpoolid other jdbc/other")
                    .start();
            assertThat(server.post("/app/seeds").statusCode()).isEqualTo(204);
            String oid = server.post("/app/commit?seed=1").body().split(" ")[1];

            halt(server, oid, 2, "PREPARE");
            server.start();
            assertThat(server.logText())
                    .describedAs("the branch bears the server's own name")
                    .containsPattern("prepared branches of an earlier process .*"
                            + HexFormat.of().formatHex("recovery".getBytes(UTF_8)))
                    .doesNotContain("lies in a temporary directory", "have no name of their own");
            // What is in doubt keeps the object locked: this commits when it is not.
            await().atMost(RECOVERED)
                    .until(() -> server.post("/app/update?seed=3&oids=" + oid).statusCode() == 200);
            assertThat(server.get("/app/seeds").body()).isEqualTo("[]");

            halt(server, oid, 4, "COMMIT");
            server.start();
            // Where the command to recover fails, as on a host whose name cannot be resolved, the first transaction
            // recovers.
            assertThat(server.post("/app/commit").statusCode()).isEqualTo(200);
            await().atMost(RECOVERED).untilAsserted(() -> {
                assertThat(server.get("/app/read?oid=" + oid).body()).endsWith(" 4 100 sound");
                assertThat(server.get("/app/seeds").body()).isEqualTo("[4]");
            });
        }
    }

    private static void halt(PayaraMicro server, String oid, int seed, String step) {
        assertThatThrownBy(() -> server.post("/app/halt?oid=" + oid + "&seed=" + seed + "&at=" + step))
                .isInstanceOf(UncheckedIOException.class);
        await().atMost(HALTED).until(() -> !server.isAlive());
    }

    @Test
    void aServerThatCannotRecoverSaysSo() {
        try (PayaraMicro server = PayaraMicro.inFreshFolder("no-recovery")) {
            server.withVariable("RAID_NODE", "").withAdminPage().start();
            assertThat(server.logText()).contains("the server's transactions have no name of their own");
            assertThat(server.getAsAdmin("/raid/api/arrays/main/events").body()).contains("recovery-setup");
        }
    }
}
