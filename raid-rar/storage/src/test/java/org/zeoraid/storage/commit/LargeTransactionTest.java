package org.zeoraid.storage.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.oid;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.memory.MemoryLog;
import org.zeoraid.storage.seam.Environment;
import org.zeoraid.storage.seam.SystemEnvironment;

/** A log whose answers come later is asked of so many objects at once only, however many a transaction has. */
class LargeTransactionTest {

    private static final int OBJECTS = 5 * LogReads.MOST_AT_ONCE;

    private final SystemEnvironment environment = new SystemEnvironment("test");
    private final Environment.Worker thread = environment.worker("log");
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    @TempDir
    Path folder;

    @AfterEach
    void closeEnvironment() {
        environment.close();
    }

    @Test
    void aVoteAndAnUndoAskOfSomeObjectsAtATime() {
        AnsweringLater log = new AnsweringLater(new MemoryLog(), this::execute);
        try (Storage storage =
                new TransactionalStorage("large", log, environment, CommitOptions.spillingTo(folder), WriteGate.OPEN)) {
            Tid first = store(storage, Tid.NONE, "first");
            Tid second = store(storage, first, "second");
            StorageTransaction third = storage.begin(TransactionMeta.EMPTY);
            third.undo(second);
            await(third.vote());
            await(third.finish());

            assertThat(await(storage.loadBefore(oid(OBJECTS), Tid.MAX))
                            .orElseThrow()
                            .data())
                    .isEqualTo(bytes("first"));
        }
        assertThat(most).hasValueBetween(LogReads.MOST_AT_ONCE, LogReads.MOST_AT_ONCE + 10);
    }

    private Tid store(Storage storage, Tid based, String data) {
        StorageTransaction transaction = storage.begin(TransactionMeta.EMPTY);
        for (int i = 1; i <= OBJECTS; i++) {
            transaction.store(oid(i), based, bytes(data));
        }
        await(transaction.vote());
        return await(transaction.finish());
    }

    private void execute(Runnable question) {
        most.accumulateAndGet(waiting.incrementAndGet(), Math::max);
        thread.execute(() -> {
            waiting.decrementAndGet();
            question.run();
        });
    }
}
