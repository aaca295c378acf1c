package org.zeoraid.adapter;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;
import org.zeoraid.adapter.XaTable.Call;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.StorageUnavailableException;

/**
 * A managed connection's way into XA transactions. What it says of branches other than the one it works in holds for
 * every session of the same array.
 */
final class XaSession implements XAResource {
    /** XA's TMMIGRATE, which JTA leaves out: another connection may resume what this one suspends. */
    private static final int TMMIGRATE = 0x00100000;

    private final ServedArray array;
    private final BooleanSupplier inLocalTransaction;
    private volatile @Nullable Branch current;
    private volatile int timeoutSeconds;
    private volatile boolean isScanning;

    XaSession(ServedArray array, BooleanSupplier inLocalTransaction) {
        this.array = array;
        this.inLocalTransaction = inLocalTransaction;
    }

    /** What the transaction that the connection takes part in now has done. */
    Optional<UnitOfWork> unit() {
        Branch branch = current;
        return branch == null ? Optional.empty() : Optional.of(branch.unit());
    }

    /** Nothing of what a user of the connection has set or left open is the next one's. */
    void reset() {
        current = null;
        timeoutSeconds = 0;
        isScanning = false;
    }

    @Override
    public void start(Xid xid, int flags) throws XAException {
        BranchId id = Xids.id(xid);
        if (flags != TMNOFLAGS && flags != TMJOIN && flags != TMRESUME) {
            throw XaErrors.protocol(XAException.XAER_INVAL, "start with flags " + flags);
        }
        if (current != null) {
            throw XaErrors.protocol(XAException.XAER_PROTO, "start while work in another branch goes on");
        }
        if (inLocalTransaction.getAsBoolean()) {
            throw XaErrors.protocol(XAException.XAER_OUTSIDE, "start while the connection's own transaction is open");
        }
        if (flags == TMNOFLAGS) {
            array.journalled().check(Call.START, id);
            current = array.branches().begin(id, this, timeoutSeconds);
            return;
        }
        Branch branch = find(id, flags == TMJOIN ? Call.JOIN : Call.RESUME);
        if (flags == TMJOIN) {
            branch.join(this);
        } else {
            branch.resume(this);
        }
        current = branch;
    }

    @Override
    public void end(Xid xid, int flags) throws XAException {
        BranchId id = Xids.id(xid);
        int kind = flags & ~TMMIGRATE;
        boolean migrates = kind != flags;
        if (kind != TMSUSPEND && kind != TMSUCCESS && kind != TMFAIL || migrates && kind != TMSUSPEND) {
            throw XaErrors.protocol(XAException.XAER_INVAL, "end with flags " + flags);
        }
        Branch branch = endOf(id);
        if (kind == TMSUSPEND) {
            branch.suspend(this);
        } else {
            branch.dissociate(this);
            if (kind == TMFAIL) {
                branch.unit().fail(new StorageUnavailableException("the work of a connection in it failed"));
            }
        }
        if (branch.equals(current)) {
            current = null;
        }
    }

    /** The branch to end; one that was rolled back under the application's hands is left here. */
    private Branch endOf(BranchId id) throws XAException {
        Branch gone = current;
        Optional<Branch> branch = array.branches().find(id);
        if (gone != null && gone.id().equals(id) && !branch.equals(Optional.of(gone))) {
            current = null;
            throw XaErrors.rolledBack(gone.unit()
                    .failure()
                    .orElseGet(() -> new StorageUnavailableException("the branch was ended meanwhile")));
        }
        return find(id, Call.END);
    }

    /** One that this process has worked in; what the call means for any other the journal has to say. */
    private Branch find(BranchId id, Call call) throws XAException {
        Optional<Branch> branch = array.branches().find(id);
        if (branch.isPresent()) {
            return branch.get();
        }
        array.journalled().check(call, id);
        throw XaErrors.protocol(XAException.XAER_NOTA, "there is no branch " + id);
    }

    @Override
    public int prepare(Xid xid) throws XAException {
        Branch branch = find(Xids.id(xid), Call.PREPARE);
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
        BranchId id = Xids.id(xid);
        if (onePhase) {
            Branch branch = find(id, Call.COMMIT_IN_ONE_PHASE);
            Optional<XAException> problem = branch.commitInOnePhase();
            array.branches().remove(branch);
            if (problem.isPresent()) {
                throw problem.get();
            }
            return;
        }
        Optional<Branch> branch = array.branches().find(id);
        if (branch.isPresent()) {
            branch.get().checkPrepared();
        }
        try {
            array.journalled().commit(id);
        } finally {
            letGo(branch);
        }
    }

    @Override
    public void rollback(Xid xid) throws XAException {
        BranchId id = Xids.id(xid);
        Optional<Branch> branch = array.branches().find(id);
        if (branch.isPresent() && branch.get().rollbackUnprepared()) {
            array.branches().remove(branch.get());
            return;
        }
        try {
            array.journalled().rollback(id);
        } finally {
            letGo(branch);
        }
    }

    @Override
    public void forget(Xid xid) throws XAException {
        BranchId id = Xids.id(xid);
        Optional<Branch> branch = array.branches().find(id);
        if (branch.isPresent() && !branch.get().isPrepared()) {
            XaTable.check(Call.FORGET, XaTable.State.ACTIVE, id);
        }
        letGo(branch);
        array.journalled().forget(id);
    }

    /** A prepared branch that has been decided, by whomever, is the journal's business alone. */
    private void letGo(Optional<Branch> branch) {
        if (branch.isPresent()
                && array.journalled().tell(branch.get().id(), branch.get().unit())) {
            array.branches().remove(branch.get());
        }
    }

    /**
     * All branches that were prepared in this array and wait for a decision, or were decided by an admin and not forgotten. They
     * come with the start of a scan, all at once, and also if none is open; nothing is left for the rest of the scan.
     */
    @Override
    public Xid[] recover(int flags) throws XAException {
        if ((flags & ~(TMSTARTRSCAN | TMENDRSCAN)) != 0) {
            throw XaErrors.protocol(XAException.XAER_INVAL, "recover with flags " + flags);
        }
        boolean rest = isScanning && (flags & TMSTARTRSCAN) == 0;
        array.awaitJournal();
        Xid[] found = rest ? new Xid[0] : array.journalled().list();
        isScanning = (flags & TMENDRSCAN) == 0 && (rest || (flags & TMSTARTRSCAN) != 0);
        return found;
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

    private static boolean isRollback(XAException e) {
        return e.errorCode >= XAException.XA_RBBASE && e.errorCode <= XAException.XA_RBEND;
    }
}
