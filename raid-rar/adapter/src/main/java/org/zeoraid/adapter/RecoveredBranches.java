package org.zeoraid.adapter;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.transaction.xa.XAException;
import javax.transaction.xa.Xid;
import org.zeoraid.adapter.XaTable.Call;
import org.zeoraid.adapter.XaTable.State;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.PreparedTransactions;
import org.zeoraid.storage.PreparedTransactions.Decider;
import org.zeoraid.storage.PreparedTransactions.Fate;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.Storage;

/**
 * The branches of an array that only its journal knows: prepared by an earlier process, decided by an admin, or ended and
 * remembered. Safe for any number of threads.
 */
final class RecoveredBranches {
    private static final Logger LOG = System.getLogger("org.zeoraid.adapter");
    private static final int PATIENCE_SECONDS = 5;

    private final Storage storage;

    RecoveredBranches(Storage storage) {
        this.storage = storage;
    }

    /** @throws XAException while the array has not been opened, so that nobody knows */
    private PreparedTransactions prepared() throws XAException {
        Optional<PreparedTransactions> prepared = storage.prepared();
        if (prepared.isEmpty()) {
            throw XaErrors.protocol(
                    XAException.XAER_RMFAIL,
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

    boolean isInDoubt(BranchId id) {
        return storage.prepared()
                .flatMap(known -> known.fate(id))
                .filter(fate -> fate == Fate.IN_DOUBT)
                .isPresent();
    }

    void commit(BranchId id) throws XAException {
        PreparedTransactions prepared = prepared();
        Optional<Fate> fate = prepared.fate(id);
        if (fate.filter(known -> known == Fate.COMMITTED).isPresent()) {
            return;
        }
        tellWhatBecameOf(id, fate, Fate.ROLLED_BACK);
        XaTable.check(Call.COMMIT, state(fate), id);
        try {
            Stages.await(prepared.commit(id, Decider.TRANSACTION_MANAGER));
        } catch (ProtocolException e) {
            throw XaErrors.with(XAException.XAER_PROTO, e.getMessage(), e);
        } catch (RuntimeException e) {
            throw XaErrors.retry(e);
        }
    }

    void rollback(BranchId id) throws XAException {
        PreparedTransactions prepared = prepared();
        Optional<Fate> fate = prepared.fate(id);
        if (fate.filter(known -> known == Fate.ROLLED_BACK).isPresent()) {
            return;
        }
        tellWhatBecameOf(id, fate, Fate.COMMITTED);
        XaTable.check(Call.ROLLBACK, state(fate), id);
        try {
            Stages.await(prepared.rollback(id, Decider.TRANSACTION_MANAGER));
        } catch (ProtocolException e) {
            tellWhatBecameOf(id, prepared.fate(id), Fate.COMMITTED);
            throw XaErrors.with(XAException.XAER_PROTO, e.getMessage(), e);
        } catch (RuntimeException e) {
            throw XaErrors.with(XAException.XAER_RMFAIL, "not rolled back yet: " + e.getMessage(), e);
        }
    }

    /** An admin's decision, or the opposite of what is asked now. */
    private static void tellWhatBecameOf(BranchId id, Optional<Fate> fate, Fate opposite) throws XAException {
        Fate known = fate.orElse(Fate.IN_DOUBT);
        if (known == Fate.COMMITTED_BY_ADMIN || known == opposite && opposite == Fate.COMMITTED) {
            throw XaErrors.protocol(XAException.XA_HEURCOM, "branch " + id + " has been committed");
        }
        if (known == Fate.ROLLED_BACK_BY_ADMIN || known == opposite) {
            throw XaErrors.protocol(XAException.XA_HEURRB, "branch " + id + " has been rolled back");
        }
    }

    void forget(BranchId id) throws XAException {
        PreparedTransactions prepared = prepared();
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

    /** Waits a little until the array has been asked which of them it has; while it does not serve all are listed. */
    Xid[] list() throws XAException {
        PreparedTransactions prepared = prepared();
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
