package org.zeoraid.adapter;

import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.zeoraid.adapter.Progress.GivenUp;
import org.zeoraid.adapter.Progress.Phase;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.pickle.BlobRecords;

/**
 * What one transaction has read and written in one array: a snapshot, and a storage transaction from its first write
 * on. Shared by all connections of the transaction. Safe for any number of threads: the server may end a transaction
 * while the application still works in it.
 *
 * <p>One operation runs at a time, under a lock that it holds while it waits for the storage. {@link #rollback()}, {@link
 * #fail} and {@link #expire} do not need that lock: an operation that hangs fails instead of keeping them waiting. Only
 * where a commit or a prepare has begun they wait for its end.
 */
final class UnitOfWork {
    private static final Logger LOG = System.getLogger("org.zeoraid.adapter");

    private final Storage storage;
    private final BlobSpool spool;
    private final Progress progress = new Progress();
    private final CompletableFuture<Tid> outcome = new CompletableFuture<>();
    /** Guards what the operations know. */
    private final ReentrantLock working = new ReentrantLock();

    /** The serials that the objects written here are based on. */
    private final Map<Oid, Tid> bases = new HashMap<>();

    /** Whether objects that were only read have to stay as they are until the end. */
    private boolean reliesOnReads;

    private TransactionMeta meta = TransactionMeta.EMPTY;
    private @Nullable Tid snapshot;
    /** The branch that commits what several have done. */
    private @Nullable Branch committer;

    UnitOfWork(Storage storage, BlobSpool spool) {
        this.storage = storage;
        this.spool = spool;
    }

    /** Completes when this has ended; what depends on it is called by whoever ends it. */
    CompletionStage<Tid> outcome() {
        // one for each asker, and no stage that depends on ours: such a one would wrap the exception
        CompletableFuture<Tid> answer = new CompletableFuture<>();
        outcome.whenComplete((tid, error) -> {
            if (error == null) {
                answer.complete(tid);
            } else {
                answer.completeExceptionally(error);
            }
        });
        return answer;
    }

    // What the application does.

    Tid snapshot() {
        return operate(this::tid);
    }

    Revision load(Oid oid) {
        return operate(() -> current(oid));
    }

    void describe(TransactionMeta description) {
        run(() -> {
            if (progress.transaction().isPresent()) {
                throw new ProtocolException("a transaction is described before its first write, not after it");
            }
            meta = description;
        });
    }

    void store(Oid oid, byte[] data) {
        run(() -> store(oid, base(oid), data, Optional.empty()));
    }

    void store(Oid oid, Tid based, byte[] data) {
        run(() -> store(oid, based, data, Optional.empty()));
    }

    /** Reads the stream while others may work in this, or end it: nobody knows how long that takes. */
    void storeBlob(Oid oid, byte[] data, InputStream blob) {
        if (!BlobRecords.isBlob(data)) {
            throw new ProtocolException("the record of blob " + oid
                    + " must be that of a ZODB.blob.Blob, as BlobRecords.record() gives it: members know blobs by it");
        }
        run(this::writable);
        try {
            BlobSource kept = spool.keep(this, blob);
            run(() -> store(oid, base(oid), data, Optional.of(kept)));
        } finally {
            if (progress.phase() == Phase.ENDED) {
                spool.drop(this); // perhaps it had ended before the blob was kept
            }
        }
    }

    private void store(Oid oid, Tid based, byte[] data, Optional<BlobSource> blob) {
        if (oid.value() < 0) {
            throw new ProtocolException(
                    "nothing is stored under oid " + oid + ": new objects get oids above the largest"
                            + " one in use, and none would be left for them; take newOid()");
        }
        StorageTransaction target = writable();
        if (blob.isPresent()) {
            target.storeBlob(oid, based, data, blob.get());
        } else {
            target.store(oid, based, data);
        }
        bases.put(oid, based);
    }

    BlobSource blob(Oid oid) {
        return operate(() -> {
            Optional<StorageTransaction> own = progress.transaction();
            if (own.isPresent() && written(oid).isPresent()) {
                return own.get().writtenBlob(oid).orElseThrow(() -> new ObjectNotFoundException(oid));
            }
            return Stages.await(storage.blob(oid, ofSnapshot(oid).serial()));
        });
    }

