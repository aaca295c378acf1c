package org.zeoraid.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.zeoraid.adapter.MemoryArray.bytes;

import jakarta.resource.NotSupportedException;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.InvalidPropertyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidConnectionFactory;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;

/** A message-driven bean that listens to an array. */
class InflowTest {
    @TempDir
    Path folder;

    private final RaidResourceAdapter adapter = new RaidResourceAdapter();
    private final ListeningServer server = new ListeningServer();
    private RaidConnection connection;

    @BeforeEach
    void start() throws Exception {
        Path file = folder.resolve("raid.conf");
        Files.writeString(file, "<raidstorage main>\n<mappingstorage a/>\n<mappingstorage b/>\n</raidstorage>\n");
        adapter.setConfigFile(file.toString());
        adapter.start(server);
        connection = connect();
    }

    @AfterEach
    void stop() {
        adapter.stop();
        server.close();
    }

    private RaidConnection connect() throws ResourceException {
        RaidManagedConnectionFactory factory = new RaidManagedConnectionFactory();
        factory.setResourceAdapter(adapter);
        return ((RaidConnectionFactory) factory.createConnectionFactory()).getConnection();
    }

    private RaidActivation spec(String what) throws ResourceException {
        RaidActivation spec = new RaidActivation();
        spec.setResourceAdapter(adapter);
        spec.setListensTo(what);
        return spec;
    }

    @Test
    void everyTransactionIsToldInOrderAfterTheWordThatBeginsIt() throws Exception {
        connection.create(bytes("before"));
        adapter.endpointActivation(server, spec("invalidations"));
        server.awaitTold(1);
        List<String> expected = new ArrayList<>(List.of("dropped main"));
        Oid oid = connection.newOid();
        for (int i = 0; i < 20; i++) {
            connection.store(oid, bytes("version " + i));
            expected.add("invalidated main " + connection.lastTid() + " [" + oid + "]");
        }
        connection.delete(oid);
        Tid deleted = connection.lastTid();
        connection.undo(deleted);
        expected.add("invalidated main " + deleted + " [" + oid + "]");
        expected.add("invalidated main " + connection.lastTid() + " [" + oid + "]");

        server.awaitTold(23);

        assertThat(server.told()).isEqualTo(expected);
        await().untilAsserted(() -> assertThat(server.openEndpoints()).isZero());
    }

    @Test
    void theStateAndItsChangesAreTold() throws Exception {
        adapter.endpointActivation(server, spec("states"));
        server.awaitTold(1);
        adapter.administration("main").disable("b").toCompletableFuture().join();
        server.awaitTold(2);
        connection.create(bytes("no news"));
        assertThat(server.told())
                .containsExactly("main OPTIMAL [a OPTIMAL, b OPTIMAL]", "main DEGRADED [a OPTIMAL, b DISABLED]");
    }

    @Test
    void whatABeanDoesNotPutUpWithIsToldAgainAndTheRestWaits() throws Exception {
        adapter.endpointActivation(server, spec("invalidations"));
        server.awaitTold(1);
        server.failNext(ListeningServer.Failure.IN_THE_BEAN);
        Oid first = connection.create(bytes("first"));
        Oid second = connection.create(bytes("second"));
        server.awaitTold(3);
        assertThat(server.told().get(1)).contains("[" + first + "]");
        assertThat(server.told().get(2)).contains("[" + second + "]");
    }

    @Test
    void whatWasRolledBackIsToldAgain() throws Exception {
        adapter.endpointActivation(server, spec("invalidations"));
        server.awaitTold(1);
        server.failNext(ListeningServer.Failure.AT_THE_COMMIT);
        Oid oid = connection.create(bytes("first"));
        server.awaitTold(3);
        assertThat(server.told().subList(1, 3)).allMatch(told -> told.contains("[" + oid + "]"));
    }

    @Test
    void aServerThatIsNotReadyIsAskedAgain() throws Exception {
        server.failNext(ListeningServer.Failure.NO_ENDPOINT);
        adapter.endpointActivation(server, spec("invalidations"));
        server.awaitTold(1);
        server.failNext(ListeningServer.Failure.NO_THREAD);
        connection.create(bytes("new"));
        server.awaitTold(2);
        assertThat(server.told().get(0)).isEqualTo("dropped main");
    }

