package org.zeoraid.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.FileBlob;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.pickle.BlobRecords;
import org.zeoraid.zeo.TestCertificate;
import org.zeoraid.zeo.python.PythonServer;

/** Servers behind, an array over them in front, all of it from configuration files. */
@Timeout(60)
class ArrayOverZeoTest {

    @TempDir
    Path folder;

    @Test
    void whatIsCommittedToAnArrayOfZeoMembersIsOnAllServers() {
        RaidConfiguration servers = servers();
        RaidConfiguration front = front();
        try (ArraySet behind = ArraySet.open(servers);
                ZeoListeners listeners = ZeoListeners.open(servers, behind)) {
            assertThat(listeners.failures()).isEmpty();
            serving(behind, "one");
            serving(behind, "two");
            try (ArraySet arrays = ArraySet.open(front)) {
                Storage main = serving(arrays, "main").storage();
                StorageTransaction transaction = main.begin(TransactionMeta.of("tester", "a test"));
                transaction.store(Oid.ROOT, Tid.NONE, "kept twice".getBytes(UTF_8));
                get(transaction.vote());
                Tid tid = get(transaction.finish());

                assertThat(get(main.loadSerial(Oid.ROOT, tid))).isEqualTo("kept twice".getBytes(UTF_8));
                for (ConfiguredArray array : behind.arrays()) {
                    assertThat(get(array.storage().loadSerial(Oid.ROOT, tid)))
                            .as(array.name())
                            .isEqualTo("kept twice".getBytes(UTF_8));
                }
            }
        }
    }

    @Test
    void twoMembersThatAreOnePythonServerAreRefusedBeforeAnythingIsWritten() {
        try (PythonServer python = new PythonServer('Z');
                ArraySet arrays = ArraySet.open(
                        parse("twins.conf", """
                <raidstorage main>
                  retry-pause 10ms
                  <zeoclient a>
                    server localhost:%s
                  </zeoclient>
                  <zeoclient b>
                    server localhost:%s
                  </zeoclient>
                </raidstorage>
                """.formatted(port(python.address()), port(python.anotherAddress()))))) {
            ConfiguredArray main = arrays.array("main").orElseThrow();

            await().untilAsserted(() ->
                    assertThat(main.administration().status().reason()).contains("is the same storage as member"));

            assertThat(main.administration().status().state()).isEqualTo(ArrayState.FAILED);
        }
    }

    /** Over a first server, and a second one that has a stand-in. */
    private ArraySet openOver(PythonServer first, PythonServer second, PythonServer standIn) {
        return ArraySet.open(parse("stand-in.conf", """
                <raidstorage main>
                  retry-pause 10ms
                  <zeoclient a>
                    server localhost:%s
                  </zeoclient>
                  <zeoclient b>
                    server localhost:%s
                    server localhost:%s
                  </zeoclient>
                </raidstorage>
                """.formatted(
                        port(first.address()), port(second.address()), port(standIn.address()))));
    }

    @Test
    void aPythonServerThatComesBackEmptyIsRebuiltWhenAnAdminSaysSo() {
        try (PythonServer one = new PythonServer('M');
                PythonServer two = new PythonServer('Z');
                PythonServer empty = new PythonServer('Z');
                ArraySet arrays = openOver(one, two, empty)) {
            ConfiguredArray main = serving(arrays, "main");
            commit(main, 3);

            two.close();
            commit(main, 1);
            await().untilAsserted(() -> assertThat(
                            main.administration().status().members().get(1).reason())
                    .contains("lost data"));
            assertThat(empty.tids()).isEmpty();
            get(main.administration().rebuild("b"));

            serving(arrays, "main");
            assertThat(empty.tids()).hasSize(4).isEqualTo(one.tids());
        }
    }

