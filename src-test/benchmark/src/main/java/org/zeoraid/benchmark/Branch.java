package org.zeoraid.benchmark;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import javax.transaction.xa.Xid;

/** The name of a transaction's only branch. */
record Branch(long number) implements Xid {

    private static final AtomicLong LAST = new AtomicLong(System.currentTimeMillis());
    private static final int FORMAT = 0x7a65;

    static Branch next() {
        return new Branch(LAST.incrementAndGet());
    }

    @Override
    public int getFormatId() {
        return FORMAT;
    }

    @Override
    public byte[] getGlobalTransactionId() {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    @Override
    public byte[] getBranchQualifier() {
        return new byte[] {1};
    }
}
