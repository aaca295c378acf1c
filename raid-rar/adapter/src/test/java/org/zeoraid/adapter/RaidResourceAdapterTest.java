package org.zeoraid.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.zeoraid.adapter.MemoryArray.bytes;
import static org.zeoraid.adapter.MemoryArray.text;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.InvalidPropertyException;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ResourceAdapterInternalException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidConnectionFactory;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.admin.ArrayStatus;

class RaidResourceAdapterTest {
    @TempDir
    Path folder;

    private final RaidResourceAdapter adapter = new RaidResourceAdapter();

    @AfterEach
    void stop() {
        adapter.stop();
    }

    @Test
    void theEmbeddedDefaultServesAndKeepsWhatWasCommitted() throws Exception {
        startEmbedded();
        assertThat(adapter.arrayNames()).containsExactly("main");
        assertThat(adapter.administration("main").status().state()).isEqualTo(ArrayState.OPTIMAL);
        Oid oid;
        try (RaidConnection connection = factory("main").getConnection()) {
            oid = connection.create(bytes("kept"));
        }

        adapter.stop();
        assertThat(folder.resolve("a/Data.fs")).isNotEmptyFile();
        startEmbedded();

        try (RaidConnection connection = factory("main").getConnection()) {
            assertThat(text(connection.load(oid).data())).isEqualTo("kept");
        }
    }

    @Test
    void stoppingLeavesNoThreadAndNoLock() throws Exception {
        Set<Thread> before = threads();
        adapter.setZeoAddress("127.0.0.1:0");
        startEmbedded();
        RaidManagedConnection managed =
                (RaidManagedConnection) managedFactory("main").createManagedConnection(null, null);
        managed.getXAResource().setTransactionTimeout(1);
        managed.getXAResource().start(new TestXid("t", "b"), XAResource.TMNOFLAGS);
        RaidConnection connection = (RaidConnection) managed.getConnection(null, null);
        connection.create(bytes("something"));
        await().until(connection.outcome().toCompletableFuture()::isDone);
        adapter.stop();

        await().untilAsserted(() -> {
            Set<Thread> left = threads();
            left.removeAll(before);
            assertThat(left).isEmpty();
        });
        RaidResourceAdapter other = new RaidResourceAdapter();
        other.setDataDirectory(folder.toString());
        other.setZeoAddress("none");
        other.start(null);
        assertThat(other.administration("main").status().state()).isEqualTo(ArrayState.OPTIMAL);
        other.stop();
    }

