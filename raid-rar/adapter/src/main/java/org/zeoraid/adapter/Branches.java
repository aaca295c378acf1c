package org.zeoraid.adapter;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.transaction.xa.XAException;
import org.zeoraid.storage.BranchId;

/**
 * The XA branches of one array in which this process has worked and that have not ended. Branches of one global transaction share
 * its unit of work. Safe for any number of threads.
 */
final class Branches {
    private final Supplier<UnitOfWork> units;
    private final Timeouts timeouts;
    private final Map<BranchId, Branch> branches = new HashMap<>();
    private final Map<BranchId, Shared> shared = new HashMap<>();

    Branches(Supplier<UnitOfWork> units, Timeouts timeouts) {
        this.units = units;
        this.timeouts = timeouts;
    }

    /**
     * Begins a branch with a session at work in it.
     *
     * @param timeoutSeconds 0 for none
     */
    synchronized Branch begin(BranchId id, XaSession session, int timeoutSeconds) throws XAException {
        if (branches.containsKey(id)) {
            throw XaErrors.protocol(XAException.XAER_DUPID, "branch " + id + " is there already");
        }
        Shared transaction = shared.computeIfAbsent(Xids.transaction(id), key -> new Shared(units.get()));
        transaction.branches++;
        UnitOfWork unit = transaction.unit;
        Timeouts.Timeout timeout = timeoutSeconds == 0
                ? Timeouts.NONE
                : timeouts.in(
                        Duration.ofSeconds(timeoutSeconds),
                        () -> unit.expire(new TransactionTimeoutException(timeoutSeconds)));
        Branch branch = new Branch(id, unit, timeout);
        branch.begin(session);
        branches.put(id, branch);
        return branch;
    }

    synchronized Optional<Branch> find(BranchId id) {
        return Optional.ofNullable(branches.get(id));
    }

    /** A branch has ended. The unit of work of a transaction ends with its last branch, if it has not ended before. */
    void remove(Branch branch) {
        UnitOfWork orphan = null;
        synchronized (this) {
            if (branches.remove(branch.id(), branch)) {
                BranchId key = Xids.transaction(branch.id());
                Shared transaction = shared.get(key);
                if (transaction != null && --transaction.branches == 0) {
                    shared.remove(key);
                    orphan = transaction.unit;
                }
            }
        }
        branch.end();
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
