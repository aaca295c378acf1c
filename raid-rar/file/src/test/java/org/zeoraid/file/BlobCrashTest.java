package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.file.Logs.data;
import static org.zeoraid.file.Logs.tid;
import static org.zeoraid.file.Logs.transaction;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.seam.CrashWalk;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;

/**
 * Crashes, errors and a full disk at every step of batches whose transactions have blobs: no record is without its blob,
 * no blob without its record.
 */
class BlobCrashTest {

    private static final Logger LOGGER = Logger.getLogger("org.zeoraid.file");
    private static final Path FILE = Path.of("/data/Data.fs");
    private static final Path BLOBS = Path.of("/data/blobs");
    private static final byte[] RECORD = "cZODB.blob\nBlob\n.N.".getBytes(StandardCharsets.US_ASCII);
    private static final int SEEDS = Integer.getInteger("zeoraid.crash.seeds", 6);

    /**
     * The objects that have blobs in the transactions of two batches: in folders of their own, in the same folder and far from
     * each other, and a second blob of two of them.
     */
    private static final long[][] FIRST = {{1}, {}, {2, 0x10001}, {1}};

    private static final long[][] SECOND = {{2}, {3}, {}};

    /** What has been tried, and what was acknowledged. */
    private static final class Notes {
        private final Set<Tid> tried = new HashSet<>();
        private final List<Tid> acknowledged = new ArrayList<>();
    }

    /** A log in use, noting what it promises. */
    private static final class Use {

        private final SimulatedEnvironment environment;
        private final FileLog log;
        private final Notes notes;
        private long number;

        Use(FaultDisk disk, Notes notes) {
            this.environment = new SimulatedEnvironment(3, disk);
            this.log = open(environment);
            this.notes = notes;
        }

        /** Transactions that become one batch, with blobs of these objects each. */
        void commit(long[]... oids) {
            List<Tid> tids = new ArrayList<>();
            List<CompletionStage<Void>> stages = new ArrayList<>();
            Tid last = Logs.last(log);
            for (long[] each : oids) {
                number++;
                CommittedTransaction transaction = withBlobs(number, each);
                tids.add(transaction.tid());
                notes.tried.add(transaction.tid());
                stages.add(log.append(last, transaction));
                last = transaction.tid();
            }
            for (int i = 0; i < tids.size(); i++) {
                environment.await(stages.get(i));
                notes.acknowledged.add(tids.get(i));
            }
        }

        /** The same, whatever becomes of it. */
        void tryCommit(long[]... oids) {
            try {
                commit(oids);
            } catch (CompletionException | StorageUnavailableException e) {
                // Not acknowledged; after a failed sync nothing is written any more.
            }
        }

        void close() {
            log.close();
        }
    }

    private static FileLog open(SimulatedEnvironment environment) {
        return FileLog.open(FileOptions.of("a", FILE).withBlobFolder(BLOBS), environment);
    }

    private static CommittedTransaction withBlobs(long number, long... oids) {
        List<DataRecord> records = new ArrayList<>();
        records.add(data(0, "transaction " + number));
        for (long oid : oids) {
            records.add(new DataRecord(
                    new Oid(oid),
                    new Content.Data(RECORD),
                    Optional.of(new PackCrashTest.Bytes(Logs.bytes(text(oid, tid(number)))))));
        }
        return transaction(tid(number), records.toArray(DataRecord[]::new));
    }

    private static String text(long oid, Tid tid) {
        return "blob " + oid + " of " + tid;
    }

    @BeforeEach
    void quiet() {
        // Each of the many failures would be logged.
        LOGGER.setLevel(Level.OFF);
    }

    @AfterEach
    void loud() {
        LOGGER.setLevel(null);
    }

    @Test
    void whereverItCrashesNoRecordIsWithoutItsBlobAndNoBlobWithoutItsRecord() {
        CrashWalk<Notes> walk = new CrashWalk<>(FaultDisk::new, Notes::new, (disk, notes) -> {
            Use use = new Use(disk, notes);
            use.commit(FIRST);
            use.commit(SECOND);
            use.close();
        });

        long steps = walk.walk(SEEDS, BlobCrashTest::check);

        assertThat(steps).isGreaterThan(60);
    }

    @Test
    void whereverTheDiskFailsOnceWhatIsAcknowledgedLaterLasts() throws Exception {
        int failures = 0;
        for (long step = 1; ; step++) {
            FaultDisk disk = new FaultDisk();
            Notes notes = new Notes();
            Use use = new Use(disk, notes);
            long before = disk.steps();
            disk.failAt(before + step);
            use.tryCommit(FIRST);
            use.tryCommit(SECOND);
            if (disk.steps() < before + step) {
                break;
            }
            failures += notes.acknowledged.size() < FIRST.length + SECOND.length ? 1 : 0;
            checkAfterCrashes(
                    disk, notes, disk.journal().get((int) (before + step) - 1).toString());
        }
        assertThat(failures).isPositive();
    }

    @Test
    void howeverLittleRoomThereIsWhatIsAcknowledgedLaterLasts() throws Exception {
        int failures = 0;
        int complete = 0;
        for (long room = 0; complete < 3; room += 211) {
            FaultDisk disk = new FaultDisk();
            Notes notes = new Notes();
            Use use = new Use(disk, notes);
            disk.limitTo(disk.usedBytes() + room);
            use.tryCommit(FIRST);
            boolean all = notes.acknowledged.size() == FIRST.length;
            complete += all ? 1 : 0;
            failures += all ? 0 : 1;
            disk.limitTo(Long.MAX_VALUE);
            use.tryCommit(SECOND);
            checkAfterCrashes(disk, notes, "room of " + room);
        }
        assertThat(failures).isPositive();
    }

    private static void checkAfterCrashes(FaultDisk disk, Notes notes, String what) throws Exception {
        for (long seed = 0; seed < SEEDS; seed++) {
            try {
                check(disk.afterCrash(seed), notes);
            } catch (Exception | AssertionError e) {
                throw new AssertionError("after " + what + ", seed " + seed, e);
            }
        }
    }

    private static void check(FaultDisk disk, Notes notes) throws Exception {
        SimulatedEnvironment environment = new SimulatedEnvironment(7, disk);
        FileLog log = open(environment);
        Set<Path> expected = new HashSet<>();
        List<Tid> found = new ArrayList<>();
        for (CommittedTransaction transaction : Logs.transactions(log)) {
            found.add(transaction.tid());
            for (DataRecord entry : transaction.records()) {
                if (!entry.oid().equals(Oid.ROOT)) {
                    expected.add(blobOf(log, entry.oid(), transaction.tid()));
                }
            }
        }
        assertThat(notes.tried).containsAll(found);
        assertThat(found).containsAll(notes.acknowledged);
        assertThat(environment.await(log.verify(progress -> {})).damages()).isEmpty();
        log.close();
        assertThat(disk.files().stream().filter(path -> path.startsWith(BLOBS) && !path.endsWith(".layout")))
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    /** Its file, the content compared. */
    private static Path blobOf(FileLog log, Oid oid, Tid tid) throws Exception {
        var blob = Logs.get(log.blob(oid, tid));
        try (InputStream in = blob.open()) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(text(oid.value(), tid));
        }
        return blob.file().orElseThrow();
    }
}
