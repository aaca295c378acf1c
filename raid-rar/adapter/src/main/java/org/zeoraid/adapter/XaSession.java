package org.zeoraid.adapter;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.StorageUnavailableException;

/**
 * A managed connection's way into XA transactions. What it says of branches other than the one it works in holds for
 * every session of the same array.
 */
final class XaSession implements XAResource {
    private final ServedArray array;
    private final BooleanSupplier inLocalTransaction;
    private volatile @Nullable Branch current;
    private volatile int timeoutSeconds;

    XaSession(ServedArray array, BooleanSupplier inLocalTransaction) {
        this.array = array;
        this.inLocalTransaction = inLocalTransaction;
    }

    /** What the transaction that the connection takes part in now has done. */
    Optional<UnitOfWork> unit() {
        Branch branch = current;
        return branch == null ? Optional.empty() : Optional.of(branch.unit());
    }

    @Override
    public void start(Xid xid, int flags) throws XAException {
        if (current != null) {
            throw XaErrors.protocol(XAException.XAER_PROTO, "start while work in another branch goes on");
        }
        if (inLocalTransaction.getAsBoolean()) {
            throw XaErrors.protocol(XAException.XAER_OUTSIDE, "start while the connection's own transaction is open");
        }
        XidKey key = XidKey.of(xid);
        Branches branches = array.branches();
        if (has(flags, TMRESUME)) {
            Branch branch = branches.find(key);
            branch.resume(this);
            current = branch;
        } else if (has(flags, TMJOIN)) {
            Branch branch = branches.find(key);
            branch.associate(this);
            current = branch;
        } else if (flags == TMNOFLAGS) {
            Branch branch = branches.begin(key, timeoutSeconds);
            branch.associate(this);
            current = branch;
        } else {
            throw XaErrors.protocol(XAException.XAER_INVAL, "start with flags " + flags);
        }
    }

    @Override
    public void end(Xid xid, int flags) throws XAException {
        Branch branch = endOf(XidKey.of(xid));
        if (has(flags, TMSUSPEND)) {
            branch.suspend(this);
        } else if (has(flags, TMFAIL)) {
            branch.dissociate(this);
            branch.unit().fail(new StorageUnavailableException("the work of a connection in it failed"));
        } else if (has(flags, TMSUCCESS)) {
            branch.dissociate(this);
        } else {
            throw XaErrors.protocol(XAException.XAER_INVAL, "end with flags " + flags);
        }
        if (branch.equals(current)) {
            current = null;
        }
    }

    /** The branch to end; one that was rolled back under the application's hands is left here. */
    private Branch endOf(XidKey key) throws XAException {
        try {
            return array.branches().find(key);
        } catch (XAException e) {
            Branch gone = current;
            if (gone != null && gone.xid().equals(key)) {
                current = null;
                throw XaErrors.rolledBack(gone.unit()
                        .failure()
                        .orElseGet(() -> new StorageUnavailableException("the branch was ended meanwhile")));
            }
            throw e;
        }
    }

    @Override
    public int prepare(Xid xid) throws XAException {
        Branch branch = array.branches().find(XidKey.of(xid));
        try {
            if (branch.prepare()) {
                return XA_OK;
            }
        } catch (XAException e) {
            if (isRollback(e)) {
                array.branches().remove(branch);
            }
            throw e;
        }
        array.branches().remove(branch);
        return XA_RDONLY;
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        Branch branch = array.branches().find(XidKey.of(xid));
        if (onePhase) {
            Optional<XAException> problem = branch.commitInOnePhase();
            array.branches().remove(branch);
            if (problem.isPresent()) {
                throw problem.get();
            }
        } else {
            branch.commit();
            array.branches().remove(branch);
        }
    }

    @Override
    public void rollback(Xid xid) throws XAException {
        Branch branch = array.branches().find(XidKey.of(xid));
        branch.rollback();
        array.branches().remove(branch);
    }

    @Override
    public void forget(Xid xid) throws XAException {
        Branch branch = array.branches().find(XidKey.of(xid));
        if (!branch.isHeuristic()) {
            throw XaErrors.protocol(XAException.XAER_PROTO, "forget of a branch that has nothing to forget");
        }
        array.branches().remove(branch);
    }

    /** Nothing: prepared branches do not outlive this process. */
    @Override
    public Xid[] recover(int flags) {
        return new Xid[0];
    }

    @Override
    public boolean isSameRM(XAResource other) {
        return other instanceof XaSession session && session.array.equals(array);
    }

    @Override
    public int getTransactionTimeout() {
        return timeoutSeconds;
    }

    /** Holds for branches begun after this; 0 means no timeout. */
    @Override
    public boolean setTransactionTimeout(int seconds) throws XAException {
        if (seconds < 0) {
            throw XaErrors.protocol(XAException.XAER_INVAL, "a timeout of " + seconds + " s");
        }
        timeoutSeconds = seconds;
        return true;
    }

    private static boolean has(int flags, int flag) {
        return (flags & flag) != 0;
    }

    private static boolean isRollback(XAException e) {
        return e.errorCode >= XAException.XA_RBBASE && e.errorCode <= XAException.XA_RBEND;
    }
}
