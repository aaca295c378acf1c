package org.zeoraid.test.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.core.ThrowingRunnable;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.Driver;
import org.zeoraid.test.PayaraMicro;
import org.zeoraid.test.RemoteArray;
import org.zeoraid.test.bank.Bank;

/**
 * A bank over an array and a PostgreSQL, or over two arrays, in a server that is set up as its command files do it, and halted at a
 * step of the protocol while eight clients work: after a restart both sides agree, everything that was acknowledged is there, and
 * nothing is in doubt.
 *
 * <p>{@code -Draid.crashes=N} halts it N times at every point there is; the profile {@code long} does so. What became of each is
 * written to {@code crashes/report.txt} under the build's folder {@code work}.
 */
class CrashIT {
    private static final Optional<Integer> RUNS = Optional.ofNullable(Integer.getInteger("raid.crashes"));
    /** In turn; where there is little time the server is not started once more for each halt. */
    private static final List<Mishap> MISHAPS = RUNS.isPresent()
            ? List.of(Mishap.values())
            : List.of(Mishap.NONE, Mishap.MISSING_MEMBER, Mishap.FAILING_MEMBER);

    private static final Duration SETTLED = Duration.ofSeconds(30);
    private static final Duration AGREED = Duration.ofMinutes(1);
    private static final CrashReport REPORT = new CrashReport();
    /** Each client's last transfer, for each pair of sides. */
    private static final Map<String, List<Long>> NUMBERS = new HashMap<>();

    private static Postgres database;
    private static PayaraMicro server;
    private static Halting halting;
    private static int halts;

    @BeforeAll
    static void start() throws Exception {
        database = Postgres.start();
        server = PayaraMicro.inFreshFolder("crashes");
        Files.createDirectories(server.data());
        halting = new Halting(server);
        server.withConfiguration(configuration(), "main", "second")
                .withVariable("BANK_PASSWORD", Postgres.PASSWORD)
                .withCommand("create-jdbc-connection-pool --restype javax.sql.XADataSource --datasourceclassname"
                        + " org.postgresql.xa.PGXADataSource --steadypoolsize 1 --property user=" + Postgres.USER
                        + ":password=${ENV=BANK_PASSWORD}:serverName=localhost:portNumber=" + database.port()
                        + ":databaseName=" + Postgres.DATABASE + " bank")
                .withCommand("create-jdbc-resource --connectionpoolid bank jdbc/bank")
                .withLibrary(Path.of(Driver.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI()))
                .withAdminPage()
                .withApplication(application())
                .start();
        for (String other : List.of("database", "second")) {
            new RemoteBank(server, "main," + other).open();
        }
    }

    private static Path configuration() throws IOException {
        return Files.writeString(server.data().resolve("raid.conf"), """
            <raidstorage main>
              state-dir main.state
              assembly-wait 3s
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
            <raidstorage second>
              state-dir second.state
              <filestorage a>
                path second-a/Data.fs
              </filestorage>
              <filestorage b>
                path second-b/Data.fs
              </filestorage>
            </raidstorage>
            """);
    }

    private static Path application() {
        Path war = server.data().resolveSibling("bank.war");
        ShrinkWrap.create(WebArchive.class)
                .addPackage(Bank.class.getPackage())
                .as(ZipExporter.class)
                .exportTo(war.toFile(), true);
        return war;
    }

    @AfterAll
    static void stop() throws IOException {
        if (server != null) {
            server.close();
            REPORT.write(server.data().resolveSibling("report.txt"));
        }
        if (database != null) {
            database.close();
        }
    }

    static List<CrashPoint> points() {
        return RUNS.isPresent() ? CrashPoint.all() : CrashPoint.CHOSEN;
    }

    @ParameterizedTest
    @MethodSource("points")
    void bothSidesAgreeAfterAHalt(CrashPoint point) throws Exception {
        for (int run = 0; run < RUNS.orElse(1); run++) {
            Mishap mishap = MISHAPS.get(halts++ % MISHAPS.size());
            REPORT.begun(point);
            try {
                haltAndRecover(point, mishap);
            } catch (AssertionError | Exception e) {
                throw new AssertionError("run " + run + " with mishap " + mishap + ": " + e.getMessage(), e);
            }
        }
    }

    private static void haltAndRecover(CrashPoint point, Mishap mishap) throws Exception {
        RemoteBank bank = new RemoteBank(server, point.sides());
        String accounts = accounts(point);
        List<Long> before = NUMBERS.getOrDefault(accounts, Collections.nCopies(Bank.CLIENTS, 0L));
        RemoteArray array = RemoteArray.mainOf(server);
        try (Transfers transfers = new Transfers(bank, before)) {
            if (mishap == Mishap.FAILING_MEMBER) {
                halting.set("fault in c");
            }
            transfers.awaitWork(20, point.sides().contains("database") ? 2 : 0);
            if (mishap == Mishap.FAILING_MEMBER) {
                array.awaitMember("c", "degraded");
            }
            halting.haltAt(point.name());
            transfers.awaitEnd();
            int doubts = database.prepared().size();

            Duration settled = restart(mishap);
            List<Long> numbers = agreedNumbers(bank);
            for (int client = 0; client < Bank.CLIENTS; client++) {
                long acknowledged = transfers.acknowledged(client);
                assertThat(numbers.get(client))
                        .as("the last transfer of client " + client)
                        .isBetween(acknowledged, acknowledged + 1);
            }
            NUMBERS.put(accounts, numbers);
            REPORT.agreed(point, doubts, settled);
        }
        if (mishap == Mishap.MISSING_MEMBER) {
            show();
        }
        halting.reset("fault in c");
        array.makeOptimal();
    }

    private static String accounts(CrashPoint point) {
        return point.sides().contains("database") ? "database" : "second";
    }

    /** Starts it again, and gives the time until nothing was in doubt. */
    private static Duration restart(Mishap mishap) throws Exception {
        if (mishap == Mishap.HALTED_RECOVERY) {
            halting.set("after commit of main");
            server.launch();
            await().atMost(Duration.ofMinutes(5))
                    .until(() -> !server.isAlive() || server.logText().contains("ready in"));
            halting.reset("after commit of main");
            if (server.isAlive()) {
                server.kill();
            }
        }
        if (mishap == Mishap.MISSING_MEMBER) {
            hide();
        }
        long begin = System.nanoTime();
        server.start();
        await("nothing in doubt").atMost(SETTLED).untilAsserted(noDoubt());
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private static ThrowingRunnable noDoubt() {
        return () -> {
            assertThat(database.prepared()).isEmpty();
            for (String array : List.of("main", "second")) {
                assertThat(new RemoteArray(server, array).branches()).isEmpty();
            }
        };
    }

    private static List<Long> agreedNumbers(RemoteBank bank) {
        return await("an audit")
                .atMost(AGREED)
                .until(bank::audit, Optional::isPresent)
                .orElseThrow();
    }

    /** The disk of member c is away, and a file in its place keeps it from being made anew. */
    private static void hide() throws IOException {
        Files.move(server.data().resolve("c"), server.data().resolve("c.away"));
        Files.createFile(server.data().resolve("c"));
    }

    private static void show() throws IOException {
        Files.delete(server.data().resolve("c"));
        Files.move(server.data().resolve("c.away"), server.data().resolve("c"));
    }
}
