package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.VerifyResult;
import org.zeoraid.storage.seam.SystemEnvironment;

/** Databases that Python's own file storage wrote. */
class FixtureTest {

    @TempDir
    Path folder;

    private final SystemEnvironment environment = new SystemEnvironment();

    @AfterEach
    void close() {
        environment.close();
    }

    private FileLog open(String fixture) throws Exception {
        Path path = folder.resolve("Data.fs");
        java.nio.file.Files.write(path, Logs.fixture(fixture));
        return FileLog.open(FileOptions.of("a", path), environment);
    }

    @Test
    void theHistoryIsWhatPythonSaysItIs() throws Exception {
        // given, when
        try (FileLog log = open("history.fs")) {
            // then
            List<CommittedTransaction> transactions = Logs.transactions(log);
            assertThat(transactions).hasSize(259);
            assertAsExpected(transactions, "history.expected.jsonl");
        }
    }

    @Test
    void smallBatchesGiveTheSame() throws Exception {
        try (FileLog log = open("history.fs")) {
            assertAsExpected(Logs.all(log.transactions(Tid.NONE, Tid.MAX), 1), "history.expected.jsonl");
        }
    }

    @Test
    void aPackedFileIsReadToo() throws Exception {
        try (FileLog log = open("packed.fs")) {
            List<CommittedTransaction> transactions = Logs.transactions(log);
            assertAsExpected(transactions, "packed.expected.jsonl");
            Tid newestPacked = transactions.stream()
                    .filter(each -> each.header().status() == TransactionStatus.PACKED)
                    .map(CommittedTransaction::tid)
                    .reduce((one, other) -> other)
                    .orElseThrow();
            assertThat(Logs.get(log.packedTo())).isEqualTo(newestPacked);
            assertThat(Logs.get(log.undoLog(0, 1000)))
                    .extracting(TransactionHeader::tid)
                    .allSatisfy(tid -> assertThat(tid).isGreaterThan(newestPacked));
        }
    }

    private static void assertAsExpected(List<CommittedTransaction> transactions, String expectations) {
        String[] lines = new String(Logs.fixture(expectations), StandardCharsets.UTF_8).split("\n");
        assertThat(transactions).hasSameSizeAs(lines);
        for (int i = 0; i < lines.length; i++) {
            assertThat(describe(transactions.get(i))).isEqualTo(Json.object(lines[i]));
        }
    }

    private static Map<String, Object> describe(CommittedTransaction transaction) {
        Map<String, Object> map = new java.util.LinkedHashMap<>();
        TransactionHeader header = transaction.header();
        map.put("tid", header.tid().toString());
        map.put("status", String.valueOf(header.status().letter()));
        map.put("user", header.meta().userText());
        map.put("description", header.meta().descriptionText());
        map.put("extension", extension(header.meta().extension()));
        List<Map<String, Object>> records = new ArrayList<>();
        for (DataRecord entry : transaction.records()) {
            Map<String, Object> record = new java.util.LinkedHashMap<>();
            record.put("oid", entry.oid().toString());
            record.put("tid", header.tid().toString());
            record.put(
                    "size",
                    entry.data().map(data -> (Object) (long) data.length).orElse(null));
            record.put("sha256", entry.data().map(Logs::sha256).orElse(null));
            record.put(
                    "data_txn",
                    entry.content() instanceof Content.Link link ? link.origin().toString() : null);
            records.add(record);
        }
        map.put("records", records);
        assertThat(transaction.recordCount()).isEqualTo(records.size());
        assertThat(transaction.dataBytes())
                .isEqualTo(records.stream()
                        .map(record -> (Long) record.get("size"))
                        .filter(java.util.Objects::nonNull)
                        .mapToLong(Long::longValue)
                        .sum());
        return map;
    }

    /** The pickled dictionary of one text, or of none. */
    private static Map<String, Object> extension(byte[] pickle) {
        Map<String, Object> map = new java.util.LinkedHashMap<>();
        List<String> texts = new ArrayList<>();
        for (int i = 3; i + 5 < pickle.length; i++) {
            if (pickle[i] == 'X') {
                int length = pickle[i + 1];
                texts.add(new String(pickle, i + 5, length, StandardCharsets.UTF_8));
                i += 4 + length;
            }
        }
        for (int i = 0; i + 1 < texts.size(); i += 2) {
            map.put(texts.get(i), texts.get(i + 1));
        }
        return map;
    }

