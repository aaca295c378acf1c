package org.zeoraid.storage.commit;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.zeoraid.storage.Appended;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;

/**
 * Whole transactions with tids of their own, handed to the log one behind the other without waiting between them, so that
 * it syncs once for all. They hold the locks of all their objects and the order of commits together.
 */
final class BatchAppend {

    private final TransactionalStorage storage;
    private final Tid previous;
    private final List<CommittedTransaction> transactions;
    private final LockTable.Holder holder;
    private final List<FrontTransaction> fronts = new ArrayList<>();
    private final AtomicInteger open = new AtomicInteger();

    /** @param transactions at least one */
    BatchAppend(TransactionalStorage storage, Tid previous, List<CommittedTransaction> transactions) {
        this.storage = storage;
        this.previous = previous;
        this.transactions = transactions;
        this.holder = new LockTable.Holder(transactions.get(0).header().meta());
    }

    CompletionStage<Appended> run() {
        CompletionStage<Appended> result;
        try {
            result = Stages.then(
                    Stages.then(
                            storage.stream().ready(), nothing -> storage.locks().acquire(holder, begin())),
                    nothing -> Stages.then(
                            storage.stream().reserve(this, transactions.get(0).tid()), granted -> commit()));
        } catch (RuntimeException e) {
            result = CompletableFuture.failedFuture(e);
        }
        return result.handle((appended, error) -> {
            if (error == null) {
                return appended;
            }
            fronts.forEach(FrontTransaction::abandon);
            release();
            return new Appended(0, Optional.of(Stages.failure(error)));
        });
    }

    private void release() {
        storage.locks().release(holder);
        storage.stream().release(this);
    }

    /** One is committed, or will never be; one of unknown outcome keeps all locked until that is settled. */
    private void ended() {
        if (open.decrementAndGet() == 0) {
            release();
        }
    }

    /** Collects all changes, large ones on disk, and gives the locks that they need. */
    private SortedMap<Oid, LockTable.Mode> begin() {
        SortedMap<Oid, LockTable.Mode> wanted = new TreeMap<>();
        Tid before = previous;
        for (CommittedTransaction transaction : transactions) {
            Tid tid = transaction.tid();
            if (!tid.isAfter(before)) {
                throw new ProtocolException("transaction " + tid + " is not later than " + before + " before it");
            }
            storage.checkNotAhead(tid);
            FrontTransaction front = storage.beginInBatch(transaction.header());
            fronts.add(front);
            for (DataRecord entry : transaction.records()) {
                front.restore(entry);
                wanted.put(entry.oid(), LockTable.Mode.EXCLUSIVE);
            }
            before = tid;
        }
        return wanted;
    }

    private CompletionStage<Appended> commit() {
        open.set(fronts.size());
        List<Commit> commits =
                fronts.stream().map(front -> front.commitInBatch(this::ended)).toList();
        storage.stream().sendAll(this, previous, commits);
        List<CompletableFuture<Optional<StorageException>>> outcomes = commits.stream()
                .map(commit -> commit.outcome.handle((tid, error) ->
                        error == null ? Optional.<StorageException>empty() : Optional.of(Stages.failure(error))))
                .toList();
        return CompletableFuture.allOf(outcomes.toArray(new CompletableFuture<?>[0]))
                .thenApply(nothing -> {
                    int count = 0;
                    for (CompletableFuture<Optional<StorageException>> outcome : outcomes) {
                        Optional<StorageException> failure = outcome.join();
                        if (failure.isPresent()) {
                            return new Appended(count, failure);
                        }
                        count++;
                    }
                    return new Appended(count, Optional.empty());
                });
    }
}
