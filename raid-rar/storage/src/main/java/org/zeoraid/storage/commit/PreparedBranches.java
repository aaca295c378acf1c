package org.zeoraid.storage.commit;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.PreparedTransactions;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.journal.JournalOptions;
import org.zeoraid.storage.journal.PreparedJournal;
import org.zeoraid.storage.seam.Environment;

/**
 * The branches of a storage that were prepared and have not ended, see {@link InDoubtBranch}. Each keeps its locks and its
 * changes; its commit goes through the stream of commits like any other.
 *
 * <p>Guarded by its own monitor; branches, the log and the journal are called outside of it.
 */
final class PreparedBranches implements PreparedTransactions {

    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final String name;
    private final TransactionalStorage storage;
    private final Environment environment;
    private final PreparedJournal journal;
    private final JournalOptions.Witness witness;
    private final InDoubtBranch.Keeper keeper = new Keeper();
    private final Map<BranchId, InDoubtBranch> branches = new LinkedHashMap<>();
    private boolean asksAgain;
    private boolean closed;

    PreparedBranches(
            String name,
            TransactionalStorage storage,
            Environment environment,
            PreparedJournal journal,
            JournalOptions.Witness witness) {
        this.name = name;
        this.storage = storage;
        this.environment = environment;
        this.journal = journal;
        this.witness = witness;
    }

    private final class Keeper implements InDoubtBranch.Keeper {

        @Override
        public void ended(InDoubtBranch branch) {
            synchronized (PreparedBranches.this) {
                branches.remove(branch.known().id(), branch);
            }
            branch.transaction().endPrepared();
        }

        @Override
        public void uncertain(InDoubtBranch branch) {
            settleSoon();
        }

        @Override
        public void note(Level level, String text) {
            witness.note(level, text);
        }
    }

    // Before the decision.

    /**
     * Takes the branches that an earlier process left, with their locks. Nothing else has been done with the storage yet.
     *
     * @throws StorageUnavailableException (in the stage) if they cannot be had as they were
     */
    CompletionStage<Void> restore() {
        List<PreparedJournal.Branch> found = journal.inDoubt();
        CompletionStage<Void> restored = Stages.done();
        for (PreparedJournal.Branch known : found) {
            restored = Stages.then(restored, nothing -> restore(known));
        }
        return restored.thenRun(() -> {
            if (!found.isEmpty()) {
                witness.note(
                        Level.WARNING,
                        "prepared branches of an earlier process keep their objects locked until their"
                                + " transaction manager, or an admin, decides: "
                                + found.stream().map(PreparedJournal.Branch::id).toList());
            }
        });
    }

    private CompletionStage<Void> restore(PreparedJournal.Branch known) {
        ChangeBuffer buffer = storage.newBuffer();
        return journal.readChanges(known.id(), entry -> buffer.put(entry, Change.Basis.UNCHECKED))
                .handle((nothing, failure) -> {
                    if (failure != null) {
                        buffer.close();
                        throw Stages.failure(failure);
                    }
                    hold(known, buffer);
                    return null;
                });
    }

    private void hold(PreparedJournal.Branch known, ChangeBuffer buffer) {
        BufferedTransaction.Changes changes = new BufferedTransaction.Changes(buffer, buffer.frozen());
        FrontTransaction transaction = FrontTransaction.restored(storage, known.meta(), buffer);
        transaction.holder().became(known.id());
        if (!Stages.isAtHand(storage.locks()
                .acquire(transaction.holder(), locks(changes, known.reads()))
                .toCompletableFuture())) {
            transaction.endPrepared();
            throw new StorageUnavailableException("the prepared branch " + known.id() + " of " + name
                    + " cannot have its locks again: another one in its journal has them");
        }
        storage.inUse(changes);
        synchronized (this) {
            branches.put(known.id(), InDoubtBranch.restored(storage, journal, keeper, known, transaction, changes));
        }
    }

    private static SortedMap<Oid, LockTable.Mode> locks(BufferedTransaction.Changes changes, List<Oid> reads) {
        SortedMap<Oid, LockTable.Mode> locks = new TreeMap<>();
        reads.forEach(oid -> locks.put(oid, LockTable.Mode.SHARED));
        changes.oids().forEach(oid -> locks.put(oid, LockTable.Mode.EXCLUSIVE));
        return locks;
    }

    /** Puts a voted transaction into the journal. If the stage fails it is the caller's as before. */
    CompletionStage<Void> prepare(
            BranchId id, FrontTransaction transaction, BufferedTransaction.Changes changes, Set<Oid> reads) {
        CommitStream.Published published = storage.stream().published();
        TransactionMeta meta = transaction.meta();
        var known = new PreparedJournal.Branch(
                id,
                environment.clock().instant(),
                published == null ? Tid.NONE : published.last(),
                meta,
                List.copyOf(new TreeSet<>(reads)),
                changes.list().length,
                changes.bytes());
        if (changes.list().length == 0 && reads.isEmpty()) {
            throw new ProtocolException(
                    "branch " + id + " changes nothing and relies on nothing; there is nothing to prepare");
        }
        InDoubtBranch branch = InDoubtBranch.fresh(storage, journal, keeper, known, transaction, changes);
        synchronized (this) {
            if (branches.putIfAbsent(id, branch) != null) {
                throw new ProtocolException("a branch " + id + " is prepared already");
            }
        }
        return journal.prepare(known, changes.unordered()).handle((blobs, error) -> {
            if (error != null) {
                synchronized (this) {
                    branches.remove(id, branch);
                }
                throw Stages.failure(error);
            }
            branch.journalled(changes.withBlobs(blobs));
            transaction.holder().became(id);
            return null;
        });
    }

