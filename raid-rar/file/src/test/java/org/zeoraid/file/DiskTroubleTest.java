package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;
import org.zeoraid.storage.seam.SystemEnvironment;

/** No room on the disk, and a disk that reports errors. */
class DiskTroubleTest {

    private static final Path FILE = Path.of("/data/Data.fs");

    private final byte[] large = new byte[9000];

    private static FileLog open(FaultDisk disk) {
        return FileLog.open(FileOptions.of("a", FILE), new SimulatedEnvironment(1, disk));
    }

    private static FaultDisk withTwoTransactions() {
        FaultDisk disk = new FaultDisk();
        SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);
        try (FileLog log = FileLog.open(FileOptions.of("a", FILE), environment)) {
            environment.await(log.append(Tid.NONE, Logs.transaction(Logs.tid(1), Logs.data(1, "one"))));
            environment.await(log.append(Logs.tid(1), Logs.transaction(Logs.tid(2), Logs.data(2, "two"))));
        }
        return disk;
    }

    @Test
    void aFullDiskFailsTheTransactionAndNothingElse() {
        FaultDisk prepared = withTwoTransactions();
        int step = Integer.getInteger("zeoraid.full.step", 331);
        int failures = 0;
        for (long room = 0; room < 40_000; room += room < 80 ? 1 : step) {
            // given a disk with so much room
            FaultDisk disk = prepared.copy();
            SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);
            FileLog log = FileLog.open(FileOptions.of("a", FILE), environment);
            disk.limitTo(disk.usedBytes() + room);
            // when
            CommittedTransaction third = Logs.transaction(Logs.tid(3), Logs.data(1, large), Logs.data(3, large));
            boolean done = true;
            try {
                environment.await(log.append(Logs.tid(2), third));
            } catch (java.util.concurrent.CompletionException e) {
                assertThat(e).hasCauseInstanceOf(DiskFullException.class);
                done = false;
                failures++;
            }
            // then reading goes on, and writing once there is room
            assertThat(Logs.last(log)).as("room %d", room).isEqualTo(Logs.tid(done ? 3 : 2));
            assertThat(Logs.text(log, 2)).hasValue("two");
            disk.limitTo(Long.MAX_VALUE);
            if (!done) {
                assertThat(Logs.text(log, 1)).hasValue("one");
                environment.await(log.append(Logs.tid(2), third));
            }
            environment.await(log.append(Logs.tid(3), Logs.transaction(Logs.tid(4), Logs.data(2, "four"))));
            List<TransactionDigest> expected = Logs.digests(log);
            assertThat(expected).hasSize(4);
            if (room % 2 == 0) {
                log.close();
            } else {
                disk.crash();
                disk = disk.afterCrash(room);
            }
            try (FileLog again = open(disk)) {
                assertThat(Logs.digests(again)).isEqualTo(expected);
            }
        }
        assertThat(failures).isPositive();
    }

    @Test
    void whatFitsIsCommittedWhenWhatFollowsDoesNot() {
        // given room for a small transaction, and three that become one batch
        FaultDisk disk = withTwoTransactions();
        SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);
        FileLog log = FileLog.open(FileOptions.of("a", FILE), environment);
        disk.limitTo(disk.usedBytes() + 40_000);
        // when
        CompletionStage<Void> small = log.append(Logs.tid(2), Logs.transaction(Logs.tid(3), Logs.data(1, "fits")));
        CompletionStage<Void> big =
                log.append(Logs.tid(3), Logs.transaction(Logs.tid(4), Logs.data(1, new byte[60_000])));
        CompletionStage<Void> behind = log.append(Logs.tid(4), Logs.transaction(Logs.tid(5), Logs.data(1, "no hole")));
        // then
        environment.await(small);
        assertThatThrownBy(() -> environment.await(big))
                .hasCause(new DiskFullException("cannot write to " + FILE + ": the disk is full"));
        assertThatThrownBy(() -> environment.await(behind)).hasCauseInstanceOf(DiskFullException.class);
        assertThat(Logs.text(log, 1)).hasValue("fits");
        environment.await(log.append(Logs.tid(3), Logs.transaction(Logs.tid(6), Logs.data(1, "and on"))));
        log.close();
        try (FileLog again = open(disk)) {
            assertThat(Logs.last(again)).isEqualTo(Logs.tid(6));
        }
    }

    @Test
    void theLogTellsOnceThatTheDiskIsFull() {
        FaultDisk disk = withTwoTransactions();
        SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);
        Told told = new Told(Level.SEVERE);
        try (told;
                FileLog log = FileLog.open(FileOptions.of("a", FILE), environment)) {
            long last = 2;
            for (int round = 0; round < 2; round++) {
                disk.limitTo(disk.usedBytes());
                for (int i = 0; i < 3; i++) {
                    CommittedTransaction refused = Logs.transaction(Logs.tid(last + 1), Logs.data(1, new byte[60_000]));
                    Tid previous = Logs.tid(last);
                    assertThatThrownBy(() -> environment.await(log.append(previous, refused)))
                            .hasCauseInstanceOf(DiskFullException.class);
                }
                disk.limitTo(Long.MAX_VALUE);
                environment.await(log.append(Logs.tid(last), Logs.transaction(Logs.tid(++last), Logs.data(1, "fits"))));
            }
        }

        assertThat(told.lines().stream().map(LogRecord::getParameters))
                .containsOnly(new Object[] {"cannot write to " + FILE + ": the disk is full"})
                .hasSize(2);
    }

    @Test
    void aQuotaBoundsTheFile() {
        FaultDisk disk = new FaultDisk();
        SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);
        try (FileLog log = FileLog.open(FileOptions.of("a", FILE).withQuota(5000), environment)) {
            environment.await(log.append(Tid.NONE, Logs.transaction(Logs.tid(1), Logs.data(1, new byte[4000]))));
            assertThatThrownBy(() -> environment.await(
                            log.append(Logs.tid(1), Logs.transaction(Logs.tid(2), Logs.data(1, new byte[1000])))))
                    .hasCauseInstanceOf(DiskFullException.class)
                    .hasMessageContaining("quota of 5000 bytes");
            environment.await(log.append(Logs.tid(1), Logs.transaction(Logs.tid(2), Logs.data(1, "small"))));
        }
    }

    @Test
    void afterAFailedSyncNothingIsAssumedAndNothingMoreWritten() throws Exception {
        // given
        FaultDisk disk = withTwoTransactions();
        SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);
        FileLog log = FileLog.open(FileOptions.of("a", FILE), environment);
        environment.await(log.append(Logs.tid(2), Logs.transaction(Logs.tid(3), Logs.data(1, "three"))));
        // when
        try (AutoCloseable rule = disk.rule(operation -> {
            if (operation.kind() == FaultDisk.Kind.SYNC && operation.path().equals(FILE)) {
                throw new java.io.IOException("input/output error");
            }
        })) {
            assertThatThrownBy(() -> environment.await(
                            log.append(Logs.tid(3), Logs.transaction(Logs.tid(4), Logs.data(1, "lost?")))))
                    .hasCauseInstanceOf(OutcomeUnknownException.class);
        }
        // then
        assertThatThrownBy(() ->
                        environment.await(log.append(Logs.tid(4), Logs.transaction(Logs.tid(5), Logs.data(1, "no")))))
                .hasCauseInstanceOf(StorageUnavailableException.class)
                .hasMessageContaining("opened again");
        assertThat(Logs.text(log, 2)).hasValue("two");
        log.close();
        try (FileLog again = open(disk)) {
            assertThat(Logs.last(again)).isIn(Logs.tid(3), Logs.tid(4));
            assertThat(Logs.text(again, 1)).get().isIn("three", "lost?");
        }
    }

    /** What was tried, and how each attempt ended. */
    private static final class Outcome {
        final List<TransactionDigest> tried = new ArrayList<>();
        final List<TransactionDigest> must = new ArrayList<>();
        final List<TransactionDigest> never = new ArrayList<>();
    }

    private Outcome use(FaultDisk disk) {
        Outcome outcome = new Outcome();
        SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);
        FileLog log = FileLog.open(FileOptions.of("a", FILE), environment);
        outcome.must.addAll(Logs.digests(log));
        outcome.tried.addAll(outcome.must);
        for (int i = 3; i < 9; i++) {
            byte[] data = i % 3 == 0 ? large : new byte[20];
            data[0] = (byte) i;
            CommittedTransaction transaction =
                    Logs.transaction(Logs.tid(i), Logs.data(1, data.clone()), Logs.data(i, data.clone()));
            TransactionDigest digest = TransactionDigest.of(transaction);
            outcome.tried.add(digest);
            try {
                environment.await(log.append(Logs.last(log), transaction));
                outcome.must.add(digest);
            } catch (StorageUnavailableException e) {
                // The last one is in doubt.
                outcome.never.add(digest);
            } catch (java.util.concurrent.CompletionException e) {
                assertThat(e).hasCauseInstanceOf(StorageException.class);
                if (!(e.getCause() instanceof OutcomeUnknownException)) {
                    outcome.never.add(digest);
                }
            }
            environment.advance(Duration.ofSeconds(5));
        }
        log.close();
        return outcome;
    }

    @Test
    void whateverStepFailsTheAnswersAreTrue() {
        FaultDisk prepared = withTwoTransactions();
        FaultDisk smooth = prepared.copy();
        use(smooth);
        assertThat(smooth.steps()).isGreaterThan(40);
        for (long step = 1; step <= smooth.steps(); step++) {
            FaultDisk disk = prepared.copy();
            disk.failAt(step);
            Outcome outcome;
            try {
                outcome = use(disk);
            } catch (StorageException e) {
                // It could not even be opened: then it can the next time.
                outcome = new Outcome();
                outcome.tried.addAll(Logs.digests(open(prepared.copy())));
                outcome.must.addAll(outcome.tried);
            }
            List<FaultDisk> later = new ArrayList<>(List.of(disk));
            for (long seed = 0; seed < 6; seed++) {
                later.add(disk.afterCrash(seed));
            }
            for (FaultDisk found : later) {
                try (FileLog log = open(found)) {
                    List<TransactionDigest> there = Logs.digests(log);
                    assertThat(there).as("step %d failed", step).containsAll(outcome.must);
                    assertThat(outcome.tried).containsAll(there);
                    assertThat(outcome.never).noneMatch(there::contains);
                }
            }
        }
    }

    @Test
    void whatTheFormatCannotHoldIsRefusedAndTheNextOneIsNot() {
        FaultDisk disk = new FaultDisk();
        SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);
        try (FileLog log = FileLog.open(FileOptions.of("a", FILE), environment)) {
            assertThatThrownBy(() ->
                            environment.await(log.append(Tid.NONE, Logs.transaction(Logs.tid(1), Logs.data(1, "")))))
                    .hasCauseInstanceOf(ProtocolException.class)
                    .hasMessageContaining("no bytes");
            environment.await(log.append(Tid.NONE, Logs.transaction(Logs.tid(2), Logs.data(1, "some"))));
            assertThat(Logs.get(log.serial(new Oid(1)))).isEqualTo(Logs.tid(2));
        }
    }

    @Test
    void aFileWhereAFolderIsNeededIsNamedWithWhatToDo(@TempDir Path folder) throws IOException {
        Path inTheWay = folder.resolve("disk");
        java.nio.file.Files.writeString(inTheWay, "no folder");
        FileOptions options = FileOptions.of("a", inTheWay.resolve("Data.fs"));
        try (SystemEnvironment environment = new SystemEnvironment("in-the-way")) {
            assertThatThrownBy(() -> FileLog.open(options, environment))
                    .isInstanceOf(StorageUnavailableException.class)
                    .hasMessageContaining(inTheWay + " is in the way")
                    .hasMessageContaining("configure another path");
        }
    }
}
