package org.zeoraid.storage.commit;

import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.PreparedTransactions.Decider;
import org.zeoraid.storage.PreparedTransactions.Fate;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.journal.PreparedJournal;

/**
 * A prepared branch from its vote to its end. What it may be asked for depends on what the log may hold of it:
 *
 * <pre>
 * JOURNALLING ──► ABSENT ◄──► IN_FLIGHT ──► ENDED
 *                 ▲    ▲          │
 *                 │    ▼          ▼
 *                 │  ROLLING   UNCERTAIN, of an earlier process too
 *                 │   _BACK       │
 *                 └───────────────┴───────► ENDED
 * </pre>
 *
 * The log is asked only of what is UNCERTAIN, never while a commit is under way; whoever needs the answer shares it. Guarded by
 * its own monitor; the log, the journal and the stream are called outside of it.
 */
final class InDoubtBranch {

    private enum State {
        /** It is being put into the journal; nobody knows of it. */
        JOURNALLING,
        /** Certainly not in the log. */
        ABSENT,
        /** An earlier process, or a commit of which nobody knows what became, may have put it into the log. */
        UNCERTAIN,
        /** On its way into the log. */
        IN_FLIGHT,
        /** That it is rolled back is being noted. */
        ROLLING_BACK,
        ENDED
    }

    /** Where it is kept while it is in doubt. */
    interface Keeper {

        /** It has ended, and that is in the journal. */
        void ended(InDoubtBranch branch);

        /** The log is to be asked, until it answers. */
        void uncertain(InDoubtBranch branch);

        /** An admin should know. */
        void note(Level level, String text);
    }

    private final TransactionalStorage storage;
    private final PreparedJournal journal;
    private final Keeper keeper;
    private final PreparedJournal.Branch known;
    private final FrontTransaction transaction;

    private State state;
    private BufferedTransaction.Changes changes;
    /** The log may have been given it, once or more often. */
    private boolean wasSent;
    /** Counts when the log may have become another one; what it was at the last attempt. */
    private int doubts;

    private int doubtsBefore;

    /** How it ended. */
    private boolean isCommitted;

    private Tid committedAs = Tid.NONE;

    private @Nullable CompletableFuture<Void> search;
    private @Nullable CompletableFuture<Tid> commit;
    private Decider committer = Decider.TRANSACTION_MANAGER;
    private @Nullable CompletableFuture<Void> rollback;

    private InDoubtBranch(
            TransactionalStorage storage,
            PreparedJournal journal,
            Keeper keeper,
            PreparedJournal.Branch known,
            FrontTransaction transaction,
            BufferedTransaction.Changes changes,
            State state) {
        this.storage = storage;
        this.journal = journal;
        this.keeper = keeper;
        this.known = known;
        this.transaction = transaction;
        this.changes = changes;
        this.state = state;
        this.wasSent = state == State.UNCERTAIN;
    }

    /** One that is not in the journal yet. */
    static InDoubtBranch fresh(
            TransactionalStorage storage,
            PreparedJournal journal,
            Keeper keeper,
            PreparedJournal.Branch known,
            FrontTransaction transaction,
            BufferedTransaction.Changes changes) {
        return new InDoubtBranch(storage, journal, keeper, known, transaction, changes, State.JOURNALLING);
    }

    /** One of an earlier process. One that changes nothing leaves nothing in the log. */
    static InDoubtBranch restored(
            TransactionalStorage storage,
            PreparedJournal journal,
            Keeper keeper,
            PreparedJournal.Branch known,
            FrontTransaction transaction,
            BufferedTransaction.Changes changes) {
        State state = changes.list().length == 0 ? State.ABSENT : State.UNCERTAIN;
        return new InDoubtBranch(storage, journal, keeper, known, transaction, changes, state);
    }

    PreparedJournal.Branch known() {
        return known;
    }

    FrontTransaction transaction() {
        return transaction;
    }

    /** Whether it is in the journal, and not decided. */
    synchronized boolean isInDoubt() {
        return state != State.JOURNALLING && state != State.ENDED;
    }

    /** Whether the journal knows how it ended. */
    synchronized boolean hasEnded() {
        return state == State.ENDED;
    }

    /** It is in the journal, and its blobs with it. */
    synchronized void journalled(BufferedTransaction.Changes kept) {
        changes = kept;
        state = State.ABSENT;
    }

    /** What is known of the log does not hold any more: it has been assembled again, maybe of others. */
    synchronized void doubt() {
        doubts++;
        if (state == State.ABSENT && wasSent) {
            state = State.UNCERTAIN;
        }
    }