    @Test
    void aPythonServerRestoredFromABackupIsRecoveredWhenAnAdminSaysSo() {
        try (PythonServer one = new PythonServer('M');
                PythonServer two = new PythonServer('Z');
                PythonServer backup = new PythonServer('Z');
                ArraySet arrays = openOver(one, two, backup)) {
            ConfiguredArray main = serving(arrays, "main");
            commit(main, 3);
            backup.commit(CommittedTransaction.of(
                    new TransactionHeader(one.tids().get(0), TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0),
                    List.of(new DataRecord(Oid.ROOT, new Content.Data("change 0".getBytes(UTF_8))))));

            two.close();
            commit(main, 1);
            await().untilAsserted(() -> assertThat(
                            main.administration().status().members().get(1).reason())
                    .contains("restored from a backup"));
            assertThat(backup.tids()).hasSize(1);
            get(main.administration().recover("b"));

            serving(arrays, "main");
            assertThat(backup.tids()).hasSize(4).isEqualTo(one.tids());
        }
    }

    private static void commit(ConfiguredArray array, int count) {
        for (int i = 0; i < count; i++) {
            StorageTransaction transaction = array.storage().begin(TransactionMeta.EMPTY);
            transaction.store(Oid.ROOT, get(array.storage().serial(Oid.ROOT)), ("change " + i).getBytes(UTF_8));
            get(transaction.vote());
            get(transaction.finish());
        }
    }

    @Test
    void aPythonServerThatIsOnlyReadIsAMemberOfAnArrayThatIsOnlyRead() {
        Tid tid = Tid.at(Instant.parse("2021-01-01T01:01:01Z"));
        try (PythonServer python = new PythonServer('Z')) {
            python.commit(CommittedTransaction.of(
                    new TransactionHeader(tid, TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0),
                    List.of(new DataRecord(Oid.ROOT, new Content.Data("to be read".getBytes(UTF_8))))));
            try (ArraySet arrays = ArraySet.open(parse("reader.conf", """
                    <raidstorage main>
                      retry-pause 10ms
                      read-only on
                      <zeoclient a>
                        server localhost:%s
                        read-only on
                      </zeoclient>
                    </raidstorage>
                    """.formatted(port(python.address()))))) {
                Storage main = serving(arrays, "main").storage();

                assertThat(get(main.loadSerial(Oid.ROOT, tid))).isEqualTo("to be read".getBytes(UTF_8));
                assertThat(get(main.stats()).objects()).isEqualTo(1);
            }
        }
    }

    @Test
    void blobsThatAreReadFromRemoteMembersLieInTheArraysBlobFolder() throws Exception {
        RaidConfiguration servers = servers();
        RaidConfiguration front = front();
        try (ArraySet behind = ArraySet.open(servers);
                ZeoListeners listeners = ZeoListeners.open(servers, behind)) {
            assertThat(listeners.failures()).isEmpty();
            serving(behind, "one");
            serving(behind, "two");
            Tid tid;
            Path content = Files.writeString(folder.resolve("content"), "a blob");
            try (ArraySet arrays = ArraySet.open(front)) {
                Storage main = serving(arrays, "main").storage();
                StorageTransaction transaction = main.begin(TransactionMeta.of("tester", "a test"));
                transaction.storeBlob(
                        new Oid(1), Tid.NONE, BlobRecords.record(), new FileBlob(content, Files.size(content)));
                get(transaction.vote());
                tid = get(transaction.finish());
            }
            Files.delete(content);
            try (ArraySet arrays = ArraySet.open(front)) {
                BlobSource read = get(serving(arrays, "main").storage().blob(new Oid(1), tid));
                assertThat(new String(read.open().readAllBytes(), UTF_8)).isEqualTo("a blob");
                assertThat(read.file().orElseThrow()).startsWith(folder.resolve("main.state/blobs/members"));
            }
        }
    }

    @Test
    void aServerWhoseArrayIsNotAssembledYetIsWaitedFor() throws Exception {
        RaidConfiguration one = server("one");
        RaidConfiguration two = server("two");
        Path file = folder.resolve("two/Data.fs");
        Path away = folder.resolve("two/away");
        try (ArraySet first = ArraySet.open(one);
                ZeoListeners firstListeners = ZeoListeners.open(one, first);
                ArraySet second = ArraySet.open(two);
                ZeoListeners secondListeners = ZeoListeners.open(two, second);
                ArraySet arrays = ArraySet.open(parse("front.conf", """
                        <raidstorage main>
                          retry-pause 10ms
                          <zeoclient a>
                            server ./one.sock
                            storage one
                          </zeoclient>
                          <zeoclient b>
                            server ./two.sock
                            storage two
                          </zeoclient>
                        </raidstorage>
                        """))) {
            assertThat(firstListeners.failures()).isEmpty();
            ConfiguredArray main = serving(arrays, "main");
            commit(main, 1);
            secondListeners.close();
            second.close();
            commit(main, 1);
            Files.move(file, away);
            Files.createDirectory(file);

            try (ArraySet again = ArraySet.open(two);
                    ZeoListeners listeners = ZeoListeners.open(two, again)) {
                assertThat(listeners.failures()).isEmpty();
                await().during(Duration.ofSeconds(1)).untilAsserted(() -> assertThat(
                                main.administration().status().members().get(1).reason())
                        .doesNotContain("read-only"));
                Files.delete(file);
                Files.move(away, file);

                serving(arrays, "main");
            }
        }
    }

