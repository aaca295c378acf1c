package org.zeoraid.test.app;

import jakarta.annotation.Resource;
import jakarta.ejb.EJBContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.transaction.RollbackException;
import jakarta.transaction.SystemException;
import jakarta.transaction.TransactionManager;
import java.io.ByteArrayInputStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.sql.DataSource;
import javax.transaction.xa.XAResource;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.api.RaidConnectionFactory;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.pickle.BlobRecords;

/** Works with arrays in container-managed transactions. */
@Stateless
public class TestBean {
    @Resource
    private EJBContext context;

    /** What a transaction has done, and the stages that tell how it ended: to be seen also after it failed. */
    public static final class Work {
        final List<Oid> oids = new ArrayList<>();
        final List<CompletionStage<Tid>> outcomes = new ArrayList<>();
    }

    /** How a transaction is to end. */
    public enum End {
        COMMIT,
        /** Looks for conflicts within the method, so that they leave it as an exception of its own. */
        VOTE_AND_COMMIT,
        ROLLBACK
    }

    /**
     * What is to be stored anew in an array.
     *
     * @param blobs how many of the objects have a blob
     * @param size of each object's data, or of its blob
     */
    public record NewObjects(int count, int blobs, int size, long seed) {}

    /**
     * Stores new objects in one or several arrays, in one transaction.
     *
     * @param work is told what is done
     * @param before called when everything is stored and the transaction is still open
     */
    @TransactionAttribute(TransactionAttributeType.REQUIRES_NEW)
    public void store(List<String> arrays, NewObjects objects, End end, Runnable before, Work work) {
        for (String array : arrays) {
            try (RaidConnection connection = factory(array).getConnection()) {
                List<Oid> oids = connection.newOids(objects.count());
                for (int i = 0; i < oids.size(); i++) {
                    Oid oid = oids.get(i);
                    byte[] content = Payload.of(oid, objects.seed(), objects.size());
                    if (i < objects.blobs()) {
                        connection.storeBlob(oid, BlobRecords.record(), new ByteArrayInputStream(content));
                    } else {
                        connection.store(oid, content);
                    }
                    work.oids.add(oid);
                }
                work.outcomes.add(connection.outcome());
            }
        }
        before.run();
        finish(arrays, end);
    }

    /**
     * Loads objects, and stores them anew.
     *
     * @param between called after the objects were loaded and before they are stored
     * @param work is told what is done
     */
    @TransactionAttribute(TransactionAttributeType.REQUIRES_NEW)
    public void update(String array, List<Oid> oids, long seed, End end, Runnable between, Work work) {
        try (RaidConnection connection = factory(array).getConnection()) {
            work.outcomes.add(connection.outcome());
            List<Revision> seen = oids.stream().map(connection::load).toList();
            between.run();
            for (int i = 0; i < oids.size(); i++) {
                connection.store(
                        oids.get(i), Payload.of(oids.get(i), seed, seen.get(i).data().length));
                work.oids.add(oids.get(i));
            }
            finish(List.of(array), end);
        }
    }

    /**
     * Stores an object and inserts a row in a transaction that halts the server: as it is about to ask the last resource for its
     * vote, or as it is about to tell the first one to commit.
     */
    @TransactionAttribute(TransactionAttributeType.REQUIRES_NEW)
    public void storeAndHalt(String array, Oid oid, long seed, HaltingResource.Step at) {
        if (at == HaltingResource.Step.COMMIT) {
            enlist(new HaltingResource(at));
        }
        try (RaidConnection connection = factory(array).getConnection()) {
            connection.store(oid, Payload.of(oid, seed, 100));
        }
        execute("INSERT INTO SEEDS VALUES(" + seed + ")");
        if (at == HaltingResource.Step.PREPARE) {
            enlist(new HaltingResource(at));
        }
    }

    /** Stores an object in a transaction whose other resource gives no vote before a gate is opened: until then it is in doubt. */
    @TransactionAttribute(TransactionAttributeType.REQUIRES_NEW)
    public void storeAndHold(String array, Oid oid, long seed, String gate) {
        try (RaidConnection connection = factory(array).getConnection()) {
            connection.store(oid, Payload.of(oid, seed, 100));
        }
        enlist(new HaltingResource(HaltingResource.Step.PREPARE, () -> Barriers.waitAt(gate)));
    }

    @TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
    public void createSeeds() {
        execute("CREATE TABLE SEEDS(SEED BIGINT PRIMARY KEY)");
    }

    /** The rows that {@link #storeAndHalt} has inserted, in order. */
    @TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
    public List<Long> seeds() {
        try (Connection connection = database().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT SEED FROM SEEDS ORDER BY SEED")) {
            List<Long> seeds = new ArrayList<>();
            while (rows.next()) {
                seeds.add(rows.getLong(1));
            }
            return seeds;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void execute(String sql) {
        try (Connection connection = database().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static DataSource database() {
        try {
            return InitialContext.doLookup("jdbc/other");
        } catch (NamingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void enlist(XAResource resource) {
        try {
            TransactionManager manager = InitialContext.doLookup("java:appserver/TransactionManager");
            manager.getTransaction().enlistResource(resource);
        } catch (NamingException | SystemException | RollbackException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Takes a connection and closes it never. */
    @TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
    public void leak(String array) {
        factory(array).getConnection().lastTid();
    }

    /** The same in a transaction of the container. */
    @TransactionAttribute(TransactionAttributeType.REQUIRES_NEW)
    public void leakInTransaction(String array) {
        leak(array);
    }

    /** Loads objects in a transaction of the container. */
    @TransactionAttribute(TransactionAttributeType.REQUIRES_NEW)
    public void load(RaidConnectionFactory factory, List<Oid> oids) {
        try (RaidConnection connection = factory.getConnection()) {
            oids.forEach(connection::load);
        }
    }

    /** Uses a connection in a transaction of the container. */
    @TransactionAttribute(TransactionAttributeType.REQUIRES_NEW)
    public void inTransaction(String array, Consumer<RaidConnection> work) {
        try (RaidConnection connection = factory(array).getConnection()) {
            work.accept(connection);
        }
    }

    /** Uses a connection without a transaction. */
    @TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
    public void withoutTransaction(String array, Consumer<RaidConnection> work) {
        try (RaidConnection connection = factory(array).getConnection()) {
            work.accept(connection);
        }
    }

    public static RaidConnectionFactory factory(String array) {
        try {
            return InitialContext.doLookup("raid/" + array);
        } catch (NamingException e) {
            throw new IllegalStateException("no array " + array + " in JNDI", e);
        }
    }

    private void finish(List<String> arrays, End end) {
        switch (end) {
            case COMMIT -> {}
            case ROLLBACK -> context.setRollbackOnly();
            case VOTE_AND_COMMIT -> {
                for (String array : arrays) {
                    try (RaidConnection connection = factory(array).getConnection()) {
                        connection.vote();
                    }
                }
            }
        }
    }
}
