package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.file.Logs.tid;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.seam.CrashWalk;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;

/** Crashes at every step of cutting off a tail that has blobs. */
class TailCutCrashTest {

    private static final Path FILE = Path.of("/data/Data.fs");
    private static final Path BLOBS = Path.of("/data/blobs");
    private static final byte[] RECORD = "cZODB.blob\nBlob\n.N.".getBytes(StandardCharsets.US_ASCII);
    private static final int SEEDS = Integer.getInteger("zeoraid.crash.seeds", 3);

    /** What was promised so far. */
    private static final class Notes {
        private int least;
        private int most;
    }

    private record Text(String text) implements BlobSource {
        @Override
        public long size() {
            return text.length();
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
        }

        @Override
        public Optional<Path> file() {
            return Optional.empty();
        }
    }

    private static FileLog open(SimulatedEnvironment environment) {
        return FileLog.open(FileOptions.of("a", FILE).withBlobFolder(BLOBS), environment);
    }

    private static CommittedTransaction blob(int number) {
        return Logs.transaction(
                tid(number),
                new DataRecord(new Oid(1), new Content.Data(RECORD), Optional.of(new Text("blob " + number))),
                new DataRecord(new Oid(9L << 40), new Content.Data(RECORD), Optional.of(new Text("other " + number))));
    }

    private static void append(SimulatedEnvironment environment, FileLog log, int from, int to) {
        for (int i = from; i <= to; i++) {
            environment.await(log.append(i == 1 ? Tid.NONE : tid(i - 1), blob(i)));
        }
    }

    @Test
    void noRecordIsWithoutItsBlobAndNoBlobWithoutItsRecord() {
        CrashWalk.Scenario<Notes> scenario = (disk, notes) -> {
            SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);
            FileLog log = open(environment);
            append(environment, log, 1, 2);
            notes.most = 5;
            append(environment, log, 3, 5);
            notes.least = 2;
            environment.await(log.cutTail(tid(2)));
            notes.most = 3;
            append(environment, log, 3, 3);
            notes.least = 3;
            log.close();
        };

        long steps = new CrashWalk<>(FaultDisk::new, Notes::new, scenario).walk(SEEDS, TailCutCrashTest::check);

        assertThat(steps).isGreaterThan(10);
    }

    private static void check(FaultDisk disk, Notes notes) {
        SimulatedEnvironment environment = new SimulatedEnvironment(2, disk);
        try (FileLog log = open(environment)) {
            List<Tid> tids =
                    Logs.digests(log).stream().map(TransactionDigest::tid).toList();
            if (notes.most > 0) {
                assertThat(tids).hasSizeBetween(notes.least, notes.most);
            }
            List<String> expected = new ArrayList<>();
            for (int i = 1; i <= tids.size(); i++) {
                assertThat(content(log, 1, i)).isEqualTo("blob " + i);
                assertThat(content(log, 9L << 40, i)).isEqualTo("other " + i);
                expected.add("one");
                expected.add("other");
            }
            assertThat(disk.files().stream()
                            .filter(path ->
                                    path.startsWith(BLOBS) && path.toString().endsWith(".blob")))
                    .hasSize(expected.size());
        }
    }

    private static String content(FileLog log, long oid, int number) {
        try (InputStream in = Logs.get(log.blob(new Oid(oid), tid(number))).open()) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
