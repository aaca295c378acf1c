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
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.seam.Environment;

/**
 * Copies transactions from one log behind the end of another, and reads each back and compares it once it is durable. As
 * long as there is room more is sent, so that the target never waits for work; what is durable is compared when there is no
 * room, or while the source has nothing ready. Used by one thing at a time; its steps run on a worker, which may block on
 * disk.
 */
final class LogCopy {

    private static final long REST = 1 << 20;

    /** A target that reads slowly answers often. */
    private static final long COMPARED_AT_ONCE = 1 << 18;

    /** However slow it is, the target takes what is large, a blob above all, at this rate. */
    private static final long BYTES_PER_SECOND = 4 << 20;

    private final Executor worker;
    private final Environment environment;
    private final Duration deadline;
    private final TransactionLog source;
    private final Reach target;
    private final CopyPace pace;
    private final Listener listener;
    private final MissingBlobs blobs;
    private final LifeSigns signs;
    private final Deque<Batch> underWay = new ArrayDeque<>();
    private volatile Tid sent;

    /** Told how it goes on. */
    interface Listener {

        /** The target holds a batch, durable and equal. */
        void copied(int transactions, long bytes, Tid last);

        /** The target has taken some transactions, or told them again: half of its work for each. From any thread. */
        void halfDone(int transactions, long weight);
    }

    /**
     * What was sent together.
     *
     * @param weight see {@link CommitMeter#weight}
     */
    private record Batch(List<CommittedTransaction> transactions, long weight, CompletableFuture<Void> durable) {}

    /**
     * @param deadline how long the target may say nothing at all, with something under way
     * @param sent the last transaction of the target, which the source has too
     */
    LogCopy(
            Executor worker,
            Environment environment,
            Duration deadline,
            TransactionLog source,
            Reach target,
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
        this.blobs = new MissingBlobs(source);
        this.signs = target.signs();
    }

    /** The last transaction that was sent to the target. */
    Tid sent() {
        return sent;
    }

    /** The blobs that no member has. */
    MissingBlobs missingBlobs() {
        return blobs;
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
        Walk walk = new Walk(source.transactions(sent.after(), upTo));
        return Loop.on(worker, () -> step(walk))
                .whenComplete((nothing, failure) -> walk.cursor.close())
                .thenApply(nothing -> walk.count);
    }

