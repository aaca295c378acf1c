package org.zeoraid.test.app;

import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/**
 * A resource beside an array in a transaction that stops it at one of the two steps: halts the whole server, as a power failure
 * does, or does what it is told to.
 */
public final class HaltingResource implements XAResource {
    /** When it does so. */
    public enum Step {
        PREPARE,
        COMMIT
    }

    private final Step step;
    private final Runnable act;

    public HaltingResource(Step step) {
        this(step, () -> Runtime.getRuntime().halt(9));
    }

    public HaltingResource(Step step, Runnable act) {
        this.step = step;
        this.act = act;
    }

    private void at(Step now) {
        if (now == step) {
            act.run();
        }
    }

    @Override
    public int prepare(Xid xid) {
        at(Step.PREPARE);
        return XA_OK;
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        if (onePhase) {
            throw new XAException(XAException.XAER_PROTO);
        }
        at(Step.COMMIT);
    }

    @Override
    public void start(Xid xid, int flags) {}

    @Override
    public void end(Xid xid, int flags) {}

    @Override
    public void rollback(Xid xid) {}

    @Override
    public void forget(Xid xid) {}

    @Override
    public Xid[] recover(int flags) {
        return new Xid[0];
    }

    @Override
    public boolean isSameRM(XAResource other) {
        return equals(other);
    }

    @Override
    public int getTransactionTimeout() {
        return 0;
    }

    @Override
    public boolean setTransactionTimeout(int seconds) {
        return false;
    }
}
