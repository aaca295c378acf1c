package org.zeoraid.storage.commit;

import java.lang.System.Logger.Level;
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
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.PreparedTransactions;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.journal.JournalOptions;
import org.zeoraid.storage.journal.PreparedJournal;
import org.zeoraid.storage.seam.Environment;

/**
 * The branches of a storage that were prepared and have not ended. Each keeps its locks and its changes; its commit goes through
 * the stream of commits like any other. Whether it has been committed before, after a crash or an unknown outcome, is asked of
 * the log before anything is done.
 *
 * <p>Guarded by its own monitor; the log, the journal and the stream are called outside of it.
 */
final class PreparedBranches implements PreparedTransactions {

    private final String name;
    private final TransactionalStorage storage;
    private final Environment environment;
    private final PreparedJournal journal;
    private final JournalOptions.Witness witness;
    private final Map<BranchId, Branch> branches = new LinkedHashMap<>();

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

    /** One branch. All but its final fields is guarded by the monitor. */
    private static final class Branch {
        final PreparedJournal.Branch known;
        final FrontTransaction transaction;
        final List<CompletableFuture<Tid>> commits = new ArrayList<>(1);
        final List<CompletableFuture<Void>> rollbacks = new ArrayList<>(0);
        BufferedTransaction.Changes changes;
        boolean journalled;
        /** It is certain that the log does not have it. */
        boolean absent;
        /** How often it was sent to the log. */
        int attempts;

        Branch(PreparedJournal.Branch known, FrontTransaction transaction, BufferedTransaction.Changes changes) {
            this.known = known;
            this.transaction = transaction;
            this.changes = changes;
        }
    }

    // Before the decision.

