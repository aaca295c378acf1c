package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.file.Logs.data;
import static org.zeoraid.file.Logs.link;
import static org.zeoraid.file.Logs.tid;
import static org.zeoraid.file.Logs.transaction;
import static org.zeoraid.storage.contract.Pickles.referencing;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackRequest.Garbage;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.seam.CrashWalk;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;

/** Crashes at every step of packs, with appends before and after, and of commits with blobs. */
class PackCrashTest {

    private static final Logger LOGGER = Logger.getLogger("org.zeoraid.file");
    private static final Path FILE = Path.of("/data/Data.fs");
    private static final Path BLOBS = Path.of("/data/blobs");
    private static final FileOptions OPTIONS = FileOptions.of("m", FILE).withBlobFolder(BLOBS);
    private static final byte[] BLOB_RECORD = "cZODB.blob\nBlob\n.N.".getBytes(StandardCharsets.US_ASCII);
    private static final int SEEDS = Integer.getInteger("zeoraid.crash.seeds", 6);

    /** What has been acknowledged. */
    private static final class Notes {
        private final List<TransactionDigest> appended = new ArrayList<>();
        private Tid tried = Tid.NONE;
        private boolean packed;
    }

    record Bytes(byte[] bytes) implements BlobSource {
        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(bytes);
        }