    void delete(Oid oid) {
        run(() -> {
            Tid based = current(oid).serial();
            if (based.equals(Tid.NONE)) {
                // made by this very transaction: there is nothing that a deletion could be based on
                writable().restore(new DataRecord(oid, Content.ABSENT));
            } else {
                writable().delete(oid, based);
            }
            bases.put(oid, based);
        });
    }

    void checkCurrent(Oid oid) {
        run(() -> {
            if (written(oid).isEmpty()) {
                Tid seen = base(oid);
                writable().checkCurrent(oid, seen);
                reliesOnReads = true;
            }
        });
    }

    void undo(Tid tid) {
        run(() -> writable().undo(tid));
    }

    /**
     * Looks for conflicts and takes the locks.
     *
     * @throws StorageException if that fails; this can then only be rolled back
     */
    void vote() {
        try {
            run(() -> {
                Optional<StorageTransaction> voter = progress.transaction();
                if (voter.isPresent() && progress.phase() == Phase.OPEN) {
                    List<Oid> undone = Stages.await(voter.get().vote());
                    boolean changes = !bases.isEmpty() || !undone.isEmpty();
                    progress.vote(changes, changes || reliesOnReads);
                }
            });
        } catch (RuntimeException e) {
            fail(e);
            throw e;
        }
    }

    private void run(Runnable operation) {
        operate(() -> {
            operation.run();
            return progress;
        });
    }

    private <T> T operate(Supplier<T> operation) {
        return alone(() -> {
            progress.requireUsable();
            try {
                return operation.get();
            } catch (StorageClosedException e) {
                // the storage knows that it was told to give up, and not why
                throw progress.failure().orElse(e);
            }
        });
    }

    private <T> T alone(Supplier<T> task) {
        working.lock();
        try {
            return task.get();
        } finally {
            working.unlock();
        }
    }

    private Tid tid() {
        Tid known = snapshot;
        if (known == null) {
            known = Stages.await(storage.lastTid());
            snapshot = known;
        }
        return known;
    }

    private Revision current(Oid oid) {
        Optional<Content> written = written(oid);
        if (written.isEmpty()) {
            return ofSnapshot(oid);
        }
        if (written.get() instanceof Content.Data data) {
            return new Revision(data.bytes(), base(oid), Tid.MAX);
        }
        if (written.get() instanceof Content.Link link) {
            return new Revision(link.bytes(), base(oid), Tid.MAX);
        }
        throw new ObjectNotFoundException(oid);
    }

    private Optional<Content> written(Oid oid) {
        return progress.transaction().flatMap(own -> own.written(oid));
    }

    private Revision ofSnapshot(Oid oid) {
        return Stages.await(storage.loadBefore(oid, tid().after())).orElseThrow(() -> new ObjectNotFoundException(oid));
    }

    /** The serial that a change of an object is based on: that of the snapshot, or of this transaction's first change. */
    private Tid base(Oid oid) {
        Tid known = bases.get(oid);
        if (known != null) {
            return known;
        }
        Tid seen = tid();
        Tid latest = Stages.await(storage.serial(oid));
        if (!latest.isAfter(seen)) {
            return latest;
        }
        try {
            return Stages.await(storage.loadBefore(oid, seen.after()))
                    .map(Revision::serial)
                    .orElse(Tid.NONE);
        } catch (ObjectNotFoundException e) {
            return Tid.NONE;
        }
    }

    private StorageTransaction writable() {
        tid();
        if (progress.phase() != Phase.OPEN) {
            throw new ProtocolException("the transaction has voted: nothing can be written any more");
        }
        return progress.transaction().orElseGet(this::begin);
    }

    private StorageTransaction begin() {
        StorageTransaction begun = storage.begin(meta);
        try {
            progress.begin(begun);
        } catch (RuntimeException e) {
            abort(begun);
            throw e;
        }
        return begun;
    }

    // What the transaction manager does.

    /** Whether the asking branch is the one that commits: the first to ask is. */
    boolean claimCommit(Branch branch) {
        return alone(() -> {
            Branch first = committer;
            if (first == null) {
                committer = branch;
            }
            return first == null || branch.equals(first);
        });
    }

