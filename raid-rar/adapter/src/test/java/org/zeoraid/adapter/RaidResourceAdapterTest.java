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
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidConnectionFactory;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.ArrayState;

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
        startEmbedded();
        try (RaidConnection connection = factory("main").getConnection()) {
            connection.create(bytes("something"));
        }
        adapter.stop();

        await().untilAsserted(() -> {
            Set<Thread> left = threads();
            left.removeAll(before);
            assertThat(left).isEmpty();
        });
        RaidResourceAdapter other = new RaidResourceAdapter();
        other.setDataDirectory(folder.toString());
        other.start(null);
        assertThat(other.administration("main").status().state()).isEqualTo(ArrayState.OPTIMAL);
        other.stop();
    }

    @Test
    void stoppingTwiceIsNoErrorAndAfterItNothingIsServed() throws Exception {
        startEmbedded();
        RaidConnectionFactory factory = factory("main");
        adapter.stop();
        adapter.stop();
        assertThatThrownBy(adapter::arrayNames).isInstanceOf(StorageUnavailableException.class);
        assertThatThrownBy(factory::getConnection).isInstanceOf(StorageUnavailableException.class);
    }

    @Test
    void aSecondAdapterOnTheSameDataIsRefused() throws Exception {
        startEmbedded();
        RaidResourceAdapter second = new RaidResourceAdapter();
        second.setDataDirectory(folder.toString());
        assertThatThrownBy(() -> second.start(null)).isInstanceOf(ResourceAdapterInternalException.class);
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
        try (RaidConnection connection = factory("two").getConnection()) {
            assertThat(connection.arrayName()).isEqualTo("two");
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
    void factoriesOfOneArrayOfOneAdapterAreEqual() throws Exception {
        startEmbedded();
        RaidManagedConnectionFactory one = managedFactory("main");
        assertThat(one).isEqualTo(managedFactory("main")).hasSameHashCodeAs(managedFactory("main"));
        assertThat(one).isNotEqualTo(managedFactory("other"));
        RaidManagedConnectionFactory strange = new RaidManagedConnectionFactory();
        strange.setResourceAdapter(new RaidResourceAdapter());
        assertThat(one).isNotEqualTo(strange);
        assertThatThrownBy(() -> one.setResourceAdapter(new RaidResourceAdapter()))
                .isInstanceOf(jakarta.resource.spi.IllegalStateException.class);
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
        assertThat(factory.getInvalidConnections(Set.of(connection))).isEmpty();

        adapter.stop();

        assertThat(factory.getInvalidConnections(new HashSet<>(Set.of(connection))))
                .hasSize(1);
        assertThat(factory.matchManagedConnections(Set.of(connection), null, null))
                .isNull();
    }

    @Test
    void factoriesCanBeSerialised() throws Exception {
        RaidManagedConnectionFactory factory = managedFactory("main");
        RaidManagedConnectionFactory copy = copy(factory);
        assertThat(copy.getArrayName()).isEqualTo("main");
        copy.setResourceAdapter(adapter);
        assertThat(copy).isEqualTo(factory);
        assertThat(copy((RaidConnectionFactory) factory.createConnectionFactory()))
                .isNotNull();
        assertThat(copy(adapter)).isEqualTo(adapter);
        AdministrationObject administration = new AdministrationObject();
        administration.setResourceAdapter(adapter);
        assertThatThrownBy(() -> copy(administration).arrays()).isInstanceOf(StorageUnavailableException.class);
    }

    @Test
    void aFactoryWithoutAnAdapterSaysSo() {
        assertThatThrownBy(() -> new RaidManagedConnectionFactory().createManagedConnection(null, null))
                .isInstanceOf(ResourceException.class);
    }

    private void startEmbedded() throws ResourceException {
        adapter.setDataDirectory(folder.toString());
        adapter.start(null);
    }

    private void startWith(String configuration) throws Exception {
        Path file = folder.resolve("raid.conf");
        Files.writeString(file, configuration);
        adapter.setConfigFile(file.toString());
        adapter.start(null);
    }

    private RaidManagedConnectionFactory managedFactory(String array) throws ResourceException {
        RaidManagedConnectionFactory factory = new RaidManagedConnectionFactory();
        factory.setArrayName(array);
        factory.setResourceAdapter(adapter);
        return factory;
    }

    private RaidConnectionFactory factory(String array) throws ResourceException {
        return (RaidConnectionFactory) managedFactory(array).createConnectionFactory();
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("raid"))
                .filter(Thread::isAlive)
                .collect(Collectors.toCollection(HashSet::new));
    }

    @SuppressWarnings("unchecked")
    private static <T> T copy(T original) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(original);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (T) in.readObject();
        }
    }
}