    // The decision.

    /** Commits it, once, whoever asks how often. A rollback that is on its way comes first. */
    CompletionStage<Tid> commit(Decider decider) {
        CompletableFuture<Tid> mine = new CompletableFuture<>();
        synchronized (this) {
            if (state == State.JOURNALLING) {
                return refused("is being prepared");
            }
            if (state == State.ENDED) {
                return isCommitted ? CompletableFuture.completedFuture(committedAs) : refused("has been rolled back");
            }
            if (rollback != null) {
                return rollback.handle((nothing, error) -> error).thenCompose(error -> commit(decider));
            }
            if (commit == null || decider == Decider.TRANSACTION_MANAGER) {
                committer = decider;
            }
            if (commit != null) {
                return commit;
            }
            commit = mine;
        }
        goOnCommitting();
        return mine;
    }

    private <T> CompletionStage<T> refused(String why) {
        return CompletableFuture.failedFuture(new ProtocolException("branch " + known.id() + " " + why));
    }

    private void goOnCommitting() {
        certain().whenComplete((nothing, error) -> {
            if (error != null) {
                notCommitted(Stages.failure(error));
            } else if (isAbsentAnd(State.IN_FLIGHT)) {
                send();
            } else {
                goOnUnlessEnded(() -> goOnCommitting());
            }
        });
    }

    /** What was certain a moment ago may be in doubt again. */
    private synchronized boolean isAbsentAnd(State next) {
        boolean isAbsent = state == State.ABSENT;
        if (isAbsent) {
            state = next;
        }
        return isAbsent;
    }

    private void goOnUnlessEnded(Runnable next) {
        boolean isUndecided;
        synchronized (this) {
            isUndecided = state != State.ENDED;
        }
        if (isUndecided) {
            next.run();
        }
    }

    private void send() {
        Commit attempt;
        synchronized (this) {
            boolean isFirst = !wasSent;
            wasSent = changes.list().length > 0;
            doubtsBefore = doubts;
            attempt = new Commit(
                    known.meta(),
                    TransactionStatus.COMMITTED,
                    Optional.empty(),
                    changes,
                    transaction,
                    () -> {},
                    isFirst ? WriteGate.OPEN : this::checkStillAbsent);
        }
        storage.stream().send(attempt);
        attempt.outcome.whenComplete((tid, error) -> {
            if (error == null) {
                ended(committedBy(), tid);
            } else {
                notCommitted(Stages.failure(error));
            }
        });
    }

    /** What the transaction manager decided too is no heuristic decision. */
    private synchronized Fate committedBy() {
        return committer == Decider.ADMIN ? Fate.COMMITTED_BY_ADMIN : Fate.COMMITTED;
    }

    /** Asked in the stream, just before it goes into the log once more. */
    private synchronized void checkStillAbsent() {
        if (doubts != doubtsBefore) {
            throw new StorageUnavailableException("the members were assembled anew; whether the branch " + known.id()
                    + " is there has to be asked once more");
        }
    }

    private void notCommitted(StorageException why) {
        CompletableFuture<Tid> asked;
        boolean isUncertain;
        synchronized (this) {
            asked = commit;
            commit = null;
            if (state == State.IN_FLIGHT) {
                boolean mayBeThere = why instanceof OutcomeUnknownException || doubts != doubtsBefore;
                state = mayBeThere ? State.UNCERTAIN : State.ABSENT;
            }
            isUncertain = state == State.UNCERTAIN;
        }
        if (asked != null) {
            asked.completeExceptionally(why);
        }
        if (isUncertain) {
            keeper.uncertain(this);
        }
    }

    /** Rolls it back, unless it is in the log. A commit that is on its way comes first. */
    CompletionStage<Void> rollback(Decider decider) {
        CompletableFuture<Void> mine = new CompletableFuture<>();
        synchronized (this) {
            if (state == State.JOURNALLING) {
                return refused("is being prepared");
            }
            if (state == State.ENDED) {
                return isCommitted ? refused("has been committed as " + committedAs) : Stages.done();
            }
            if (commit != null) {
                return commit.handle((tid, error) -> error).thenCompose(error -> rollback(decider));
            }
            if (rollback != null) {
                return rollback;
            }
            rollback = mine;
        }
        goOnRollingBack(decider);
        return mine;
    }

