package org.zeoraid.raidctl.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.config.ArraySet;
import org.zeoraid.config.RaidConfiguration;
import org.zeoraid.config.ZeoListeners;
import org.zeoraid.raidctl.Cli;
import org.zeoraid.raidctl.Exit;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.zeo.TestCertificate;
import org.zeoraid.zeo.python.PythonServer;

class CopyCommandTest {

    @TempDir
    Path folder;

    @Test
    void aFileCopiedIsTheSameFileHistoryAndAll() throws IOException {
        Path from = Cli.fixture("history.fs", folder.resolve("from/Data.fs"));
        Path to = folder.resolve("to/Data.fs");

        Cli.Answer answer = Cli.run("copy", from, to);

        assertThat(answer.code()).isEqualTo(Exit.DONE);
        assertThat(answer.out()).contains("copied 259 transactions, 1162 records");
        assertThat(to).hasSameBinaryContentAs(from);
    }

    @Test
    void aPackedFileKeepsItsMarks() {
        Path from = Cli.fixture("packed.fs", folder.resolve("from/Data.fs"));
        Path to = folder.resolve("to/Data.fs");

        assertThat(Cli.run("copy", from, to).code()).isEqualTo(Exit.DONE);

        assertThat(to).hasSameBinaryContentAs(from);
    }

    @Test
    void aCopyGoesOnWhereItStopped() throws IOException {
        Path from = Cli.fixture("history.fs", folder.resolve("from/Data.fs"));
        Path half = folder.resolve("to/Data.fs");
        Files.createDirectories(half.getParent());
        byte[] whole = Files.readAllBytes(from);
        // Torn in the middle of a transaction, as after a crash; opening cuts that one off.
        Files.write(half, java.util.Arrays.copyOf(whole, whole.length / 2));

        Cli.Answer answer = Cli.run("copy", "--json", from, half);

        assertThat(answer.code()).isEqualTo(Exit.DONE);
        assertThat(answer.out()).doesNotContain("\"present\": 0,").contains("\"lastTid\": \"040d2ed2bb984d55\"");
        assertThat(half).hasSameBinaryContentAs(from);
        assertThat(Cli.run("copy", from, half).out())
                .contains("copied 0 transactions", "259 were there before, and are equal");
    }

    @Test
    void aTargetWithOtherDataIsRefusedAndLeftAlone() throws IOException {
        Path from = Cli.fixture("packed.fs", folder.resolve("from/Data.fs"));
        Path to = Cli.fixture("history.fs", folder.resolve("to/Data.fs"));
        byte[] before = Files.readAllBytes(to);

        Cli.Answer answer = Cli.run("copy", from, to);

        assertThat(answer.code()).isEqualTo(Exit.FAILED);
        assertThat(answer.err())
                .contains("holds other data", "Nothing was changed")
                .hasLineCount(1);
        assertThat(to).hasBinaryContent(before);
    }

