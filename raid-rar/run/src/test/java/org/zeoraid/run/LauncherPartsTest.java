package org.zeoraid.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LauncherPartsTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void makeAFile() throws Exception {
        file = Files.createFile(folder.resolve("any.jar"));
    }

    @Test
    void optionsAreRead() throws Exception {
        Path conf = Files.createFile(folder.resolve("raid.conf"));
        Options options = Options.parse(List.of(
                "--server=" + file,
                "--rar=" + file,
                "--war=" + file,
                "--data=" + folder + "/sub/../data",
                "--conf=" + conf,
                "--http-port=8123",
                "--zeo-port=8124",
                "--commands=" + file,
                "--libs=" + file + ", " + conf,
                "--jvm=-Xmx1g -Da=b"));
        assertThat(options)
                .isEqualTo(new Options(
                        file,
                        file,
                        List.of(file),
                        folder.resolve("data"),
                        Optional.of(conf),
                        8123,
                        "localhost:8124",
                        Optional.of(file),
                        List.of(file, conf),
                        List.of("-Xmx1g", "-Da=b")));
    }

    @Test
    void blankOptionsAreAsGoodAsNone() {
        Options options = Options.parse(
                List.of("--server=" + file, "--rar=" + file, "--war=", "--data=" + folder, "--conf=", "--jvm= "));
        assertThat(options)
                .isEqualTo(new Options(
                        file,
                        file,
                        List.of(),
                        folder,
                        Optional.empty(),
                        8080,
                        "",
                        Optional.empty(),
                        List.of(),
                        List.of()));
    }

    @Test
    void whatIsWrongIsSaid() {
        String server = "--server=" + file;
        String rar = "--rar=" + file;
        String data = "--data=" + folder;
        assertRefused("--rar=… is missing", server, data);
        assertRefused("http-prot", server, rar, data, "--http-prot=1");
        assertRefused("not 'many'", server, rar, data, "--http-port=many");
        assertRefused("not 70000", server, rar, data, "--http-port=70000");
        assertRefused("-Dzeo.port is a number from 1 to 65535, not 'any'", server, rar, data, "--zeo-port=any");
        assertRefused("-Draid.conf", server, rar, data, "--conf=" + folder.resolve("nowhere.conf"));
        assertRefused("a library (-Draid.libs) is not there", server, rar, data, "--libs=" + folder.resolve("no.jar"));
        assertRefused("is under a folder 'target'", server, rar, "--data=" + folder.resolve("module/target/data"));
        assertRefused("the resource adapter is not there", server, "--rar=" + folder.resolve("no.rar"), data);
    }

    @Test
    void aPasswordIsMadeOnceAndKeptForItsOwner() throws Exception {
        AdminPassword made = AdminPassword.of(Map.of(), folder);
        Path kept = folder.resolve("admin-password");
        assertThat(made.value()).hasSize(24).isEqualTo(Files.readString(kept).strip());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
                .isEqualTo("rw-------");
        assertThat(AdminPassword.of(Map.of(), folder)).isEqualTo(made);
        assertThat(made.toString()).contains(kept.toString()).doesNotContain(made.value());
    }

    @Test
    void aServerIsNamedOnceAndKeepsItsName() {
        String made = NodeName.of(Map.of(), folder);
        assertThat(made).startsWith("raid-").hasSize(17);
        assertThat(NodeName.of(Map.of(), folder)).isEqualTo(made);
        assertThat(NodeName.of(Map.of(NodeName.VARIABLE, "given"), folder)).isEqualTo("given");
    }

    @Test
    void whatElseTakesPartInTransactionsIsThereBeforeTheyAreRecovered() {
        List<String> commands = CommandFiles.postBoot(List.of("main"), List.of("create-jdbc-connection-pool …"));
        assertThat(commands.indexOf("create-jdbc-connection-pool …"))
                .isGreaterThan(0)
                .isLessThan(commands.indexOf("recover-transactions server"));
    }

    @Test
    void aPasswordFileOpenToOthersIsClosed() throws Exception {
        Path kept = folder.resolve("admin-password");
        Files.writeString(kept, "own\n");
        Files.setPosixFilePermissions(kept, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(AdminPassword.of(Map.of(), folder).value()).isEqualTo("own");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
                .isEqualTo("rw-------");
    }

    @Test
    void theEnvironmentsPasswordIsTakenAndNotKept() {
        assertThat(AdminPassword.of(Map.of(AdminPassword.VARIABLE, "given"), folder)
                        .value())
                .isEqualTo("given");
        assertThat(folder.resolve("admin-password")).doesNotExist();
    }

    @Test
    void anEmptyPasswordFileLetsNobodyIn() throws Exception {
        Files.createFile(folder.resolve("admin-password"));
        assertThatThrownBy(() -> AdminPassword.of(Map.of(), folder)).isInstanceOf(LaunchException.class);
    }

    @Test
    void aDataDirectoryIsHeldByOneAndFreeAfterwards() {
        try (DataDirectory first = DataDirectory.hold(folder)) {
            first.noteServer(1);
            assertThatThrownBy(() -> DataDirectory.hold(folder))
                    .isInstanceOf(LaunchException.class)
                    .hasMessageContaining("process " + ProcessHandle.current().pid());
        }
        try (DataDirectory closedBySignal = DataDirectory.hold(folder)) {
            closedBySignal.close();
            closedBySignal.noteServer(1);
        }
        assertThat(folder.resolve("launcher.lock")).isEmptyFile();
    }

    @Test
    void aDataDirectoryThatCannotBeIsSaidWithTheReason() {
        assertThatThrownBy(() -> DataDirectory.hold(file))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("the data directory " + file + " cannot be used")
                .hasMessageContaining("is in the way");
        assertThatThrownBy(() -> DataDirectory.hold(file.resolve("data")))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining("the data directory " + file.resolve("data") + " cannot be used");
    }

    @Test
    void whereTheServerUnpacksItselfHasNoLettersThatItCannotRead() {
        assertThat(Server.temporaryFiles(folder.toString())).containsExactly("-Djava.io.tmpdir=" + folder);
        assertThat(Server.temporaryFiles("/home/j\u00fcrgen/raid")).isEmpty();
    }

    @Test
    void aServerThatOutlivedItsLauncherIsNamed() throws Exception {
        Process orphan = new ProcessBuilder("sh", "-c", "read forever; exit 0", folder.toString()).start();
        try {
            Files.writeString(folder.resolve("launcher.lock"), "1\n" + orphan.pid() + "\n");
            assertThatThrownBy(() -> DataDirectory.hold(folder))
                    .isInstanceOf(LaunchException.class)
                    .hasMessageContaining("process " + orphan.pid());
        } finally {
            orphan.destroyForcibly().waitFor();
        }
        DataDirectory.hold(folder).close();
    }

    @Test
    void aProcessOfTheSameNumberThatHasNothingToDoWithItIsIgnored() throws Exception {
        Files.writeString(
                folder.resolve("launcher.lock"), "1\n" + ProcessHandle.current().pid() + "\n");
        DataDirectory.hold(folder).close();
    }

    @Test
    void aServerThatWasToldToStopIsNotStarted() throws Exception {
        Options options = Options.parse(List.of("--server=" + file, "--rar=" + file, "--data=" + folder));
        Path work = Files.createDirectories(folder.resolve("server"));
        Server server = Server.prepare(options, work, List.of("main"), Map.of(), System.out);

        server.stop();

        assertThatThrownBy(server::start).isInstanceOf(LaunchException.class);
    }

    @Test
    void aFolderIsEmptied() throws Exception {
        try (DataDirectory data = DataDirectory.hold(folder)) {
            Path inner = data.emptyFolder("server");
            Files.createDirectories(inner.resolve("deep/deeper"));
            Files.createFile(inner.resolve("deep/deeper/file"));
            assertThat(data.emptyFolder("server")).isEmptyDirectory();
        }
    }

    @Test
    void theDeliveredCommandFilesAreThoseThatTheLauncherMakes() throws Exception {
        Path delivered = Path.of("../rar/src/main/payara");
        assertThat(commands(delivered.resolve("preboot.txt")))
                .isEqualTo(CommandFiles.preBoot(CommandFiles.Source.EMBEDDED_DEFAULT, ""));
        assertThat(commands(delivered.resolve("postboot.txt")))
                .isEqualTo(CommandFiles.postBoot(List.of("main"), List.of()));
    }

    @Test
    void eachArrayOfAConfigurationHasItsName() {
        assertThat(CommandFiles.preBoot(CommandFiles.Source.FILE, "localhost:8101")
                        .get(0))
                .contains(":configFile=${ENV=RAID_CONF}:zeoAddress=localhost\\:8101 raid-rar");
        assertThat(CommandFiles.postBoot(List.of("one", "two"), List.of()))
                .anyMatch(command -> command.endsWith("raid/one"))
                .anyMatch(command -> command.endsWith("raid/two"))
                .anyMatch(command -> command.contains("arrayName=two raid-two"));
    }

    @Test
    void zeoCanBeServedNowhere() {
        Options options =
                Options.parse(List.of("--server=" + file, "--rar=" + file, "--data=" + folder, "--zeo-port=none"));
        assertThat(options.zeoAddress()).isEqualTo("none");
    }

    private static List<String> commands(Path commandFile) throws Exception {
        return Files.readAllLines(commandFile).stream()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    private static void assertRefused(String reason, String... arguments) {
        assertThatThrownBy(() -> Options.parse(List.of(arguments)))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining(reason);
    }
}
