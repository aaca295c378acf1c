package org.zeoraid.adapter;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.transaction.xa.XAException;
import org.jspecify.annotations.Nullable;

/**
 * One branch of a global transaction in one array, from its first start to its end.
 *
 * <pre>
 * open ──prepare──► prepared ──commit, rollback──► (ended)
 *   └───commit in one phase, rollback────────────► (ended)
 *                   prepared ──commit fails──► heuristic ──forget──► (ended)
 * </pre>
 *
 * <p>Sessions (XAResources) come and go while it is open: each is associated, or suspended, or has ended its work. Safe
 * for any number of threads.
 */
final class Branch {
    /** Where a branch is in its life. */
    enum State {
        /** Work is done in it. */
        OPEN,
        /** It has voted to commit and waits for the decision. */
        PREPARED,
        /** It was prepared and could not be committed as promised; the transaction manager is to know before it goes. */
        HEURISTIC
    }

    private enum Association {
        ACTIVE,
        SUSPENDED
    }

    private final XidKey xid;
    private final UnitOfWork unit;
    private final Timeouts.Timeout timeout;
    private final Map<XaSession, Association> associations = new HashMap<>();
    private State state = State.OPEN;
    private @Nullable RuntimeException broken;

    Branch(XidKey xid, UnitOfWork unit, Timeouts.Timeout timeout) {
        this.xid = xid;
        this.unit = unit;
        this.timeout = timeout;
    }

    XidKey xid() {
        return xid;
    }

    UnitOfWork unit() {
        return unit;
    }

    void stopTimeout() {
        timeout.cancel();
    }

    synchronized void associate(XaSession session) throws XAException {
        requireOpen("start");
        associations.put(session, Association.ACTIVE);
    }

    synchronized void resume(XaSession session) throws XAException {
        requireOpen("resume");
        if (associations.get(session) != Association.SUSPENDED) {
            throw XaErrors.protocol(XAException.XAER_PROTO, "resume of a session that is not suspended in " + xid);
        }
        associations.put(session, Association.ACTIVE);
    }

    synchronized void suspend(XaSession session) throws XAException {
        if (associations.get(session) != Association.ACTIVE) {
            throw XaErrors.protocol(XAException.XAER_PROTO, "suspend of a session that does not work in " + xid);
        }
        associations.put(session, Association.SUSPENDED);
    }

    synchronized void dissociate(XaSession session) throws XAException {
        if (associations.remove(session) == null) {
            throw XaErrors.protocol(XAException.XAER_PROTO, "end of a session that does not work in " + xid);
        }
    }

    /**
     * Votes.
     *
     * @return whether there is anything to commit
     */
    synchronized boolean prepare() throws XAException {
        requireIdle("prepare");
        try {
            unit.vote();
        } catch (RuntimeException e) {
            throw XaErrors.rolledBack(e);
        }
        // a sibling that has been prepared before commits for both
        if (!unit.hasWritten() || !unit.claimCommit(this)) {
            return false;
        }
        state = State.PREPARED;
        return true;
    }

    synchronized void commit() throws XAException {
        if (state == State.HEURISTIC && broken != null) {
            throw XaErrors.broken(broken);
        }
        if (state != State.PREPARED) {
            throw XaErrors.protocol(XAException.XAER_PROTO, "commit of branch " + xid + ", which is not prepared");
        }
        try {
            unit.commit();
        } catch (RuntimeException e) {
            state = State.HEURISTIC;
            broken = e;
            throw XaErrors.broken(e);
        }
    }

    /**
     * Votes and commits.
     *
     * @return empty if it is committed, else why it is rolled back
     */
    synchronized Optional<XAException> commitInOnePhase() throws XAException {
        requireIdle("commit");
        try {
            unit.vote();
            unit.commit();
            return Optional.empty();
        } catch (org.zeoraid.storage.OutcomeUnknownException e) {
            return Optional.of(XaErrors.broken(e));
        } catch (RuntimeException e) {
            unit.rollback(e);
            return Optional.of(XaErrors.rolledBack(e));
        }
    }

    synchronized void rollback() throws XAException {
        if (state == State.HEURISTIC && broken != null) {
            throw XaErrors.broken(broken);
        }
        unit.rollback();
    }

    synchronized boolean isHeuristic() {
        return state == State.HEURISTIC;
    }

    private void requireOpen(String what) throws XAException {
        if (state != State.OPEN) {
            throw XaErrors.protocol(XAException.XAER_PROTO, what + " in branch " + xid + ", which is " + state);
        }
    }

    private void requireIdle(String what) throws XAException {
        requireOpen(what);
        if (!associations.isEmpty()) {
            throw XaErrors.protocol(XAException.XAER_PROTO, what + " of branch " + xid + ", in which work goes on");
        }
    }
}
