package org.zeoraid.adapter;

import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
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
 */
final class UnitOfWork {
    private static final Logger LOG = System.getLogger("org.zeoraid.adapter");

    private final Storage storage;
    private final BlobSpool spool;
    private final CompletableFuture<Tid> outcome = new CompletableFuture<>();
    /** The serials that the objects written here are based on. */
    private final Map<Oid, Tid> bases = new HashMap<>();

    private TransactionMeta meta = TransactionMeta.EMPTY;
    private @Nullable Tid snapshot;
    private @Nullable StorageTransaction transaction;
    /** Why this can only be rolled back. */
    private @Nullable RuntimeException failure;

    /** The branch that commits what several have done. */
    private @Nullable Branch committer;

    private boolean isVoted;
    /** Whether there is anything to commit; undos may have found nothing. */
    private boolean hasChanges;
    /** Whether objects that were only read have to stay as they are until the end. */
    private boolean reliesOnReads;

    private @Nullable BranchId preparedAs;
    private boolean isEnded;
    /** Set without the lock, so that a transaction's time can run out while an operation waits. */
    private volatile @Nullable RuntimeException expiry;

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

    synchronized Tid snapshot() {
        ensureUsable();
        Tid known = snapshot;
        if (known == null) {
            known = Stages.await(storage.lastTid());
            snapshot = known;
        }
        return known;
    }

    synchronized Revision load(Oid oid) {
        Optional<Content> written = written(oid);
        if (written.isEmpty()) {
            return loadFromSnapshot(oid);
        }
        if (written.get() instanceof Content.Data data) {
            return new Revision(data.bytes(), base(oid), Tid.MAX);
        }
        if (written.get() instanceof Content.Link link) {
            return new Revision(link.bytes(), base(oid), Tid.MAX);
        }
        throw new ObjectNotFoundException(oid);
    }

    private Revision loadFromSnapshot(Oid oid) {
        return Stages.await(storage.loadBefore(oid, snapshot().after()))
                .orElseThrow(() -> new ObjectNotFoundException(oid));
    }

    synchronized void describe(TransactionMeta description) {
        ensureUsable();
        if (transaction != null) {
            throw new ProtocolException("a transaction is described before its first write, not after it");
        }
        meta = description;
    }

    synchronized void store(Oid oid, byte[] data) {
        store(oid, base(oid), data);
    }

    synchronized void store(Oid oid, Tid based, byte[] data) {
        StorageTransaction target = writable();
        target.store(oid, based, data);
        bases.put(oid, based);
    }

    synchronized void storeBlob(Oid oid, byte[] data, InputStream blob) {
        if (!BlobRecords.isBlob(data)) {
            throw new ProtocolException("the record of blob " + oid
                    + " must be that of a ZODB.blob.Blob, as BlobRecords.record() gives it: members know blobs by it");
        }
        Tid based = base(oid);
        StorageTransaction target = writable();
        target.storeBlob(oid, based, data, spool.keep(this, blob));
        bases.put(oid, based);
    }

    synchronized BlobSource blob(Oid oid) {
        StorageTransaction own = transaction;
        if (own != null && written(oid).isPresent()) {
            return own.writtenBlob(oid).orElseThrow(() -> new ObjectNotFoundException(oid));
        }
        return Stages.await(storage.blob(oid, loadFromSnapshot(oid).serial()));
    }

    synchronized void delete(Oid oid) {
        Tid based = load(oid).serial();
        if (based.equals(Tid.NONE)) {
            // made by this very transaction: there is nothing that a deletion could be based on
            writable().restore(new DataRecord(oid, Content.ABSENT));
        } else {
            writable().delete(oid, based);
        }
        bases.put(oid, based);
    }

    synchronized void checkCurrent(Oid oid) {
        if (written(oid).isEmpty()) {
            Tid seen = base(oid);
            writable().checkCurrent(oid, seen);
            reliesOnReads = true;
        }
    }

    synchronized void undo(Tid tid) {
        snapshot();
        writable().undo(tid);
    }

    /**
     * Looks for conflicts and takes the locks.
     *
     * @throws StorageException if that fails; this can then only be rolled back
     */
    synchronized void vote() {
        ensureUsable();
        StorageTransaction voter = transaction;
        if (voter == null || isVoted) {
            return;
        }
        try {
            List<Oid> undone = Stages.await(voter.vote());
            isVoted = true;
            hasChanges = !bases.isEmpty() || !undone.isEmpty();
        } catch (RuntimeException e) {
            fail(e);
            throw e;
        }
    }

    /** Whether the asking branch is the one that commits: the first to ask is. */
    synchronized boolean claimCommit(Branch branch) {
        if (committer == null) {
            committer = branch;
        }
        return branch.equals(committer);
    }

