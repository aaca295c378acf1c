package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.file.Logs.tid;
import static org.zeoraid.file.Logs.transaction;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SystemDisk;

class BlobFolderTest {

    private static final Path FOLDER = Path.of("/data/blobs");
    private static final byte[] RECORD = "cZODB.blob\nBlob\n.N.".getBytes(StandardCharsets.US_ASCII);
    private static final Tid OLD = Tid.parse("040d2ed2bb00e600");

    private final FaultDisk disk = new FaultDisk();

    private static BlobFolder open(Disk disk, Path folder) throws IOException {
        return BlobFolder.open(disk, folder, FileOptions.Access.READ_WRITE, FileOptions.PackFormer.DELETE);
    }

    private static BlobSource source(String text, Optional<Path> file) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new BlobSource() {
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
                return file;
            }
        };
    }

    private static CommittedTransaction blobs(Tid tid, String text, Optional<Path> file, long... oids) {
        List<DataRecord> records = new ArrayList<>();
        for (long oid : oids) {
            records.add(new DataRecord(new Oid(oid), new Content.Data(RECORD), Optional.of(source(text, file))));
        }
        return transaction(tid, records.toArray(DataRecord[]::new));
    }

    private static CommittedTransaction blobs(Tid tid, String text, long... oids) {
        return blobs(tid, text, Optional.empty(), oids);
    }

    private static void store(BlobFolder blobs, CommittedTransaction transaction) throws IOException {
        blobs.store(transaction);
        blobs.name(List.of(transaction));
    }

    private static String read(BlobFolder blobs, long oid, Tid tid) throws IOException {
        try (InputStream in =
                blobs.find(new Oid(oid), tid, RECORD).orElseThrow().open()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void aNewFolderIsBushyAndHasItsFilesWherePythonLooksForThem() throws IOException {
        BlobFolder blobs = open(disk, FOLDER);

        store(blobs, blobs(OLD, "content", 0x12AB));

        Path file = FOLDER.resolve("0x00/0x00/0x00/0x00/0x00/0x00/0x12/0xab/0x040d2ed2bb00e600.blob");
        assertThat(disk.contents(file)).isEqualTo(Logs.bytes("content"));
        assertThat(new String(disk.contents(FOLDER.resolve(".layout")), StandardCharsets.US_ASCII))
                .isEqualTo("bushy");
        assertThat(read(blobs, 0x12AB, OLD)).isEqualTo("content");
        BlobSource found = blobs.find(new Oid(0x12AB), OLD, RECORD).orElseThrow();
        assertThat(found.size()).isEqualTo(7);
        assertThat(found.file()).contains(file);
    }

    @Test
    void theOldLayoutIsReadAndWrittenWhereTheFolderHasIt() throws IOException {
        disk.put(FOLDER.resolve("0x12ab/0x040d2ed2bb00e600.blob"), Logs.bytes("python's"));

        BlobFolder blobs = open(disk, FOLDER);
        store(blobs, blobs(tid(7), "ours", 0));

        assertThat(read(blobs, 0x12AB, OLD)).isEqualTo("python's");
        assertThat(disk.contents(FOLDER.resolve("0x00/0x0400000000000700.blob")))
                .isEqualTo(Logs.bytes("ours"));
        assertThat(disk.contents(FOLDER.resolve(".layout"))).isEqualTo(Logs.bytes("lawn"));
    }

    @Test
    void anUnknownLayoutIsRefused() {
        disk.put(FOLDER.resolve(".layout"), Logs.bytes("meadow\n"));
        assertThatThrownBy(() -> open(disk, FOLDER)).hasMessageContaining("meadow");
    }

    @Test
    void onlyTheRecordsOfBlobsHaveFiles() throws IOException {
        BlobFolder blobs = open(disk, FOLDER);
        store(blobs, blobs(OLD, "content", 1));

        assertThat(blobs.find(new Oid(1), OLD, Logs.bytes("another record"))).isEmpty();
        assertThat(blobs.find(new Oid(2), OLD, RECORD)).isEmpty();
        assertThat(blobs.damage(new Oid(1), OLD, RECORD)).isEmpty();
        assertThat(blobs.damage(new Oid(2), OLD, RECORD).orElseThrow()).contains("missing");
    }

    @Test
    void anObjectThatIsLikeABlobHasAFileIfThereIsOne() throws IOException {
        BlobFolder blobs = open(disk, FOLDER);
        byte[] likeABlob = "(cZODB.blob\nBlob\nNt.N.".getBytes(StandardCharsets.US_ASCII);
        store(
                blobs,
                transaction(
                        tid(1),
                        new DataRecord(
                                new Oid(1), new Content.Data(likeABlob), Optional.of(source("x", Optional.empty())))));

        assertThat(blobs.find(new Oid(1), tid(1), likeABlob)).isPresent();
        assertThat(blobs.find(new Oid(2), tid(1), likeABlob)).isEmpty();
        assertThat(blobs.damage(new Oid(2), tid(1), likeABlob)).isEmpty();
    }

    @Test
    void aFailedTransactionLeavesNothing() throws IOException {
        BlobFolder blobs = open(disk, FOLDER);
        CommittedTransaction transaction = blobs(OLD, "content", 1, 2);
        store(blobs, transaction);

        blobs.discard(transaction);

        assertThat(disk.files()).containsExactly(FOLDER.resolve(".layout"));
        assertThat(disk.list(FOLDER)).containsExactly(".layout", "tmp");
    }

    @Test
    void discardingWhatWasSettledKeepsIt() throws IOException {
        BlobFolder blobs = open(disk, FOLDER);
        CommittedTransaction transaction = blobs(OLD, "content", 1);
        store(blobs, transaction);
        blobs.settled(transaction);

        blobs.discard(transaction);

        assertThat(read(blobs, 1, OLD)).isEqualTo("content");
        assertThat(disk.list(FOLDER.resolve("tmp"))).isEmpty();
    }

    @Test
    void theNextOpeningSweepsFilesWithoutARecordAndNoOthers() throws IOException {
        BlobFolder before = open(disk, FOLDER);
        store(before, blobs(tid(1), "with a record", 1));
        store(before, blobs(tid(2), "without", 1, 2));

        BlobFolder after = open(disk.afterCrash(FaultDisk.ALL_SURVIVES), FOLDER);
        after.sweep((oid, tid) -> tid.equals(tid(1)));

        assertThat(read(after, 1, tid(1))).isEqualTo("with a record");
        assertThat(after.find(new Oid(1), tid(2), RECORD)).isEmpty();
        assertThat(after.find(new Oid(2), tid(2), RECORD)).isEmpty();
        assertThat(after.disk().list(after.tmp())).isEmpty();
    }

    @Test
    void aBlobThatIsShorterThanAnnouncedIsRefused() throws IOException {
        BlobFolder blobs = open(disk, FOLDER);
        BlobSource wrong = new BlobSource() {
            @Override
            public long size() {
                return 5;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(new byte[4]);
            }

            @Override
            public Optional<Path> file() {
                return Optional.empty();
            }
        };
        CommittedTransaction transaction =
                transaction(OLD, new DataRecord(new Oid(1), new Content.Data(RECORD), Optional.of(wrong)));

        assertThatThrownBy(() -> store(blobs, transaction)).isInstanceOf(IOException.class);
        blobs.discard(transaction);

        assertThat(disk.files()).containsExactly(FOLDER.resolve(".layout"));
    }

    @Test
    void aTailIsSetAsideAndTheRestStays() throws IOException {
        BlobFolder blobs = open(disk, FOLDER);
        for (int i = 1; i <= 3; i++) {
            CommittedTransaction transaction = blobs(tid(i), "content " + i, 1, i * 0x1000L);
            store(blobs, transaction);
            blobs.settled(transaction);
        }
        Path aside = Path.of("/data/aside");

        Blobs.Removal removal = blobs.cutTail(tid(1), aside);
        assertThat(read(blobs, 1, tid(2))).as("before it is cut off").isEqualTo("content 2");
        removal.carryOut((oid, tid) -> tid.equals(tid(1)));

        assertThat(read(blobs, 1, tid(1))).isEqualTo("content 1");
        assertThat(read(blobs, 0x1000, tid(1))).isEqualTo("content 1");
        assertThat(blobs.find(new Oid(1), tid(2), RECORD)).isEmpty();
        assertThat(blobs.find(new Oid(0x3000), tid(3), RECORD)).isEmpty();
        assertThat(disk.files().stream().filter(path -> path.startsWith(aside))).hasSize(4);
    }

    @Test
    void aTailThatWasNotCutOffAfterAllKeepsItsFiles() throws IOException {
        BlobFolder blobs = open(disk, FOLDER);
        store(blobs, blobs(tid(2), "content", 1));
        blobs.cutTail(tid(1), Path.of("/data/aside"));

        BlobFolder after = open(disk.afterCrash(FaultDisk.NOTHING_SURVIVES), FOLDER);
        after.sweep((oid, tid) -> true);

        assertThat(read(after, 1, tid(2))).isEqualTo("content");
        assertThat(after.disk().list(after.tmp())).isEmpty();
    }

    @Test
    void allCanBeSetAside() throws IOException {
        BlobFolder blobs = open(disk, FOLDER);
        store(blobs, blobs(OLD, "content", 1));

        blobs.setAside(Path.of("/data/aside"));

        assertThat(blobs.find(new Oid(1), OLD, RECORD)).isEmpty();
        assertThat(disk.files().stream().filter(path -> path.toString().endsWith(".blob")))
                .singleElement()
                .matches(path -> path.startsWith("/data/aside"));
        store(blobs, blobs(tid(1), "goes on", 1));
        assertThat(read(blobs, 1, tid(1))).isEqualTo("goes on");
    }

    @Test
    void manyBlobsThatArePackedAwayTakeFewSyncs() throws Exception {
        BlobFolder blobs = open(disk, FOLDER);
        long[] oids = LongStream.rangeClosed(1, 1000).toArray();
        CommittedTransaction transaction = blobs(OLD, "content", oids);
        store(blobs, transaction);
        blobs.settled(transaction);
        Blobs.Removal removal = blobs.beginRemoval();
        for (long oid : oids) {
            removal.add(oid, OLD.value());
        }
        removal.sync();

        AtomicInteger syncs = new AtomicInteger();
        try (AutoCloseable rule = disk.rule(operation -> {
            if (operation.kind() == FaultDisk.Kind.SYNC_FOLDER) {
                syncs.incrementAndGet();
            }
        })) {
            removal.carryOut((oid, tid) -> oid.value() == 7);
        }

        assertThat(syncs).hasValueLessThan(10);
        FaultDisk crashed = disk.afterCrash(FaultDisk.NOTHING_SURVIVES);
        assertThat(crashed.files().stream()
                        .filter(path ->
                                path.startsWith(FOLDER) && path.toString().endsWith(".blob")))
                .hasSize(1);
    }

    @Test
    void aBlobIsACopyAndNeverASecondNameOfItsSource(@TempDir Path temporary) throws IOException {
        SystemDisk real = new SystemDisk();
        Path given = temporary.resolve("given");
        Files.writeString(given, "content");
        BlobFolder blobs = open(real, temporary.resolve("blobs"));

        store(blobs, blobs(OLD, "content", Optional.of(given), 1));

        Path stored = blobs.find(new Oid(1), OLD, RECORD).orElseThrow().file().orElseThrow();
        assertThat(Files.readString(stored)).isEqualTo("content");
        assertThat(Files.readAttributes(stored, "unix:ino")).isNotEqualTo(Files.readAttributes(given, "unix:ino"));
        assertThat(given).exists();
    }
}
