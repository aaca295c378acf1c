package org.zeoraid.raidctl.copy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.ReadableStorage;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;

/**
 * An array opened here: each transaction is restored by a two-phase commit with the tid that it has. Such a transaction
 * has the order of commits to itself until it is durable, so one goes at a time.
 */
record ArrayEnd(Storage storage, Runnable release) implements End {

    @Override
    public ReadableStorage content() {
        return storage;
    }

    @Override
    public CompletionStage<Void> append(Tid previous, CommittedTransaction transaction) {
        StorageTransaction copy;
        try {
            copy = storage.begin(
                    transaction.header().meta(),
                    transaction.tid(),
                    transaction.header().status());
        } catch (StorageException e) {
            return CompletableFuture.failedFuture(e);
        }
        try {
            for (DataRecord entry : transaction.records()) {
                copy.restore(entry);
            }
        } catch (StorageException e) {
            return copy.abort().handle((nothing, ignored) -> {
                throw e;
            });
        }
        return copy.vote()
                .thenCompose(voted -> copy.finish())
                .handle((tid, failure) -> {
                    if (failure == null) {
                        return checked(transaction.tid(), tid);
                    }
                    return copy.abort()
                            .handle((nothing, ignored) -> null)
                            .thenCompose(nothing -> CompletableFuture.<Void>failedFuture(failure));
                })
                .thenCompose(stage -> stage);
    }

    private static CompletionStage<Void> checked(Tid wanted, Tid got) {
        return wanted.equals(got)
                ? CompletableFuture.completedFuture(null)
                : CompletableFuture.failedFuture(
                        new ProtocolException("the array committed as " + got + " what was to be " + wanted));
    }

    @Override
    public int depth() {
        return 1;
    }

    @Override
    public void close() {
        release.run();
    }
}
