package org.zeoraid.adapter;

import javax.transaction.xa.XAException;
import javax.transaction.xa.Xid;
import org.zeoraid.storage.BranchId;

/** Between a transaction manager's Xids and what can be compared and kept. */
final class Xids {
    private static final byte[] NO_QUALIFIER = {};

    private Xids() {}

    /** @throws XAException if it is no Xid */
    static BranchId id(Xid xid) throws XAException {
        try {
            return new BranchId(xid.getFormatId(), xid.getGlobalTransactionId(), xid.getBranchQualifier());
        } catch (IllegalArgumentException | NullPointerException e) {
            throw XaErrors.protocol(XAException.XAER_INVAL, "not an Xid: " + e.getMessage());
        }
    }

    /** The transaction that this branch is a part of. */
    static BranchId transaction(BranchId branch) {
        return new BranchId(branch.formatId(), branch.global(), NO_QUALIFIER);
    }

    static Xid xid(BranchId branch) {
        return new RecoveredXid(branch);
    }

    /** Equal to its like; transaction managers compare others by their parts. */
    private record RecoveredXid(BranchId branch) implements Xid {
        @Override
        public int getFormatId() {
            return branch.formatId();
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return branch.global();
        }

        @Override
        public byte[] getBranchQualifier() {
            return branch.qualifier();
        }

        @Override
        public String toString() {
            return branch.toString();
        }
    }
}
