package org.zeoraid.adapter;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.transaction.xa.XAException;
import javax.transaction.xa.Xid;
import org.zeoraid.adapter.XaTable.Call;
import org.zeoraid.adapter.XaTable.State;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.PreparedTransactions;
import org.zeoraid.storage.PreparedTransactions.Decider;
import org.zeoraid.storage.PreparedTransactions.Fate;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageClosedException;

/**
 * The branches of an array that its journal knows, prepared by this process or an earlier one: they are decided here, whoever
 * prepared them, and what became of them is remembered. Safe for any number of threads.
 */
final class JournalledBranches {
    private static final Logger LOG = System.getLogger("org.zeoraid.adapter");
    private static final int PATIENCE_SECONDS = 5;

    private final Storage storage;

    JournalledBranches(Storage storage) {
        this.storage = storage;
    }

    /** @throws XAException with this code while the array has not been opened, so that nobody knows */
    private PreparedTransactions prepared(int code) throws XAException {
        Optional<PreparedTransactions> prepared = storage.prepared();
        if (prepared.isEmpty()) {
            throw XaErrors.protocol(
                    code,
                    "which branches array " + storage.name() + " has prepared is not known, because it is not open");
        }
        return prepared.get();
    }

    private static State state(Optional<Fate> fate) {
        if (fate.isEmpty()) {
            return State.NONE;
        }
        return switch (fate.get()) {
            case IN_DOUBT -> State.PREPARED;
            case COMMITTED_BY_ADMIN, ROLLED_BACK_BY_ADMIN -> State.HEURISTIC;
            case COMMITTED, ROLLED_BACK -> State.NONE;
        };
    }

    /** Refuses what is not legal for such a branch. */
    void check(Call call, BranchId id) throws XAException {
        Optional<PreparedTransactions> prepared = storage.prepared();
        XaTable.check(call, state(prepared.flatMap(known -> known.fate(id))), id);
    }

    void commit(BranchId id) throws XAException {
        PreparedTransactions prepared = prepared(XAException.XA_RETRY);
        if (isDecided(prepared, id, Fate.COMMITTED, Call.COMMIT)) {
            return;
        }
        try {
            await(prepared.commit(id, Decider.TRANSACTION_MANAGER), prepared, id, Fate.COMMITTED);
        } catch (RuntimeException e) {
            throw XaErrors.retry(e);
        }
    }

    void rollback(BranchId id) throws XAException {
        PreparedTransactions prepared = prepared(XAException.XAER_RMFAIL);
        if (isDecided(prepared, id, Fate.ROLLED_BACK, Call.ROLLBACK)) {
            return;
        }
        try {
            await(prepared.rollback(id, Decider.TRANSACTION_MANAGER), prepared, id, Fate.ROLLED_BACK);
        } catch (RuntimeException e) {
            throw XaErrors.with(XAException.XAER_RMFAIL, "not rolled back yet: " + e.getMessage(), e);
        }
    }

    /**
     * Whether a branch has been decided as is asked now.
     *
     * @throws XAException if it was decided otherwise, by an admin, or if there is none
     */
    private static boolean isDecided(PreparedTransactions prepared, BranchId id, Fate wanted, Call call)
            throws XAException {
        Optional<Fate> fate = prepared.fate(id);
        if (fate.filter(known -> known != Fate.IN_DOUBT).isPresent()) {
            requireAs(wanted, fate.get(), id);
            return true;
        }
        XaTable.check(call, state(fate), id);
        return false;
    }

    /** Waits for a decision. An admin may have been faster with it, or with the opposite one, and is told of in both cases. */
    private static void await(CompletionStage<?> decision, PreparedTransactions prepared, BranchId id, Fate wanted)
            throws XAException {
        Optional<ProtocolException> refusal = Optional.empty();
        try {
            Stages.await(decision);
        } catch (ProtocolException e) {
            refusal = Optional.of(e);
        }
        Optional<Fate> fate = prepared.fate(id).filter(known -> known != Fate.IN_DOUBT);
        if (fate.isPresent()) {
            requireAs(wanted, fate.get(), id);
        } else if (refusal.isPresent()) {
            throw XaErrors.with(XAException.XAER_PROTO, refusal.get().getMessage(), refusal.get());
        }
    }

    /** An admin's decision, or the opposite one, is told by an exception. */
    private static void requireAs(Fate wanted, Fate fate, BranchId id) throws XAException {
        if (fate != wanted) {
            boolean committed = fate == Fate.COMMITTED || fate == Fate.COMMITTED_BY_ADMIN;
            throw XaErrors.protocol(
                    committed ? XAException.XA_HEURCOM : XAException.XA_HEURRB,
                    "branch " + id + " has been " + (committed ? "committed" : "rolled back"));
        }
    }

    void forget(BranchId id) throws XAException {
        PreparedTransactions prepared = prepared(XAException.XAER_RMFAIL);
        Optional<Fate> fate = prepared.fate(id);
        if (fate.filter(known -> known == Fate.COMMITTED || known == Fate.ROLLED_BACK)
                .isPresent()) {
            return; // once more, after it has been forgotten, or where there was nothing to forget
        }
        XaTable.check(Call.FORGET, state(fate), id);
        try {
            Stages.await(prepared.forget(id));
        } catch (RuntimeException e) {
            throw XaErrors.with(XAException.XAER_RMFAIL, "not forgotten yet: " + e.getMessage(), e);
        }
    }

    /**
     * Tells whoever worked in a branch what became of it.
     *
     * @return whether that is known
     */
    boolean tell(BranchId id, UnitOfWork unit) {
        Optional<PreparedTransactions> prepared = storage.prepared();
        Optional<Fate> fate = prepared.flatMap(known -> known.fate(id));
        if (prepared.isEmpty() || fate.filter(known -> known == Fate.IN_DOUBT).isPresent()) {
            return false;
        }
        if (fate.isEmpty()) {
            unit.wasRolledBack(new OutcomeUnknownException("what became of branch " + id + " has been forgotten"));
        } else if (fate.get() == Fate.ROLLED_BACK) {
            unit.wasRolledBack(new StorageClosedException("the transaction was rolled back"));
        } else if (fate.get() == Fate.ROLLED_BACK_BY_ADMIN) {
            unit.wasRolledBack(new StorageClosedException("an admin had the prepared transaction rolled back"));
        } else {
            // Once more it is only told under which tid.
            unit.wasCommitted(Stages.await(prepared.get().commit(id, Decider.TRANSACTION_MANAGER)));
        }
        return true;
    }

    /** Waits a little until the array has been asked which of them it has; while it does not serve all are listed. */
    Xid[] list() throws XAException {
        PreparedTransactions prepared = prepared(XAException.XAER_RMFAIL);
        try {
            prepared.settled().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.DEBUG, "array {0} cannot be asked now which of its branches were committed", storage.name());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return prepared.branches().stream()
                .map(PreparedBranch::id)
                .map(Xids::xid)
                .toArray(Xid[]::new);
    }
}
