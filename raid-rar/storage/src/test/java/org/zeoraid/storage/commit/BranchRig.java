package org.zeoraid.storage.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.oid;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.PreparedTransactions;
import org.zeoraid.storage.PreparedTransactions.Decider;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.journal.JournalOptions;
import org.zeoraid.storage.journal.PreparedJournal;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;

/** A storage with prepared branches on a simulated disk, which outlives its process. */
abstract class BranchRig {

    static final List<Path> FOLDERS = List.of(Path.of("/array/state"), Path.of("/array/a"));
    static final Duration LOCK_WAIT = Duration.ofSeconds(5);
    static final BranchId ONE = new BranchId(7, bytes("one"), bytes("node-1"));
    static final BranchId TWO = new BranchId(7, bytes("two"), bytes("node-1"));

    final List<String> notes = new ArrayList<>();
    ScriptedLog log = new ScriptedLog();
    FaultDisk disk = fresh();
    SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);
    TransactionalStorage storage = open();

    static FaultDisk fresh() {
        FaultDisk disk = new FaultDisk();
        FOLDERS.forEach(folder -> disk.put(folder.resolve("something"), bytes("there")));
        return disk;
    }

    TransactionalStorage open() {
        TransactionalStorage opened = new TransactionalStorage(
                "main",
                log,
                environment,
                CommitOptions.spillingTo(Path.of("/spill"))
                        .withLockWait(LOCK_WAIT)
                        .withSpillThreshold(10_000),
                WriteGate.OPEN);
        await(opened.keepPrepared(
                JournalOptions.in(FOLDERS, (level, text) -> notes.add(text)).withRoom(4096),
                PreparedJournal.Unseen.MAY_HAVE_A_COPY));
        return opened;
    }

    /** The process, and the machine, dies and comes back; the log has what it had. */
    void restart() {
        disk = disk.afterCrash(FaultDisk.NOTHING_SURVIVES);
        environment = new SimulatedEnvironment(2, disk);
        ScriptedLog again = new ScriptedLog(log.memory);
        log = again;
        storage = open();
    }

    void serve() {
        await(storage.resume(Tid.NONE));
    }

    <T> T await(CompletionStage<T> stage) {
        try {
            return environment.await(stage);
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    PreparedTransactions prepared() {
        return storage.prepared().orElseThrow();
    }

    StorageTransaction prepare(BranchId id, Consumer<StorageTransaction> work) {
        StorageTransaction transaction = storage.begin(TransactionMeta.of("me", id.toString()));
        work.accept(transaction);
        await(transaction.vote());
        await(transaction.prepare(id));
        return transaction;
    }

    Tid store(long oid, String text) {
        StorageTransaction transaction = storage.begin(TransactionMeta.EMPTY);
        transaction.store(oid(oid), await(storage.serial(oid(oid))), bytes(text));
        await(transaction.vote());
        return await(transaction.finish());
    }

    Tid commit(BranchId id) {
        return await(prepared().commit(id, Decider.TRANSACTION_MANAGER));
    }

    void rollback(BranchId id) {
        await(prepared().rollback(id, Decider.TRANSACTION_MANAGER));
    }

    List<BranchId> inDoubt() {
        return prepared().branches().stream()
                .filter(branch -> branch.state() == PreparedBranch.State.IN_DOUBT)
                .map(PreparedBranch::id)
                .toList();
    }

    void assertLocked(long oid) {
        assertThatThrownBy(() -> store(oid, "in between"))
                .isInstanceOf(ConflictException.class)
                .satisfies(e -> assertThat(((StorageException) e).retry()).isEqualTo(StorageException.Retry.NOW))
                .hasMessageContaining("prepared branch " + ONE);
    }
}
