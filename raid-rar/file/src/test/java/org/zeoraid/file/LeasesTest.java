package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.file.Logs.data;
import static org.zeoraid.file.Logs.tid;
import static org.zeoraid.file.Logs.transaction;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;

/** A file that was replaced is open for as long as somebody reads it. */
class LeasesTest {

    private static final Path FILE = Path.of("/data/Data.fs");

    private final FaultDisk disk = new FaultDisk();
    private final SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);

    private FileLog openWithHistory() {
        FileLog log =
                FileLog.open(FileOptions.of("a", FILE).withPackFormer(FileOptions.PackFormer.DELETE), environment);
        DataRecord[] large = new DataRecord[300];
        for (int i = 0; i < large.length; i++) {
            large[i] = data(i, new byte[5_000]);
        }
        append(log, 1, data(1, "old"));
        append(log, 2, large);
        append(log, 3, large);
        append(log, 4, data(1, "new"));
        return log;
    }

    private void append(FileLog log, long number, DataRecord... records) {
        environment.await(log.append(Logs.last(log), transaction(tid(number), records)));
    }

    private void pack(FileLog log, long number) {
        environment.await(log.pack(new PackRequest(tid(number), PackRequest.Garbage.KEEP)));
        environment.advance(java.time.Duration.ofSeconds(10));
    }

    /** Bytes of files that have no name any more, but are open. */
    private long bytesWithoutName() {
        return disk.usedBytes() - disk.files().stream().mapToLong(this::size).sum();
    }

    private long size(Path file) {
        try {
            return disk.contents(file).length;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aPackedFileIsClosedWhenNobodyReadsIt() {
        FileLog log = openWithHistory();
        assertThat(Logs.text(log, 1)).hasValue("new");
        var headers = log.headers(Tid.NONE, Tid.MAX);
        Logs.get(headers.next(1));

        pack(log, 2);

        assertThat(bytesWithoutName()).isZero();
        assertThat(Logs.text(log, 1)).hasValue("new");
        assertThat(Logs.all(headers)).hasSize(3);
        log.close();
    }

    @Test
    void whoReadsALargeTransactionOfAPackedFileReadsItToItsEnd() {
        FileLog log = openWithHistory();
        CommittedTransaction second = Logs.transactions(log).get(1);
        TransactionDigest expected = TransactionDigest.of(second);
        Iterator<DataRecord> reading = second.records().iterator();
        reading.next();

        pack(log, 3);

        assertThat(bytesWithoutName()).isPositive();
        int more = 0;
        while (reading.hasNext()) {
            assertThat(reading.next().data().orElseThrow()).hasSize(5_000);
            more++;
        }
        environment.advance(java.time.Duration.ofSeconds(1));
        assertThat(more).isEqualTo(299);
        assertThat(bytesWithoutName()).isZero();
        assertThat(expected.tid()).isEqualTo(tid(2));
        log.close();
    }

    @Test
    void whoIsOvertakenByTwoPacksReadsInTheFileThatIsInPlaceThen() throws Exception {
        FileLog log = openWithHistory();
        var headers = log.headers(Tid.NONE, Tid.MAX);
        Logs.get(headers.next(1));
        var current = log.currentRecords(Oid.ROOT);
        Logs.get(current.next(1));

        assertThat(overtaken(log, 5, () -> Logs.text(log, 1))).hasValue("new");
        assertThat(overtaken(log, 6, () -> Logs.all(headers)))
                .extracting(TransactionHeader::tid)
                .contains(tid(6));
        assertThat(overtaken(log, 7, () -> Logs.all(current))).hasSize(299);
        log.close();
    }

    /** Asks, and as soon as something is read has the file appended to and packed twice. */
    private <T> T overtaken(FileLog log, long number, Supplier<T> question) throws Exception {
        AtomicBoolean first = new AtomicBoolean(true);
        AutoCloseable rule = disk.rule(operation -> {
            if (operation.kind() == FaultDisk.Kind.READ && first.compareAndSet(true, false)) {
                append(log, number, data(2, "one"), data(3, "more"));
                pack(log, number - 1);
                pack(log, number);
            }
        });
        try (rule) {
            T answer = question.get();
            assertThat(first).isFalse();
            return answer;
        }
    }

    @Test
    void aLargeTransactionIsFoundAgainInAPackedFileUnlessItWasPackedItself() {
        FileLog log = openWithHistory();
        List<CommittedTransaction> all = Logs.transactions(log);
        TransactionDigest third = TransactionDigest.of(all.get(2));

        pack(log, 2);

        assertThat(TransactionDigest.of(all.get(2))).isEqualTo(third);
        assertThatThrownBy(() -> TransactionDigest.of(all.get(1)))
                .isInstanceOf(StorageUnavailableException.class)
                .hasMessageContaining("packed");
        log.close();
    }

    @Test
    void aTransactionThatWasCutOffIsNotTakenForAnotherOneInItsPlace() {
        FileLog log = openWithHistory();
        CommittedTransaction third = Logs.transactions(log).get(2);
        environment.await(log.cutTail(tid(2)));
        append(log, 5, data(1, new byte[2_000_000]));

        assertThatThrownBy(() -> third.records().forEach(each -> {})).isInstanceOf(StorageUnavailableException.class);
        log.close();
    }

    @Test
    void manyThreadsAtATimeHaveReadersOfTheirOwnAndTheLastOneIsTold() throws Exception {
        openWithHistory().close();
        for (int round = 0; round < 20; round++) {
            Generation generation = Opening.open(disk, new Files(FILE), FileOptions.Access.READ_ONLY);
            Set<Lease> lent = ConcurrentHashMap.newKeySet();
            AtomicInteger told = new AtomicInteger();
            AtomicInteger given = new AtomicInteger();
            CountDownLatch begun = new CountDownLatch(4);
            ExecutorService threads = Executors.newFixedThreadPool(4);
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                all.add(threads.submit(() -> {
                    while (true) {
                        Lease lease = generation.lease();
                        if (lease == null) {
                            return;
                        }
                        assertThat(lent.add(lease)).as("lent to one only").isTrue();
                        assertThat(told.get()).as("open while it is lent").isZero();
                        given.incrementAndGet();
                        lent.remove(lease);
                        lease.close();
                        begun.countDown();
                    }
                }));
            }
            begun.await();

            generation.retire(told::incrementAndGet);
            for (Future<?> each : all) {
                each.get();
            }

            assertThat(told.get()).isEqualTo(1);
            assertThat(lent).isEmpty();
            threads.shutdown();
            generation.close();
        }
    }
}
