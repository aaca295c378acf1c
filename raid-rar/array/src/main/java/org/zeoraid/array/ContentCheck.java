package org.zeoraid.array;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.VerifyResult;

/**
 * Reads all that a member holds, for one that was taken out for it: its records must be sound, and all its transactions
 * those of the array. What a pack has left is compared too: where it differs, nobody can tell a pack's work from a loss, so
 * the member is not believed. Its steps run on a worker, which may block on disk.
 */
final class ContentCheck {

    /** Many digests stand for much that must be read, and who reads it must answer in time. */
    private static final long BATCH = 1 << 16;

    private final Executor worker;
    private final CopyPace pace;
    private final TransactionLog array;
    private final TransactionLog member;

    /** What a member holds cannot be believed; only a rebuild takes it back. */
    static final class NotBelievedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotBelievedException(String why) {
            super(why + "; it does not come back like this: rebuild it");
        }
    }

    ContentCheck(Executor worker, CopyPace pace, TransactionLog array, TransactionLog member) {
        this.worker = worker;
        this.pace = pace;
        this.array = array;
        this.member = member;
    }

    /** Fails with a {@link NotBelievedException} if a record is damaged. */
    CompletionStage<Void> sound() {
        return member.verify(progress -> {}).thenAccept(this::refuseDamage);
    }

    private void refuseDamage(VerifyResult result) {
        if (!result.isSound()) {
            throw new NotBelievedException(
                    "it is damaged in " + result.damages().size() + " places, the first: "
                            + result.damages().get(0));
        }
    }

    /** Fails with a {@link NotBelievedException} if array and member differ in anything up to a tid. */
    CompletionStage<Void> equalUpTo(Tid last) {
        if (last.equals(Tid.NONE)) {
            return CompletableFuture.completedFuture(null);
        }
        Side ours = new Side(array.digests(Tid.NONE.after(), last));
        Side its = new Side(member.digests(Tid.NONE.after(), last));
        return Loop.on(worker, () -> pace.permit()
                        .thenCompose(nothing -> Loop.once(worker, ours::fill))
                        .thenCompose(nothing -> its.fill())
                        .thenApply(nothing -> advance(ours, its)))
                .whenComplete((nothing, failure) -> {
                    ours.cursor.close();
                    its.cursor.close();
                });
    }

    /** Compares what is at hand; whether there may be more. */
    private static boolean advance(Side ours, Side its) {
        while (!ours.batch.isEmpty() && !its.batch.isEmpty()) {
            TransactionDigest here = ours.batch.remove();
            TransactionDigest there = its.batch.remove();
            if (!here.equals(there)) {
                Tid first = here.tid().isAfter(there.tid()) ? there.tid() : here.tid();
                throw new NotBelievedException("transaction " + first + " is not what the array has");
            }
        }
        if (ours.hasEnded() && its.hasEnded()) {
            return false;
        }
        if (ours.hasEnded() && !its.batch.isEmpty()) {
            throw new NotBelievedException(
                    "the array has no transaction " + its.batch.element().tid());
        }
        if (its.hasEnded() && !ours.batch.isEmpty()) {
            throw new NotBelievedException("transaction " + ours.batch.element().tid() + " is missing in it");
        }
        return true;
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
