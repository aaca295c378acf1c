package org.zeoraid.file;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.zeoraid.storage.TransactionMeta;

/**
 * The format {@code FS30}: a magic of four bytes, then transactions. All numbers are big-endian, positions are bytes
 * from the start of the file.
 *
 * <pre>
 * transaction  tid 8 · length of all this, less 8: 8 · status 1 · lengths of user, description, extension 2 each
 *              user · description · extension · data records · the length again 8
 * data record  oid 8 · tid 8 · position of the object's previous record 8, 0 if none · position of the transaction 8
 *              zero 2 · length of the data 8 · data, or where the length is 0 the position of the record that holds
 *              the data 8, 0 if the object is gone
 * </pre>
 */
final class Format {

    /** {@code FS30}. */
    static final int MAGIC = 0x46533330;

    /** {@code FS21}, an older format. */
    static final int OLD_MAGIC = 0x46533231;

    /** Where the first transaction begins. */
    static final long START = 4;

    static final int TRANSACTION_HEAD = 23;
    static final int RECORD_HEAD = 42;
    static final int LINK = 8;
    static final int TRAILER = 8;

    /** Where in a transaction's head its status is. */
    static final int STATUS_OFFSET = 16;

    static final byte COMMITTED = ' ';
    static final byte PACKED = 'p';
    /** Voted, not finished: whoever opens the file cuts it off. */
    static final byte PENDING = 'c';
    /** An old mark of an undone transaction: skipped. */
    static final byte UNDONE = 'u';

    /** The text in the head of the room kept behind the last transaction, for people and for {@link Reserve}. */
    private static final byte[] RESERVE_MARK = "zeoraid: room".getBytes(StandardCharsets.US_ASCII);

    static final int RESERVE_HEAD = TRANSACTION_HEAD + RESERVE_MARK.length;

    private Format() {}

    /** Bytes of a record with so much data; 0 stands for a link or a deletion. */
    static long recordLength(long dataLength) {
        return RECORD_HEAD + (dataLength == 0 ? LINK : dataLength);
    }

    static int headLength(TransactionMeta meta) {
        return TRANSACTION_HEAD + meta.user().length + meta.description().length + meta.extension().length;
    }

    static void putTransactionHead(ByteBuffer out, long tid, long length, byte status, TransactionMeta meta) {
        out.putLong(tid).putLong(length).put(status);
        out.putShort((short) meta.user().length);
        out.putShort((short) meta.description().length);
        out.putShort((short) meta.extension().length);
        out.put(meta.user()).put(meta.description()).put(meta.extension());
    }

    static void putRecordHead(ByteBuffer out, long oid, long tid, long previous, long transaction, long dataLength) {
        out.putLong(oid).putLong(tid).putLong(previous).putLong(transaction);
        out.putShort((short) 0).putLong(dataLength);
    }

    /**
     * The head of a pending transaction that covers everything to the end of the file.
     *
     * @param tid of the last transaction; Python warns of tids that are not later
     */
    static ByteBuffer reserveHead(long tid, long length) {
        ByteBuffer head = ByteBuffer.allocate(RESERVE_HEAD);
        head.putLong(tid + 1).putLong(length).put(PENDING);
        head.putShort((short) 0).putShort((short) RESERVE_MARK.length).putShort((short) 0);
        return head.put(RESERVE_MARK).flip();
    }

    /** Whether bytes begin with the head of the room kept behind the last transaction. */
    static boolean isReserveHead(ByteBuffer bytes) {
        int start = bytes.position();
        if (bytes.remaining() < RESERVE_HEAD || bytes.get(start + STATUS_OFFSET) != PENDING) {
            return false;
        }
        return bytes.slice(start + TRANSACTION_HEAD, RESERVE_MARK.length).equals(ByteBuffer.wrap(RESERVE_MARK));
    }
}