    /** Whether what was voted has to hold until the transaction is decided: it changes something, or relies on something. */
    boolean mustHold() {
        return progress.mustHold();
    }

    /** Why this can only be rolled back, if so. */
    Optional<RuntimeException> failure() {
        return progress.failure();
    }

    /**
     * Makes what was voted outlive this process, until it is decided.
     *
     * @throws StorageException if that fails; this can then only be rolled back
     */
    void prepare(BranchId id) {
        try {
            run(() -> {
                Optional<StorageTransaction> voted = progress.settle("prepare");
                try {
                    Stages.await(voted.orElseThrow(() -> new ProtocolException("nothing to prepare"))
                            .prepare(id));
                } catch (RuntimeException e) {
                    progress.fallBack();
                    throw e;
                }
                progress.prepared();
            });
        } catch (RuntimeException e) {
            fail(e);
            throw e;
        }
        spool.drop(this);
    }

    /** What was prepared has been committed. */
    void wasCommitted(Tid tid) {
        if (progress.endOnce(null)) {
            committed(tid);
        }
    }

    /** What was prepared has not been committed, or nobody knows. */
    void wasRolledBack(RuntimeException reason) {
        if (progress.endOnce(reason)) {
            notCommitted(reason);
        }
    }

    /**
     * Commits what was voted.
     *
     * @throws OutcomeUnknownException if nobody can tell now
     * @throws StorageException otherwise, if nothing was committed
     */
    Tid commit() {
        try {
            Tid tid = alone(() -> finish(progress.settle("commit")));
            committed(tid);
            return tid;
        } catch (RuntimeException e) {
            if (progress.phase() == Phase.ENDED) {
                notCommitted(e);
            }
            throw e;
        }
    }

    private Tid finish(Optional<StorageTransaction> finisher) {
        try {
            Tid tid =
                    finisher.isEmpty() ? Tid.NONE : Stages.await(finisher.get().finish());
            progress.end(null);
            return progress.hasChanges() ? tid : Tid.NONE;
        } catch (StorageException e) {
            progress.end(e);
            throw e;
        } catch (RuntimeException e) {
            // an error that is not the storage's own word says nothing about what the members hold
            var unknown = new OutcomeUnknownException("the commit failed unexpectedly: " + e, e);
            progress.end(unknown);
            throw unknown;
        }
    }

    /** Drops everything. Does nothing if this has ended. */
    void rollback() {
        rollback(rolledBack());
    }

    void rollback(RuntimeException reason) {
        fail(reason); // nobody begins to commit it from here on
        Optional<GivenUp> dropped =
                progress.phase() == Phase.DECIDING ? alone(() -> progress.drop(reason)) : progress.drop(reason);
        dropped.ifPresent(rest -> {
            failed(rest);
            spool.drop(this);
        });
    }

    /** Ends this: a commit where nothing was written, which cannot fail, and a rollback otherwise. */
    void close() {
        if (progress.isVain()) {
            try {
                commit();
            } catch (RuntimeException e) {
                LOG.log(Level.DEBUG, "a transaction without changes failed when it ended", e);
            }
        }
        rollback();
    }

    /** Has this fail whatever comes next, and gives its locks back. */
    void fail(RuntimeException reason) {
        progress.fail(reason, Set.of(Phase.OPEN, Phase.VOTED)).ifPresent(this::failed);
    }

    /** The same because its time is up, unless it has voted: from then on its time is the transaction manager's. */
    void expire(RuntimeException reason) {
        progress.fail(reason, Set.of(Phase.OPEN)).ifPresent(this::failed);
    }

    private void failed(GivenUp rest) {
        rest.transaction().ifPresent(this::abort);
        outcome.completeExceptionally(rest.reason());
    }

    private void abort(StorageTransaction victim) {
        try {
            Stages.await(victim.abort());
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "array " + storage.name() + ": a transaction could not be aborted cleanly", e);
        }
    }

    private void committed(Tid tid) {
        spool.drop(this);
        outcome.complete(tid);
    }

    private void notCommitted(RuntimeException reason) {
        spool.drop(this);
        outcome.completeExceptionally(reason);
    }

    private static RuntimeException rolledBack() {
        return new StorageClosedException("the transaction was rolled back");
    }
}
