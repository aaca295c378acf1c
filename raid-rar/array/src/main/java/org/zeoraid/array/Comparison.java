package org.zeoraid.array;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;

/**
 * Walks through two logs side by side and finds up to where they say the same. Holds one batch of digests of each. Reads
 * on the members' own workers; one step at a time.
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

    /** Many digests stand for much that must be read, and who reads it must answer in time. */
    private static final long BATCH = 1 << 16;

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
     * @throws Reach.SideFailedException (in the stage) if one of the two cannot be read
     */
    static CompletionStage<Outcome> compare(Reach first, Reach second, Tid from, Tid before) {
        Comparison comparison = new Comparison(new Side(first, from), new Side(second, from), before);
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        comparison.step(outcome);
        return outcome.whenComplete((result, failure) -> comparison.close());
    }

    private void step(CompletableFuture<Outcome> outcome) {
        first.fill().thenCompose(nothing -> second.fill()).whenComplete((nothing, failure) -> {
            // Each answer comes from a worker, so no stack grows, however many batches there are.
            if (failure != null) {
                outcome.completeExceptionally(Failures.cause(failure));
            } else if (!advance(outcome)) {
                step(outcome);
            }
        });
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

        private final Reach reach;
        private final Cursor<TransactionDigest> cursor;
        private final Deque<TransactionDigest> batch = new ArrayDeque<>();
        private boolean atEnd;

        Side(Reach reach, Tid from) {
            this.reach = reach;
            this.cursor = reach.walk(Duration.ZERO, () -> reach.log().digests(from, Tid.MAX));
        }

        boolean hasEnded() {
            return atEnd && batch.isEmpty();
        }

        CompletionStage<Void> fill() {
            if (atEnd || !batch.isEmpty()) {
                return CompletableFuture.completedFuture(null);
            }
            return reach.nextAsSide(cursor, BATCH).thenAccept(digests -> {
                batch.addAll(digests);
                atEnd = digests.isEmpty();
            });
        }
    }
}