    /**
     * Takes the branches that an earlier process left, with their locks. Nothing else has been done with the storage yet.
     *
     * @throws StorageUnavailableException if they cannot be had as they were
     */
    void restore() {
        for (PreparedJournal.Branch known : journal.inDoubt()) {
            ChangeBuffer buffer = storage.newBuffer();
            journal.readChanges(known.id(), entry -> buffer.put(entry, Change.Basis.UNCHECKED));
            BufferedTransaction.Changes changes = new BufferedTransaction.Changes(buffer, buffer.frozen());
            FrontTransaction transaction = FrontTransaction.restored(storage, known.meta(), buffer);
            Branch branch = new Branch(known, transaction, changes);
            branch.journalled = true;
            transaction.holder().became(known.id());
            if (!Stages.isAtHand(storage.locks()
                    .acquire(transaction.holder(), locks(changes, known.reads()))
                    .toCompletableFuture())) {
                throw new StorageUnavailableException("the prepared branch " + known.id() + " of " + name
                        + " cannot have its locks again: another one in its journal has them");
            }
            storage.inUse(changes);
            synchronized (this) {
                branches.put(known.id(), branch);
            }
        }
        List<PreparedJournal.Branch> found = journal.inDoubt();
        if (!found.isEmpty()) {
            witness.note(
                    Level.WARNING,
                    found.size() + " prepared branches of an earlier process keep their objects locked until their"
                            + " transaction manager, or an admin, decides: "
                            + found.stream().map(PreparedJournal.Branch::id).toList());
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
        if (changes.list().length == 0) {
            throw new ProtocolException("branch " + id + " changes nothing; there is nothing to prepare");
        }
        Branch branch = new Branch(known, transaction, changes);
        branch.absent = true;
        synchronized (this) {
            if (branches.putIfAbsent(id, branch) != null) {
                throw new ProtocolException("a branch " + id + " is prepared already");
            }
        }
        return journal.prepare(known, changes.unordered()).handle((blobs, error) -> {
            synchronized (this) {
                if (error == null) {
                    branch.journalled = true;
                    branch.changes = branch.changes.withBlobs(blobs);
                } else {
                    branches.remove(id);
                }
            }
            if (error != null) {
                throw Stages.failure(error);
            }
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
        synchronized (this) {
            for (Branch branch : branches.values()) {
                if (branch.journalled) {
                    all.add(new PreparedBranch(
                            branch.known.id(),
                            PreparedBranch.State.IN_DOUBT,
                            branch.known.since(),
                            branch.known.changes(),
                            branch.known.bytes()));
                }
            }
        }
        return List.copyOf(all);
    }

    @Override
    public Optional<Fate> fate(BranchId id) {
        synchronized (this) {
            if (branches.containsKey(id)) {
                return Optional.of(Fate.IN_DOUBT);
            }
        }
        return journal.end(id).map(PreparedJournal.End::fate);
    }

    /** Whether nothing is prepared. */
    synchronized boolean isEmpty() {
        return branches.isEmpty();
    }

    /** Completes when the journal knows of all ends, so that the log need not be asked for them any more. */
    CompletionStage<Void> flush() {
        return journal.flush();
    }

    // The decision.

    @Override
    public CompletionStage<Tid> commit(BranchId id, Decider decider) {
        CompletableFuture<Tid> answer = new CompletableFuture<>();
        Branch branch;
        synchronized (this) {
            branch = branches.get(id);
            if (branch == null) {
                return committedBefore(id);
            }
            if (!branch.journalled || !branch.rollbacks.isEmpty()) {
                return refused("branch " + id + " is being prepared or rolled back");
            }
            branch.commits.add(answer);
            if (branch.commits.size() > 1) {
                return answer;
            }
        }
        Stages.then(find(branch), found -> found.<CompletionStage<Tid>>map(CompletableFuture::completedFuture)
                        .orElseGet(() -> send(branch)))
                .whenComplete((tid, error) -> {
                    if (error == null) {
                        committed(branch, tid, decider);
                    } else {
                        notCommitted(branch, Stages.failure(error));
                    }
                });
        return answer;
    }

    private CompletionStage<Tid> committedBefore(BranchId id) {
        return journal.end(id)
                .filter(end -> end.fate() == Fate.COMMITTED || end.fate() == Fate.COMMITTED_BY_ADMIN)
                .<CompletionStage<Tid>>map(end -> CompletableFuture.completedFuture(end.tid()))
                .orElseGet(() -> refused("branch " + id + " is not prepared"));
    }

    private static <T> CompletionStage<T> refused(String why) {
        return CompletableFuture.failedFuture(new ProtocolException(why));
    }

    private CompletionStage<Tid> send(Branch branch) {
        Commit commit;
        synchronized (this) {
            // From now on only the log knows.
            branch.absent = false;
            branch.attempts++;
            commit = new Commit(
                    branch.known.meta(),
                    TransactionStatus.COMMITTED,
                    Optional.empty(),
                    branch.changes,
                    branch.transaction,
                    () -> {});
        }
        storage.stream().send(commit);
        return commit.outcome.whenComplete((tid, error) -> {
            if (error != null && !(Stages.failure(error) instanceof OutcomeUnknownException)) {
                synchronized (this) {
                    branch.absent = true;
                }
            }
        });
    }

    private void committed(Branch branch, Tid tid, Decider decider) {
        BranchId id = branch.known.id();
        if (decider == Decider.ADMIN) {
            noted(id, journal.end(id, Fate.COMMITTED_BY_ADMIN, tid));
        } else {
            journal.endSoon(id, Fate.COMMITTED, tid);
        }
        end(branch).forEach(commit -> commit.complete(tid));
    }

    private void notCommitted(Branch branch, StorageException why) {
        List<CompletableFuture<Tid>> asked;
        synchronized (this) {
            asked = List.copyOf(branch.commits);
            branch.commits.clear();
        }
        asked.forEach(commit -> commit.completeExceptionally(why));
        if (why instanceof OutcomeUnknownException) {
            settle(branch);
        }
    }

    @Override
    public CompletionStage<Void> rollback(BranchId id, Decider decider) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        Branch branch;
        synchronized (this) {
            branch = branches.get(id);
            if (branch == null) {
                return rolledBackBefore(id);
            }
            if (!branch.journalled || !branch.commits.isEmpty()) {
                return refused("branch " + id + " is being prepared or committed");
            }
            branch.rollbacks.add(answer);
            if (branch.rollbacks.size() > 1) {
                return answer;
            }
        }
        find(branch).whenComplete((found, error) -> {
            if (error == null && found.isEmpty()) {
                Fate fate = decider == Decider.ADMIN ? Fate.ROLLED_BACK_BY_ADMIN : Fate.ROLLED_BACK;
                noted(id, journal.end(id, fate, Tid.NONE)).whenComplete((nothing, failure) -> {
                    end(branch);
                    endRollbacks(branch).forEach(asked -> asked.complete(null));
                });
                return;
            }
            StorageException why = error == null
                    ? new ProtocolException("branch " + id + " has been committed")
                    : Stages.failure(error);
            List<CompletableFuture<Void>> asked = endRollbacks(branch);
            if (error == null) {
                committed(branch, found.orElseThrow(), Decider.TRANSACTION_MANAGER);
            }
            asked.forEach(rollback -> rollback.completeExceptionally(why));
        });
        return answer;
    }

    private CompletionStage<Void> rolledBackBefore(BranchId id) {
        boolean was = journal.end(id)
                .filter(end -> end.fate() == Fate.ROLLED_BACK || end.fate() == Fate.ROLLED_BACK_BY_ADMIN)
                .isPresent();
        return was ? Stages.done() : refused("branch " + id + " is not prepared");
    }

    private synchronized List<CompletableFuture<Void>> endRollbacks(Branch branch) {
        List<CompletableFuture<Void>> asked = List.copyOf(branch.rollbacks);
        branch.rollbacks.clear();
        return asked;
    }

    @Override
    public CompletionStage<Void> forget(BranchId id) {
        synchronized (this) {
            if (branches.containsKey(id)) {
                return refused("branch " + id + " is in doubt: commit or roll it back");
            }
        }
        return journal.end(id).isPresent() ? journal.forget(id) : Stages.done();
    }

    /** What is decided stays decided, even if that cannot be noted: the next process finds the branch in doubt again. */
    private CompletionStage<Void> noted(BranchId id, CompletionStage<Void> note) {
        return note.exceptionally(failure -> {
            witness.note(
                    Level.WARNING,
                    "the end of branch " + id + " cannot be noted; after a restart it may be in doubt once more: "
                            + failure);
            return null;
        });
    }

    // The log's word.

    @Override
    public CompletionStage<Void> settled() {
        List<Branch> uncertain;
        synchronized (this) {
            uncertain = branches.values().stream()
                    .filter(branch -> branch.journalled && !branch.absent)
                    .toList();
        }
        return CompletableFuture.allOf(uncertain.stream()
                .map(branch -> settle(branch).toCompletableFuture())
                .toArray(CompletableFuture<?>[]::new));
    }

    private CompletionStage<Void> settle(Branch branch) {
        return Stages.map(find(branch), found -> {
            boolean idle;
            synchronized (this) {
                idle = branch.commits.isEmpty() && branch.rollbacks.isEmpty();
            }
            if (idle && found.isPresent()) {
                committed(branch, found.get(), Decider.TRANSACTION_MANAGER);
            }
            return null;
        });
    }

    private CompletionStage<Optional<Tid>> find(Branch branch) {
        BufferedTransaction.Changes changes;
        int attempts;
        synchronized (this) {
            if (branch.absent) {
                return CompletableFuture.completedFuture(Optional.empty());
            }
            changes = branch.changes;
            attempts = branch.attempts;
        }
        CompletionStage<BranchSearch.Finding> search = Stages.then(
                storage.stream().ready(),
                nothing -> new BranchSearch(storage.log(), branch.known.after(), branch.known.meta(), changes).find());
        return Stages.map(search, finding -> {
            if (finding.stranger().isPresent()) {
                Stages.LOG.log(
                        Level.ERROR,
                        "storage " + name + ": transaction "
                                + finding.stranger().get()
                                + " changed objects of the prepared branch " + branch.known.id()
                                + " by another way than through here; if the branch is committed it overwrites that");
            }
            if (finding.committed().isEmpty()) {
                synchronized (this) {
                    // Of a commit that was sent meanwhile this says nothing.
                    branch.absent = branch.absent || branch.attempts == attempts;
                }
            }
            return finding.committed();
        });
    }

    private List<CompletableFuture<Tid>> end(Branch branch) {
        List<CompletableFuture<Tid>> asked;
        synchronized (this) {
            branches.remove(branch.known.id(), branch);
            asked = List.copyOf(branch.commits);
            branch.commits.clear();
        }
        branch.transaction.endPrepared();
        return asked;
    }

    /** Releases what the branches hold in memory and in temporary files; they stay in the journal. */
    void close() {
        List<Branch> all;
        synchronized (this) {
            all = List.copyOf(branches.values());
        }
        all.forEach(branch -> branch.transaction.endPrepared());
        journal.close();
    }
}
