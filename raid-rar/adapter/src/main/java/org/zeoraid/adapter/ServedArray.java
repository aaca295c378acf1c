package org.zeoraid.adapter;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.zeoraid.config.ConfiguredArray;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.admin.ArrayAdministration;

/** An array as this adapter serves it, and the transactions that are open in it. Safe for any number of threads. */
final class ServedArray {
    private final Storage storage;
    private final ArrayAdministration administration;
    private final CompletionStage<Void> serving;
    private final Runnable closing;
    private final BlobSpool spool;
    private final Branches branches;
    private final JournalledBranches journalled;
    private volatile boolean isClosed;

    ServedArray(ConfiguredArray array, BlobSpool spool, Timeouts timeouts) {
        this(array.storage(), array.administration(), array.serving(), array::close, spool, timeouts);
    }

    /**
     * @param serving completes when the storage can be used
     * @param closing closes the storage and all that belongs to it
     */
    ServedArray(
            Storage storage,
            ArrayAdministration administration,
            CompletionStage<Void> serving,
            Runnable closing,
            BlobSpool spool,
            Timeouts timeouts) {
        this.storage = storage;
        this.administration = administration;
        this.serving = serving;
        this.closing = closing;
        this.spool = spool;
        this.branches = new Branches(this::newUnit, timeouts);
        this.journalled = new JournalledBranches(storage);
    }

    String name() {
        return storage.name();
    }

    Storage storage() {
        return storage;
    }

    ArrayAdministration administration() {
        return administration;
    }

    Branches branches() {
        return branches;
    }

    /** The branches that its journal knows. */
    JournalledBranches journalled() {
        return journalled;
    }

    UnitOfWork newUnit() {
        return new UnitOfWork(storage, spool);
    }

    /** Waits until it serves, and tells whether it does. */
    boolean awaitServing(Duration patience) {
        try {
            serving.toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    boolean isClosed() {
        return isClosed;
    }

    /** Releases the array. Transactions still open fail from now on. */
    void close() {
        isClosed = true;
        closing.run();
    }
}
