package org.zeoraid.array;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.seam.Environment;

/**
 * Walks through two logs side by side and finds up to where they say the same. Holds one batch of digests of each. Runs
 * where the answers come; one step at a time.
 */
final class Comparison {

    /** What two logs have in common. */
    enum Relation {
        EQUAL,
        /** The second one ends where the first goes on. */
        SHORTER,
        /** The second one holds something that the first does not. */
        CONFLICT
    }

    /**
     * The result.
     *
     * @param lastCommon the last transaction that both have, the one before the start if there is none
     */
    record Outcome(Relation relation, Tid lastCommon) {}

    /** Reading one of the logs failed. */
    static final class SideFailedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient TransactionLog side;

        SideFailedException(TransactionLog side, Throwable cause) {
            super(Failures.text(cause), cause);
            this.side = side;
        }

        TransactionLog side() {
            return side;
        }
    }

    private static final long BATCH = 1 << 20;

    private final Side first;
    private final Side second;
    private Tid lastCommon;

    private Comparison(Side first, Side second, Tid before) {
        this.first = first;
        this.second = second;
        this.lastCommon = before;
    }

    /**
     * Compares what two logs hold from a tid on, that included.
     *
     * @param before what is known to be common to both
     * @throws SideFailedException (in the stage) if one of the two cannot be read
     */
    static CompletionStage<Outcome> compare(
            Environment environment,
            ArrayOptions options,
            TransactionLog first,
            TransactionLog second,
            Tid from,
            Tid before) {
        Comparison comparison = new Comparison(
                new Side(environment, options, first, from), new Side(environment, options, second, from), before);
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        comparison.step(outcome);
        return outcome.whenComplete((result, failure) -> comparison.close());
    }

    private void step(CompletableFuture<Outcome> outcome) {
        // A loop, not a recursion, for answers that are at hand: a database has many batches.
        while (true) {
            CompletionStage<Void> filled = first.fill().thenCompose(nothing -> second.fill());
            CompletableFuture<Void> ready = filled.toCompletableFuture();
            if (!ready.isDone()) {
                filled.whenComplete((nothing, failure) -> {
                    if (failure != null) {
                        outcome.completeExceptionally(Failures.cause(failure));
                    } else if (!advance(outcome)) {
                        step(outcome);
                    }
                });
                return;
            }
            if (ready.isCompletedExceptionally()) {
                ready.whenComplete((nothing, failure) -> outcome.completeExceptionally(Failures.cause(failure)));
                return;
            }
            if (advance(outcome)) {
                return;
            }
        }
    }

    /** Uses up what is at hand; true when the outcome is known. */
    private boolean advance(CompletableFuture<Outcome> outcome) {
        while (!first.batch.isEmpty() && !second.batch.isEmpty()) {
            TransactionDigest digest = first.batch.peek();
            if (!digest.equals(second.batch.peek())) {
                outcome.complete(new Outcome(Relation.CONFLICT, lastCommon));
                return true;
            }
            lastCommon = digest.tid();
            first.batch.remove();
            second.batch.remove();
        }
        if (second.hasEnded()) {
            outcome.complete(new Outcome(first.hasEnded() ? Relation.EQUAL : Relation.SHORTER, lastCommon));
            return true;
        }
        if (first.hasEnded()) {
            outcome.complete(new Outcome(Relation.CONFLICT, lastCommon));
            return true;
        }
        return false;
    }

    private void close() {
        first.cursor.close();
        second.cursor.close();
    }

    private static final class Side {

        private final Environment environment;
        private final ArrayOptions options;
        private final TransactionLog log;
        private final Cursor<TransactionDigest> cursor;
        private final Deque<TransactionDigest> batch = new ArrayDeque<>();
        private boolean atEnd;

        Side(Environment environment, ArrayOptions options, TransactionLog log, Tid from) {
            this.environment = environment;
            this.options = options;
            this.log = log;
            this.cursor = log.digests(from, Tid.MAX);
        }

        boolean hasEnded() {
            return atEnd && batch.isEmpty();
        }

        CompletionStage<Void> fill() {
            if (atEnd || !batch.isEmpty()) {
                return CompletableFuture.completedFuture(null);
            }
            CompletionStage<List<TransactionDigest>> next = Timed.ask(() -> cursor.next(BATCH));
            return Timed.within(environment, options.openDeadline(), next, "it did not go on reading")
                    .handle((digests, failure) -> {
                        if (failure != null) {
                            throw new SideFailedException(log, Failures.cause(failure));
                        }
                        batch.addAll(digests);
                        atEnd = digests.isEmpty();
                        return null;
                    });
        }
    }
}
