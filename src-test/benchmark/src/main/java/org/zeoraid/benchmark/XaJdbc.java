package org.zeoraid.benchmark;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.XAConnection;
import javax.sql.XADataSource;
import javax.transaction.xa.XAResource;
import org.h2.jdbcx.JdbcDataSource;
import org.postgresql.xa.PGXADataSource;

/** A relational database with a table of objects, by JDBC's XA. */
final class XaJdbc implements XaTarget {

    private final String name;
    private final XADataSource source;
    private final int bytes;
    private final String sync;
    private final AutoCloseable server;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final AtomicLong rows = new AtomicLong();

    /** @param sync what makes all that was committed durable; empty if commits do */
    private XaJdbc(String name, XADataSource source, int bytes, String type, String sync, AutoCloseable server)
            throws SQLException {
        this.name = name;
        this.source = source;
        this.bytes = bytes;
        this.sync = sync;
        this.server = server;
        Connection connection = connect().getConnection();
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE objects (oid BIGINT PRIMARY KEY, data " + type + ")");
        }
    }

    /** A server of its own, one copy of everything, durable as it is shipped. */
    static XaJdbc postgres(Path folder, int bytes) throws IOException, SQLException {
        Files.createDirectories(folder);
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve("data"))
                .setServerConfig("max_prepared_transactions", "64");
        // Made for tests, it would rather be fast.
        Map<String, String> durable = Map.of("fsync", "on", "synchronous_commit", "on", "full_page_writes", "on");
        durable.forEach(builder::setServerConfig);
        EmbeddedPostgres server = builder.start();
        PGXADataSource source = new PGXADataSource();
        source.setUrl(server.getJdbcUrl("postgres", "postgres"));
        XaJdbc target = new XaJdbc("PostgreSQL", source, bytes, "BYTEA", "", server);
        for (Map.Entry<String, String> setting : durable.entrySet()) {
            target.requireSetting(setting.getKey(), setting.getValue());
        }
        return target;
    }

    private void requireSetting(String setting, String wanted) throws SQLException {
        Connection connection = connect().getConnection();
        try (Statement statement = connection.createStatement();
                ResultSet answer = statement.executeQuery("SHOW " + setting)) {
            answer.next();
            if (!answer.getString(1).equals(wanted)) {
                throw new IllegalStateException(setting + " is " + answer.getString(1));
            }
        }
    }

    /** In this process. It never syncs what was committed, unless it is told to. */
    static XaJdbc h2(Path folder, int bytes) throws SQLException {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:file:" + folder.resolve("objects") + ";WRITE_DELAY=0");
        return new XaJdbc("H2", source, bytes, "VARBINARY(100000)", "CHECKPOINT SYNC", () -> {});
    }

    private synchronized XAConnection connect() throws SQLException {
        XAConnection connection = source.getXAConnection();
        open.add(connection::close);
        return connection;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Client client() throws SQLException {
        return new Row(connect(), connect().getConnection());
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable connection : open) {
            connection.close();
        }
        server.close();
    }

    private final class Row implements Client {

        private final XAResource resource;
        private final Connection side;
        private final PreparedStatement update;
        private final long oid = rows.incrementAndGet();
        private final byte[] data = new byte[bytes];

        Row(XAConnection connection, Connection side) throws SQLException {
            this.side = side;
            this.resource = connection.getXAResource();
            Connection statements = connection.getConnection();
            new Random(oid).nextBytes(data);
            try (PreparedStatement insert = statements.prepareStatement("INSERT INTO objects VALUES (?, ?)")) {
                insert.setLong(1, oid);
                insert.setBytes(2, data);
                insert.execute();
            }
            update = statements.prepareStatement("UPDATE objects SET data = ? WHERE oid = ?");
        }

        @Override
        public XAResource resource() {
            return resource;
        }

        @Override
        public void change() throws SQLException {
            update.setBytes(1, data);
            update.setLong(2, oid);
            if (update.executeUpdate() != 1) {
                throw new IllegalStateException("no row " + oid);
            }
        }

        @Override
        public void sync() throws SQLException {
            if (!sync.isEmpty()) {
                try (Statement statement = side.createStatement()) {
                    statement.execute(sync);
                }
            }
        }
    }
}
