package org.zeoraid.adapter;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import javax.transaction.xa.XAException;

/**
 * The XA branches of one array that have not ended. Branches of one global transaction share its unit of work. Safe for
 * any number of threads.
 */
final class Branches {
    private final Supplier<UnitOfWork> units;
    private final Timeouts timeouts;
    private final Map<XidKey, Branch> branches = new HashMap<>();
    private final Map<XidKey, Shared> shared = new HashMap<>();

    Branches(Supplier<UnitOfWork> units, Timeouts timeouts) {
        this.units = units;
        this.timeouts = timeouts;
    }

    /**
     * Begins a branch.
     *
     * @param timeoutSeconds 0 for none
     */
    synchronized Branch begin(XidKey xid, int timeoutSeconds) throws XAException {
        if (branches.containsKey(xid)) {
            throw XaErrors.protocol(XAException.XAER_DUPID, "branch " + xid + " is there already");
        }
        Shared transaction = shared.computeIfAbsent(xid.transaction(), key -> new Shared(units.get()));
        transaction.branches++;
        UnitOfWork unit = transaction.unit;
        Timeouts.Timeout timeout = timeoutSeconds == 0
                ? Timeouts.NONE
                : timeouts.in(
                        Duration.ofSeconds(timeoutSeconds),
                        () -> unit.expire(new TransactionTimeoutException(timeoutSeconds)));
        Branch branch = new Branch(xid, unit, timeout);
        branches.put(xid, branch);
        return branch;
    }

    synchronized Branch find(XidKey xid) throws XAException {
        Branch branch = branches.get(xid);
        if (branch == null) {
            throw XaErrors.protocol(XAException.XAER_NOTA, "there is no branch " + xid);
        }
        return branch;
    }

    /** Forgets a branch. The unit of work of a transaction ends with its last branch, if it has not ended before. */
    void remove(Branch branch) {
        UnitOfWork orphan = null;
        synchronized (this) {
            if (branches.remove(branch.xid(), branch)) {
                XidKey key = branch.xid().transaction();
                Shared transaction = shared.get(key);
                if (transaction != null && --transaction.branches == 0) {
                    shared.remove(key);
                    orphan = transaction.unit;
                }
            }
        }
        branch.stopTimeout();
        if (orphan != null) {
            orphan.close();
        }
    }

    synchronized int size() {
        return branches.size();
    }

    private static final class Shared {
        final UnitOfWork unit;
        int branches;

        Shared(UnitOfWork unit) {
            this.unit = unit;
        }
    }
}
