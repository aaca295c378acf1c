package org.zeoraid.adapter;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.transaction.xa.XAException;
import org.zeoraid.adapter.XaTable.Call;
import org.zeoraid.adapter.XaTable.State;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.OutcomeUnknownException;

/**
 * One branch of a global transaction in one array, from its first start to its end in this process. Sessions (XAResources) come
 * and go while work is done in it: each is associated, or suspended, or has ended its work. What is legal when stands in
 * {@link XaTable}. Safe for any number of threads.
 */
final class Branch {
    private enum Association {
        ACTIVE,
        SUSPENDED
    }

    private final BranchId id;
    private final UnitOfWork unit;
    private final Timeouts.Timeout timeout;
    private final Map<XaSession, Association> associations = new HashMap<>();
    private boolean isPrepared;
    private boolean isEnded;

    Branch(BranchId id, UnitOfWork unit, Timeouts.Timeout timeout) {
        this.id = id;
        this.unit = unit;
        this.timeout = timeout;
    }

    BranchId id() {
        return id;
    }

    UnitOfWork unit() {
        return unit;
    }

    /** It is no longer among those there are; calls that have found it before hear so. */
    synchronized void end() {
        isEnded = true;
        timeout.cancel();
    }

    private State state() {
        if (isEnded) {
            return State.NONE;
        }
        if (isPrepared) {
            return State.PREPARED;
        }
        if (associations.isEmpty()) {
            return State.IDLE;
        }
        return associations.containsValue(Association.ACTIVE) ? State.ACTIVE : State.SUSPENDED;
    }

    private void check(Call call) throws XAException {
        XaTable.check(call, state(), id);
    }

    /** Whether it waits for its decision. */
    synchronized boolean isPrepared() {
        return isPrepared;
    }

    /** The first session's start. */
    synchronized void begin(XaSession session) {
        associations.put(session, Association.ACTIVE);
    }

    synchronized void join(XaSession session) throws XAException {
        check(Call.JOIN);
        if (associations.containsKey(session)) {
            throw protocol("join of a session that is suspended in the branch: it can only resume");
        }
        requireHope();
        associations.put(session, Association.ACTIVE);
    }

    /** Of the session's own suspended work, or else of another session's: a branch may move between connections. */
    synchronized void resume(XaSession session) throws XAException {
        check(Call.RESUME);
        XaSession from = associations.containsKey(session) ? session : anySuspended();
        if (associations.get(from) != Association.SUSPENDED) {
            throw protocol("resume of work that is not suspended");
        }
        requireHope();
        associations.remove(from);
        associations.put(session, Association.ACTIVE);
    }

    private XaSession anySuspended() throws XAException {
        for (Map.Entry<XaSession, Association> entry : associations.entrySet()) {
            if (entry.getValue() == Association.SUSPENDED) {
                return entry.getKey();
            }
        }
        throw protocol("resume of work that is not suspended");
    }

    /** A branch that can only be rolled back takes no more work. */
    private void requireHope() throws XAException {
        Optional<RuntimeException> failure = unit.failure();
        if (failure.isPresent()) {
            throw XaErrors.rolledBack(failure.get());
        }
    }

    synchronized void suspend(XaSession session) throws XAException {
        check(Call.END);
        if (associations.get(session) != Association.ACTIVE) {
            throw protocol("suspend of a session that does not work in it");
        }
        associations.put(session, Association.SUSPENDED);
    }

    synchronized void dissociate(XaSession session) throws XAException {
        check(Call.END);
        if (associations.remove(session) == null) {
            throw protocol("end of a session that does not work in it");
        }
    }

    private XAException protocol(String what) {
        return XaErrors.protocol(XAException.XAER_PROTO, what + ": branch " + id);
    }

    /**
     * Votes, and puts what is to be committed on stable storage.
     *
     * @return whether there is anything to be decided
     * @throws XAException with the code of a rollback if there will be nothing to commit
     */
    synchronized boolean prepare() throws XAException {
        check(Call.PREPARE);
        try {
            unit.vote();
            // a sibling that has been prepared before commits for both
            if (!unit.mustHold() || !unit.claimCommit(this)) {
                return false;
            }
            unit.prepare(id);
        } catch (RuntimeException e) {
            throw XaErrors.rolledBack(e);
        }
        isPrepared = true;
        timeout.cancel();
        return true;
    }

    /**
     * Votes and commits.
     *
     * @return empty if it is committed, else why it is rolled back
     */
    synchronized Optional<XAException> commitInOnePhase() throws XAException {
        check(Call.COMMIT_IN_ONE_PHASE);
        try {
            unit.vote();
            unit.commit();
            return Optional.empty();
        } catch (OutcomeUnknownException e) {
            return Optional.of(XaErrors.unknown(e));
        } catch (RuntimeException e) {
            unit.rollback(e);
            return Optional.of(XaErrors.rolledBack(e));
        }
    }

    /**
     * Rolls back what has not been prepared.
     *
     * @return false if it has been prepared, or has ended: then the journal knows
     */
    synchronized boolean rollbackUnprepared() throws XAException {
        if (isPrepared || isEnded) {
            return false;
        }
        check(Call.ROLLBACK);
        unit.rollback();
        return true;
    }

    /** Refuses a commit in two phases of what has not been prepared. */
    synchronized void checkPrepared() throws XAException {
        if (!isEnded) {
            check(Call.COMMIT);
        }
    }
}