    // What is known.

    @Override
    public List<PreparedBranch> branches() {
        List<PreparedBranch> all = new ArrayList<>();
        for (PreparedJournal.End end : journal.ends()) {
            if (end.fate() == Fate.COMMITTED_BY_ADMIN || end.fate() == Fate.ROLLED_BACK_BY_ADMIN) {
                all.add(new PreparedBranch(
                        end.id(),
                        end.fate() == Fate.COMMITTED_BY_ADMIN
                                ? PreparedBranch.State.COMMITTED_BY_ADMIN
                                : PreparedBranch.State.ROLLED_BACK_BY_ADMIN,
                        end.when(),
                        end.changes(),
                        end.bytes()));
            }
        }
        for (InDoubtBranch branch : all()) {
            if (branch.isInDoubt()) {
                all.add(new PreparedBranch(
                        branch.known().id(),
                        PreparedBranch.State.IN_DOUBT,
                        branch.known().since(),
                        branch.known().changes(),
                        branch.known().bytes()));
            }
        }
        return List.copyOf(all);
    }

    private synchronized List<InDoubtBranch> all() {
        return List.copyOf(branches.values());
    }

    private synchronized Optional<InDoubtBranch> find(BranchId id) {
        return Optional.ofNullable(branches.get(id));
    }

    @Override
    public Optional<Fate> fate(BranchId id) {
        return find(id).filter(branch -> !branch.hasEnded()).isPresent()
                ? Optional.of(Fate.IN_DOUBT)
                : journal.end(id).map(PreparedJournal.End::fate);
    }

    /** Whether nothing is prepared. */
    synchronized boolean isEmpty() {
        return branches.isEmpty();
    }

    // The decision.

    @Override
    public CompletionStage<Tid> commit(BranchId id, Decider decider) {
        return find(id).map(branch -> branch.commit(decider)).orElseGet(() -> committedBefore(id));
    }

    private CompletionStage<Tid> committedBefore(BranchId id) {
        return journal.end(id)
                .filter(end -> end.fate() == Fate.COMMITTED || end.fate() == Fate.COMMITTED_BY_ADMIN)
                .<CompletionStage<Tid>>map(end -> CompletableFuture.completedFuture(end.tid()))
                .orElseGet(() -> notPrepared(id));
    }

    private static <T> CompletionStage<T> notPrepared(BranchId id) {
        return CompletableFuture.failedFuture(new ProtocolException("branch " + id + " is not prepared"));
    }

    @Override
    public CompletionStage<Void> rollback(BranchId id, Decider decider) {
        return find(id).map(branch -> branch.rollback(decider)).orElseGet(() -> rolledBackBefore(id));
    }

    private CompletionStage<Void> rolledBackBefore(BranchId id) {
        boolean was = journal.end(id)
                .filter(end -> end.fate() == Fate.ROLLED_BACK || end.fate() == Fate.ROLLED_BACK_BY_ADMIN)
                .isPresent();
        return was ? Stages.done() : notPrepared(id);
    }

    @Override
    public CompletionStage<Void> forget(BranchId id) {
        if (find(id).isPresent()) {
            return CompletableFuture.failedFuture(
                    new ProtocolException("branch " + id + " is in doubt: commit or roll it back"));
        }
        return journal.end(id).isPresent() ? journal.forget(id) : Stages.done();
    }

    // The log's word.

    /** The log is not what it was when it was asked last. */
    void doubt() {
        all().forEach(InDoubtBranch::doubt);
    }

    @Override
    public CompletionStage<Void> settled() {
        return CompletableFuture.allOf(all().stream()
                .map(branch -> branch.settled().toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new));
    }

    /** Asks the log until it has told what it has of all branches. */
    void settleSoon() {
        settled().whenComplete((nothing, error) -> {
            synchronized (this) {
                if (error == null || asksAgain || closed) {
                    return;
                }
                asksAgain = true;
            }
            environment.schedule(PAUSE, () -> {
                synchronized (this) {
                    asksAgain = false;
                }
                settleSoon();
            });
        });
    }

    /** Completes when the log need not be asked any more what became of any branch up to now, also after a crash. */
    CompletionStage<Void> secured() {
        return settled().thenCompose(nothing -> journal.flush()).exceptionally(error -> {
            StorageException why = Stages.failure(error);
            throw new StorageUnavailableException(
                    "whether prepared transactions have been committed has to be known before history is forgotten: "
                            + why.getMessage(),
                    why);
        });
    }

    /** Releases what the branches hold in memory and in temporary files; they stay in the journal. */
    CompletionStage<Void> close() {
        synchronized (this) {
            closed = true;
        }
        all().forEach(branch -> branch.transaction().endPrepared());
        return journal.close();
    }
}
