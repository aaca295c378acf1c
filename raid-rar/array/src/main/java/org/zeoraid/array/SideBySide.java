package org.zeoraid.array;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;

/**
 * Walks through the digests of two logs side by side, from one transaction in which they differ to the next. Holds one
 * batch of each. Its steps run where the cursors answer; one at a time.
 */
final class SideBySide implements AutoCloseable {

    /** Many digests stand for much that must be read, and who reads it must answer in time. */
    private static final long BATCH = 1 << 16;

    private final Side first;
    private final Side second;
    private Tid lastCommon;
    private volatile long compared;

    /**
     * A transaction that is not the same in both. The walk is behind it then.
     *
     * @param inFirst whether the first log has a transaction of this tid
     * @param inSecond whether the second one has
     * @param secondEnds whether there is nothing from here on in the second one
     * @param lastCommon the last transaction before it that both have, or what the walk was told if there is none
     */
    record Difference(Tid tid, boolean inFirst, boolean inSecond, boolean secondEnds, Tid lastCommon) {}

    /** @param before what is known to be common to both */
    SideBySide(Cursor<TransactionDigest> first, Cursor<TransactionDigest> second, Tid before) {
        this.first = new Side(first);
        this.second = new Side(second);
        this.lastCommon = before;
    }

    /** The next transaction in which the two differ; empty when both have ended. */
    CompletionStage<Optional<Difference>> next() {
        CompletableFuture<Optional<Difference>> found = new CompletableFuture<>();
        step(found);
        return found;
    }

    /** The last transaction so far that both have. */
    Tid lastCommon() {
        return lastCommon;
    }

    /** How many transactions were the same so far. Safe for any thread. */
    long compared() {
        return compared;
    }

    private void step(CompletableFuture<Optional<Difference>> found) {
        first.fill().thenCompose(nothing -> second.fill()).whenComplete((nothing, failure) -> {
            // Each answer comes from a worker, so no stack grows, however many batches there are.
            if (failure != null) {
                found.completeExceptionally(Failures.cause(failure));
            } else if (!advance(found)) {
                step(found);
            }
        });
    }

    /** Uses up what is at hand; true when it is known what {@link #next} answers. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread at a time counts
    private boolean advance(CompletableFuture<Optional<Difference>> found) {
        while (!first.batch.isEmpty() && !second.batch.isEmpty()) {
            TransactionDigest digest = first.batch.element();
            if (!digest.equals(second.batch.element())) {
                found.complete(Optional.of(difference()));
                return true;
            }
            lastCommon = digest.tid();
            compared++;
            first.batch.remove();
            second.batch.remove();
        }
        if (first.hasEnded() && second.hasEnded()) {
            found.complete(Optional.empty());
            return true;
        }
        if (first.hasEnded() && !second.batch.isEmpty() || second.hasEnded() && !first.batch.isEmpty()) {
            found.complete(Optional.of(difference()));
            return true;
        }
        return false;
    }

    private Difference difference() {
        Tid tid = first.isBehind(second) ? second.tid() : first.tid();
        boolean secondEnds = second.hasEnded();
        return new Difference(tid, first.take(tid), second.take(tid), secondEnds, lastCommon);
    }

    @Override
    public void close() {
        first.cursor.close();
        second.cursor.close();
    }

    private static final class Side {
        private final Cursor<TransactionDigest> cursor;
        private final Deque<TransactionDigest> batch = new ArrayDeque<>();
        private boolean atEnd;

        Side(Cursor<TransactionDigest> cursor) {
            this.cursor = cursor;
        }

        boolean hasEnded() {
            return atEnd && batch.isEmpty();
        }

        /** Whether what comes next here is later than what comes next there. */
        boolean isBehind(Side other) {
            return batch.isEmpty() || !other.batch.isEmpty() && tid().isAfter(other.tid());
        }

        Tid tid() {
            return batch.element().tid();
        }

        /** Passes a transaction, if it is here. */
        boolean take(Tid tid) {
            boolean here = !batch.isEmpty() && tid().equals(tid);
            if (here) {
                batch.remove();
            }
            return here;
        }

        CompletionStage<Void> fill() {
            if (atEnd || !batch.isEmpty()) {
                return CompletableFuture.completedFuture(null);
            }
            return cursor.next(BATCH).thenAccept(digests -> {
                batch.addAll(digests);
                atEnd = digests.isEmpty();
            });
        }
    }
}
