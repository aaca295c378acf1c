package org.zeoraid.storage.commit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;

/**
 * A client's transaction until it is handed to the stream of commits. One thread at a time, but for {@link #abort},
 * which may come from anywhere, such as a timeout, while a vote is on its way; so the phase is guarded by the monitor.
 */
final class FrontTransaction implements StorageTransaction {

    private enum Phase {
        /** Collects changes; may hold the locks of a vote that found conflicts. */
        OPEN,
        VOTING,
        VOTED,
        /** A vote failed for good; only abort is left. */
        FAILED,
        FINISHING,
        PREPARING,
        ENDED
    }

    private final TransactionalStorage storage;
    private final TransactionMeta meta;
    private final TransactionStatus status;
    private final Optional<Tid> ownTid;
    private final ChangeBuffer buffer;
    private final LockTable.Holder holder;
    private final Map<Oid, Tid> checks = new HashMap<>(4);
    private final List<Tid> undos = new ArrayList<>(0);
    private Phase phase = Phase.OPEN;
    private BufferedTransaction.@Nullable Changes voted;
    private @Nullable CompletableFuture<Tid> outcome;

    FrontTransaction(
            TransactionalStorage storage,
            TransactionMeta meta,
            TransactionStatus status,
            Optional<Tid> ownTid,
            ChangeBuffer buffer) {
        this.storage = storage;
        this.meta = meta;
        this.status = status;
        this.ownTid = ownTid;
        this.buffer = buffer;
        this.holder = new LockTable.Holder(meta);
    }

    /** One that was prepared by an earlier process: only its locks and its name as a writer are left of it. */
    static FrontTransaction restored(TransactionalStorage storage, TransactionMeta meta, ChangeBuffer buffer) {
        var transaction = new FrontTransaction(storage, meta, TransactionStatus.COMMITTED, Optional.empty(), buffer);
        synchronized (transaction) {
            transaction.phase = Phase.ENDED;
        }
        return transaction;
    }

    LockTable.Holder holder() {
        return holder;
    }

    @Override
    public TransactionMeta meta() {
        return meta;
    }

    @Override
    public void store(Oid oid, Tid based, byte[] data) {
        put(new DataRecord(oid, new Content.Data(data)), new Change.Basis.Serial(based));
    }

    @Override
    public void storeBlob(Oid oid, Tid based, byte[] data, BlobSource blob) {
        put(new DataRecord(oid, new Content.Data(data), Optional.of(blob)), new Change.Basis.Serial(based));
    }

    @Override
    public void delete(Oid oid, Tid based) {
        put(new DataRecord(oid, Content.ABSENT), new Change.Basis.Serial(based));
    }

    @Override
    public void restore(DataRecord entry) {
        put(entry, Change.Basis.UNCHECKED);
    }

    private synchronized void put(DataRecord entry, Change.Basis basis) {
        require(Phase.OPEN);
        buffer.put(entry, basis);
    }

    @Override
    public synchronized void checkCurrent(Oid oid, Tid serial) {
        require(Phase.OPEN);
        Tid before = checks.putIfAbsent(oid, serial);
        if (before != null && !before.equals(serial)) {
            throw new ProtocolException("object " + oid + " cannot have been read at " + before + " and at " + serial
                    + " in one transaction");
        }
    }

    @Override
    public synchronized void undo(Tid tid) {
        require(Phase.OPEN);
        undos.add(tid);
    }

    @Override
    public synchronized Optional<Content> written(Oid oid) {
        return entry(oid).map(DataRecord::content);
    }

    @Override
    public synchronized Optional<BlobSource> writtenBlob(Oid oid) {
        return entry(oid).flatMap(DataRecord::blob);
    }

    private Optional<DataRecord> entry(Oid oid) {
        if (phase == Phase.ENDED || phase == Phase.FAILED) {
            throw ended();
        }
        return buffer.entry(oid);
    }

    @Override
    public CompletionStage<List<Oid>> vote() {
        synchronized (this) {
            require(Phase.OPEN);
            phase = Phase.VOTING;
        }
        try {
            storage.checkWritable();
        } catch (StorageException e) {
            return endVote(e);
        }
        CommitStream stream = storage.stream();
        LogReads reads = new LogReads(storage.log());
        CompletionStage<Void> vote = Stages.then(reads.after(stream.ready()), nothing -> {
            CommitStream.Published published = stream.published();
            Tid last = published == null ? Tid.NONE : published.last();
            return new Vote(reads, storage.locks(), holder, buffer, checks, undos).take(last);
        });
        if (ownTid.isPresent()) {
            vote = Stages.then(vote, nothing -> {
                storage.checkNotAhead(ownTid.get());
                return stream.reserve(this, ownTid.get());
            });
        }
        CompletableFuture<Void> future = vote.toCompletableFuture();
        if (Stages.isAtHand(future)) {
            return endVote(null);
        }
        return future.handle((nothing, error) -> error).thenCompose(this::endVote);
    }

