package org.zeoraid.storage.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.failure;
import static org.zeoraid.storage.contract.Steps.oid;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeoraid.storage.Conflict;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.memory.MemoryLog;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;
import org.zeoraid.storage.seam.SystemEnvironment;

/** Changes that do not stay in memory. */
class SpillTest {

    @TempDir
    Path folder;

    private final SystemEnvironment environment = new SystemEnvironment("test");

    @AfterEach
    void closeEnvironment() {
        environment.close();
    }

    private TransactionalStorage open() {
        CommitOptions options =
                CommitOptions.spillingTo(folder.resolve("deep/spill")).withSpillThreshold(100);
        return await(TransactionalStorage.open("main", new MemoryLog(), environment, options));
    }

    private List<String> files() throws Exception {
        Path spill = folder.resolve("deep/spill");
        if (!Files.exists(spill)) {
            return List.of();
        }
        try (var names = Files.list(spill)) {
            return names.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void smallTransactionsTouchNoDisk() throws Exception {
        TransactionalStorage storage = open();
        Steps.store(storage, oid(1), "x".repeat(100));

        assertThat(files()).isEmpty();
    }

    @Test
    void whatIsStoredOrUndoneAgainTakesNoMoreRoomThanOnce() throws Exception {
        TransactionalStorage storage = open();
        Steps.store(storage, oid(1), "x".repeat(60));
        Tid change = Steps.store(storage, oid(1), "y");
        StorageTransaction transaction = storage.begin(TransactionMeta.EMPTY);
        for (int i = 0; i < 100; i++) {
            transaction.store(oid(2), Tid.NONE, bytes("z".repeat(40)));
        }
        transaction.undo(change);
        transaction.checkCurrent(oid(3), change);
        for (int i = 0; i < 3; i++) {
            // What an undo writes is found anew by each vote.
            failure(ConflictException.class, transaction.vote());
        }

        assertThat(files()).isEmpty();
    }

    @Test
    void largeOnesHaveAFileUntilTheyEnd() throws Exception {
        TransactionalStorage storage = open();
        StorageTransaction committed = storage.begin(TransactionMeta.EMPTY);
        StorageTransaction aborted = storage.begin(TransactionMeta.EMPTY);
        StorageTransaction forgotten = storage.begin(TransactionMeta.EMPTY);
        for (int i = 0; i < 10; i++) {
            committed.store(oid(i), Tid.NONE, bytes("committed " + i + "x".repeat(50)));
            aborted.store(oid(i), Tid.NONE, bytes("aborted " + i + "x".repeat(50)));
            forgotten.store(oid(i), Tid.NONE, bytes("forgotten " + i + "x".repeat(50)));
        }
        assertThat(files()).hasSize(3);
        assertThat(committed.written(oid(9))).contains(new Content.Data(bytes("committed 9" + "x".repeat(50))));

        await(committed.vote());
        await(committed.finish());
        await(aborted.abort());
        assertThat(files()).hasSize(1);
        assertThat(Steps.currentText(storage, oid(9))).startsWith("committed 9");
        storage.close();

        assertThat(files()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 200, ChangeBuffer.LARGE})
    void whoStoresMayUseTheArrayAgain(int size) {
        TransactionalStorage storage = open();
        StorageTransaction transaction = storage.begin(TransactionMeta.EMPTY);
        byte[] array = new byte[size];
        for (byte i = 1; i <= 3; i++) {
            array[0] = i;
            transaction.store(oid(i), Tid.NONE, array);
        }
        byte[] read = bytesOf(transaction.written(oid(2)).orElseThrow());
        assertThat(read[0]).isEqualTo((byte) 2);
        read[0] = 9;
        await(transaction.vote());
        await(transaction.finish());

        for (byte i = 1; i <= 3; i++) {
            assertThat(Steps.current(storage, oid(i)).data()[0]).isEqualTo(i);
        }
    }

    @Test
    void aLargeObjectIsInMemoryOnceForAllMembers() {
        CommitOptions options = CommitOptions.spillingTo(folder).withSpillThreshold(100);
        ChangeBuffer buffer = new ChangeBuffer(new ChangeBuffer.SpillFolder(environment.disk(), "main", options));
        buffer.put(new DataRecord(oid(1), new Content.Data(new byte[ChangeBuffer.LARGE])), Change.Basis.UNCHECKED);
        var changes = new BufferedTransaction.Changes(buffer, buffer.frozen());

        DataRecord first = changes.records().iterator().next();
        DataRecord second = changes.records().iterator().next();
        assertThat(bytesOf(second.content())).isSameAs(bytesOf(first.content()));
        buffer.close();
    }

    private static byte[] bytesOf(Content content) {
        return ((Content.Data) content).bytes();
    }

    @Test
    void linksAndConflictsKeepTheirDataOnDisk() {
        TransactionalStorage storage = open();
        Tid old = Steps.store(storage, oid(1), "old");
        Steps.store(storage, oid(1), "theirs");
        StorageTransaction transaction = storage.begin(TransactionMeta.EMPTY);
        transaction.store(oid(2), Tid.NONE, bytes("x".repeat(100)));
        transaction.store(oid(1), old, bytes("mine"));
        transaction.restore(new DataRecord(oid(3), new Content.Link(old, bytes("linked"))));

        Conflict conflict =
                failure(ConflictException.class, transaction.vote()).conflicts().get(0);

        assertThat(conflict.data()).isEqualTo(bytes("mine"));
        assertThat(transaction.written(oid(3))).contains(new Content.Link(old, bytes("linked")));
        await(transaction.abort());
        assertThatThrownBy(() -> transaction.written(oid(3)))
                .isInstanceOf(org.zeoraid.storage.StorageClosedException.class);
    }

    @Test
    void severalReadTheRecordsAtOnce() throws Exception {
        CommitOptions options = CommitOptions.spillingTo(folder).withSpillThreshold(100);
        ChangeBuffer buffer = new ChangeBuffer(new ChangeBuffer.SpillFolder(environment.disk(), "main", options));
        for (int i = 0; i < 500; i++) {
            buffer.put(new DataRecord(oid(i), new Content.Data(bytes("object " + i))), Change.Basis.UNCHECKED);
        }
        var transaction = new BufferedTransaction.Changes(buffer, buffer.frozen())
                .under(new TransactionHeader(new Tid(7), TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0));
        ExecutorService members = Executors.newFixedThreadPool(3);
        try {
            List<Future<Integer>> done = new ArrayList<>();
            for (int member = 0; member < 3; member++) {
                done.add(members.submit(() -> {
                    int i = 0;
                    for (DataRecord entry : transaction.records()) {
                        assertThat(entry)
                                .isEqualTo(new DataRecord(
                                        oid(i), new Content.Data(bytes("object " + i)), Optional.empty()));
                        i++;
                    }
                    return i;
                }));
            }
            for (Future<Integer> one : done) {
                assertThat(one.get()).isEqualTo(500);
            }
        } finally {
            members.shutdownNow();
        }
        assertThat(transaction.recordCount()).isEqualTo(500);
        assertThat(transaction.dataBytes())
                .isEqualTo(Steps.records(transaction).stream()
                        .mapToLong(entry -> entry.data().orElseThrow().length)
                        .sum());
        buffer.close();
        assertThatThrownBy(() -> Steps.records(transaction))
                .isInstanceOf(org.zeoraid.storage.StorageClosedException.class);
        assertThat(transaction.blobBytes())
                .as("known without reading, for timers ask")
                .isZero();
    }

    @Test
    void whatACrashLeftBehindIsSweptAndNothingElse() throws Exception {
        Path spill = Files.createDirectories(folder.resolve("deep/spill"));
        for (String name : List.of(
                "transaction-of-main.1.spill",
                "transaction-of-main.77.spill",
                "transaction-of-main2.1.spill",
                "transaction-of-main.old.spill",
                "notes.txt")) {
            Files.writeString(spill.resolve(name), "left behind");
        }
        TransactionalStorage storage = open();

        Steps.store(storage, oid(1), "x".repeat(200));

        assertThat(files())
                .containsExactly("notes.txt", "transaction-of-main.old.spill", "transaction-of-main2.1.spill");
    }

    @Test
    void aFullDiskFailsTheTransactionAndNothingElse() {
        SimulatedEnvironment simulated = new SimulatedEnvironment(3);
        FaultDisk disk = (FaultDisk) simulated.disk();
        TransactionalStorage storage = new TransactionalStorage(
                "main",
                new MemoryLog(),
                simulated,
                CommitOptions.spillingTo(Path.of("/spill")).withSpillThreshold(100),
                WriteGate.OPEN);
        Steps.store(storage, oid(1), "one");
        StorageTransaction transaction = storage.begin(TransactionMeta.EMPTY);
        disk.limitTo(disk.usedBytes() + 1_000);
        assertThatThrownBy(() -> transaction.store(oid(2), Tid.NONE, new byte[5_000]))
                .isInstanceOf(DiskFullException.class)
                .hasMessageContaining("spill");
        await(transaction.abort());

        Steps.store(storage, oid(1), "two");
        disk.limitTo(Long.MAX_VALUE);
        Steps.store(storage, oid(2), "x".repeat(5_000));
        assertThat(Steps.current(storage, oid(2)).data()).hasSize(5_000);
    }
}
