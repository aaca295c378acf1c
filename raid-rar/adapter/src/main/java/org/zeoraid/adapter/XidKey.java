package org.zeoraid.adapter;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import javax.transaction.xa.Xid;

/** A copy of a transaction manager's Xid that can be compared. */
record XidKey(int formatId, ByteBuffer global, ByteBuffer branch) {
    static XidKey of(Xid xid) {
        return new XidKey(xid.getFormatId(), copy(xid.getGlobalTransactionId()), copy(xid.getBranchQualifier()));
    }

    /** The transaction that this branch is a part of. */
    XidKey transaction() {
        return new XidKey(formatId, global, ByteBuffer.allocate(0));
    }

    private static ByteBuffer copy(byte[] bytes) {
        return ByteBuffer.wrap(bytes.clone()).asReadOnlyBuffer();
    }

    @Override
    public String toString() {
        return Integer.toHexString(formatId) + ":" + hex(global) + ":" + hex(branch);
    }

    private static String hex(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return HexFormat.of().formatHex(copy);
    }
}
