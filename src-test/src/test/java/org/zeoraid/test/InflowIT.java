package org.zeoraid.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.test.listening.Ear;

/** A message-driven bean in a real server listens to an array. */
class InflowIT {
    private static final Duration TOLD = Duration.ofMinutes(2);

    @TempDir
    static Path folder;

    private static PayaraMicro server;

    @BeforeAll
    static void start() {
        Path war = folder.resolve("listening.war");
        ShrinkWrap.create(WebArchive.class, "listening.war")
                .addPackage(Ear.class.getPackage())
                .as(ZipExporter.class)
                .exportTo(war.toFile(), true);
        server = PayaraMicro.inFreshFolder("inflow")
                .withApplication(TestApplication.war())
                .withApplication(war)
                .withAdminPage()
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void itIsToldWhatWasCommittedAndInWhichStateTheArrayIs() {
        awaitHeard("dropped main");
        awaitHeard("main OPTIMAL");

        String[] committed = server.post("/app/commit?size=123").body().split(" ");
        awaitHeard(committed[0] + " " + committed[1] + " 123");

        assertThat(server.post("/listening/heard").statusCode()).isEqualTo(200);
        committed = server.post("/app/commit?size=124").body().split(" ");
        awaitHeard(committed[0] + " " + committed[1] + " 124");

        assertThat(server.postAsAdmin("/raid/api/arrays/main/members/c/disable", "")
                        .statusCode())
                .isEqualTo(200);
        awaitHeard("main DEGRADED");
    }

    private static void awaitHeard(String line) {
        await().atMost(TOLD).untilAsserted(() -> assertThat(
                        List.of(server.get("/listening/heard").body().split("\n")))
                .contains(line));
    }
}
