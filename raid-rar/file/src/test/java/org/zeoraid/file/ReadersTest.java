package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SystemEnvironment;

/** Many threads at once, on a real file. */
class ReadersTest {

    @TempDir
    Path folder;

    @Test
    void readersThatAreInterruptedHarmNobody() throws Exception {
        // given
        try (SystemEnvironment environment = new SystemEnvironment("test");
                FileLog log = FileLog.open(FileOptions.of("a", folder.resolve("Data.fs")), environment)) {
            Logs.get(log.append(Tid.NONE, Logs.transaction(Logs.tid(1), Logs.data(1, "1"), Logs.data(2, "1"))));
            AtomicBoolean stop = new AtomicBoolean();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            List<Thread> readers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Thread reader = new Thread(() -> {
                    SplittableRandom random = new SplittableRandom();
                    while (!stop.get() && failure.get() == null) {
                        try {
                            Revision one = log.loadBefore(new Oid(1 + random.nextInt(2)), Tid.MAX)
                                    .toCompletableFuture()
                                    .join()
                                    .orElseThrow();
                            assertThat(Logs.tid(Long.parseLong(
                                            new String(one.data(), java.nio.charset.StandardCharsets.UTF_8))))
                                    .isEqualTo(one.serial());
                            assertThat(log.headers(Tid.NONE, Tid.MAX)
                                            .next(1000)
                                            .toCompletableFuture()
                                            .join())
                                    .isNotEmpty();
                        } catch (Throwable e) {
                            failure.set(e);
                        }
                    }
                });
                readers.add(reader);
                reader.start();
            }
            // when
            for (int i = 2; i < 300; i++) {
                String text = String.valueOf(i);
                Logs.get(log.append(
                        Logs.tid(i - 1), Logs.transaction(Logs.tid(i), Logs.data(1, text), Logs.data(2, text))));
                readers.forEach(Thread::interrupt);
            }
            stop.set(true);
            for (Thread reader : readers) {
                reader.join();
            }
            // then
            assertThat(failure.get()).isNull();
            assertThat(Logs.last(log)).isEqualTo(Logs.tid(299));
        }
    }

    @Test
    void aLargeTransactionIsReadInPiecesAnyNumberOfTimes() throws Exception {
        // given
        int records = 4000;
        DataRecord[] entries = new DataRecord[records];
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < records; i++) {
            byte[] data = new byte[i == 77 ? 3_000_000 : 1 + random.nextInt(2000)];
            random.nextBytes(data);
            entries[i] = i % 10 == 9 ? Logs.gone(i) : Logs.data(i, data);
        }
        CommittedTransaction large = Logs.transaction(Logs.tid(1), entries);
        try (SystemEnvironment environment = new SystemEnvironment("test");
                FileLog log = FileLog.open(FileOptions.of("a", folder.resolve("Data.fs")), environment);
                FileLog copy = FileLog.open(FileOptions.of("b", folder.resolve("copy.fs")), environment)) {
            // when
            Logs.get(log.append(Tid.NONE, large));
            // then
            CommittedTransaction read = Logs.transactions(log).get(0);
            assertThat(read.recordCount()).isEqualTo(records);
            assertThat(read.dataBytes()).isEqualTo(large.dataBytes());
            for (int round = 0; round < 2; round++) {
                int number = 0;
                for (DataRecord entry : read.records()) {
                    assertThat(entry.oid()).isEqualTo(entries[number].oid());
                    assertThat(entry.data().orElse(new byte[0]))
                            .isEqualTo(entries[number].data().orElse(new byte[0]));
                    number++;
                }
                assertThat(number).isEqualTo(records);
            }
            assertThat(Logs.get(log.loadBefore(new Oid(77), Tid.MAX))
                            .orElseThrow()
                            .data())
                    .hasSize(3_000_000);
            Logs.get(copy.append(Tid.NONE, read));
            assertThat(Logs.digests(copy)).isEqualTo(Logs.digests(log));
        }
    }

    @Test
    void recordsOfAllSizesAreReadAndSmallOnesWithSmallReads() throws Exception {
        // given
        FaultDisk disk = new FaultDisk();
        try (FileLog log = FileLog.open(FileOptions.of("a", Path.of("/data/Data.fs")), new InlineEnvironment(disk))) {
            SplittableRandom random = new SplittableRandom(11);
            byte[][] contents = new byte[400][];
            DataRecord[] entries = new DataRecord[contents.length];
            for (int i = 0; i < contents.length; i++) {
                contents[i] = new byte[i < 100 ? 1 + i : 1 + random.nextInt(4_000)];
                random.nextBytes(contents[i]);
                entries[i] = Logs.data(i, contents[i]);
            }
            Logs.get(log.append(Tid.NONE, Logs.transaction(Logs.tid(1), entries)));
            // when
            for (int i = 0; i < 2_000; i++) {
                int oid = random.nextInt(contents.length);
                // then
                assertThat(load(log, oid)).isEqualTo(contents[oid]);
            }
            for (int i = 0; i < 100; i++) {
                load(log, i);
            }
            List<Long> lengths = new ArrayList<>();
            disk.rule(operation -> lengths.add(operation.length()));
            for (int i = 0; i < 100; i++) {
                load(log, i);
            }
            assertThat(lengths).hasSize(100).containsOnly(256L);
        }
    }

    private static byte[] load(FileLog log, long oid) {
        return Logs.get(log.loadBefore(new Oid(oid), Tid.MAX)).orElseThrow().data();
    }

    @Test
    void aTidIsFoundWithoutReadingTheWholeFile() throws Exception {
        // given many transactions
        try (SystemEnvironment environment = new SystemEnvironment("test");
                FileLog log = FileLog.open(FileOptions.of("a", folder.resolve("Data.fs")), environment)) {
            Tid last = Tid.NONE;
            int count = 3000;
            for (int i = 1; i <= count; i++) {
                var stage = log.append(last, Logs.transaction(Logs.tid(i), Logs.data(i % 50, new byte[1000])));
                last = Logs.tid(i);
                if (i % 500 == 0) {
                    Logs.get(stage);
                }
            }
            for (int from : new int[] {1, 2, 1499, 2990, 3000}) {
                // when, then
                assertThat(Logs.all(log.headers(Logs.tid(from), Tid.MAX), 500))
                        .hasSize(count - from + 1)
                        .first()
                        .satisfies(header -> assertThat(header.tid()).isEqualTo(Logs.tid(from)));
                assertThat(Logs.all(log.transactions(Logs.tid(from), Logs.tid(from + 1)), 500))
                        .hasSize(Math.min(2, count - from + 1));
            }
            assertThat(Logs.all(log.headers(Logs.tid(count).after(), Tid.MAX))).isEmpty();
        }
    }
}
