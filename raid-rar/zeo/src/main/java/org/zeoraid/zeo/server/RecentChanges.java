package org.zeoraid.zeo.server;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.Tid;

/**
 * What the last transactions changed, for clients that were away for a while. Filled from the storage when it is first
 * needed, and by each commit. Safe for any number of threads.
 */
final class RecentChanges {

    private static final long BATCH = 1 << 20;

    private final Storage storage;
    private final int most;
    /** The last transactions, oldest first; guarded by itself, as is the rest. */
    private final Deque<Changes> recent = new ArrayDeque<>();
    /** From this transaction on, all changes are in the queue. */
    private @Nullable Tid knownSince;
    /** No client that saw less can be told what to forget: it has to forget all. */
    private Tid forgetBefore = Tid.NONE;

    private @Nullable CompletableFuture<Void> filling;

    /** @param most how many transactions are kept */
    RecentChanges(Storage storage, int most) {
        this.storage = storage;
        this.most = Math.max(1, most);
    }

    void add(Changes changes) {
        synchronized (recent) {
            recent.addLast(changes.remembered());
            shrink();
        }
    }

    private void shrink() {
        while (recent.size() > most) {
            recent.removeFirst();
            knownSince = recent.getFirst().tid();
        }
    }

    /** What clients know may be wrong, whatever they say they know. */
    void forget(Tid last) {
        synchronized (recent) {
            recent.clear();
            knownSince = last;
            forgetBefore = last;
        }
    }

    /** Reads the storage's last transactions, if that was not done yet; a failure is tried again next time. */
    CompletionStage<Void> fill() {
        synchronized (recent) {
            if (knownSince != null) {
                return CompletableFuture.completedFuture(null);
            }
            if (filling != null && !filling.isCompletedExceptionally()) {
                return filling;
            }
            filling = new CompletableFuture<>();
        }
        CompletableFuture<Void> mine = filling;
        read().whenComplete((older, failure) -> {
            if (failure != null) {
                mine.completeExceptionally(failure);
            } else {
                prepend(older.getKey(), older.getValue());
                mine.complete(null);
            }
        });
        return mine;
    }

    private CompletionStage<Map.Entry<Tid, List<Changes>>> read() {
        return storage.lastTid().thenCompose(last -> storage.undoLog(0, most).thenCompose(headers -> {
            // Undo logs end at the last pack, where what is known may well begin.
            Tid from =
                    headers.isEmpty() ? last : headers.get(headers.size() - 1).tid();
            List<Changes> older = new ArrayList<>();
            return each(
                            storage.transactions(from, last),
                            transaction -> older.add(new Changes(transaction.tid(), transaction.oids(), null)))
                    .thenApply(done -> Map.entry(from, older));
        }));
    }

    private void prepend(Tid from, List<Changes> older) {
        synchronized (recent) {
            if (knownSince != null) {
                return;
            }
            knownSince = from;
            Tid first = recent.isEmpty() ? Tid.MAX : recent.getFirst().tid();
            for (int i = older.size() - 1; i >= 0; i--) {
                if (first.isAfter(older.get(i).tid())) {
                    recent.addFirst(older.get(i));
                }
            }
            shrink();
        }
    }

    /** The last transaction and the oids that changed after another one; empty if that is no longer known. */
    Optional<Map.Entry<Tid, Set<Oid>>> since(Tid tid) {
        synchronized (recent) {
            if (knownSince == null || knownSince.isAfter(tid)) {
                return Optional.empty();
            }
            Tid newest = recent.isEmpty() ? knownSince : recent.getLast().tid();
            Set<Oid> oids = new LinkedHashSet<>();
            for (Changes changes : recent) {
                if (changes.tid().isAfter(tid)) {
                    oids.addAll(changes.oids());
                }
            }
            return Optional.of(Map.entry(newest.isAfter(tid) ? newest : tid, oids));
        }
    }

    /** The same, found by reading all transactions since. */
    CompletionStage<Optional<Map.Entry<Tid, Set<Oid>>>> readSince(Tid tid) {
        synchronized (recent) {
            if (forgetBefore.isAfter(tid)) {
                return CompletableFuture.completedFuture(Optional.empty());
            }
        }
        Set<Oid> oids = new LinkedHashSet<>();
        Tid[] newest = {tid};
        return each(storage.transactions(tid.after(), Tid.MAX), transaction -> {
                    newest[0] = transaction.tid();
                    oids.addAll(transaction.oids());
                })
                .thenApply(done -> Optional.of(Map.entry(newest[0], oids)));
    }

    /** Does something with each transaction; batches that are at hand in a loop, since there may be very many. */
    static CompletionStage<Void> each(Cursor<CommittedTransaction> cursor, Consumer<CommittedTransaction> action) {
        return walk(cursor, action).whenComplete((done, failure) -> cursor.close());
    }

    private static CompletionStage<Void> walk(
            Cursor<CommittedTransaction> cursor, Consumer<CommittedTransaction> action) {
        while (true) {
            CompletableFuture<List<CommittedTransaction>> batch =
                    cursor.next(BATCH).toCompletableFuture();
            if (!batch.isDone() || batch.isCompletedExceptionally()) {
                return batch.thenCompose(more -> {
                    more.forEach(action);
                    return more.isEmpty() ? CompletableFuture.completedFuture(null) : walk(cursor, action);
                });
            }
            if (batch.join().isEmpty()) {
                return CompletableFuture.completedFuture(null);
            }
            batch.join().forEach(action);
        }
    }
}