    @Test
    void threadsThatAnApplicationStartsDoNotKeepItInMemory() throws Exception {
        startEmbedded();
        Set<Thread> before = threads();
        ClassLoader usual = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader application = new URLClassLoader(new URL[0], usual)) {
            Thread.currentThread().setContextClassLoader(application);
            RaidManagedConnection managed =
                    (RaidManagedConnection) managedFactory("main").createManagedConnection(null, null);
            XAResource xa = managed.getXAResource();
            xa.setTransactionTimeout(1);
            xa.start(new TestXid("t", "b"), XAResource.TMNOFLAGS);
            RaidConnection connection = (RaidConnection) managed.getConnection(null, null);
            connection.create(bytes("something"));
            await().until(connection.outcome().toCompletableFuture()::isDone);

            Set<Thread> started = threads();
            started.removeAll(before);
            assertThat(started).isNotEmpty().noneMatch(thread -> thread.getContextClassLoader() == application);
        } finally {
            Thread.currentThread().setContextClassLoader(usual);
        }
    }

    @Test
    void whileItStopsNobodyWaits() throws Exception {
        adapter.setStopSeconds(28);
        startWith("""
                <raidstorage main>
                  answer-deadline 1d
                  open-deadline 1d
                  <stuckstorage a/>
                </raidstorage>
                """);
        StuckStorage.stick();
        Thread stopping = new Thread(adapter::stop);
        stopping.start();
        try {
            await().untilAsserted(() ->
                    assertThatThrownBy(adapter::arrayNames).isInstanceOf(StorageUnavailableException.class));
            assertThatThrownBy(() -> adapter.administration("main")).isInstanceOf(StorageUnavailableException.class);
            assertThatThrownBy(() -> factory("main").getConnection()).isInstanceOf(StorageUnavailableException.class);
            assertThat(stopping.isAlive()).isTrue();
        } finally {
            StuckStorage.release();
        }
        stopping.join();
    }

    @Test
    void aStartThatFailsLeavesNothingOpen() throws Exception {
        String main = """
                <raidstorage main>
                  <filestorage a>
                    path a/Data.fs
                  </filestorage>
                </raidstorage>
                """;
        Set<Thread> before = threads();
        assertThatThrownBy(() -> startWith(main + """
                <raidstorage other>
                  <stuckstorage broken/>
                </raidstorage>
                """))
                .isInstanceOf(ResourceAdapterInternalException.class)
                .hasCauseInstanceOf(LinkageError.class);

        await().untilAsserted(() -> assertThat(threads()).isEqualTo(before));
        startWith(main);
        assertThat(adapter.administration("main").status().state()).isEqualTo(ArrayState.OPTIMAL);
    }

    @Test
    void stoppingTwiceIsNoErrorAndAfterItNothingIsServed() throws Exception {
        startEmbedded();
        RaidConnectionFactory factory = factory("main");
        adapter.stop();
        adapter.stop();
        assertThatThrownBy(adapter::arrayNames).isInstanceOf(StorageUnavailableException.class);
        assertThatThrownBy(factory::getConnection).isInstanceOf(StorageUnavailableException.class);
        RaidManagedConnectionFactory managed = managedFactory("main");
        assertThatThrownBy(() -> managed.createManagedConnection(null, null)).isInstanceOf(ResourceException.class);
    }

    @Test
    void anArrayThatAnotherProcessHasOpenKeepsNoOtherFromServingAndComesUpWhenItIsFree() throws Exception {
        Path spool = Files.createDirectories(folder.resolve("main.state/blobs"));
        Path left = Files.createFile(spool.resolve("blob-0.spool"));
        startEmbedded();
        await().untilAsserted(() -> assertThat(left).doesNotExist());
        Path spooled = Files.createFile(spool.resolve("blob-1.spool"));
        RaidResourceAdapter second = new RaidResourceAdapter();
        Path file = folder.resolve("second.conf");
        Files.writeString(file, """
                <raidstorage main>
                  retry-pause 10ms
                  <filestorage a>
                    path a/Data.fs
                  </filestorage>
                  <filestorage b>
                    path b/Data.fs
                  </filestorage>
                  <filestorage c>
                    path c/Data.fs
                  </filestorage>
                </raidstorage>
                <raidstorage other>
                  <mappingstorage a/>
                  <mappingstorage b/>
                </raidstorage>
                """);
        second.setConfigFile(file.toString());
        second.setStartSeconds(1);
        try {
            second.start(null);

            try (RaidConnection connection = factory(second, "other").getConnection()) {
                connection.create(bytes("served"));
            }
            ArrayStatus locked = second.administration("main").status();
            assertThat(locked.state()).isEqualTo(ArrayState.FAILED);
            assertThat(locked.reason()).contains("main.state is locked");
            try (RaidConnection connection = factory(second, "main").getConnection()) {
                assertThatThrownBy(() -> connection.load(Oid.ROOT)).isInstanceOf(ArrayFailedException.class);
            }
            assertThat(spooled)
                    .as("a blob of a transaction of the process that has the array")
                    .exists();

            adapter.stop();

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> second.administration("main").status().state() == ArrayState.OPTIMAL);
            try (RaidConnection connection = factory(second, "main").getConnection()) {
                connection.create(bytes("served too"));
            }
            await().untilAsserted(() -> assertThat(spooled).doesNotExist());
        } finally {
            second.stop();
        }
    }

    @Test
    void zeoClientsAreServedUntilItIsStopped() throws Exception {
        adapter.setZeoAddress("127.0.0.1:" + freePort());
        startEmbedded();
        int port = Integer.parseInt(adapter.getZeoAddress().split(":")[1]);
        try (Socket client = new Socket("127.0.0.1", port)) {
            assertThat(client.getInputStream().readNBytes(6)).isEqualTo(new byte[] {0, 0, 0, 2, 'Z', '5'});

            adapter.stop();

            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1")).close();
    }

    @Test
    void aPortThatIsTakenKeepsNoArrayFromServing() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            adapter.setZeoAddress("127.0.0.1:" + other.getLocalPort());
            startEmbedded();

            assertThat(adapter.administration("main").status().state()).isEqualTo(ArrayState.OPTIMAL);
            assertThat(adapter.administration("main").events(0, 100))
                    .anyMatch(event -> event.kind().equals("zeo-not-serving"));
        }
    }

    @Test
    void anAddressThatIsNoneIsRefused() {
        adapter.setZeoAddress("somewhere");
        assertThatThrownBy(this::startEmbedded)
                .isInstanceOf(ResourceAdapterInternalException.class)
                .hasMessageContaining("somewhere");
    }

    @Test
    void aConfigurationFileSaysWhichArraysThereAre() throws Exception {
        startWith("""
                <raidstorage one>
                  <mappingstorage a>
                  </mappingstorage>
                  <mappingstorage b>
                  </mappingstorage>
                </raidstorage>
                <raidstorage two>
                  <mappingstorage a>
                  </mappingstorage>
                </raidstorage>
                """);
        assertThat(adapter.arrayNames()).containsExactly("one", "two");
        for (String name : new String[] {"two", "Two"}) {
            try (RaidConnection connection = factory(name).getConnection()) {
                assertThat(connection.arrayName()).isEqualTo("two");
            }
        }
        RaidManagedConnectionFactory unknown = managedFactory("three");
        assertThatThrownBy(() -> unknown.createManagedConnection(null, null))
                .isInstanceOf(InvalidPropertyException.class)
                .hasMessageContaining("three")
                .hasMessageContaining("one, two");
        assertThatThrownBy(() -> adapter.administration("three")).isInstanceOf(AdministrationException.class);
    }

    @Test
    void aConfigurationThatCannotBeReadIsRefusedWithItsPlace() {
        assertThatThrownBy(() -> startWith("<raidstorage main>\n  nonsense\n</raidstorage>\n"))
                .isInstanceOf(ResourceAdapterInternalException.class)
                .hasMessageContaining("raid.conf");
    }

    @Test
    void anArrayThatCannotServeIsShownAndKeepsNobodyFromStarting() throws Exception {
        startEmbedded();
        try (RaidConnection connection = factory("main").getConnection()) {
            connection.create(bytes("something"));
        }
        adapter.stop();
        for (String member : new String[] {"a", "b", "c"}) {
            Files.write(folder.resolve(member).resolve("Data.fs"), bytes("this is no file storage at all"));
        }
        adapter.setStartSeconds(0);

        adapter.start(null);

        assertThat(adapter.administration("main").status().state()).isEqualTo(ArrayState.FAILED);
        try (RaidConnection connection = factory("main").getConnection()) {
            assertThatThrownBy(() -> connection.load(Oid.ROOT))
                    .isInstanceOf(org.zeoraid.storage.StorageException.class);
        }
    }

    @Test
    void connectionsAreMatchedByTheirFactoryAndInvalidOnesAreFound() throws Exception {
        startEmbedded();
        RaidManagedConnectionFactory factory = managedFactory("main");
        ManagedConnection connection = factory.createManagedConnection(null, null);
        assertThat(factory.matchManagedConnections(Set.of(connection), null, null))
                .isSameAs(connection);
        assertThat(managedFactory("other").matchManagedConnections(Set.of(connection), null, null))
                .isNull();
        assertThat(factory.matchManagedConnections(Set.of(), null, null)).isNull();
        assertThat((Object) factory.getInvalidConnections(Set.of(connection))).isEqualTo(Set.of());

        adapter.stop();

        assertThat((Object) factory.getInvalidConnections(new HashSet<>(Set.of(connection))))
                .isEqualTo(Set.of(connection));
        assertThat(factory.matchManagedConnections(Set.of(connection), null, null))
                .isNull();
    }

    @Test
    void aFactoryWithoutAnAdapterSaysSo() {
        assertThatThrownBy(() -> new RaidManagedConnectionFactory().createManagedConnection(null, null))
                .isInstanceOf(ResourceException.class);
    }

    private void startEmbedded() throws ResourceException {
        adapter.setDataDirectory(folder.toString());
        if (adapter.getZeoAddress().isEmpty()) {
            adapter.setZeoAddress("none");
        }
        adapter.start(null);
    }

    private void startWith(String configuration) throws Exception {
        Path file = folder.resolve("raid.conf");
        Files.writeString(file, configuration);
        adapter.setConfigFile(file.toString());
        adapter.start(null);
    }

    private RaidManagedConnectionFactory managedFactory(String array) throws ResourceException {
        return managedFactory(adapter, array);
    }

    private static RaidManagedConnectionFactory managedFactory(RaidResourceAdapter owner, String array)
            throws ResourceException {
        RaidManagedConnectionFactory factory = new RaidManagedConnectionFactory();
        factory.setArrayName(array);
        factory.setResourceAdapter(owner);
        return factory;
    }

    private static RaidConnectionFactory factory(RaidResourceAdapter owner, String array) throws ResourceException {
        return (RaidConnectionFactory) managedFactory(owner, array).createConnectionFactory();
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return probe.getLocalPort();
        }
    }

    private RaidConnectionFactory factory(String array) throws ResourceException {
        return (RaidConnectionFactory) managedFactory(array).createConnectionFactory();
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().matches("(raid|zeo|globalEventExecutor|nio|multithread).*"))
                .filter(Thread::isAlive)
                .collect(Collectors.toCollection(HashSet::new));
    }
}
