package org.zeoraid.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URISyntaxException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.Oid;

/** One server with two pools on one array, and with the adapter deployed under further names. */
class SideBySideIT {
    @TempDir
    static Path folder;

    private static PayaraMicro server;

    @BeforeAll
    static void start() throws Exception {
        server = PayaraMicro.inFreshFolder("side-by-side");
        Path second = folder.resolve("raid-second.rar");
        Path wrong = folder.resolve("raid-wrong.rar");
        Files.copy(Path.of(System.getProperty("raid.rar")), second);
        Files.copy(second, wrong);
        withPool("raid-rar", "again", "", ":user=scott:password=tiger");
        withPool("raid-rar", "leaking", "--leaktimeout 1 --leakreclaim=true ", "");
        withPool("raid-rar", "small", "--steadypoolsize 1 --maxpoolsize 2 --maxwait 1000 ", "");
        withAdapter("raid-second", "startSeconds=3:stopSeconds=7", second);
        withPool("raid-second", "second", "", "");
        withAdapter("raid-wrong", "startSeconds=-1", wrong);
        server.withLibrary(jarOf(RaidConnection.class))
                .withLibrary(jarOf(Oid.class))
                .withApplication(TestApplication.war())
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void withAdapter(String name, String properties, Path rar) {
        server.withCommand("create-resource-adapter-config --property dataDirectory="
                        + server.data().resolve(name) + ":zeoAddress=none:" + properties + " " + name)
                .withCommand("deploy " + rar);
    }

    /** @param properties further ones; arrays know no users, and take whoever comes */
    private static void withPool(String adapter, String name, String options, String properties) {
        server.withCommand("create-connector-connection-pool --raname " + adapter
                        + " --connectiondefinition org.zeoraid.api.RaidConnectionFactory --transactionsupport"
                        + " XATransaction " + options + "--property arrayName=main" + properties + " pool-" + name)
                .withCommand("create-connector-resource --poolname pool-" + name + " raid/" + name);
    }

    private static Path jarOf(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    @Test
    void twoPoolsOnOneArrayCommitOneTransaction() {
        String[] words = commit("main,again").split(" ");
        String[] tids = words[0].split(",");
        assertThat(tids[0]).isEqualTo(tids[1]);
        assertThat(read("again", words[1])).isEqualTo(tids[0] + " 5 100 sound");
        assertThat(read("main", words[2])).isEqualTo(tids[0] + " 5 100 sound");
    }

    @Test
    void twoAdaptersCommitTheirArraysInOneTransaction() {
        String[] words = commit("main,second").split(" ");
        String[] tids = words[0].split(",");
        assertThat(read("main", words[1])).isEqualTo(tids[0] + " 5 100 sound");
        assertThat(read("second", words[2])).isEqualTo(tids[1] + " 5 100 sound");
    }

    @Test
    void eachAdapterHasTheSettingsOfItsName() {
        assertThat(server.logText())
                .contains("starts: RaidResourceAdapter(configFile=, dataDirectory=" + server.data()
                        + ", startSeconds=15, stopSeconds=20, zeoAddress=none)")
                .contains("starts: RaidResourceAdapter(configFile=, dataDirectory="
                        + server.data().resolve("raid-second") + ", startSeconds=3, stopSeconds=7, zeoAddress=none)");
    }

    @Test
    void settingsOutOfTheirBoundsAreRefusedBeforeAnythingIsOpened() {
        assertThat(server.logText()).contains("startSeconds: must be greater than or equal to 0");
        assertThat(server.data().resolve("raid-wrong")).doesNotExist();
    }

    @Test
    void aConnectionThatIsNotClosedIsNamedByWhoOpenedIt() {
        assertThat(server.post("/app/leak?array=leaking").statusCode()).isEqualTo(204);
        server.awaitLog(Pattern.compile(
                "a connection was not closed by the application that opened it, in thread '[^']*'\\s+at [^\n"
                        + "]*TestBean.leak"));
    }

    @Test
    void whoGetsNoConnectionFindsInTheLogWhoHasNotClosedTheirs() {
        assertThat(server.post("/app/leak/transaction?array=small").statusCode())
                .isEqualTo(204);
        assertThat(server.post("/app/leak/transaction?array=small").statusCode())
                .isEqualTo(204);
        assertThat(server.post("/app/leak/transaction?array=small").statusCode())
                .isEqualTo(500);
        server.awaitLog(
                Pattern.compile("array main: the server gives no connection .*; open by applications are [0-9]+\\s+2"
                        + " opened\\s+at [^\n"
                        + "]*TestBean.leak"));
    }

    private static String commit(String arrays) {
        HttpResponse<String> commit = server.post("/app/commit?seed=5&arrays=" + arrays);
        assertThat(commit.statusCode()).describedAs(commit.body()).isEqualTo(200);
        return commit.body();
    }

    private static String read(String array, String oid) {
        return server.get("/app/read?array=" + array + "&oid=" + oid).body();
    }
}
