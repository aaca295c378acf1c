package org.zeoraid.array;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;

/** Appends to one log what another has and it lacks: little, where an array makes its members equal before it goes on. */
final class TailCopy {

    private static final long BATCH = 1 << 20;

    private final Reach from;
    private final Reach to;
    private final Cursor<CommittedTransaction> source;

    private TailCopy(Reach from, Reach to, Cursor<CommittedTransaction> source) {
        this.from = from;
        this.to = to;
        this.source = source;
    }

    /**
     * Copies what follows a transaction that both have.
     *
     * @throws Reach.SideFailedException (in the stage) if what is to be copied cannot be read
     */
    static CompletionStage<Void> copy(Reach from, Reach to, Tid after, Tid upTo) {
        Cursor<CommittedTransaction> source =
                from.walk(Duration.ZERO, () -> from.log().transactions(after.after(), upTo));
        return new TailCopy(from, to, source).after(after).whenComplete((nothing, failure) -> source.close());
    }

    private CompletionStage<Void> after(Tid after) {
        return from.nextAsSide(source, BATCH).thenCompose(batch -> {
            if (batch.isEmpty()) {
                return CompletableFuture.completedFuture(null);
            }
            Tid last = batch.get(batch.size() - 1).tid();
            return to.ask(() -> append(to.log(), after, batch), "it did not take the longest tail")
                    .thenCompose(nothing -> after(last));
        });
    }

    private static CompletionStage<Void> append(TransactionLog to, Tid after, List<CommittedTransaction> batch) {
        List<CompletionStage<Void>> appended = new ArrayList<>();
        Tid previous = after;
        for (CommittedTransaction transaction : batch) {
            appended.add(to.append(previous, transaction));
            previous = transaction.tid();
        }
        return Timed.all(appended);
    }
}