        @Override
        public Optional<Path> file() {
            return Optional.empty();
        }
    }

    private static DataRecord blob(long oid, String text) {
        return new DataRecord(new Oid(oid), new Content.Data(BLOB_RECORD), Optional.of(new Bytes(Logs.bytes(text))));
    }

    private static final Tid PACK = tid(6);

    private static FaultDisk start() {
        FaultDisk disk = new FaultDisk();
        SimulatedEnvironment environment = new SimulatedEnvironment(3, disk);
        FileLog log = FileLog.open(OPTIONS, environment);
        append(environment, log, 1, data(0, referencing("root", new Oid(1), new Oid(2))), blob(1, "blob 1"));
        append(environment, log, 2, data(2, referencing("two")), blob(3, "garbage"));
        append(environment, log, 3, data(2, referencing("two again")), blob(1, "blob 3"));
        append(environment, log, 4, data(4, referencing("garbage")));
        append(environment, log, 5, data(2, referencing("two once more")));
        append(environment, log, 6, data(0, referencing("root of 6", new Oid(1), new Oid(2))));
        append(environment, log, 7, link(2, tid(3), "?"));
        append(environment, log, 8, blob(1, "blob 8"));
        log.close();
        return disk.copy();
    }

    private static TransactionDigest append(
            SimulatedEnvironment environment, FileLog log, long number, DataRecord... records) {
        CommittedTransaction transaction = transaction(tid(number), records);
        if (records[0].content() instanceof Content.Link link) {
            byte[] bytes = Logs.get(log.loadSerial(records[0].oid(), link.origin()));
            transaction =
                    transaction(tid(number), new DataRecord(records[0].oid(), new Content.Link(link.origin(), bytes)));
        }
        environment.await(log.append(Logs.last(log), transaction));
        return TransactionDigest.of(transaction);
    }

    @BeforeEach
    void quiet() {
        // Each of the many crashes would be logged.
        LOGGER.setLevel(Level.OFF);
    }

    @AfterEach
    void loud() {
        LOGGER.setLevel(null);
    }

    @Test
    void wheneverAPackIsInterruptedNothingAcknowledgedIsLost() {
        FaultDisk before = start();
        for (FileOptions.PackFormer former : FileOptions.PackFormer.values()) {
            FileOptions options = OPTIONS.withPackFormer(former);
            CrashWalk<Notes> walk =
                    new CrashWalk<>(before::copy, Notes::new, (disk, notes) -> run(options, disk, notes));

            long steps = walk.walk(SEEDS, (disk, notes) -> check(options, disk, notes));

            assertThat(steps).isGreaterThan(60);
        }
    }

    @Test
    void whereverTheDiskFailsOnceNothingAcknowledgedIsLost() throws Exception {
        FaultDisk before = start();
        int failedPacks = 0;
        for (long step = 1; ; step++) {
            FaultDisk disk = before.copy();
            disk.failAt(step);
            Notes notes = new Notes();
            boolean failed = false;
            try {
                run(OPTIONS, disk, notes);
            } catch (RuntimeException e) {
                failed = true;
                failedPacks += notes.tried.equals(tid(9)) && notes.appended.size() == 1 ? 1 : 0;
            }
            if (disk.steps() < step) {
                break;
            }
            assertThat(failed || notes.appended.size() == 3).isTrue();
            for (long seed = 0; seed < SEEDS / 2; seed++) {
                try {
                    check(OPTIONS, disk.afterCrash(seed), notes);
                } catch (Exception | AssertionError e) {
                    throw new AssertionError(
                            "after an error at " + disk.journal().get((int) step - 1) + ", seed " + seed, e);
                }
            }
        }
        assertThat(failedPacks).isGreaterThan(10);
    }

    private static void run(FileOptions options, FaultDisk disk, Notes notes) {
        SimulatedEnvironment environment = new SimulatedEnvironment(5, disk);
        FileLog log = FileLog.open(options, environment);
        for (int i = 9; i < 12; i++) {
            if (i == 10) {
                environment.await(log.pack(new PackRequest(PACK, Garbage.COLLECT)));
                notes.packed = true;
            }
            notes.tried = tid(i);
            notes.appended.add(append(environment, log, i, data(2, referencing("two of " + i)), blob(1, "blob " + i)));
        }
        log.close();
    }

    private static void check(FileOptions options, FaultDisk disk, Notes notes) throws Exception {
        SimulatedEnvironment environment = new SimulatedEnvironment(7, disk);
        FileLog log = FileLog.open(options, environment);
        List<TransactionDigest> digests = Logs.all(log.digests(tid(9), Tid.MAX));
        assertThat(digests).hasSizeBetween(notes.appended.size(), notes.appended.size() + 1);
        assertThat(digests.subList(0, notes.appended.size())).isEqualTo(notes.appended);
        if (digests.size() > notes.appended.size()) {
            assertThat(digests.get(digests.size() - 1).tid()).isEqualTo(notes.tried);
        }
        // The state at the pack time, and all after it.
        assertThat(Logs.get(log.loadBefore(Oid.ROOT, Tid.MAX)).orElseThrow().data())
                .isEqualTo(referencing("root of 6", new Oid(1), new Oid(2)));
        assertThat(Logs.get(log.loadSerial(new Oid(2), tid(7)))).isEqualTo(referencing("two again"));
        assertThat(content(log, 1, 3)).isEqualTo("blob 3");
        assertThat(content(log, 1, 8)).isEqualTo("blob 8");
        for (TransactionDigest digest : digests) {
            assertThat(content(log, 1, digest.tid()))
                    .isEqualTo("blob " + (digest.tid().value() - tid(0).value() >> 8));
        }
        boolean packed = Logs.get(log.packedTo()).equals(PACK);
        assertThat(packed || !notes.packed).as("an acknowledged pack is one").isTrue();
        if (packed) {
            assertGone(log, 1, 1);
            assertGone(log, 3, 2);
        } else {
            assertThat(content(log, 1, 1)).isEqualTo("blob 1");
            assertThat(content(log, 3, 2)).isEqualTo("garbage");
        }
        assertThat(environment.await(log.verify(progress -> {})).damages()).isEmpty();
        // And it goes on.
        append(environment, log, 20, data(0, referencing("later")), blob(1, "blob 20"));
        log.close();
        assertOnlyKnownFiles(disk, options);
    }

    private static void assertGone(FileLog log, long oid, long number) throws Exception {
        try {
            assertThat(content(log, oid, number)).as("dropped").isNull();
        } catch (ObjectNotFoundException e) {
            assertThat(e.oid()).isEqualTo(new Oid(oid));
        }
    }

    private static String content(FileLog log, long oid, long number) throws Exception {
        return content(log, oid, tid(number));
    }

    private static String content(FileLog log, long oid, Tid tid) throws Exception {
        try (InputStream in = Logs.get(log.blob(new Oid(oid), tid)).open()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** No file of a pack is left, and each blob file has its record. */
    private static void assertOnlyKnownFiles(FaultDisk disk, FileOptions options) throws Exception {
        Map<String, Long> blobs = new HashMap<>();
        for (Path path : disk.files()) {
            String name = path.toString();
            assertThat(name).doesNotContain("raidpack").doesNotContain("raidold");
            if (name.startsWith(BLOBS + "/")) {
                assertThat(name).doesNotContain("/tmp/");
                blobs.put(name, 1L);
            }
        }
        FileLog log = FileLog.open(options, new SimulatedEnvironment(8, disk));
        long records = 0;
        for (CommittedTransaction transaction : Logs.transactions(log)) {
            for (DataRecord entry : transaction.records()) {
                records += entry.blob().isPresent() ? 1 : 0;
            }
        }
        log.close();
        assertThat(blobs.keySet().stream().filter(name -> name.endsWith(".blob")))
                .hasSize((int) records);
    }
}
