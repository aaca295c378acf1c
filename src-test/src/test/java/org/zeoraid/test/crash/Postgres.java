package org.zeoraid.test.crash;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.awaitility.core.ConditionTimeoutException;
import org.opentest4j.TestAbortedException;
import org.zeoraid.test.ChildProcesses;
import org.zeoraid.test.Folders;
import org.zeoraid.test.Ports;

/**
 * A PostgreSQL server of the tests' own, with new databases, that takes part in transactions of several resources. Its programs come
 * from a jar. It refuses to be root's: where the tests are, it is somebody else's. So it lies in the folder for temporary files, where
 * everybody can be.
 */
final class Postgres implements AutoCloseable {
    static final String USER = "bank";
    static final String PASSWORD = "password-for-the-bank";
    static final String DATABASE = "postgres";

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /** Ways to be somebody else than root, each in front of a command. */
    private static final List<String> OTHER_USERS =
            List.of("", "setpriv --reuid=65534 --regid=65534 --clear-groups ", "unshare -U ");

    private final Path folder;
    private final int port;
    private final Process process;

    private Postgres(Path folder, int port, Process process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    /**
     * Makes one and waits until it serves.
     *
     * @throws TestAbortedException if there can be none on this machine
     */
    static Postgres start() throws IOException {
        String as = otherUser();
        Path folder = unpack();
        Files.writeString(folder.resolve("password"), PASSWORD);
        Files.createDirectory(folder.resolve("theirs"));
        run(folder, "chmod -R a+rX .");
        run(folder, "chmod a+w theirs");
        run(
                folder,
                as + "bin/initdb -D theirs/data -U " + USER
                        + " -A scram-sha-256 --pwfile password -E UTF8 --locale=C --no-sync");
        int port = Ports.free();
        ProcessBuilder server = command(
                folder,
                as + "bin/postgres -D theirs/data -h localhost -p " + port + " -c unix_socket_directories="
                        + " -c max_prepared_transactions=64");
        Path log = folder.resolve("log");
        Postgres postgres = new Postgres(folder, port, ChildProcesses.start(server.redirectOutput(log.toFile())));
        try {
            await("PostgreSQL").atMost(PATIENCE).until(postgres::serves);
        } catch (ConditionTimeoutException e) {
            e.addSuppressed(new IllegalStateException(Files.readString(log)));
            postgres.close();
            throw e;
        }
        return postgres;
    }

    private static String otherUser() {
        for (String as : OTHER_USERS) {
            try {
                if (!run(Path.of(""), as + "id -u").strip().equals("0")) {
                    return as;
                }
            } catch (IOException e) {
                // Perhaps the next one can do it.
            }
        }
        throw new TestAbortedException("PostgreSQL refuses to be root's, and nobody else can be had here");
    }

    private static Path unpack() throws IOException {
        try (TarArchiveInputStream archive = new TarArchiveInputStream(new XZCompressorInputStream(packed()))) {
            Path folder = Files.createTempDirectory("raid-postgres");
            for (TarArchiveEntry entry = archive.getNextEntry(); entry != null; entry = archive.getNextEntry()) {
                Path path = folder.resolve(entry.getName()).normalize();
                Files.createDirectories(path.getParent());
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else if (entry.isSymbolicLink()) {
                    Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
                } else {
                    Files.copy(archive, path);
                    path.toFile().setExecutable((entry.getMode() & 1) != 0);
                }
            }
            return folder;
        }
    }

    private static InputStream packed() throws IOException {
        String system = System.getProperty("os.name").startsWith("Mac") ? "Darwin" : "Linux";
        try {
            return DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(system, System.getProperty("os.arch"));
        } catch (IllegalStateException e) {
            throw new TestAbortedException("there is no PostgreSQL for this machine", e);
        }
    }

    private static ProcessBuilder command(Path folder, String words) {
        return new ProcessBuilder(words.split(" "))
                .directory(folder.toAbsolutePath().toFile())
                .redirectErrorStream(true);
    }

    private static String run(Path folder, String words) throws IOException {
        Process process = ChildProcesses.start(command(folder, words));
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.onExit().join().exitValue() != 0) {
            throw new IOException(words + ": " + output);
        }
        return output;
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://localhost:" + port + "/" + DATABASE, USER, PASSWORD);
    }

    private boolean serves() {
        try (Connection connection = connect()) {
            return connection.isValid(1);
        } catch (SQLException e) {
            return false;
        }
    }

    int port() {
        return port;
    }

    /** The transactions that are prepared and wait for a decision. */
    List<String> prepared() {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT gid FROM pg_prepared_xacts")) {
            List<String> names = new ArrayList<>();
            while (rows.next()) {
                names.add(rows.getString(1));
            }
            return names;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Folders.delete(folder);
    }
}
