package org.zeoraid.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
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
import org.zeoraid.run.CommandFiles;
import org.zeoraid.test.commanding.CommandServlet;
import org.zeoraid.test.listening.Ear;

/** A message-driven bean in a real server listens to an array, also to that of an adapter that is deployed in its place. */
class InflowIT {
    private static final Duration TOLD = Duration.ofMinutes(2);

    @TempDir
    static Path folder;

    private static PayaraMicro server;
    private static Path application;
    private static Path listening;

    @BeforeAll
    static void start() {
        application = TestApplication.war();
        listening = war("listening", Ear.class);
        server = PayaraMicro.inFreshFolder("inflow")
                .withApplication(application)
                .withApplication(listening)
                .withApplication(war("commanding", CommandServlet.class))
                .withAdminPage()
                .start();
    }

    private static Path war(String name, Class<?> inIt) {
        Path file = folder.resolve(name + ".war");
        ShrinkWrap.create(WebArchive.class, name + ".war")
                .addPackage(inIt.getPackage())
                .as(ZipExporter.class)
                .exportTo(file.toFile(), true);
        return file;
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

    @Test
    void whatItIsToldToListenToArrives() {
        assertThat(server.logText())
                .contains("a message-driven bean listens to states invalidations of array Main, up to 9999 objects");
    }

    @Test
    void anAdapterIsDeployedInThePlaceOfOneThatRuns() {
        String[] committed = server.post("/app/commit?seed=7").body().split(" ");
        assertThat(server.post("/commanding/command", "undeploy raid-rar").statusCode())
                .describedAs("while it is used")
                .isEqualTo(500);

        command("undeploy listening");
        command("undeploy app");
        command("delete-connector-resource raid/main");
        command("delete-connector-connection-pool raid-main");
        command("delete-admin-object raid/administration");
        command("undeploy raid-rar");
        CommandFiles.postBoot(List.of("main"), List.of()).stream()
                .map(line -> line.equals("deploy raid-rar.rar") ? "deploy " + System.getProperty("raid.rar") : line)
                .filter(line -> line.startsWith("deploy") || line.startsWith("create"))
                .forEach(InflowIT::command);
        command("deploy " + application);
        command("deploy " + listening);

        awaitHeard("dropped main");
        assertThat(server.get("/app/read?oid=" + committed[1]).body()).isEqualTo(committed[0] + " 7 100 sound");
        String[] later = server.post("/app/commit?size=125").body().split(" ");
        awaitHeard(later[0] + " " + later[1] + " 125");
    }

    private static void command(String line) {
        HttpResponse<String> done = server.post("/commanding/command", line);
        assertThat(done.statusCode()).describedAs(line + ": " + done.body()).isEqualTo(200);
    }

    private static void awaitHeard(String line) {
        await().atMost(TOLD).untilAsserted(() -> assertThat(
                        List.of(server.get("/listening/heard").body().split("\n")))
                .contains(line));
    }
}
