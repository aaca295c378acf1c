package org.zeoraid.zeo.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.oid;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.zeo.ProcessFiles;

class ArrivingRecordsTest {

    private static final TransactionHeader HEADER =
            new TransactionHeader(Tid.NONE.after(), TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0);

    @TempDir
    Path folder;

    private FileChannel file() {
        try {
            return ProcessFiles.nameless(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 6, 9, 100})
    void theLastRecordOfAnObjectCountsAtTheFirstOnesPlaceInMemoryAndOnDisk(int room) throws IOException {
        ArrivingRecords records = new ArrivingRecords(this::file);
        records.add(data(1, "one"), room);
        records.add(data(2, "two"), room);
        records.add(new DataRecord(oid(3), new Content.Link(Tid.NONE.after(), Steps.bytes("three"))), room);
        records.add(new DataRecord(oid(4), Content.ABSENT), room);
        records.add(data(5, ""), room);
        records.add(data(2, "two again"), room);
        records.add(data(4, "four"), room);
        records.blob(oid(1), Steps.blob(Steps.bytes("file")));

        assertThat(records.inMemory()).isLessThanOrEqualTo(room);
        CommittedTransaction transaction = records.transaction(HEADER);

        for (int round = 0; round < 2; round++) {
            List<DataRecord> found = Steps.records(transaction);
            assertThat(found).extracting(DataRecord::oid).containsExactly(oid(1), oid(2), oid(3), oid(4), oid(5));
            assertThat(found)
                    .extracting(DataRecord::content)
                    .containsExactly(
                            new Content.Data(Steps.bytes("one")),
                            new Content.Data(Steps.bytes("two again")),
                            new Content.Link(Tid.NONE.after(), Steps.bytes("three")),
                            new Content.Data(Steps.bytes("four")),
                            new Content.Data(Steps.bytes("")));
            assertThat(Steps.text(Steps.content(found.get(0).blob().orElseThrow())))
                    .isEqualTo("file");
        }
        assertThat(transaction.recordCount()).isEqualTo(5);
        assertThat(transaction.dataBytes()).isEqualTo(3 + 9 + 5 + 4);
        try (var left = Files.list(folder)) {
            assertThat(left).as("files with names").isEmpty();
        }
    }

    private static DataRecord data(long oid, String text) {
        return new DataRecord(oid(oid), new Content.Data(Steps.bytes(text)));
    }
}
