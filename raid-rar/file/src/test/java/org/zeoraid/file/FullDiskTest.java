package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.file.Logs.data;
import static org.zeoraid.file.Logs.tid;
import static org.zeoraid.file.Logs.transaction;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;

/** A disk without room while a file is opened and closed. */
class FullDiskTest {

    private static final Path FILE = Path.of("/data/Data.fs");
    private static final Path TORN = Path.of("/data/Data.fs.tr0");

    private FaultDisk disk = new FaultDisk();
    private SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);

    private FileLog open() {
        environment = new SimulatedEnvironment(1, disk);
        return FileLog.open(FileOptions.of("a", FILE), environment);
    }

    private void append(FileLog log, long number, String text) {
        environment.await(log.append(Logs.last(log), transaction(tid(number), data(number, text))));
    }

    private List<String> tornTails() throws IOException {
        return disk.list(FILE.getParent()).stream()
                .filter(name -> name.startsWith("Data.fs.tr"))
                .toList();
    }

    /** A file whose last transaction, Python's, was not written to its end. @return its whole part */
    private byte[] tornFile() throws IOException {
        try (FileLog log = open()) {
            append(log, 1, "one");
            append(log, 2, "two");
        }
        byte[] whole = disk.contents(FILE);
        try (FileLog log = open()) {
            append(log, 3, "x".repeat(3000));
        }
        disk.put(FILE, Arrays.copyOf(disk.contents(FILE), whole.length + 2000));
        return whole;
    }

    @Test
    void aFileWithATornTailIsReadOnAFullDiskAndWrittenToWhenThereIsRoom() throws IOException {
        byte[] whole = tornFile();
        disk.delete(Path.of("/data/Data.fs.idx"));
        byte[] torn = disk.contents(FILE);
        FaultDisk prepared = disk;
        int refusals = 0;
        for (long room = 0; room < 60_000; room += 997) {
            disk = prepared.copy();
            disk.limitTo(disk.usedBytes() + room);

            FileLog log = open();

            assertThat(Logs.last(log)).isEqualTo(tid(2));
            assertThat(Logs.text(log, 1)).hasValue("one");
            for (int i = 0; i < 2 && Logs.last(log).equals(tid(2)); i++) {
                try {
                    append(log, 4, "four");
                } catch (java.util.concurrent.CompletionException e) {
                    assertThat(e).hasCauseInstanceOf(DiskFullException.class);
                    refusals++;
                }
            }
            disk.limitTo(Long.MAX_VALUE);
            append(log, 5, "five");
            List<TransactionDigest> expected = Logs.digests(log);
            log.close();

            assertThat(tornTails()).as("room %d", room).containsExactly("Data.fs.tr0");
            assertThat(disk.contents(TORN)).isEqualTo(Arrays.copyOfRange(torn, whole.length, torn.length));
            try (FileLog again = open()) {
                assertThat(Logs.digests(again)).isEqualTo(expected);
            }
        }
        assertThat(refusals).isPositive();
    }

    @Test
    void afterACrashOnAFullDiskAllThatWasAcknowledgedIsRead() {
        for (long seed = 0; seed < 20; seed++) {
            disk = new FaultDisk(seed);
            FileLog log = open();
            append(log, 1, "one");
            append(log, 2, "two");
            log.append(tid(2), transaction(tid(3), data(3, "perhaps")));
            disk.crash();
            disk = disk.afterCrash(seed);
            disk.limitTo(disk.usedBytes());

            FileLog again = open();

            assertThat(Logs.text(again, 1)).hasValue("one");
            assertThat(Logs.text(again, 2)).hasValue("two");
            Tid last = Logs.last(again);
            disk.limitTo(Long.MAX_VALUE);
            append(again, 4, "four");
            assertThat(Logs.last(again)).isEqualTo(tid(4)).isGreaterThan(last);
            assertThat(environment.await(again.verify(progress -> {})).isSound())
                    .isTrue();
            again.close();
        }
    }

    @Test
    void aFileThatIsClosedOnAFullDiskIsNothingButTransactions() throws IOException {
        FileLog log = open();
        append(log, 1, "one");
        long whole = disk.contents(FILE).length;
        log.close();
        long end = disk.contents(FILE).length;
        assertThat(end).isLessThan(whole);

        FileLog next = open();
        append(next, 2, "two");
        disk.limitTo(disk.usedBytes());
        next.close();

        byte[] content = disk.contents(FILE);
        assertThat(content.length).isLessThan((int) end + 200);
        assertThat(disk.list(FILE.getParent())).doesNotContain("Data.fs.idx.new");
        assertThatThrownBy(() -> disk.contents(TORN)).isInstanceOf(IOException.class);
        disk.limitTo(Long.MAX_VALUE);
        try (FileLog again = open()) {
            assertThat(Logs.digests(again)).hasSize(2);
            assertThat(environment.await(again.verify(progress -> {})).unverified())
                    .isZero();
        }
    }
}
