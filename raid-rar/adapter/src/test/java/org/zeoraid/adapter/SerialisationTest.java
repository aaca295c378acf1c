package org.zeoraid.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.adapter.MemoryArray.bytes;
import static org.zeoraid.adapter.MemoryArray.text;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.IllegalStateException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidAdministration;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidConnectionFactory;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageUnavailableException;

/** What servers and applications do with factories and administered objects: compare them, write them and read them again. */
class SerialisationTest {
    @TempDir
    Path folder;

    private RaidResourceAdapter adapter;

    @BeforeEach
    void start() throws Exception {
        adapter = adapter(folder.resolve("one"));
        adapter.start(null);
    }

    @AfterEach
    void stop() {
        adapter.stop();
    }

    @Test
    void aConnectionFactoryThatIsReadAgainGivesConnections() throws Exception {
        RaidConnectionFactory factory =
                (RaidConnectionFactory) managedFactory(adapter, "main").createConnectionFactory();
        Oid oid;
        try (RaidConnection connection = factory.getConnection()) {
            oid = connection.create(bytes("kept"));
        }
        try (RaidConnection connection = copy(factory).getConnection()) {
            assertThat(text(connection.load(oid).data())).isEqualTo("kept");
        }
    }

    @Test
    void theAdministrationThatIsReadAgainAdministers() throws Exception {
        RaidAdministration administration = administration(adapter);
        assertThat(copy(administration).arrays()).containsExactly("main");
        assertThat(copy(administration).array("main").status().name()).isEqualTo("main");
    }

    @Test
    void whatIsReadBelongsToTheAdapterOfItsSettingsAlsoIfThatStartsLater() throws Exception {
        RaidResourceAdapter other = adapter(folder.resolve("two"));
        RaidConnectionFactory factory =
                (RaidConnectionFactory) managedFactory(other, "main").createConnectionFactory();
        RaidConnectionFactory copy = copy(factory);
        assertThatThrownBy(copy::getConnection).isInstanceOf(StorageUnavailableException.class);

        other.start(null);
        try (RaidConnection connection = copy.getConnection();
                RaidConnection first = ((RaidConnectionFactory)
                                managedFactory(adapter, "main").createConnectionFactory())
                        .getConnection()) {
            Oid oid = connection.create(bytes("in the second"));
            assertThatThrownBy(() -> first.load(oid)).hasMessageContaining(oid.toString());
        } finally {
            other.stop();
        }
        assertThatThrownBy(copy::getConnection).isInstanceOf(StorageUnavailableException.class);
        assertThatThrownBy(factory::getConnection).isInstanceOf(StorageUnavailableException.class);
    }

    @Test
    void anAdapterThatIsReadIsTheOneThatRuns() throws Exception {
        assertThat(copy(adapter)).isSameAs(adapter);
        adapter.stop();
        assertThat(copy(adapter)).isNotSameAs(adapter).isEqualTo(adapter);
    }

    @Test
    void factoriesOfOneArrayOfOneAdapterAreEqual() throws Exception {
        RaidManagedConnectionFactory one = managedFactory(adapter, "main");
        assertThat(one)
                .isEqualTo(managedFactory(adapter, "Main"))
                .hasSameHashCodeAs(managedFactory(adapter, "Main"))
                .isEqualTo(copy(one))
                .isNotEqualTo(managedFactory(adapter, "other"))
                .isNotEqualTo(managedFactory(adapter(folder.resolve("two")), "main"));
        assertThat(copy(one).getArrayName()).isEqualTo("main");
    }

    @Test
    void administeredObjectsOfOneAdapterAreEqual() throws Exception {
        AdministrationObject one = administration(adapter);
        assertThat(one)
                .isEqualTo(administration(adapter))
                .hasSameHashCodeAs(administration(adapter))
                .isEqualTo(copy(one))
                .isNotEqualTo(new AdministrationObject())
                .isNotEqualTo(administration(adapter(folder.resolve("two"))));
    }

    @Test
    void nothingChangesItsAdapter() throws Exception {
        RaidManagedConnectionFactory factory = managedFactory(adapter, "main");
        AdministrationObject administration = administration(adapter);
        for (RaidResourceAdapter other :
                new RaidResourceAdapter[] {adapter(folder.resolve("two")), adapter(folder.resolve("one"))}) {
            assertThatThrownBy(() -> factory.setResourceAdapter(other)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> administration.setResourceAdapter(other))
                    .isInstanceOf(IllegalStateException.class);
        }
        factory.setResourceAdapter(adapter);
        copy(factory).setResourceAdapter(adapter);
        administration.setResourceAdapter(adapter);
        assertThat(factory.getResourceAdapter()).isSameAs(adapter);
        assertThat(administration.getResourceAdapter()).isSameAs(adapter);
    }

    private static RaidResourceAdapter adapter(Path data) {
        RaidResourceAdapter adapter = new RaidResourceAdapter();
        adapter.setDataDirectory(data.toString());
        adapter.setZeoAddress("none");
        return adapter;
    }

    private static RaidManagedConnectionFactory managedFactory(RaidResourceAdapter owner, String array)
            throws ResourceException {
        RaidManagedConnectionFactory factory = new RaidManagedConnectionFactory();
        factory.setArrayName(array);
        factory.setResourceAdapter(owner);
        return factory;
    }

    private static AdministrationObject administration(RaidResourceAdapter owner) throws ResourceException {
        AdministrationObject administration = new AdministrationObject();
        administration.setResourceAdapter(owner);
        return administration;
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
