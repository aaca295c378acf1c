package org.zeoraid.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.test.app.Payload;

/** What {@code mvn -Prun} runs, without the Maven around it. */
class LauncherIT {
    private static final Duration START = Duration.ofSeconds(300);

    @TempDir
    Path folder;

    private final List<Process> processes = new ArrayList<>();
    private int port;
    private int zeoPort;

    @BeforeEach
    void findPorts() {
        port = Ports.free();
        zeoPort = Ports.free();
    }

    @AfterEach
    void killAll() {
        processes.forEach(ChildProcesses::kill);
    }

    @Test
    void itRunsUntilItIsToldToStopAndLeavesNothingRunning() throws Exception {
        Process launcher = launch("first", port);
        awaitUp(launcher, "first");
        assertThat(output("first"))
                .contains("http://localhost:" + port + "/raid/")
                .contains("admin, password in " + data().resolve("admin-password"))
                .contains("zeo     localhost:" + zeoPort + "\n")
                .contains(data().toString());
        try (Socket client = new Socket("localhost", zeoPort)) {
            assertThat(client.getInputStream().readNBytes(6)).isEqualTo(new byte[] {0, 0, 0, 2, 'Z', '5'});
        }
        Path password = data().resolve("admin-password");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(password)))
                .isEqualTo("rw-------");
        assertThat(output("first")).doesNotContain(Files.readString(password).strip());
        assertThat(data().resolve("c/Data.fs")).exists();
        List<ProcessHandle> server = launcher.children().toList();
        assertThat(server).hasSize(1);

        Process second = launch("second", port);
        assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(output("second")).contains("is in use by process " + launcher.pid());

        launcher.destroy();

        awaitStopped(launcher, "first");
        assertThat(server.get(0).isAlive()).isFalse();
    }

    @Test
    void startedAgainAfterCtrlCEverythingIsStillThere() throws Exception {
        Oid oid = Oid.ROOT;
        Process first = launch("first", port);
        awaitUp(first, "first");
        Tid stored;
        try (ZeoClient client = new ZeoClient(zeoPort, "main")) {
            stored = client.store(oid, Payload.of(oid, 1, 1000));
        }
        String password = Files.readString(data().resolve("admin-password"));

        // what a terminal sends, to the server as well
        assertThat(new ProcessBuilder("kill", "-INT", "--", "-" + first.pid())
                        .start()
                        .waitFor())
                .isZero();
        awaitStopped(first, "first");
        Process second = launch("second", port);
        awaitUp(second, "second");

        try (ZeoClient client = new ZeoClient(zeoPort, "main")) {
            assertThat(client.load(oid).serial()).isEqualTo(stored);
            assertThat(client.load(oid).data()).isEqualTo(Payload.of(oid, 1, 1000));
        }
        assertThat(data().resolve("admin-password")).hasContent(password);
        second.destroy();
        awaitStopped(second, "second");
    }

    @Test
    void aPortThatIsTakenIsSaid() throws Exception {
        try (ServerSocket other = new ServerSocket(port)) {
            Process launcher = launch("first", other.getLocalPort());
            assertThat(launcher.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(launcher.exitValue()).isNotZero();
            assertThat(output("first")).contains("port " + port + " is in use").contains("-Dhttp.port=");
        }
    }

    @Test
    void aConfigurationThatCannotBeUsedIsSaidWithItsPlace() throws Exception {
        Path configuration = folder.resolve("raid.conf");
        Files.writeString(configuration, "<raidstorage main>\n  cluster-mode nonsense\n</raidstorage>\n");
        Process launcher = launch("first", port, "--conf=" + configuration);
        assertThat(launcher.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(launcher.exitValue()).isNotZero();
        assertThat(output("first")).contains(configuration + ":2");
    }

    private void awaitUp(Process launcher, String name) {
        await().atMost(START).until(() -> output(name).contains("Ctrl-C") || !launcher.isAlive());
        assertThat(launcher.isAlive()).as(output(name)).isTrue();
    }

    private void awaitStopped(Process launcher, String name) throws Exception {
        assertThat(launcher.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(output(name))
                .contains("ZEORaid has stopped; the data lies in " + data())
                .doesNotContain("the server's output ended");
        assertThat(data().resolve("launcher.lock")).isEmptyFile();
    }

    /** As a job in the foreground of a terminal, with a process group of its own. */
    private Process launch(String name, int httpPort, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "setsid",
                // a build in the background ignores Ctrl-C, and so would all that it starts
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "org.zeoraid.run.Launcher",
                "--server=" + System.getProperty("raid.payara"),
                "--rar=" + System.getProperty("raid.rar"),
                "--war=" + System.getProperty("raid.war"),
                "--data=" + data(),
                "--http-port=" + httpPort,
                "--zeo-port=" + zeoPort,
                "--jvm=-Xmx512m -XX:TieredStopAtLevel=1"));
        command.addAll(List.of(more));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile());
        builder.environment().remove("RAID_ADMIN_PASSWORD");
        Process process = ChildProcesses.start(builder);
        processes.add(process);
        return process;
    }

    private Path data() {
        return folder.resolve("data");
    }

    private String output(String name) {
        try {
            return Files.readString(folder.resolve(name + ".log"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
