package org.zeoraid.file;

import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;

/**
 * A transaction's head as it lies in the file.
 *
 * @param position where it begins
 * @param length bytes from there to its trailer
 */
record TransactionHead(long position, long length, long tid, byte status, TransactionMeta meta) {

    /** Where its first data record begins. */
    long recordsStart() {
        return position + Format.headLength(meta);
    }

    /** Where its trailer is, and so its last data record ends. */
    long recordsEnd() {
        return position + length;
    }

    /** Where the next transaction begins. */
    long end() {
        return position + length + Format.TRAILER;
    }

    boolean isPacked() {
        return status == Format.PACKED;
    }

    TransactionHeader header() {
        TransactionStatus letter = isPacked() ? TransactionStatus.PACKED : TransactionStatus.COMMITTED;
        return new TransactionHeader(new Tid(tid), letter, meta, length + Format.TRAILER);
    }
}
