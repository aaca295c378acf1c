package org.zeoraid.zeo.client;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Progress;
import org.zeoraid.storage.VerifyResult;

/** Reads everything from a server. Its protocol carries no checksums, so every record counts as unverified. */
final class Verification {

    private static final long BATCH = 1 << 20;

    private final Cursor<CommittedTransaction> cursor;
    private final Consumer<Progress> progress;
    private long transactions;
    private long records;

    Verification(Cursor<CommittedTransaction> cursor, Consumer<Progress> progress) {
        this.cursor = cursor;
        this.progress = progress;
    }

    CompletionStage<VerifyResult> run() {
        return step().whenComplete((result, failure) -> cursor.close());
    }

    private CompletionStage<VerifyResult> step() {
        return cursor.next(BATCH).thenCompose(batch -> {
            if (batch.isEmpty()) {
                return CompletableFuture.completedFuture(new VerifyResult(transactions, records, records, List.of()));
            }
            for (CommittedTransaction transaction : batch) {
                transactions++;
                records += transaction.recordCount();
            }
            progress.accept(new Progress(transactions, 0));
            return step();
        });
    }
}