    @Test
    void whatWouldHaveToWaitTooLongBecomesOneWord() throws Exception {
        RaidActivation spec = spec("invalidations");
        spec.setCapacity(3);
        CountDownLatch go = server.block();
        adapter.endpointActivation(server, spec);
        server.awaitBlocked();
        List<String> expected = new ArrayList<>(List.of("dropped main", "dropped main"));
        for (int i = 1; i <= 10; i++) {
            Oid oid = connection.create(bytes("too much"));
            // The fourth is one too many, and so is the eighth, after which three more would fit.
            if (i > 8) {
                expected.add("invalidated main " + connection.lastTid() + " [" + oid + "]");
            }
        }
        go.countDown();
        server.awaitTold(expected.size());
        assertThat(server.told()).isEqualTo(expected);
    }

    @Test
    void afterItsEndNothingIsToldAndWhatIsBeingToldIsWaitedFor() throws Exception {
        CountDownLatch go = server.block();
        RaidActivation spec = spec("invalidations states");
        adapter.endpointActivation(server, spec);
        server.awaitBlocked();
        Thread ending = new Thread(() -> adapter.endpointDeactivation(server, spec));
        ending.start();
        await().until(() -> ending.getState() == Thread.State.TIMED_WAITING);
        go.countDown();
        ending.join();
        List<String> told = server.told();

        connection.create(bytes("unheard"));
        adapter.endpointActivation(server, spec("invalidations"));
        server.awaitTold(told.size() + 1);

        assertThat(server.told()).hasSize(told.size() + 1).last().isEqualTo("dropped main");
    }

    @Test
    void anArrayThatIsOpenedLaterIsToldFromThenOn() throws Exception {
        RaidResourceAdapter first = adapter("data");
        RaidResourceAdapter second = adapter("data");
        second.setStartSeconds(0);
        first.start(null);
        try {
            second.start(server);
            RaidActivation spec = new RaidActivation();
            spec.setListensTo("invalidations");
            second.endpointActivation(server, spec);
            server.awaitTold(1);
            first.stop();
            RaidManagedConnectionFactory factory = new RaidManagedConnectionFactory();
            factory.setResourceAdapter(second);
            RaidConnection late = ((RaidConnectionFactory) factory.createConnectionFactory()).getConnection();
            await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> late.create(bytes("new")) != null);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> server.told().stream().anyMatch(told -> told.startsWith("invalidated main")));
        } finally {
            first.stop();
            second.stop();
        }
    }

    @Test
    void whatCannotBeListenedToIsRefused() throws Exception {
        RaidActivation unknown = spec("states");
        unknown.setArrayName("nobody");
        assertThatThrownBy(() -> adapter.endpointActivation(server, unknown))
                .isInstanceOf(InvalidPropertyException.class)
                .hasMessageContaining("nobody");
        assertThatThrownBy(() -> adapter.endpointActivation(server, new Strange()))
                .isInstanceOf(NotSupportedException.class);
        assertThatThrownBy(() -> spec("everything").validate()).isInstanceOf(InvalidPropertyException.class);
        assertThatThrownBy(() -> spec("states").setResourceAdapter(adapter("elsewhere")))
                .isInstanceOf(jakarta.resource.spi.IllegalStateException.class);
        RaidResourceAdapter stopped = adapter("elsewhere");
        assertThatThrownBy(() -> stopped.endpointActivation(server, spec("states")))
                .isInstanceOf(ResourceException.class);
        RaidActivation upper = spec("states");
        upper.setArrayName("Main");
        adapter.endpointActivation(server, upper);
        server.awaitTold(1);
    }

    private RaidResourceAdapter adapter(String data) {
        RaidResourceAdapter other = new RaidResourceAdapter();
        other.setDataDirectory(folder.resolve(data).toString());
        other.setZeoAddress("none");
        return other;
    }

    private static final class Strange implements ActivationSpec {
        @Override
        public void validate() {}

        @Override
        public jakarta.resource.spi.ResourceAdapter getResourceAdapter() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void setResourceAdapter(jakarta.resource.spi.ResourceAdapter adapter) {}
    }
}