    @Test
    @SuppressWarnings("unchecked")
    void currentStateIsWhatPythonSaysItIs() throws Exception {
        // given
        Map<String, Object> expected =
                Json.object(new String(Logs.fixture("history.current.json"), StandardCharsets.UTF_8));
        Map<String, Object> current = (Map<String, Object>) expected.get("current");
        // when
        try (FileLog log = open("history.fs")) {
            // then
            assertThat(Logs.last(log)).hasToString((String) expected.get("last_tid"));
            assertThat(Logs.get(log.stats()).objects()).isEqualTo(expected.get("objects"));
            List<String> there = new ArrayList<>();
            current.forEach((oid, what) -> {
                if (what == null) {
                    assertThatThrownBy(() -> Logs.get(log.loadBefore(Oid.parse(oid), Tid.MAX)))
                            .isInstanceOf(ObjectNotFoundException.class);
                } else {
                    there.add(oid);
                    Revision revision =
                            Logs.get(log.loadBefore(Oid.parse(oid), Tid.MAX)).orElseThrow();
                    assertThat(List.of(revision.serial().toString(), Logs.sha256(revision.data())))
                            .isEqualTo(what);
                    assertThat(revision.isCurrent()).isTrue();
                    assertThat(Logs.get(log.serial(Oid.parse(oid)))).isEqualTo(revision.serial());
                }
            });
            assertThat(Logs.all(log.currentRecords(Oid.ROOT), 100))
                    .extracting(CurrentRecord::oid)
                    .extracting(Oid::toString)
                    .containsExactlyElementsOf(there.stream().sorted().toList());
        }
    }

    @Test
    void everyRevisionIsFoundAtItsTimeAndByItsSerial() throws Exception {
        try (FileLog log = open("history.fs")) {
            Map<Oid, Tid> before = new java.util.HashMap<>();
            for (CommittedTransaction transaction : Logs.transactions(log)) {
                for (DataRecord entry : transaction.records()) {
                    if (entry.data().isPresent()) {
                        byte[] data = entry.data().get();
                        assertThat(Logs.get(log.loadSerial(entry.oid(), transaction.tid())))
                                .isEqualTo(data);
                        Revision revision = Logs.get(log.loadBefore(
                                        entry.oid(), transaction.tid().after()))
                                .orElseThrow();
                        assertThat(revision.data()).isEqualTo(data);
                        assertThat(revision.serial()).isEqualTo(transaction.tid());
                    }
                    Tid former = before.put(entry.oid(), transaction.tid());
                    if (former == null) {
                        assertThat(Logs.get(log.loadBefore(entry.oid(), transaction.tid())))
                                .isEmpty();
                    } else {
                        assertThat(Logs.get(log.history(entry.oid(), 1000)).stream()
                                        .map(each -> each.tid()))
                                .contains(former, transaction.tid());
                    }
                }
            }
        }
    }

    @Test
    void oddTransactionsAreReadWhole() throws Exception {
        try (FileLog log = open("undo-restore-delete.fs")) {
            List<CommittedTransaction> transactions = Logs.transactions(log);
            assertThat(transactions).hasSize(11);
            assertThat(transactions.get(4).header().status()).isEqualTo(TransactionStatus.PACKED);
            CommittedTransaction undo = transactions.get(7);
            assertThat(undo.header().meta().descriptionText()).isEqualTo("undo");
            assertThat(undo.records()).singleElement().satisfies(entry -> assertThat(
                            ((Content.Link) entry.content()).origin())
                    .isEqualTo(transactions.get(4).tid()));
            // Stored twice in one transaction: the last record counts.
            assertThat(transactions.get(9).records()).hasSize(1);
            assertThat(transactions.get(10).records()).singleElement().satisfies(entry -> assertThat(entry.data())
                    .isEmpty());
        }
    }

    @Test
    void whatPythonWroteIsUnverifiedAndSound() throws Exception {
        try (FileLog log = open("history.fs")) {
            VerifyResult result = Logs.get(log.verify(progress -> {}));
            assertThat(result.isSound()).isTrue();
            assertThat(result.transactions()).isEqualTo(259);
            assertThat(result.unverified()).isEqualTo(result.records()).isPositive();
        }
    }

    @Test
    void openingAndClosingChangesNothing() throws Exception {
        open("history.fs").close();
        assertThat(java.nio.file.Files.readAllBytes(folder.resolve("Data.fs"))).isEqualTo(Logs.fixture("history.fs"));
    }

    @Test
    void aCopyMadeByAppendingIsByteForByteTheSame() throws Exception {
        // given
        try (FileLog log = open("history.fs");
                FileLog copy = FileLog.open(FileOptions.of("b", folder.resolve("copy.fs")), environment)) {
            // when
            Tid last = Tid.NONE;
            for (CommittedTransaction transaction : Logs.transactions(log)) {
                Logs.get(copy.append(last, transaction));
                last = transaction.tid();
            }
            assertThat(Logs.digests(copy)).isEqualTo(Logs.digests(log));
        }
        // then
        assertThat(java.nio.file.Files.readAllBytes(folder.resolve("copy.fs"))).isEqualTo(Logs.fixture("history.fs"));
    }
}