    private RaidConfiguration server(String name) {
        return parse(name + ".conf", """
                <zeo>
                  address ./%1$s.sock
                </zeo>
                <raidstorage %1$s>
                  retry-pause 10ms
                  <filestorage m>
                    path %1$s/Data.fs
                  </filestorage>
                </raidstorage>
                """.formatted(name));
    }

    private static int port(SocketAddress address) {
        return ((InetSocketAddress) address).getPort();
    }

    private RaidConfiguration servers() {
        return parse("servers.conf", """
                <zeo>
                  address ./zeo.sock
                </zeo>
                <raidstorage one>
                  <filestorage m>
                    path one/Data.fs
                  </filestorage>
                </raidstorage>
                <raidstorage two>
                  <filestorage m>
                    path two/Data.fs
                  </filestorage>
                </raidstorage>
                """);
    }

    private RaidConfiguration front() {
        return parse("front.conf", """
                <raidstorage main>
                  retry-pause 10ms
                  <zeoclient a>
                    server ./zeo.sock
                    storage one
                  </zeoclient>
                  <zeoclient b>
                    server ./zeo.sock
                    storage two
                  </zeoclient>
                </raidstorage>
                """);
    }

    @Test
    void membersAndServersThatKnowEachOthersCertificatesTalkAndOthersDoNot() throws Exception {
        TestCertificate.in(folder, "server");
        TestCertificate.in(folder, "client");
        TestCertificate.in(folder, "stranger");
        RaidConfiguration server = parse("server.conf", """
                <zeo>
                  address localhost:0
                  <ssl>
                    certificate server.pem
                    key server.key
                    authenticate client.pem
                  </ssl>
                </zeo>
                <raidstorage only>
                  <mappingstorage m/>
                  <mappingstorage n/>
                </raidstorage>
                """);
        try (ArraySet behind = ArraySet.open(server);
                ZeoListeners listeners = ZeoListeners.open(server, behind)) {
            assertThat(listeners.failures()).isEmpty();
            serving(behind, "only");
            int port = ((InetSocketAddress) listeners.addresses().get(0)).getPort();

            try (ArraySet arrays = ArraySet.open(front(port, "client"))) {
                serving(arrays, "main");
            }
            try (ArraySet arrays = ArraySet.open(front(port, "stranger"))) {
                ConfiguredArray main = arrays.array("main").orElseThrow();
                await().untilAsserted(() ->
                        assertThat(main.administration().status().reason()).containsIgnoringCase("localhost:" + port));
                assertThat(main.administration().status().state()).isEqualTo(ArrayState.FAILED);
            }
        }
    }

    /** An array of the one storage that is there under the name that ZEO takes where there is none. */
    private RaidConfiguration front(int port, String certificate) {
        return parse(certificate + ".conf", """
                <raidstorage main>
                  retry-pause 10ms
                  state-dir %2$s.state
                  <zeoclient a>
                    server localhost:%1$s
                    <ssl>
                      certificate %2$s.pem
                      key %2$s.key
                      authenticate server.pem
                    </ssl>
                  </zeoclient>
                </raidstorage>
                """.formatted(port, certificate));
    }

    private static ConfiguredArray serving(ArraySet arrays, String name) {
        ConfiguredArray array = arrays.array(name).orElseThrow();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> array.administration().status().state() == ArrayState.OPTIMAL);
        return array;
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private RaidConfiguration parse(String name, String text) {
        Path file = folder.resolve(name);
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return RaidConfiguration.parse(file);
    }
}
