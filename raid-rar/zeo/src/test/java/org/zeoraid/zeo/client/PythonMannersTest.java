package org.zeoraid.zeo.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.oid;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.python.PythonServer;

/** Where Python's servers differ from our own. */
class PythonMannersTest {

    private static final Tid FIRST = Tid.at(Instant.parse("2021-01-01T01:01:01Z"));

    private final SystemEnvironment environment = new SystemEnvironment("client");
    private final PythonServer server = new PythonServer('M');

    @AfterEach
    void end() {
        server.close();
        environment.close();
    }

    private static ZeoOptions to(PythonServer python) {
        return ZeoOptions.of("a", "1", python.address());
    }

    private TransactionLog open(ZeoOptions options) {
        return await(new ZeoMember(options, environment).open());
    }

    @Test
    void anObjectThatAClientStoredTwiceComesOnceWithItsBlob() {
        CommittedTransaction transaction =
                transaction(FIRST, data(1, 10), blob(2, "a file"), data(3, 10), blob(4, "another"));
        server.commit(transaction);

        try (TransactionLog log = open(to(server))) {
            List<DataRecord> found = Steps.records(Steps.transactions(log).get(0));

            assertThat(found).extracting(DataRecord::oid).containsExactly(oid(1), oid(2), oid(3), oid(4));
            assertThat(Steps.text(Steps.content(found.get(1).blob().orElseThrow())))
                    .isEqualTo("a file");
            assertThat(Steps.text(Steps.content(found.get(3).blob().orElseThrow())))
                    .isEqualTo("another");
            assertThat(Steps.all(log.digests(Tid.NONE, Tid.MAX), 1000))
                    .containsExactly(TransactionDigest.of(transaction));
        }
    }

    @Test
    void aTransactionThatIsTooLargeForMemoryIsReadFromDiskAsOftenAsIsWanted() {
        DataRecord[] records = IntStream.range(0, 60)
                .mapToObj(i -> i % 10 == 9 ? blob(i, "file " + i) : data(i, 300_000 + i))
                .toArray(DataRecord[]::new);
        CommittedTransaction large = transaction(FIRST, records);
        CommittedTransaction small = transaction(FIRST.after(), data(7, 10));
        server.commit(large);
        server.commit(small);

        try (TransactionLog log = open(to(server))) {
            List<CommittedTransaction> found = Steps.transactions(log);

            for (int round = 0; round < 2; round++) {
                assertThat(TransactionDigest.of(found.get(0))).isEqualTo(TransactionDigest.of(large));
            }
            assertThat(TransactionDigest.of(found.get(1))).isEqualTo(TransactionDigest.of(small));
            assertThat(found.get(0).recordCount()).isEqualTo(60);
            assertThat(found.get(0).dataBytes()).isEqualTo(large.dataBytes());
            assertThat(Steps.text(Steps.content(
                            Steps.records(found.get(0)).get(59).blob().orElseThrow())))
                    .isEqualTo("file 59");
        }
    }

    /** Transactions of one record of this length each. */
    private void commit(int count, int length) {
        Tid tid = FIRST;
        for (int i = 0; i < count; i++) {
            server.commit(transaction(tid, data(1, length)));
            tid = tid.after();
        }
    }

    @Test
    void smallTransactionsCountWithWhatTheyTakeInMemory() {
        commit(3_000, 10);
        try (TransactionLog log = open(to(server));
                Cursor<CommittedTransaction> all = log.transactions(Tid.NONE, Tid.MAX)) {
            assertThat(await(all.next(1 << 16))).hasSizeLessThan(600);
        }
    }

    @Test
    void aReaderThatTakesItsTimeIsReadAheadOfByAFewMegabytesOnly() {
        commit(3_000, 10_000);
        try (TransactionLog log = open(to(server));
                Cursor<CommittedTransaction> all = log.transactions(Tid.NONE, Tid.MAX)) {
            assertThat(await(all.next(1))).isNotEmpty();

            for (int i = 0; i < 5_000; i++) {
                await(log.serial(oid(1)));
            }

            assertThat(server.startedIterators()).isLessThan(1_500);
        }
    }

    @Test
    void aServerThatIsReachedInTwoWaysIsOneStorage() {
        PythonServer another = new PythonServer('M');
        ZeoOptions otherWay = ZeoOptions.of("b", "1", server.anotherAddress());
        try (TransactionLog one = open(to(server));
                TransactionLog two = open(otherWay);
                TransactionLog three = open(to(another));
                TransactionLog reader = open(otherWay.withAccess(ZeoOptions.Access.READ_ONLY))) {
            assertThat(one.identity()).isPresent().isEqualTo(two.identity());
            assertThat(three.identity()).isPresent().isNotEqualTo(one.identity());
            assertThat(reader.identity()).isEmpty();
        } finally {
            another.close();
        }
    }