    @Test
    void aTargetThatIsAheadIsRefused() throws IOException {
        Path whole = Cli.fixture("history.fs", folder.resolve("whole/Data.fs"));
        Path half = folder.resolve("half/Data.fs");
        Files.createDirectories(half.getParent());
        byte[] bytes = Files.readAllBytes(whole);
        Files.write(half, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        assertThat(Cli.run("copy", half, folder.resolve("ok/Data.fs")).code()).isEqualTo(Exit.DONE);

        Cli.Answer answer = Cli.run("copy", folder.resolve("ok/Data.fs"), whole);

        assertThat(answer.code()).isEqualTo(Exit.FAILED);
        assertThat(answer.err()).contains("is not the beginning of this source");
    }

    @Test
    void intoAnArrayOfAConfigurationAndOutAgain() throws IOException {
        Path from = Cli.fixture("history.fs", folder.resolve("from/Data.fs"));
        Path conf = twoMembers();

        Cli.Answer answer = Cli.run("copy", from, conf + "#main");

        assertThat(answer.err()).isEmpty();
        assertThat(answer.code()).isEqualTo(Exit.DONE);
        assertThat(folder.resolve("a/Data.fs")).hasSameBinaryContentAs(from);
        assertThat(folder.resolve("b/Data.fs")).hasSameBinaryContentAs(from);
        assertThat(Cli.run("copy", conf + "#main", folder.resolve("out/Data.fs"))
                        .code())
                .isEqualTo(Exit.DONE);
        assertThat(folder.resolve("out/Data.fs")).hasSameBinaryContentAs(from);
    }

    @Test
    void importFillsAnArrayAndRefusesOneWithOtherData() throws IOException {
        Path history = Cli.fixture("history.fs", folder.resolve("history/Data.fs"));
        Path packed = Cli.fixture("packed.fs", folder.resolve("packed/Data.fs"));
        Path conf = twoMembers();

        assertThat(Cli.run("import", "-C", conf, history).code()).isEqualTo(Exit.DONE);
        assertThat(Cli.run("import", "-C", conf, "-S", "main", history).out()).contains("copied 0 transactions");
        Cli.Answer refused = Cli.run("import", "-C", conf, packed);

        assertThat(refused.code()).isEqualTo(Exit.FAILED);
        assertThat(refused.err()).contains("holds other data");
        assertThat(folder.resolve("a/Data.fs")).hasSameBinaryContentAs(history);
        assertThat(Cli.run("import", "-C", conf, "-S", "other", history).err()).contains("no such array", "main");
    }

    @Test
    void blobsAreCopiedAndMissedWhereTheirFilesAreNotThere() throws IOException {
        Path from = Cli.fixture("blob.fs", folder.resolve("from/Data.fs"));
        Path conf = twoMembers();

        Cli.Answer missed = Cli.run("import", "-C", conf, from);
        assertThat(missed.code()).isEqualTo(Exit.FAILED);
        assertThat(missed.err())
                .contains("is a blob, and its file is not there", "--blob-dir (--from-blob-dir of a copy)");

        Path blobs = folder.resolve("elsewhere");
        Cli.fixture("blob.bin", blobs.resolve(BLOB));
        Files.writeString(blobs.resolve(".layout"), "bushy");
        Cli.Answer imported = Cli.run("import", "-C", conf, from, "--blob-dir", blobs);

        assertThat(imported.err()).isEmpty();
        assertThat(imported.out()).contains(" 1 blobs ");
        for (String member : new String[] {"a", "b"}) {
            assertThat(folder.resolve(member).resolve("Data.fs")).hasSameBinaryContentAs(from);
            assertThat(folder.resolve(member).resolve("blobs").resolve(BLOB)).hasContent("a file in a database\n");
        }
        Path bare = folder.resolve("bare/Data.fs");
        assertThat(Cli.run("copy", from, bare, "--without-blobs").code()).isEqualTo(Exit.DONE);
        assertThat(bare).hasSameBinaryContentAs(from);
    }

    @Test
    void outOfAPythonServerAndIntoAnother() throws IOException {
        Path blobs = folder.resolve("elsewhere");
        Path from = Cli.fixture("blob.fs", folder.resolve("from/Data.fs"));
        Cli.fixture("blob.bin", blobs.resolve(BLOB));
        Files.writeString(blobs.resolve(".layout"), "bushy");
        try (PythonServer one = new PythonServer('Z');
                PythonServer two = new PythonServer('M')) {
            Cli.Answer in = Cli.run("copy", from, place(one), "--from-blob-dir", blobs);
            assertThat(in.err()).isEmpty();
            Cli.Answer across = Cli.run("copy", place(one), place(two));
            assertThat(across.err()).isEmpty();
            assertThat(across.out()).contains(" 1 blobs ");
            Path to = folder.resolve("to/Data.fs");

            Cli.Answer out = Cli.run("copy", place(two), to);

            assertThat(out.err()).isEmpty();
            assertThat(to).hasSameBinaryContentAs(from);
            assertThat(folder.resolve("to/blobs").resolve(BLOB)).hasContent("a file in a database\n");
        }
    }

    private static String place(PythonServer server) {
        InetSocketAddress address = (InetSocketAddress) server.address();
        return "zeo://" + address.getHostString() + ":" + address.getPort() + "/1";
    }

    @Test
    void overTls() throws Exception {
        TestCertificate.in(folder, "server");
        TestCertificate.in(folder, "client");
        Path from = Cli.fixture("history.fs", folder.resolve("a/Data.fs"));
        byte[] history = Files.readAllBytes(from);
        RaidConfiguration configuration = RaidConfiguration.parse(Files.writeString(folder.resolve("tls.conf"), """
                <zeo>
                  address localhost:0
                  <ssl>
                    certificate server.pem
                    key server.key
                    authenticate client.pem
                  </ssl>
                </zeo>
                <raidstorage main>
                  <filestorage a>
                    path a/Data.fs
                  </filestorage>
                </raidstorage>
                """));
        try (ArraySet arrays = ArraySet.open(configuration);
                ZeoListeners listeners = ZeoListeners.open(configuration, arrays)) {
            await().until(() -> arrays.arrays().get(0).administration().status().state() == ArrayState.OPTIMAL);
            int port = ((InetSocketAddress) listeners.addresses().get(0)).getPort();
            String served = "zeos://localhost:" + port + "/main";
            Path to = folder.resolve("to/Data.fs");

            Cli.Answer unknown = Cli.run("copy", served, to);
            assertThat(unknown.code()).isEqualTo(Exit.FAILED);
            Cli.Answer known = Cli.run(
                    "copy",
                    served,
                    to,
                    "--authenticate",
                    folder.resolve("server.pem"),
                    "--certificate",
                    folder.resolve("client.pem"),
                    "--key",
                    folder.resolve("client.key"));

            assertThat(known.err()).isEmpty();
            assertThat(to).hasBinaryContent(history);
        }
        assertThat(Cli.run("copy", "zeos://localhost:1/x", folder.resolve("x"), "--key", from)
                        .err())
                .contains("--key without its --certificate");
    }

    /** Where the fixture's blob lies in its folder. */
    private static final String BLOB = "0x00/0x00/0x00/0x00/0x00/0x00/0x00/0x01/0x040d34466cf58daa.blob";

    private Path twoMembers() throws IOException {
        return Files.writeString(folder.resolve("zeo.conf"), """
                <raidstorage main>
                  <filestorage a>
                    path a/Data.fs
                  </filestorage>
                  <filestorage b>
                    path b/Data.fs
                  </filestorage>
                </raidstorage>
                """);
    }
}
