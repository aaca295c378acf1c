package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.VerifyResult;
import org.zeoraid.storage.seam.CrashWalk;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;

/** The power fails within each step of a log's life, and what was not synced survives in part, torn or reordered. */
class CrashTest {

    private static final Path FILE = Path.of("/data/main/a/Data.fs");
    private static final int SEEDS = Integer.getInteger("zeoraid.crash.seeds", 8);

    /** What has to be found, and what may be. */
    private static final class Notes {
        /** All transactions that were tried, in their order, without those cut off. */
        List<TransactionDigest> tried = new ArrayList<>();
        /** So many of them have to be there. */
        int acknowledged;

        private long number = 1;
    }

    /** A log in use, noting what it promises. */
    private static final class Use {

        private final SimulatedEnvironment environment;
        private final Notes notes;
        private final FileLog log;
        private final SplittableRandom random = new SplittableRandom(7);

        Use(FaultDisk disk, Notes notes) {
            this.environment = new SimulatedEnvironment(1, disk);
            this.notes = notes;
            this.log = FileLog.open(FileOptions.of("a", FILE), environment);
        }

        /** Queues transactions of some records each, which become one batch. */
        void commit(int transactions, int records, int size) {
            List<CompletionStage<Void>> stages = new ArrayList<>();
            Tid last = notes.tried.isEmpty()
                    ? Tid.NONE
                    : notes.tried.get(notes.tried.size() - 1).tid();
            for (int i = 0; i < transactions; i++) {
                DataRecord[] entries = new DataRecord[records];
                for (int r = 0; r < records; r++) {
                    byte[] data = new byte[1 + random.nextInt(size)];
                    random.nextBytes(data);
                    entries[r] = Logs.data(r * 3L + notes.number % 2, data);
                }
                CommittedTransaction transaction = Logs.transaction(Logs.tid(notes.number++), entries);
                notes.tried.add(TransactionDigest.of(transaction));
                stages.add(log.append(last, transaction));
                last = transaction.tid();
            }
            for (CompletionStage<Void> stage : stages) {
                environment.await(stage);
                notes.acknowledged++;
            }
        }

        void cutTail(int keep) {
            int before = notes.acknowledged;
            notes.acknowledged = keep;
            environment.await(
                    log.cutTail(keep == 0 ? Tid.NONE : notes.tried.get(keep - 1).tid()));
            assertThat(before).isGreaterThan(keep);
            notes.tried.subList(keep, notes.tried.size()).clear();
        }

        void rest(Duration duration) {
            environment.advance(duration);
        }

        void close() {
            log.close();
        }
    }

    private static void check(FaultDisk disk, Notes notes) {
        List<TransactionDigest> found;
        SimulatedEnvironment environment = new SimulatedEnvironment(2, disk);
        try (FileLog log = FileLog.open(FileOptions.of("a", FILE), environment)) {
            found = Logs.digests(log);
            assertThat(found)
                    .as("acknowledged transactions, and whole ones behind")
                    .hasSizeBetween(notes.acknowledged, notes.tried.size())
                    .isEqualTo(notes.tried.subList(0, found.size()));
            VerifyResult result = environment.await(log.verify(progress -> {}));
            assertThat(result.damages()).isEmpty();
            assertThat(result.unverified()).as("records without checksum").isZero();
            // It goes on.
            Tid last = Logs.last(log);
            environment.await(log.append(last, Logs.transaction(Logs.tid(1_000_000), Logs.data(1, "after the crash"))));
        }
        try (FileLog log = FileLog.open(FileOptions.of("a", FILE), environment)) {
            List<TransactionDigest> again = Logs.digests(log);
            assertThat(again.subList(0, found.size())).isEqualTo(found);
            assertThat(again).hasSize(found.size() + 1);
            assertThat(Logs.text(log, 1)).hasValue("after the crash");
        }
    }

    private static void walk(CrashWalk.Scenario<Notes> scenario) {
        long steps = new CrashWalk<>(FaultDisk::new, Notes::new, scenario).walk(SEEDS, CrashTest::check);
        assertThat(steps).isGreaterThan(10);
    }

    @Test
    void commitsSurvive() {
        walk((disk, notes) -> {
            Use use = new Use(disk, notes);
            use.commit(1, 1, 10);
            use.commit(1, 4, 700);
            use.commit(3, 5, 600);
            use.commit(1, 3, 5000);
            use.commit(2, 1, 40);
            use.close();
        });
    }

    @Test
    void largeBatchesSurvive() {
        walk((disk, notes) -> {
            Use use = new Use(disk, notes);
            use.commit(1, 2, 10);
            use.commit(4, 6, 9000);
            use.commit(1, 2, 10);
            use.commit(5, 9, 3000);
            use.close();
        });
    }

    @Test
    void openingAgainAndHousekeepingAreSurvived() {
        walk((disk, notes) -> {
            Use first = new Use(disk, notes);
            first.commit(2, 2, 300);
            first.rest(Duration.ofSeconds(10));
            first.commit(1, 2, 300);
            first.rest(Duration.ofSeconds(10));
            first.close();
            Use second = new Use(disk, notes);
            second.commit(1, 7, 1000);
            second.close();
        });
    }

    @Test
    void aCutTailIsGoneAndNothingElse() {
        walk((disk, notes) -> {
            Use use = new Use(disk, notes);
            use.commit(3, 2, 300);
            use.commit(2, 3, 900);
            use.cutTail(2);
            use.commit(2, 3, 900);
            use.cutTail(3);
            use.close();
            Use second = new Use(disk, notes);
            second.cutTail(1);
            second.commit(1, 2, 10);
            second.close();
        });
    }

    @Test
    void whoCrashesWhileRecoveringRecoversStill() {
        // given a log that was not closed, crashed within its last commits
        for (long seed = 0; seed < 5; seed++) {
            for (int back = 0; back < 5; back++) {
                Notes notes = new Notes();
                FaultDisk disk = crashed(notes, back);
                FaultDisk left = disk.afterCrash(seed < 2 ? seed : 1000 + seed);
                // when it crashes again while it is opened
                for (long step = 1; ; step++) {
                    FaultDisk again = left.copy();
                    again.crashAt(again.steps() + step);
                    try {
                        FileLog.open(FileOptions.of("a", FILE), new SimulatedEnvironment(3, again));
                    } catch (RuntimeException e) {
                        assertThat(again.hasCrashed()).isTrue();
                    }
                    // then
                    for (long third = 0; third < 3; third++) {
                        check(again.afterCrash(third), notes);
                    }
                    if (!again.hasCrashed()) {
                        break;
                    }
                }
            }
        }
    }

    private static FaultDisk crashed(Notes notes, int stepsBeforeTheEnd) {
        FaultDisk dry = new FaultDisk();
        commitSome(dry, new Notes());
        FaultDisk disk = new FaultDisk();
        disk.crashAt(dry.steps() - stepsBeforeTheEnd);
        try {
            commitSome(disk, notes);
        } catch (RuntimeException e) {
            assertThat(disk.hasCrashed()).isTrue();
        }
        return disk;
    }

    private static void commitSome(FaultDisk disk, Notes notes) {
        Use use = new Use(disk, notes);
        use.commit(2, 2, 300);
        use.commit(3, 3, 900);
        use.commit(2, 4, 1500);
    }
}
