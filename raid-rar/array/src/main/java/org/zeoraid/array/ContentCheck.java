package org.zeoraid.array;

import java.util.List;
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
        SideBySide walk = new SideBySide(
                new Unhurried(array.digests(Tid.NONE.after(), last)), member.digests(Tid.NONE.after(), last), Tid.NONE);
        return walk.next()
                .thenAccept(found -> found.ifPresent(ContentCheck::refuse))
                .whenComplete((nothing, failure) -> walk.close());
    }

    private static void refuse(SideBySide.Difference difference) {
        Tid tid = difference.tid();
        if (!difference.inFirst()) {
            throw new NotBelievedException("the array has no transaction " + tid);
        }
        throw new NotBelievedException(
                "transaction " + tid + (difference.inSecond() ? " is not what the array has" : " is missing in it"));
    }

    /** What is read on the worker, as fast as the pace allows. */
    private final class Unhurried implements Cursor<TransactionDigest> {
        private final Cursor<TransactionDigest> cursor;

        Unhurried(Cursor<TransactionDigest> cursor) {
            this.cursor = cursor;
        }

        @Override
        public CompletionStage<List<TransactionDigest>> next(long maxBytes) {
            return pace.permit().thenCompose(nothing -> Loop.once(worker, () -> cursor.next(maxBytes)));
        }

        @Override
        public void close() {
            cursor.close();
        }
    }
}