    /** Whether what was voted has to hold until the transaction is decided: it changes something, or relies on something. */
    synchronized boolean mustHold() {
        return isVoted && (hasChanges || reliesOnReads);
    }

    /**
     * Makes what was voted outlive this process, until it is decided.
     *
     * @throws StorageException if that fails; this is rolled back then
     */
    synchronized void prepare(BranchId id) {
        ensureUsable();
        StorageTransaction voted = transaction;
        if (voted == null || !isVoted) {
            throw new ProtocolException("prepare before vote");
        }
        try {
            Stages.await(voted.prepare(id));
            preparedAs = id;
            spool.drop(this);
        } catch (RuntimeException e) {
            fail(e);
            throw e;
        }
    }

    /** What was prepared has been committed. */
    synchronized void wasCommitted(Tid tid) {
        if (!isEnded) {
            end(null);
            outcome.complete(tid);
        }
    }

    /** What was prepared has not been committed, or nobody knows. */
    synchronized void wasRolledBack(RuntimeException reason) {
        if (!isEnded) {
            end(reason);
        }
    }

    /** Why this can only be rolled back, if so. */
    synchronized Optional<RuntimeException> failure() {
        return Optional.ofNullable(failure);
    }

    /**
     * Commits what was voted.
     *
     * @throws OutcomeUnknownException if nobody can tell now
     * @throws StorageException otherwise, if nothing was committed
     */
    synchronized Tid commit() {
        if (isEnded || failure != null) {
            throw failure != null ? failure : new StorageClosedException("the transaction has ended");
        }
        StorageTransaction finisher = transaction;
        if (finisher == null) {
            end(null);
            outcome.complete(Tid.NONE);
            return Tid.NONE;
        }
        if (!isVoted) {
            throw new ProtocolException("commit before vote");
        }
        try {
            Tid tid = Stages.await(finisher.finish());
            end(null);
            outcome.complete(tid);
            return tid;
        } catch (StorageException e) {
            end(e);
            throw e;
        } catch (RuntimeException e) {
            // an error that is not the storage's own word says nothing about what the members hold
            var unknown = new OutcomeUnknownException("the commit failed unexpectedly: " + e, e);
            end(unknown);
            throw unknown;
        }
    }

    /** Drops everything. Does nothing if this has ended. */
    void rollback() {
        rollback(new StorageClosedException("the transaction was rolled back"));
    }

    synchronized void rollback(RuntimeException reason) {
        if (!isEnded) {
            abort();
            end(failure != null ? failure : reason);
        }
    }

    /** Ends this: a commit where nothing was written, which cannot fail, and a rollback otherwise. */
    synchronized void close() {
        boolean changesNothing = transaction == null || isVoted && !hasChanges;
        if (!isEnded && changesNothing && failure == null) {
            commit();
        } else {
            rollback();
        }
    }

    /** Has this fail whatever comes next, and gives its locks back: its time is up, or its connection gave up. */
    synchronized void fail(RuntimeException reason) {
        if (!isEnded && failure == null) {
            failure = reason;
            abort();
            outcome.completeExceptionally(reason);
        }
    }

    /**
     * Called when the time of the transaction is up: lets it fail, unless it has voted, for from then on its time is the
     * transaction manager's. An operation under way is waited for, and is the last one.
     */
    void expire(RuntimeException reason) {
        expiry = reason;
        settleExpiry();
    }

    private synchronized void settleExpiry() {
        RuntimeException expired = expiry;
        if (expired != null && !isVoted) {
            fail(expired);
        }
    }

    private void end(@Nullable RuntimeException reason) {
        isEnded = true;
        failure = reason;
        spool.drop(this);
        if (reason != null) {
            outcome.completeExceptionally(reason);
        }
    }

    private void abort() {
        StorageTransaction victim = transaction;
        if (victim == null || preparedAs != null) {
            return;
        }
        try {
            Stages.await(victim.abort());
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "array " + storage.name() + ": a transaction could not be aborted cleanly", e);
        }
    }

    private Optional<Content> written(Oid oid) {
        ensureUsable();
        StorageTransaction own = transaction;
        return own == null ? Optional.empty() : own.written(oid);
    }

    /** The serial that a change of an object is based on: that of the snapshot, or of this transaction's first change. */
    private Tid base(Oid oid) {
        Tid known = bases.get(oid);
        if (known != null) {
            return known;
        }
        Tid seen = snapshot();
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
        snapshot();
        if (isVoted) {
            throw new ProtocolException("the transaction has voted: nothing can be written any more");
        }
        StorageTransaction open = transaction;
        if (open == null) {
            open = storage.begin(meta);
            transaction = open;
        }
        return open;
    }

    private void ensureUsable() {
        settleExpiry();
        if (failure != null) {
            throw failure;
        }
        if (isEnded) {
            throw new StorageClosedException("the transaction has ended");
        }
    }
}
