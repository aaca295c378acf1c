package org.zeoraid.zeo.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.memory.MemoryMember;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.server.ServerOptions;

/** The client against our own server over real sockets. */
class ZeoLogTest {

    @TempDir
    Path folder;

    private final SystemEnvironment environment = new SystemEnvironment();
    private ServedMember served;
    private Storage storage;
    private TransactionLog log;

    @BeforeEach
    void connect() {
        served = new ServedMember(MemoryMember.named("below"), folder, ServerOptions.defaults(folder));
        storage = served.storage();
        log = now(new ZeoMember(ZeoOptions.of("a", ServedMember.NAME, served.address()), environment).open());
    }

    @AfterEach
    void disconnect() {
        log.close();
        served.close();
        environment.close();
    }

    @Test
    void transactionsThatWereSentAheadOfEachOtherArriveInOrderAndReadBackEqual() {
        List<CommittedTransaction> sent = new ArrayList<>();
        List<CompletionStage<Void>> appended = new ArrayList<>();
        Tid last = Tid.NONE;
        for (int i = 0; i < 200; i++) {
            CommittedTransaction transaction = transaction(Tid.next(last, Instant.now()), i);
            appended.add(log.append(last, transaction));
            sent.add(transaction);
            last = transaction.tid();
        }
        appended.forEach(ZeoLogTest::now);

        List<CommittedTransaction> found = all(log.transactions(Tid.NONE, Tid.MAX));

        assertThat(now(log.lastTid())).isEqualTo(last);
        assertThat(found)
                .extracting(CommittedTransaction::tid)
                .isEqualTo(sent.stream().map(CommittedTransaction::tid).toList());
        assertThat(all(log.digests(Tid.NONE, Tid.MAX)))
                .isEqualTo(sent.stream().map(TransactionDigest::of).toList());
        assertThat(all(log.headers(sent.get(50).tid(), sent.get(149).tid()))).hasSize(100);
        assertThat(all(log.currentRecords(Oid.ROOT))).hasSize(11);
    }

    @Test
    void aTransactionOfSomebodyElseStopsTheNextAppend() {
        CommittedTransaction first = transaction(Tid.next(Tid.NONE, Instant.now()), 0);
        now(log.append(Tid.NONE, first));
        StorageTransaction foreign = storage.begin(TransactionMeta.of("", "foreign"));
        foreign.store(new Oid(77), Tid.NONE, new byte[] {1});
        now(foreign.vote());
        Tid theirs = now(foreign.finish());
        assertThat(now(log.lastTid())).isEqualTo(theirs);

        CommittedTransaction second = transaction(Tid.next(theirs, Instant.now()), 1);

        assertThatThrownBy(() -> now(log.append(first.tid(), second))).hasCauseInstanceOf(ProtocolException.class);
    }

    @Test
    void missingObjectsAndRevisionsAreToldApart() {
        Tid tid = Tid.next(Tid.NONE, Instant.now());
        now(log.append(Tid.NONE, transaction(tid, 0)));

        assertThat(now(log.loadBefore(new Oid(0), tid))).isEmpty();
        assertThat(now(log.loadBefore(new Oid(0), Tid.MAX)).orElseThrow().serial())
                .isEqualTo(tid);
        assertThatThrownBy(() -> now(log.loadBefore(new Oid(99), Tid.MAX)))
                .hasCauseInstanceOf(ObjectNotFoundException.class);
        assertThat(now(log.serial(new Oid(99)))).isEqualTo(Tid.NONE);
    }

    private static CommittedTransaction transaction(Tid tid, int number) {
        TransactionHeader header = new TransactionHeader(
                tid, TransactionStatus.COMMITTED, TransactionMeta.of("user" + number, "ä" + number), 0);
        List<DataRecord> records = new ArrayList<>();
        records.add(new DataRecord(Oid.ROOT, new Content.Data(new byte[] {(byte) number, 1})));
        records.add(new DataRecord(new Oid(1 + number % 10), new Content.Data(new byte[number])));
        return CommittedTransaction.of(header, records);
    }

    private static <T> List<T> all(Cursor<T> cursor) {
        List<T> all = new ArrayList<>();
        try (cursor) {
            for (List<T> batch = now(cursor.next(10_000)); !batch.isEmpty(); batch = now(cursor.next(10_000))) {
                all.addAll(batch);
            }
        }
        return all;
    }

    private static <T> T now(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(10, TimeUnit.SECONDS).join();
    }
}