    private CompletionStage<List<Oid>> endVote(@Nullable Throwable error) {
        StorageException failure;
        synchronized (this) {
            if (phase != Phase.VOTING) {
                failure = ended();
            } else if (error == null) {
                voted = new BufferedTransaction.Changes(buffer, buffer.frozen());
                phase = Phase.VOTED;
                return CompletableFuture.completedFuture(buffer.undoneOids());
            } else {
                failure = Stages.failure(error);
                boolean canBeResolved = failure instanceof ConflictException conflict
                        && !conflict.conflicts().isEmpty();
                phase = canBeResolved ? Phase.OPEN : Phase.FAILED;
                if (canBeResolved) {
                    return CompletableFuture.failedFuture(failure);
                }
            }
        }
        release();
        return CompletableFuture.failedFuture(failure);
    }

    @Override
    public CompletionStage<Tid> finish() {
        Commit commit;
        synchronized (this) {
            require(Phase.VOTED);
            BufferedTransaction.Changes changes = voted;
            if (changes == null) {
                throw new AssertionError("a voted transaction has its changes");
            }
            phase = Phase.FINISHING;
            commit = new Commit(meta, status, ownTid, changes, this, this::finished);
            outcome = commit.outcome;
        }
        storage.stream().send(commit);
        return commit.outcome;
    }

    @Override
    public CompletionStage<Void> prepare(BranchId id) {
        PreparedBranches branches = storage.branches()
                .orElseThrow(() -> new ProtocolException(
                        "the storage " + storage.name() + " keeps no prepared transactions: " + id));
        CompletionStage<Void> prepared;
        synchronized (this) {
            require(Phase.VOTED);
            BufferedTransaction.Changes changes = voted;
            if (changes == null) {
                throw new AssertionError("a voted transaction has its changes");
            }
            if (ownTid.isPresent()) {
                throw new ProtocolException("a transaction with a tid of its own cannot wait for a decision: " + id);
            }
            prepared = branches.prepare(id, this, changes, checks.keySet());
            phase = Phase.PREPARING;
        }
        return prepared.handle((nothing, error) -> {
            synchronized (this) {
                phase = Phase.ENDED;
            }
            if (error != null) {
                release();
                throw Stages.failure(error);
            }
            storage.ended(this);
            return null;
        });
    }

    /** It was prepared and has been decided, or goes on in the next process. */
    void endPrepared() {
        release();
    }

    /**
     * Commits what was collected as one of a batch, which holds the locks and the order for all.
     *
     * @param ended told when it is committed, or is not there and never will be
     */
    Commit commitInBatch(Runnable ended) {
        synchronized (this) {
            require(Phase.OPEN);
            BufferedTransaction.Changes changes = new BufferedTransaction.Changes(buffer, buffer.frozen());
            voted = changes;
            phase = Phase.FINISHING;
            Commit commit = new Commit(meta, status, ownTid, changes, this, () -> {
                finished();
                ended.run();
            });
            outcome = commit.outcome;
            return commit;
        }
    }

    private void finished() {
        synchronized (this) {
            phase = Phase.ENDED;
        }
        release();
    }

    @Override
    public CompletionStage<Void> abort() {
        synchronized (this) {
            if (phase == Phase.PREPARING) {
                throw new ProtocolException("the transaction is being prepared, it cannot be aborted any more");
            }
            if (phase == Phase.FINISHING || phase == Phase.ENDED) {
                return afterFinish();
            }
            phase = Phase.ENDED;
        }
        release();
        return Stages.done();
    }

    /** Aborted because the storage closes, unless it is on its way into the log. */
    void abandon() {
        synchronized (this) {
            if (phase == Phase.FINISHING || phase == Phase.PREPARING || phase == Phase.ENDED) {
                return;
            }
            phase = Phase.ENDED;
        }
        release();
    }

    /** Nothing is left to do if the finish failed, and an error is due if it did not, or may not have. */
    private CompletionStage<Void> afterFinish() {
        CompletableFuture<Tid> finish = outcome;
        if (finish == null) {
            return Stages.done();
        }
        if (!finish.isDone()) {
            throw new ProtocolException("the transaction is being committed, it cannot be aborted any more");
        }
        return finish.handle((tid, error) -> {
            if (error == null) {
                throw new StorageClosedException("the transaction has been committed as " + tid);
            }
            if (Stages.failure(error) instanceof OutcomeUnknownException unknown) {
                throw unknown;
            }
            return null;
        });
    }

    private void release() {
        storage.locks().release(holder);
        if (ownTid.isPresent()) {
            storage.stream().release(this);
        }
        buffer.close();
        storage.ended(this);
    }

    private void require(Phase wanted) {
        if (phase == wanted) {
            return;
        }
        if (phase == Phase.ENDED) {
            throw ended();
        }
        throw new ProtocolException("not possible now: the transaction is " + phase);
    }

    private static StorageClosedException ended() {
        return new StorageClosedException("the transaction has ended");
    }
}
