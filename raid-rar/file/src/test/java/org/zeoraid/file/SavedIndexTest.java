package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.seam.FaultDisk;

class SavedIndexTest {

    private static final Path FILE = Path.of("/data/Data.fs");

    @Test
    void whatIsSavedWhileOthersAppendTellsOfItsMomentOnly() throws Exception {
        // given a log of 40 transactions, and the moment after the 20th
        FaultDisk disk = new FaultDisk();
        Files files = new Files(FILE);
        try (FileLog log = FileLog.open(FileOptions.of("a", FILE), new InlineEnvironment(disk))) {
            for (int i = 1; i <= 40; i++) {
                Logs.get(log.append(
                        Logs.last(log), Logs.transaction(Logs.tid(i), Logs.data(i % 7, "a"), Logs.data(100 + i, "b"))));
            }
        }
        Map<Long, Long> expected = new HashMap<>();
        try (Generation generation = Opening.open(disk, files, FileOptions.Access.READ_WRITE)) {
            Generation.Tail moment = Generation.Tail.EMPTY;
            LogScan scan = new LogScan(
                    generation.log(), Format.START, generation.tail().end());
            for (int i = 1; i <= 20; i++) {
                assertThat(scan.nextTransaction()).isTrue();
                moment = moment.with(scan.head());
                while (scan.nextRecord()) {
                    expected.put(scan.oid(), scan.recordPosition());
                }
            }
            // when the index of that moment is saved
            SavedIndex.Mark mark = new SavedIndex.Mark(
                    moment.end(), moment.lastStart(), moment.lastTid(), moment.highestTid(), moment.packedTo());
            SavedIndex.save(disk, files, generation.log(), mark, generation.transactions(), generation.objects());
        }
        // then
        SavedIndex.Loaded loaded = SavedIndex.load(disk, files).orElseThrow();
        Map<Long, Long> found = new HashMap<>();
        loaded.objects().forEach((oid, position, checksum) -> found.put(oid, position));
        assertThat(found).isEqualTo(expected);
        assertThat(loaded.mark().lastTid()).isEqualTo(Logs.tid(20).value());
        try (FileLog log = FileLog.open(FileOptions.of("a", FILE), new InlineEnvironment(disk))) {
            assertThat(Logs.transactions(log)).hasSize(40);
            assertThat(Logs.get(log.stats()).objects()).isEqualTo(47);
            assertThat(Logs.get(log.verify(progress -> {})).isSound()).isTrue();
        }
    }
}
