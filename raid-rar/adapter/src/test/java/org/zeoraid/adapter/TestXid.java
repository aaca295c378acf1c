package org.zeoraid.adapter;

import javax.transaction.xa.Xid;

/** An Xid without equals, as transaction managers may have them. */
final class TestXid implements Xid {
    private final String transaction;
    private final String branch;

    TestXid(String transaction, String branch) {
        this.transaction = transaction;
        this.branch = branch;
    }

    @Override
    public int getFormatId() {
        return 7;
    }

    @Override
    public byte[] getGlobalTransactionId() {
        return MemoryArray.bytes(transaction);
    }

    @Override
    public byte[] getBranchQualifier() {
        return MemoryArray.bytes(branch);
    }
}
