package org.zeoraid.storage;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Appends whole transactions to any storage, each when the one before it is committed. */
final class OneByOne {

    private final Storage storage;
    private final List<CommittedTransaction> transactions;

    OneByOne(Storage storage, List<CommittedTransaction> transactions) {
        this.storage = storage;
        this.transactions = transactions;
    }

    CompletionStage<Appended> run(Tid previous) {
        return storage.lastTid()
                .thenCompose(last -> last.equals(previous)
                        ? from(0)
                        : CompletableFuture.failedFuture(
                                new ProtocolException("the last transaction is " + last + ", not " + previous)))
                .exceptionally(failure -> new Appended(0, Optional.of(known(failure))));
    }

    private CompletionStage<Appended> from(int index) {
        if (index == transactions.size()) {
            return CompletableFuture.completedFuture(new Appended(index, Optional.empty()));
        }
        return one(transactions.get(index))
                .handle((tid, failure) -> failure == null
                        ? from(index + 1)
                        : CompletableFuture.completedFuture(new Appended(index, Optional.of(known(failure)))))
                .thenCompose(next -> next);
    }

    private CompletionStage<Tid> one(CommittedTransaction whole) {
        StorageTransaction open;
        try {
            TransactionHeader header = whole.header();
            open = storage.begin(header.meta(), header.tid(), header.status());
        } catch (StorageException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletionStage<List<Oid>> voted;
        try {
            whole.records().forEach(open::restore);
            voted = open.vote();
        } catch (StorageException e) {
            voted = CompletableFuture.failedFuture(e);
        }
        return voted.handle((undone, failure) -> failure == null
                        ? open.finish()
                        : open.abort().thenCompose(done -> CompletableFuture.<Tid>failedFuture(known(failure))))
                .thenCompose(finished -> finished);
    }

    private static StorageException known(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof StorageException storage
                ? storage
                : new StorageUnavailableException("an unexpected error: " + cause, cause);
    }
}
