package org.zeoraid.adapter;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
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
    private static final Logger LOG = System.getLogger("org.zeoraid.adapter");
    /** Time for an earlier process to end, and not so much that an array that cannot be opened keeps a server from starting. */
    private static final Duration RECOVERY_PATIENCE = Duration.ofMinutes(1);

    private static final int POLL_MILLIS = 50;

    private final Storage storage;
    private final ArrayAdministration administration;
    private final CompletionStage<Void> serving;
    private final Runnable closing;
    private final BlobSpool spool;
    private final Branches branches;
    private final JournalledBranches journalled;
    private final OpenConnections connections;
    private final Duration recoveryPatience;
    private final long since = System.nanoTime();
    private volatile boolean isClosed;

    ServedArray(ConfiguredArray array, BlobSpool spool, Timeouts timeouts) {
        this(
                array.storage(),
                array.administration(),
                array.serving(),
                array::close,
                spool,
                timeouts,
                RECOVERY_PATIENCE);
    }

    /**
     * @param serving completes when the storage can be used
     * @param closing closes the storage and all that belongs to it
     * @param recoveryPatience how long from now on a recovery waits for the array to be open
     */
    ServedArray(
            Storage storage,
            ArrayAdministration administration,
            CompletionStage<Void> serving,
            Runnable closing,
            BlobSpool spool,
            Timeouts timeouts,
            Duration recoveryPatience) {
        this.storage = storage;
        this.administration = administration;
        this.serving = serving;
        this.closing = closing;
        this.spool = spool;
        this.branches = new Branches(this::newUnit, timeouts);
        this.journalled = new JournalledBranches(storage);
        this.connections = new OpenConnections(storage.name(), timeouts);
        this.recoveryPatience = recoveryPatience;
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

    /** Those that applications have open. */
    OpenConnections connections() {
        return connections;
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

    /**
     * Waits until it is known which branches the array has prepared. Servers recover once, as they start: for a branch that is not
     * told then they forget what they had decided, and next time roll it back.
     */
    void awaitJournal() {
        if (knowsItsBranches() || !isPatient()) {
            return;
        }
        LOG.log(
                Level.WARNING,
                "array " + name() + " is not open, so it is not known which branches it has prepared: a recovery of"
                        + " transactions waits for that, until " + recoveryPatience.toSeconds() + " s after the start");
        while (!knowsItsBranches()) {
            if (!isPatient()) {
                LOG.log(
                        Level.ERROR,
                        "array " + name() + " is still not open, and transactions are recovered without it: what it has"
                                + " prepared is to be decided by hand before the server is started again");
                return;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private boolean isPatient() {
        return System.nanoTime() - since < recoveryPatience.toNanos();
    }

    private boolean knowsItsBranches() {
        return isClosed || storage.prepared().isPresent();
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