    /** Sends what little is left, without asking how fast that may go. */
    CompletionStage<Void> sendRest(Tid upTo) {
        if (!upTo.isAfter(sent)) {
            return CompletableFuture.completedFuture(null);
        }
        Cursor<CommittedTransaction> cursor = source.transactions(sent.after(), upTo);
        return Loop.on(worker, () -> cursor.next(REST)
                        .thenCompose(batch -> batch.isEmpty()
                                ? CompletableFuture.completedFuture(false)
                                : send(batch).thenApply(bytes -> true)))
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

    /** A walk through the source, with the next batch on its way. */
    private static final class Walk {
        private final Cursor<CommittedTransaction> cursor;
        private @Nullable CompletableFuture<List<CommittedTransaction>> coming;
        private int count;

        Walk(Cursor<CommittedTransaction> cursor) {
            this.cursor = cursor;
        }
    }

    private CompletionStage<Boolean> step(Walk walk) {
        boolean room = pace.hasRoom(underWay.size());
        CompletableFuture<List<CommittedTransaction>> coming = walk.coming;
        if (coming == null && room) {
            // A permit may come from a timer's thread, which must not read from a disk.
            coming = pace.permit()
                    .thenCompose(nothing -> Loop.once(worker, () -> walk.cursor.next(pace.batchBytes())))
                    .toCompletableFuture();
            walk.coming = coming;
        }
        if (coming != null && coming.isDone()) {
            walk.coming = null;
            return coming.thenCompose(batch -> sendNext(walk, batch));
        }
        if (coming == null) {
            return compareOldest().thenApply(nothing -> true);
        }
        Batch oldest = underWay.peek();
        if (oldest != null && oldest.durable().isDone()) {
            return compareOldest().thenApply(nothing -> true);
        }
        CompletableFuture<?> next = oldest == null ? coming : CompletableFuture.anyOf(coming, oldest.durable());
        return next.handle((nothing, failure) -> true); // whatever it is, the next step meets it
    }

    private CompletionStage<Boolean> sendNext(Walk walk, List<CommittedTransaction> batch) {
        if (batch.isEmpty()) {
            return CompletableFuture.completedFuture(false);
        }
        return send(batch).thenApply(bytes -> {
            pace.sent(bytes);
            walk.count += batch.size();
            return true;
        });
    }

    /** What the target gets beyond its deadline, to take so much or to give it back. */
    private static Duration more(long bytes) {
        return Duration.ofSeconds(bytes / BYTES_PER_SECOND);
    }

    private CompletionStage<Long> send(List<CommittedTransaction> batch) {
        return blobs.completed(batch)
                .thenCompose(whole -> Loop.once(worker, () -> CompletableFuture.completedFuture(sendWhole(whole))));
    }

    private long sendWhole(List<CommittedTransaction> batch) {
        List<CompletionStage<Void>> appended = new ArrayList<>(batch.size());
        long bytes = 0;
        long weights = 0;
        for (CommittedTransaction transaction : batch) {
            long weight = CommitMeter.weight(transaction);
            bytes += transaction.sizeInFile();
            weights += weight;
            CompletionStage<Void> append = target.log().append(sent, transaction);
            append.whenComplete((nothing, failure) -> {
                signs.heard();
                if (failure == null) {
                    listener.halfDone(1, weight);
                }
            });
            appended.add(append);
            sent = transaction.tid();
        }
        String what = "it did not take transactions up to " + sent;
        CompletableFuture<Void> durable =
                Timed.within(environment, deadline.plus(more(weights)), signs, all(appended), what);
        underWay.add(new Batch(batch, weights, durable));
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
        return batch.durable().thenCompose(nothing -> compare(batch)).thenAccept(bytes -> {
            List<CommittedTransaction> copied = batch.transactions();
            listener.halfDone(copied.size(), batch.weight());
            listener.copied(copied.size(), bytes, copied.get(copied.size() - 1).tid());
            pace.copied(copied.size(), batch.weight());
        });
    }

    private CompletionStage<Long> compare(Batch batch) {
        List<CommittedTransaction> expected = batch.transactions();
        Tid first = expected.get(0).tid();
        Tid last = expected.get(expected.size() - 1).tid();
        Cursor<CommittedTransaction> cursor =
                target.walk(more(batch.weight()), () -> target.log().transactions(first, last));
        Iterator<CommittedTransaction> rest = expected.iterator();
        long[] bytes = {0};
        // The answer may come from a network's thread, which must not read from a disk either.
        return Loop.on(worker, () -> cursor.next(COMPARED_AT_ONCE)
                        .thenCompose(actual -> Loop.once(worker, () -> {
                            bytes[0] += compare(rest, actual);
                            return CompletableFuture.completedFuture(rest.hasNext());
                        })))
                .whenComplete((nothing, failure) -> cursor.close())
                .thenApply(nothing -> bytes[0]);
    }

    private static long compare(Iterator<CommittedTransaction> rest, List<CommittedTransaction> batch) {
        if (batch.isEmpty()) {
            throw different("transaction " + rest.next().tid() + " is missing");
        }
        long bytes = 0;
        for (CommittedTransaction actual : batch) {
            if (!rest.hasNext()) {
                throw different("transaction " + actual.tid() + " was not sent to it");
            }
            CommittedTransaction transaction = rest.next();
            Optional<String> difference = Likeness.difference(transaction, actual);
            if (difference.isPresent()) {
                throw different(difference.get());
            }
            bytes += transaction.sizeInFile();
        }
        return bytes;
    }

    private static CorruptedException different(String what) {
        return new CorruptedException("what was copied", "it does not hold what it was sent: " + what);
    }
}