    private void goOnRollingBack(Decider decider) {
        certain().whenComplete((nothing, error) -> {
            if (error != null) {
                notRolledBack(Stages.failure(error));
            } else if (isAbsentAnd(State.ROLLING_BACK)) {
                noteRollback(decider == Decider.ADMIN ? Fate.ROLLED_BACK_BY_ADMIN : Fate.ROLLED_BACK);
            } else {
                goOnUnlessEnded(() -> goOnRollingBack(decider));
            }
        });
    }

    private void noteRollback(Fate fate) {
        journal.end(known.id(), fate, Tid.NONE).whenComplete((nothing, error) -> {
            if (error == null) {
                ended(fate, Tid.NONE);
            } else {
                notRolledBack(Stages.failure(error));
            }
        });
    }

    private void notRolledBack(StorageException why) {
        CompletableFuture<Void> asked;
        synchronized (this) {
            asked = rollback;
            rollback = null;
            if (state == State.ROLLING_BACK) {
                state = wasSent ? State.UNCERTAIN : State.ABSENT;
            }
        }
        if (asked != null) {
            asked.completeExceptionally(why);
        }
    }

    private void ended(Fate fate, Tid tid) {
        CompletionStage<Void> noted = Stages.done();
        boolean committed = fate == Fate.COMMITTED || fate == Fate.COMMITTED_BY_ADMIN;
        if (committed) {
            journal.endSoon(known.id(), fate, tid);
        }
        if (fate == Fate.COMMITTED_BY_ADMIN) {
            noted = journal.flush();
        }
        CompletableFuture<Tid> committing;
        CompletableFuture<Void> rollingBack;
        synchronized (this) {
            state = State.ENDED;
            isCommitted = committed;
            committedAs = tid;
            committing = commit;
            rollingBack = rollback;
        }
        keeper.ended(this);
        if (committing != null) {
            noted.whenComplete((nothing, error) -> {
                if (error != null) {
                    keeper.note(
                            Level.WARNING,
                            "that an admin had branch " + known.id() + " committed cannot be noted yet: "
                                    + Stages.failure(error).getMessage());
                }
                committing.complete(tid);
            });
        }
        if (rollingBack != null && committed) {
            rollingBack.completeExceptionally(
                    new ProtocolException("branch " + known.id() + " has been committed as " + tid));
        } else if (rollingBack != null) {
            rollingBack.complete(null);
        }
    }

    // The log's word.

    /** Completes when it is certain what the log has of it, and a commit that is under way has come to its end. */
    CompletionStage<Void> settled() {
        CompletableFuture<Tid> underWay;
        synchronized (this) {
            underWay = state == State.IN_FLIGHT ? commit : null;
        }
        return underWay == null
                ? certain()
                : underWay.handle((tid, error) -> error).thenCompose(error -> certain());
    }

    /** Asks the log if need be. Fails if it does not answer. */
    private CompletionStage<Void> certain() {
        CompletableFuture<Void> mine;
        int now;
        synchronized (this) {
            if (state != State.UNCERTAIN) {
                return Stages.done();
            }
            if (search != null) {
                return search;
            }
            mine = new CompletableFuture<>();
            search = mine;
            now = doubts;
        }
        ask().whenComplete((finding, error) -> {
            boolean isOutdated;
            synchronized (this) {
                search = null;
                isOutdated = doubts != now;
                if (error == null && !isOutdated && finding.committed().isEmpty()) {
                    state = State.ABSENT;
                }
            }
            if (isOutdated) {
                certain().whenComplete((nothing, failure) -> complete(mine, failure));
                return;
            }
            if (error == null && finding.committed().isPresent()) {
                ended(Fate.COMMITTED, finding.committed().get());
            }
            complete(mine, error);
        });
        return mine;
    }

    private static void complete(CompletableFuture<Void> future, @Nullable Throwable error) {
        if (error == null) {
            future.complete(null);
        } else {
            future.completeExceptionally(Stages.failure(error));
        }
    }

    private CompletionStage<BranchSearch.Finding> ask() {
        CompletionStage<BranchSearch.Finding> search = Stages.then(
                storage.stream().ready(),
                nothing -> new BranchSearch(storage.log(), known.after(), known.meta(), changes).find());
        return Stages.map(search, finding -> {
            finding.stranger()
                    .ifPresent(tid -> keeper.note(
                            Level.ERROR,
                            "transaction " + tid + " changed objects of the prepared branch " + known.id()
                                    + " by another way than through this array; if the branch is committed it"
                                    + " overwrites that"));
            return finding;
        });
    }
}
