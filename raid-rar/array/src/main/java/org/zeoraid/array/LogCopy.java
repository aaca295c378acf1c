package org.zeoraid.array;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.seam.Environment;

/**
 * Copies transactions from one log behind the end of another: in batches, several on their way at once, each read back
 * and compared once it is durable. Used by one thing at a time; its steps run on a worker, which may block on disk.
 */
final class LogCopy {

    private static final long REST = 1 << 20;
    private static final long RECORD_OVERHEAD = 42;
    private static final long TRANSACTION_OVERHEAD = 100;

    private final Executor worker;
    private final Environment environment;
    private final Duration deadline;
    private final TransactionLog source;
    private final TransactionLog target;
    private final CopyPace pace;
    private final Listener listener;
    private final Deque<Batch> underWay = new ArrayDeque<>();
    private volatile Tid sent;

    /** Told of a batch that the target holds, durable and equal. */
    interface Listener {
        void copied(int transactions, long bytes, Tid last);
    }

    private record Batch(List<CommittedTransaction> transactions, CompletionStage<Void> durable) {}

    /**
     * @param deadline how long the target may take for a batch
     * @param sent the last transaction of the target, which the source has too
     * @param listener told of each batch that was copied and compared
     */
    LogCopy(
            Executor worker,
            Environment environment,
            Duration deadline,
            TransactionLog source,
            TransactionLog target,
            CopyPace pace,
            Tid sent,
            Listener listener) {
        this.worker = worker;
        this.environment = environment;
        this.deadline = deadline;
        this.source = source;
        this.target = target;
        this.pace = pace;
        this.sent = sent;
        this.listener = listener;
    }

    /** The last transaction that was sent to the target. */
    Tid sent() {
        return sent;
    }

    /**
     * Sends everything up to a tid; some of it may be neither durable nor compared yet, see {@link #finish}.
     *
     * @return how many transactions that were
     * @throws CorruptedException (in the stage) if the target does not hold what it was sent
     */
    CompletionStage<Integer> sendTo(Tid upTo) {
        if (!upTo.isAfter(sent)) {
            return CompletableFuture.completedFuture(0);
        }
        Cursor<CommittedTransaction> cursor = source.transactions(sent.after(), upTo);
        int[] count = {0};
        return Loop.on(worker, () -> step(cursor, count))
                .whenComplete((nothing, failure) -> cursor.close())
                .thenApply(nothing -> count[0]);
    }

    /** Sends what little is left, without asking how fast that may go. */
    CompletionStage<Void> sendRest(Tid upTo) {
        if (!upTo.isAfter(sent)) {
            return CompletableFuture.completedFuture(null);
        }
        Cursor<CommittedTransaction> cursor = source.transactions(sent.after(), upTo);
        return Loop.on(worker, () -> cursor.next(REST).thenApply(batch -> {
                    if (!batch.isEmpty()) {
                        send(batch);
                    }
                    return !batch.isEmpty();
                }))
                .whenComplete((nothing, failure) -> cursor.close());
    }

    /** Completes when all that was sent is durable, and equal. */
    CompletionStage<Void> finish() {
        return Loop.on(
                worker,
                () -> underWay.isEmpty()
                        ? CompletableFuture.completedFuture(false)
                        : compareOldest().thenApply(nothing -> true));
    }

    private CompletionStage<Boolean> step(Cursor<CommittedTransaction> cursor, int[] count) {
        boolean ready = !underWay.isEmpty()
                && underWay.element().durable().toCompletableFuture().isDone();
        if (ready || underWay.size() >= pace.depth()) {
            return compareOldest().thenApply(nothing -> true);
        }
        return pace.permit().thenCompose(nothing -> onWorker()).thenCompose(nothing -> cursor.next(pace.batchBytes())
                .thenApply(batch -> {
                    if (batch.isEmpty()) {
                        return false;
                    }
                    pace.sent(send(batch));
                    count[0] += batch.size();
                    return true;
                }));
    }

    /** A permit may come from a timer's thread, which must not read from a disk. */
    private CompletionStage<Void> onWorker() {
        return Loop.on(worker, () -> CompletableFuture.completedFuture(false));
    }

    private long send(List<CommittedTransaction> batch) {
        List<CompletionStage<Void>> appended = new ArrayList<>(batch.size());
        long bytes = 0;
        for (CommittedTransaction transaction : batch) {
            bytes += size(transaction);
            appended.add(target.append(sent, transaction));
            sent = transaction.tid();
        }
        underWay.add(new Batch(
                batch,
                Timed.within(environment, deadline, all(appended), "it did not take transactions up to " + sent)));
        return bytes;
    }

    /** Appends succeed in their order, so the last one speaks for all; of those that failed the first one says why. */
    private static CompletionStage<Void> all(List<CompletionStage<Void>> appended) {
        return appended.get(appended.size() - 1).exceptionallyCompose(failure -> appended.stream()
                .filter(stage -> stage.toCompletableFuture().isCompletedExceptionally())
                .findFirst()
                .orElseGet(() -> CompletableFuture.failedFuture(failure)));
    }

    private CompletionStage<Void> compareOldest() {
        Batch batch = underWay.remove();
        return batch.durable()
                .thenCompose(nothing -> onWorker())
                .thenCompose(nothing -> compare(batch.transactions()))
                .thenAccept(bytes -> {
                    List<CommittedTransaction> copied = batch.transactions();
                    listener.copied(
                            copied.size(), bytes, copied.get(copied.size() - 1).tid());
                    pace.copied();
                });
    }

    private CompletionStage<Long> compare(List<CommittedTransaction> expected) {
        Tid first = expected.get(0).tid();
        Tid last = expected.get(expected.size() - 1).tid();
        Cursor<CommittedTransaction> cursor = target.transactions(first, last);
        Iterator<CommittedTransaction> rest = expected.iterator();
        long[] bytes = {0};
        return compareRest(cursor, rest, bytes)
                .whenComplete((nothing, failure) -> cursor.close())
                .thenApply(nothing -> bytes[0]);
    }

    private CompletionStage<Void> compareRest(
            Cursor<CommittedTransaction> cursor, Iterator<CommittedTransaction> rest, long[] bytes) {
        if (!rest.hasNext()) {
            return CompletableFuture.completedFuture(null);
        }
        return cursor.next(Long.MAX_VALUE).thenCompose(batch -> {
            if (batch.isEmpty()) {
                throw different("transaction " + rest.next().tid() + " is missing");
            }
            for (CommittedTransaction actual : batch) {
                if (!rest.hasNext()) {
                    throw different("transaction " + actual.tid() + " was not sent to it");
                }
                CommittedTransaction transaction = rest.next();
                Optional<String> difference = Likeness.difference(transaction, actual);
                if (difference.isPresent()) {
                    throw different(difference.get());
                }
                bytes[0] += size(transaction);
            }
            return compareRest(cursor, rest, bytes);
        });
    }

    static long size(CommittedTransaction transaction) {
        long size = transaction.header().size();
        return size > 0
                ? size
                : transaction.dataBytes() + TRANSACTION_OVERHEAD + RECORD_OVERHEAD * transaction.recordCount();
    }

    private static CorruptedException different(String what) {
        return new CorruptedException("what was copied", "it does not hold what it was sent: " + what);
    }
}
