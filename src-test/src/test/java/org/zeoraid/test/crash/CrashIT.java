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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
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

    private static final Duration STARTED = Duration.ofMinutes(5);
    private static final Duration SETTLED = Duration.ofSeconds(30);
    /** The server commits once a minute what it could not commit before. */
    private static final Duration REPEATED = Duration.ofSeconds(70);

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
        RemoteArray array = RemoteArray.mainOf(server);
        try (Transfers transfers = new Transfers(bank, lastNumbers(bank))) {
            if (mishap == Mishap.FAILING_MEMBER) {
                halting.set("fault in c");
            }
            transfers.awaitWork(20, point.sides().contains("database") ? 2 : 0);
            if (mishap == Mishap.FAILING_MEMBER) {
                array.awaitMember("c", "degraded");
            }
            halting.haltAt(point.name());
            transfers.awaitEnd();
            CrashReport.Restart restart = restart(mishap);
            requireAgreement(bank, transfers);
            REPORT.agreed(point, restart);
        } finally {
            halting.reset("fault in c");
            show();
        }
        array.makeOptimal();
    }

    @Test
    @EnabledIfSystemProperty(
            named = "raid.crashes",
            matches = "\\d+",
            disabledReason = "waits until the server commits once more, a minute; -Draid.crashes=1")
    void whatNoMemberCanCommitIsCommittedWhenTheyAreBack() {
        RemoteBank bank = new RemoteBank(server, "main,database");
        RemoteArray array = RemoteArray.mainOf(server);
        List<String> faults = List.of("fault in a", "fault in b", "fault in c");
        try (Transfers transfers = new Transfers(bank, lastNumbers(bank))) {
            transfers.awaitWork(20, 2);
            faults.forEach(halting::set);
            array.awaitState("failed");
            await("doubts").untilAsserted(() -> assertThat(database.prepared()).isNotEmpty());

            transfers.beginNothing();
            faults.forEach(halting::reset);
            array.awaitState("optimal");
            await("nothing in doubt").atMost(REPEATED).untilAsserted(noDoubt());
            transfers.close();
            requireAgreement(bank, transfers);
        } finally {
            faults.forEach(halting::reset);
        }
        array.makeOptimal();
    }

    private static List<Long> lastNumbers(RemoteBank bank) {
        return NUMBERS.getOrDefault(accounts(bank), Collections.nCopies(Bank.CLIENTS, 0L));
    }

    private static String accounts(RemoteBank bank) {
        return bank.sides().contains("database") ? "database" : "second";
    }

    /** Both sides have all transfers that were acknowledged, and of each client at most one more. */
    private static void requireAgreement(RemoteBank bank, Transfers transfers) {
        List<Long> numbers = await("an audit")
                .atMost(AGREED)
                .until(bank::audit, Optional::isPresent)
                .orElseThrow();
        for (int client = 0; client < Bank.CLIENTS; client++) {
            long acknowledged = transfers.acknowledged(client);
            assertThat(numbers.get(client))
                    .as("the last transfer of client " + client)
                    .isBetween(acknowledged, acknowledged + 1);
        }
        NUMBERS.put(accounts(bank), numbers);
    }

    /** Starts it again, and waits until nothing is in doubt. */
    private static CrashReport.Restart restart(Mishap mishap) throws Exception {
        int doubts = database.prepared().size();
        if (mishap == Mishap.HALTED_RECOVERY) {
            haltRecovery();
        }
        if (mishap == Mishap.MISSING_MEMBER) {
            hide();
        }
        long begin = System.nanoTime();
        server.start();
        long served = System.nanoTime();
        await("nothing in doubt").atMost(SETTLED).untilAsserted(noDoubt());
        long settled = System.nanoTime();
        return new CrashReport.Restart(doubts, Duration.ofNanos(served - begin), Duration.ofNanos(settled - served));
    }

    /** Where it has something to commit in the array. */
    private static void haltRecovery() {
        String point = "after commit of main";
        halting.set(point);
        server.launch();
        await().atMost(STARTED)
                .until(() -> !server.isAlive() || server.logText().contains("ready in"));
        halting.reset(point);
        server.close();
    }

    private static ThrowingRunnable noDoubt() {
        return () -> {
            assertThat(database.prepared()).isEmpty();
            for (String array : List.of("main", "second")) {
                assertThat(new RemoteArray(server, array).branches()).isEmpty();
            }
        };
    }

    /** The disk of member c is away, and a file in its place keeps it from being made anew. */
    private static void hide() throws IOException {
        Files.move(member(), away());
        Files.createFile(member());
    }

    /** It is back, if it was away. */
    private static void show() throws IOException {
        if (Files.exists(away())) {
            Files.delete(member());
            Files.move(away(), member());
        }
    }

    private static Path member() {
        return server.data().resolve("c");
    }

    private static Path away() {
        return server.data().resolve("c.away");
    }
}