    @Test
    void ofTwoThatAreOpenedAtOnceTheSecondIsKnownAsTheFirst() {
        ZeoMember one = new ZeoMember(to(server), environment);
        ZeoMember two = new ZeoMember(ZeoOptions.of("b", "1", server.anotherAddress()), environment);
        var opening = List.of(one.open(), two.open());

        List<TransactionLog> logs = opening.stream().map(Steps::await).toList();

        assertThat(logs.get(0).identity()).isPresent().isEqualTo(logs.get(1).identity());
        logs.forEach(TransactionLog::close);
    }

    @Test
    void whatAnUndoTookBackIsSentAsData() {
        CommittedTransaction first = transaction(FIRST, data(1, 10));
        byte[] data = Steps.records(first).get(0).data().orElseThrow();
        CommittedTransaction undo = transaction(FIRST.after(), new DataRecord(oid(1), new Content.Link(FIRST, data)));
        try (TransactionLog log = open(to(server))) {
            await(log.append(Tid.NONE, first));
            await(log.append(FIRST, undo));

            DataRecord found = Steps.records(Steps.transactions(log).get(1)).get(0);
            assertThat(found.content()).isInstanceOf(Content.Data.class);
            assertThat(found.data()).contains(data);
        }
    }

    @Test
    void whereNothingMayBeWrittenSizesAreToldAndAPackIsDone() {
        server.commit(transaction(FIRST, data(1, 1000)));
        server.commit(transaction(FIRST.after(), data(1, 1000)));
        ZeoOptions readOnly =
                to(server).withAccess(ZeoOptions.Access.READ_ONLY).withPackGarbage(ZeoOptions.PackGarbage.KEEP);

        try (TransactionLog log = open(readOnly)) {
            assertThat(await(log.stats()).bytes()).isGreaterThan(2000);
            assertThat(await(log.stats()).objects()).isEqualTo(1);

            var packed = await(log.pack(new PackRequest(Tid.MAX, PackRequest.Garbage.KEEP)));

            assertThat(packed.bytesAfter()).isLessThan(packed.bytesBefore());
        }
    }

    @Test
    void aWalkThatIsGivenUpOrComesToItsEndLeavesNoIteratorAtTheServer() {
        for (int i = 0; i < 500; i++) {
            server.commit(transaction(new Tid(FIRST.value() + i), data(i, 100)));
        }
        try (TransactionLog log = open(to(server))) {
            for (int round = 0; round < 20; round++) {
                try (var cursor = log.transactions(Tid.NONE, Tid.MAX)) {
                    // Sometimes before anything has come, sometimes in the middle.
                    var first = cursor.next(1);
                    if (round % 2 == 0) {
                        await(first);
                    }
                }
            }
            assertThat(Steps.transactions(log)).hasSize(500);

            Awaitility.await()
                    .untilAsserted(() -> assertThat(server.openIterators()).isZero());
        }
    }

    @Test
    void howFarItIsPackedIsLookedForFromWhereItIsKnownToBe() {
        List<Tid> tids = new ArrayList<>();
        for (Tid tid = FIRST; tids.size() < 1_000; tid = tid.after()) {
            server.commit(packed(tid, data(tids.size(), 1)));
            tids.add(tid);
        }
        ServerMemory memory = new ServerMemory();
        try (TransactionLog log = open(to(server))) {
            var cut = log.headers(Tid.NONE, tids.get(599));
            assertThat(await(new PackedHead(cut, memory).find())).isEqualTo(tids.get(599));

            var rest = log.headers(memory.packed(), Tid.MAX);

            assertThat(await(new PackedHead(rest, memory).find())).isEqualTo(tids.get(999));
            assertThat(await(log.packedTo())).isEqualTo(tids.get(999));
        }
    }

    private static DataRecord data(long oid, int length) {
        return new DataRecord(oid(oid), new Content.Data(new byte[length]));
    }

    private static DataRecord blob(long oid, String content) {
        return new DataRecord(
                oid(oid), new Content.Data(Steps.blobRecord()), Optional.of(Steps.blob(Steps.bytes(content))));
    }

    private static CommittedTransaction transaction(Tid tid, DataRecord... records) {
        return of(tid, TransactionStatus.COMMITTED, records);
    }

    private static CommittedTransaction packed(Tid tid, DataRecord... records) {
        return of(tid, TransactionStatus.PACKED, records);
    }

    private static CommittedTransaction of(Tid tid, TransactionStatus status, DataRecord... records) {
        return CommittedTransaction.of(new TransactionHeader(tid, status, TransactionMeta.EMPTY, 0), List.of(records));
    }
}
