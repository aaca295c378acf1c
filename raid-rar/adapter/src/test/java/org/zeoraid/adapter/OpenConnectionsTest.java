package org.zeoraid.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.memory.MemoryLog;

/** Connections that nobody closes are named, whether or not the server does anything about them. */
class OpenConnectionsTest {
    @TempDir
    Path folder;

    private final LogLines log = new LogLines();
    private final TransactionLog members = new MemoryLog();
    private HandTimers minutes;
    private MemoryArray array;
    private OpenConnections open;

    @BeforeEach
    void open() {
        array = new MemoryArray(
                folder, members, environment -> minutes = new HandTimers(environment), options -> options);
        open = array.served.connections();
        open.watch();
    }

    @AfterEach
    void close() {
        log.close();
        array.close();
    }

    private RaidConnection connect() {
        return new OnePool(array.connect()).connect();
    }

    private RaidConnection forget() {
        return connect();
    }

    private void pass(int looks) {
        for (int i = 0; i < looks; i++) {
            minutes.fire();
        }
    }

    @Test
    void oneThatIsOpenAndUnusedForTenMinutesIsNamedOnce() {
        forget();
        pass(OpenConnections.PATIENCE - 1);
        assertThat(log.lines()).isEmpty();
        pass(OpenConnections.PATIENCE * 3);
        assertThat(log.lines())
                .singleElement()
                .asString()
                .startsWith("WARNING array main: ")
                .contains("not used for 10 minutes: 1\n1 opened\n\tat ", "OpenConnectionsTest.forget");
    }

    @Test
    void oneThatIsUsedOrClosedOrTakenIsNot() {
        RaidConnection used = connect();
        connect().close();
        RaidManagedConnection managed = array.connect();
        new OnePool(managed).connect();
        managed.cleanup();
        int told = log.lines().size();
        for (int i = 0; i < 3; i++) {
            pass(OpenConnections.PATIENCE - 1);
            used.lastTid();
        }
        assertThat(log.lines()).hasSize(told);
        pass(OpenConnections.PATIENCE);
        assertThat(log.lines()).hasSize(told + 1);
    }

    @Test
    void whatServersEndIsToldLessAndLessOftenAndAgainWhenThereAreNoMore() {
        for (int i = 0; i < 5; i++) {
            RaidManagedConnection managed = array.connect();
            forgetOn(managed);
            managed.cleanup();
        }
        assertThat(log.lines()).hasSize(3);
        assertThat(log.lines()).first().asString().contains("opened it, in thread '", "OpenConnectionsTest.forgetOn");
        assertThat(log.lines()).last().asString().contains("opened it (4 by now), in thread '");

        open.notGiven("no more");

        assertThat(log.lines())
                .last()
                .asString()
                .containsSubsequence(
                        "open by applications are 0\n",
                        "left open until the server ended them were 5\n5 opened\n\tat ",
                        "OpenConnectionsTest.forgetOn");
    }

    private static void forgetOn(RaidManagedConnection managed) {
        new OnePool(managed).connect();
    }

    @Test
    void whoGetsNoneFindsInTheLogWhereMostWereOpened() {
        open.notGiven("no more");
        assertThat(log.lines()).isEmpty();
        for (int i = 0; i < 3; i++) {
            forget();
        }
        RaidConnection other = connect();
        open.notGiven("no more");
        open.notGiven("no more");
        assertThat(log.lines())
                .singleElement()
                .asString()
                .containsSubsequence(
                        "gives no connection (no more); open by applications are 4\n",
                        "3 opened\n\tat ",
                        "OpenConnectionsTest.forget",
                        "\n1 opened\n\tat ",
                        "OpenConnectionsTest.whoGetsNone");
        other.close();
        pass(1);
        open.notGiven("no more");
        assertThat(log.lines()).last().asString().contains("open by applications are 3\n");
    }
}
