package org.zeoraid.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.adapter.MemoryArray.bytes;
import static org.zeoraid.adapter.MemoryArray.text;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.security.PasswordCredential;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import javax.security.auth.Subject;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.zeoraid.api.RaidConnection;

/** Arrays know no users: whatever a server brings along, all connections are the same. */
class CredentialsTest {
    @TempDir
    Path folder;

    private final RaidResourceAdapter adapter = new RaidResourceAdapter();
    private final RaidManagedConnectionFactory factory = new RaidManagedConnectionFactory();

    /** What servers bring along: nothing; nobody; somebody, with a password for this factory or not. */
    static Stream<@Nullable Subject> subjects() {
        return Stream.of(
                null,
                new Subject(),
                with(new PasswordCredential("", new char[0])),
                with(new PasswordCredential("scott", "tiger".toCharArray())),
                with("a ticket"));
    }

    private static Subject with(Object credential) {
        if (credential instanceof PasswordCredential password) {
            password.setManagedConnectionFactory(new RaidManagedConnectionFactory());
        }
        return new Subject(true, Set.of(), Set.of(), Set.of(credential));
    }

    @BeforeEach
    void start() throws ResourceException {
        adapter.setDataDirectory(folder.toString());
        adapter.setZeoAddress("none");
        adapter.start(null);
        factory.setResourceAdapter(adapter);
    }

    @AfterEach
    void stop() {
        adapter.stop();
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void whoeverComesGetsAConnection(@Nullable Subject subject) throws ResourceException {
        ManagedConnection managed = factory.createManagedConnection(subject, null);

        try (RaidConnection connection = (RaidConnection) managed.getConnection(subject, null)) {
            assertThat(text(connection.load(connection.create(bytes("theirs"))).data()))
                    .isEqualTo("theirs");
        }
        assertThat(managed.getMetaData().getUserName()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void aPooledConnectionFitsEverybody(@Nullable Subject subject) throws ResourceException {
        ManagedConnection managed =
                factory.createManagedConnection(with(new PasswordCredential("other", new char[] {'x'})), null);

        assertThat(factory.matchManagedConnections(Set.of(managed), subject, new ConnectionRequestInfo() {}))
                .isSameAs(managed);
        assertThat(managed.getConnection(subject, null)).isInstanceOf(RaidConnection.class);
    }

    @Test
    void noPasswordIsKept() throws ResourceException {
        ManagedConnection managed =
                factory.createManagedConnection(with(new PasswordCredential("scott", "tiger".toCharArray())), null);

        assertThat(managed.toString() + factory + managed.getConnection(null, null))
                .doesNotContain("scott", "tiger");
    }
}
