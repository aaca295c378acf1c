package org.zeoraid.test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import jakarta.annotation.Resource;
import jakarta.ejb.EJB;
import jakarta.ejb.EJBException;
import jakarta.transaction.UserTransaction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.zeoraid.api.RaidAdministration;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidConnectionFactory;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.test.app.TestBean;

/** What a connection promises, within a Payara Micro. The assertions are JUnit's own: they travel into the server. */
@ExtendWith(ArquillianExtension.class)
class ConnectionIT {
    @Resource(lookup = "raid/main")
    RaidConnectionFactory main;

    @Resource(lookup = "raid/main", authenticationType = Resource.AuthenticationType.APPLICATION)
    RaidConnectionFactory signedOnByTheApplication;

    @Resource(lookup = "raid/administration")
    RaidAdministration administration;

    @Resource
    UserTransaction transaction;

    @EJB
    TestBean bean;

    @Deployment
    static WebArchive application() {
        // called by the client, before the server is started
        Folders.delete(Path.of(System.getenv("RAID_DATA")));
        return TestApplication.archive().addClass(ConnectionIT.class);
    }

    @Test
    void theAdministeredObjectShowsTheArrays() throws InterruptedException {
        assertEquals(List.of("main"), administration.arrays());
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (administration.array("main").status().state() != ArrayState.OPTIMAL && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        assertEquals(ArrayState.OPTIMAL, administration.array("main").status().state());
    }

    @Test
    void aTransactionSeesItsSnapshotWhateverOthersCommit() {
        Oid oid = committed("old");
        bean.inTransaction("main", connection -> {
            assertEquals("old", text(connection, oid));
            bean.inTransaction("main", other -> other.store(oid, bytes("new")));
            assertEquals("old", text(connection, oid));
        });
        assertEquals("new", current(oid));
    }

    @Test
    void allConnectionsOfOneTransactionSeeTheSame() {
        bean.inTransaction("main", connection -> {
            Oid oid = connection.create(bytes("mine"));
            try (RaidConnection second = main.getConnection();
                    RaidConnection third = main.getConnection()) {
                assertEquals("mine", text(second, oid));
                second.store(oid, bytes("ours"));
                assertEquals("ours", text(third, oid));
            }
            assertEquals("ours", text(connection, oid));
            bean.withoutTransaction(
                    "main", outside -> assertThrows(ObjectNotFoundException.class, () -> outside.load(oid)));
        });
    }

    @Test
    void aSystemExceptionRollsBack() {
        Oid oid = committed("old");
        assertThrows(
                EJBException.class,
                () -> bean.inTransaction("main", connection -> {
                    connection.store(oid, bytes("new"));
                    throw new IllegalStateException("on purpose");
                }));
        assertEquals("old", current(oid));
    }

    @Test
    void aConflictAtAVoteIsTheCauseOfWhatTheCallerSees() {
        Oid oid = committed("old");
        EJBException error = assertThrows(
                EJBException.class,
                () -> bean.inTransaction("main", connection -> {
                    connection.load(oid);
                    bean.inTransaction("main", other -> other.store(oid, bytes("faster")));
                    connection.store(oid, bytes("slower"));
                    connection.vote();
                }));
        assertInstanceOf(ConflictException.class, error.getCause());
        assertEquals("faster", current(oid));
    }

    @Test
    void aConflictAtTheCommitRollsBackAndTheOutcomeTellsIt() {
        Oid oid = committed("old");
        AtomicReference<CompletionStage<Tid>> outcome = new AtomicReference<>();
        assertThrows(
                EJBException.class,
                () -> bean.inTransaction("main", connection -> {
                    outcome.set(connection.outcome());
                    connection.load(oid);
                    bean.inTransaction("main", other -> other.store(oid, bytes("faster")));
                    connection.store(oid, bytes("slower"));
                }));
        CompletionException told = assertThrows(
                CompletionException.class,
                () -> outcome.get().toCompletableFuture().join());
        assertInstanceOf(ConflictException.class, told.getCause());
        assertEquals("faster", current(oid));
    }

    @Test
    void aConnectionTakenBeforeTheTransactionTakesPartInIt() throws Exception {
        try (RaidConnection connection = main.getConnection()) {
            Oid oid = connection.create(bytes("old"));
            transaction.begin();
            connection.store(oid, bytes("new"));
            transaction.rollback();
            assertEquals("old", text(connection, oid));
            transaction.begin();
            connection.store(oid, bytes("newer"));
            transaction.commit();
            assertEquals("newer", text(connection, oid));
        }
    }

    @Test
    void aTransactionOfOnesOwnIsForWhereThereIsNone() {
        AtomicReference<Oid> oid = new AtomicReference<>();
        bean.withoutTransaction("main", connection -> {
            connection.localTransaction().begin();
            oid.set(connection.create(bytes("local")));
            connection.localTransaction().commit();
        });
        assertEquals("local", current(oid.get()));
        bean.inTransaction("main", connection -> assertThrows(ProtocolException.class, connection::localTransaction));
    }

    @Test
    void aWriteOutsideOfATransactionIsCommittedWhenItReturns() {
        bean.withoutTransaction("main", connection -> {
            Oid oid = connection.create(bytes("alone"));
            assertEquals("alone", current(oid));
        });
    }

    @Test
    void whoSignsOnDoesNotMatter() throws Exception {
        transaction.begin();
        try (RaidConnection one = main.getConnection();
                RaidConnection other = signedOnByTheApplication.getConnection()) {
            assertEquals("theirs", text(other, one.create(bytes("theirs"))));
        } finally {
            transaction.commit();
        }
    }

    @Test
    void aClosedConnectionRefusesEverything() {
        RaidConnection connection = main.getConnection();
        connection.close();
        assertThrows(StorageClosedException.class, () -> connection.load(Oid.ROOT));
    }

    @Test
    void manyConnectionsAtOnceAreNoTrouble() {
        Oid oid = committed("shared");
        for (int i = 0; i < 1000; i++) {
            try (RaidConnection connection = main.getConnection()) {
                assertArrayEquals(bytes("shared"), connection.load(oid).data());
            }
        }
    }

    private Oid committed(String text) {
        AtomicReference<Oid> made = new AtomicReference<>();
        bean.inTransaction("main", connection -> made.set(connection.create(bytes(text))));
        return made.get();
    }

    private String current(Oid oid) {
        AtomicReference<String> seen = new AtomicReference<>();
        bean.withoutTransaction("main", connection -> seen.set(text(connection, oid)));
        return seen.get();
    }

    private static String text(RaidConnection connection, Oid oid) {
        return new String(connection.load(oid).data(), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
