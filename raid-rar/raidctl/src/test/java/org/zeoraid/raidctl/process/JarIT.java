package org.zeoraid.raidctl.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.raidctl.Cli;

/** The jar that is delivered: whole, and runnable by itself. */
class JarIT {

    @TempDir
    Path folder;

    @Test
    void holdsItsLicencesAndFindsTheKindsOfMembers() throws IOException {
        try (JarFile jar = new JarFile(System.getProperty("raidctl.jar"))) {
            assertThat(jar.getEntry("META-INF/LICENSE")).isNotNull();
            assertThat(new String(
                            jar.getInputStream(jar.getEntry("META-INF/NOTICE")).readAllBytes(), StandardCharsets.UTF_8))
                    .contains("picocli", "Netty", "msgpack");
            assertThat(jar.getEntry("META-INF/services/org.zeoraid.config.member.MemberKind"))
                    .isNotNull();
            assertThat(jar.stream().filter(entry -> entry.getName().endsWith(".SF")))
                    .isEmpty();
        }
    }

    @Test
    void tellsItsVersionAndEndsWithAChecksExitCode() {
        try (RaidctlProcess version = RaidctlProcess.start(folder, "--version");
                RaidctlProcess wrong = RaidctlProcess.start(folder, "status", "--nonsense");
                RaidctlProcess away = RaidctlProcess.start(folder, "status", "--socket", folder.resolve("none"))) {
            assertThat(version.exitCode()).isZero();
            assertThat(version.out()).matches("raidctl \\d\\S+\\n");
            assertThat(wrong.exitCode()).isEqualTo(3);
            assertThat(away.exitCode()).isEqualTo(2);
        }
    }

    @Test
    void verifiesAndCopiesFiles() {
        Path file = Cli.fixture("history.fs", folder.resolve("Data.fs"));
        try (RaidctlProcess copy = RaidctlProcess.start(folder, "copy", file, folder.resolve("copy/Data.fs"))) {
            assertThat(copy.exitCode()).as(copy.err()).isZero();
        }
        try (RaidctlProcess verify = RaidctlProcess.start(folder, "verify", folder.resolve("copy/Data.fs"))) {
            assertThat(verify.exitCode()).isZero();
        }
        assertThat(folder.resolve("copy/Data.fs")).hasSameBinaryContentAs(file);
    }

    @Test
    void aCopyThatIsToldToStopSaysHowFarItIs() throws IOException {
        Path file = Files.write(folder.resolve("Data.fs"), smallTransactions(50_000));
        Path conf = Files.writeString(folder.resolve("zeo.conf"), """
                <raidstorage main>
                  <filestorage a>
                    path a/Data.fs
                  </filestorage>
                </raidstorage>
                """);
        Path member = folder.resolve("a/Data.fs");
        try (RaidctlProcess copy = RaidctlProcess.start(folder, "copy", file, conf + "#main")) {
            await().pollInterval(Duration.ofMillis(5))
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> Files.exists(member) && Files.size(member) > 20_000);

            assertThat(copy.terminate()).isEqualTo(128 + 15);

            assertThat(copy.err())
                    .contains("raidctl: stopped after transaction ", "the same command goes on from there");
        }
        assertThat(Cli.run("verify", member).out()).contains(": sound, ");
    }

    /** A {@code Data.fs} of transactions of one record each. */
    private static byte[] smallTransactions(int count) {
        int record = 8 + 8 + 8 + 8 + 2 + 8 + 1;
        int length = 8 + 8 + 1 + 2 + 2 + 2 + record;
        ByteBuffer file = ByteBuffer.allocate(4 + count * (length + 8));
        file.put("FS30".getBytes(StandardCharsets.US_ASCII));
        for (long i = 1; i <= count; i++) {
            long position = file.position();
            long tid = 0x040d2ed2bb984d55L + i;
            file.putLong(tid)
                    .putLong(length)
                    .put((byte) ' ')
                    .putShort((short) 0)
                    .putShort((short) 0)
                    .putShort((short) 0);
            file.putLong(i)
                    .putLong(tid)
                    .putLong(0)
                    .putLong(position)
                    .putShort((short) 0)
                    .putLong(1)
                    .put((byte) '.');
            file.putLong(length);
        }
        return file.array();
    }

    @Test
    void servesUntilItIsToldToStopAndWritesWhereTheEventlogSays() throws IOException {
        Path socket = folder.resolve("zeo.sock");
        Path conf = Files.writeString(folder.resolve("zeo.conf"), """
                <zeo>
                  address %s
                </zeo>
                <raidstorage main>
                  <filestorage a>
                    path a/Data.fs
                  </filestorage>
                  <filestorage b>
                    path b/Data.fs
                  </filestorage>
                </raidstorage>
                <eventlog>
                  level info
                  <logfile>
                    path STDERR
                  </logfile>
                  <logfile>
                    path log/zeo.log
                    level warn
                  </logfile>
                </eventlog>
                """.formatted(socket));

        try (RaidctlProcess server = RaidctlProcess.serve(conf)) {
            try (RaidctlProcess second = RaidctlProcess.start(folder, "serve", "-C", conf)) {
                assertThat(second.exitCode()).isEqualTo(1);
                assertThat(second.err()).contains("ZEO clients are not served at " + socket);
            }
            assertThat(socket).exists();

            assertThat(server.terminate()).isZero();

            assertThat(server.err()).contains("has stopped; all is on disk");
        }
        assertThat(socket).doesNotExist();
        assertThat(folder.resolve("log/zeo.log")).exists();
        assertThat(Files.readString(folder.resolve("log/zeo.log"))).doesNotContain(" INFO ");
        try (RaidctlProcess again = RaidctlProcess.serve(conf)) {
            assertThat(again.terminate()).isZero();
        }
        try (RaidctlProcess opening = RaidctlProcess.start(folder, "serve", "-C", conf)) {
            assertThat(opening.says(" opens array main ").terminate()).isZero();

            assertThat(opening.err()).contains("has stopped; all is on disk");
        }
    }

    @Test
    void aConfigurationThatCannotBeUsedIsToldWithItsLines() throws IOException {
        Path conf = Files.writeString(folder.resolve("zeo.conf"), "<zeo>\n  adress 8100\n</zeo>\n");

        try (RaidctlProcess server = RaidctlProcess.start(folder, "serve", "-C", conf)) {
            assertThat(server.exitCode()).isEqualTo(2);
            assertThat(server.err())
                    .contains("zeo.conf:2: unknown key 'adress'")
                    .doesNotContain("\tat ");
        }
    }
}
