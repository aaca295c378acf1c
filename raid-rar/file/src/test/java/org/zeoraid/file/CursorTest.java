package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.file.Logs.data;
import static org.zeoraid.file.Logs.tid;
import static org.zeoraid.file.Logs.transaction;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.seam.DiskFile;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.FaultDisk.Kind;

/** Walks through a log with something wrong in it. */
class CursorTest {

    private static final Path FILE = Path.of("/data/Data.fs");

    private final FaultDisk disk = new FaultDisk();
    private FileLog log;

    @BeforeEach
    void openWithFiveTransactions() {
        log = FileLog.open(FileOptions.of("a", FILE), new InlineEnvironment(disk));
        for (int i = 1; i <= 5; i++) {
            Logs.get(log.append(Logs.last(log), transaction(tid(i), data(i, "number " + i))));
        }
    }

    private void damage(String text) throws IOException {
        int place = new String(disk.contents(FILE), StandardCharsets.ISO_8859_1).indexOf(text);
        try (DiskFile file = disk.open(FILE)) {
            file.write(ByteBuffer.wrap(new byte[] {'X'}), place);
        }
    }

    private static <T> void assertStopsAt(Cursor<T> cursor, Function<T, Object> what, Object... before) {
        assertThat(Logs.get(cursor.next(1 << 20))).extracting(what).containsExactly(before);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> Logs.get(cursor.next(1 << 20))).isInstanceOf(CorruptedException.class);
        }
    }

    @Test
    void whatLiesBeforeDamageIsGivenAndTheDamageToldAsOftenAsAsked() throws IOException {
        damage("number 4");

        assertStopsAt(log.transactions(Tid.NONE, Tid.MAX), CommittedTransaction::tid, tid(1), tid(2), tid(3));
        assertStopsAt(log.currentRecords(Oid.ROOT), CurrentRecord::oid, new Oid(1), new Oid(2), new Oid(3));
    }

    @Test
    void aDamagedHeadIsToldToo() throws IOException {
        damage("number " + tid(3));

        assertStopsAt(log.headers(Tid.NONE, Tid.MAX), TransactionHeader::tid, tid(1), tid(2));
    }

    @Test
    void whenTheDiskReadsAgainTheWalkGoesOnWhereItStopped() throws Exception {
        Cursor<CommittedTransaction> all = log.transactions(Tid.NONE, Tid.MAX);
        Cursor<CurrentRecord> current = log.currentRecords(Oid.ROOT);
        assertThat(Logs.get(all.next(1))).hasSize(1);
        assertThat(Logs.get(current.next(1))).hasSize(1);
        append(6, data(6, "number 6"));
        try (AutoCloseable rule = disk.rule(operation -> {
            if (operation.kind() == Kind.READ) {
                throw new IOException("input/output error");
            }
        })) {
            Logs.get(all.next(1 << 20));
            assertThatThrownBy(() -> Logs.get(all.next(1))).isInstanceOf(StorageUnavailableException.class);
            assertThatThrownBy(() -> Logs.get(current.next(1))).isInstanceOf(StorageUnavailableException.class);
        }
        assertThat(Logs.all(all)).extracting(CommittedTransaction::tid).contains(tid(6));
        assertThat(Logs.all(current)).extracting(CurrentRecord::oid).startsWith(new Oid(2));
    }

    private void append(int number, DataRecord... records) {
        Logs.get(log.append(Logs.last(log), transaction(tid(number), records)));
    }

    @Test
    void dataBehindLinksCountsAndIsReadBitByBitWhereItIsMuch() {
        byte[] large = new byte[300_000];
        DataRecord[] originals = new DataRecord[8];
        for (int i = 0; i < originals.length; i++) {
            originals[i] = data(100 + i, large);
        }
        append(6, originals);
        for (int number = 7; number < 12; number++) {
            DataRecord[] links = new DataRecord[number < 11 ? 2 : 8];
            for (int i = 0; i < links.length; i++) {
                links[i] = new DataRecord(new Oid(100 + i), new Content.Link(tid(6), large));
            }
            append(number, links);
        }
        Cursor<CommittedTransaction> cursor = log.transactions(tid(7), Tid.MAX);

        assertThat(Logs.get(cursor.next(1_000_000))).hasSize(2);
        assertThat(Logs.get(cursor.next(1_000_000))).hasSize(2);
        CommittedTransaction last = Logs.get(cursor.next(1_000_000)).get(0);
        assertThat(last.dataBytes()).isEqualTo(8 * 300_000);
        assertThat(last.records()).hasSize(8).allMatch(entry -> entry.content() instanceof Content.Link);
        assertThat(last.records().iterator().next().data().orElseThrow())
                .as("read anew each time, not kept")
                .isNotSameAs(last.records().iterator().next().data().orElseThrow());
    }

    @Test
    void whatALargeTransactionChangedIsToldWithoutReadingItsData() throws IOException {
        DataRecord[] records = new DataRecord[4];
        for (int i = 0; i < records.length; i++) {
            records[i] = data(10 - i, ("large " + i).repeat(100_000));
        }
        append(6, records);
        damage("large 2");

        CommittedTransaction last =
                Logs.get(log.transactions(tid(6), Tid.MAX).next(1)).get(0);

        assertThat(last.oids()).containsExactly(new Oid(10), new Oid(9), new Oid(8), new Oid(7));
        assertThatThrownBy(() -> last.records().forEach(entry -> {})).isInstanceOf(CorruptedException.class);
    }

    @Test
    void aRecordThatClaimsAnImpossibleTransactionIsDamage() throws IOException {
        int record = new String(disk.contents(FILE), StandardCharsets.ISO_8859_1).lastIndexOf("number 5")
                - Format.RECORD_HEAD;
        try (DiskFile file = disk.open(FILE)) {
            file.write(ByteBuffer.allocate(8).putLong(-5).flip(), record + 24);
        }

        assertThatThrownBy(() -> Logs.get(log.history(new Oid(5), 10))).isInstanceOf(CorruptedException.class);
    }
}
