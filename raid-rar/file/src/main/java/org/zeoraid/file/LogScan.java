package org.zeoraid.file;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.TransactionMeta;

/**
 * Reads transactions and their data records in the order of the file, in large pieces. Belongs to one thread. After a
 * {@link CorruptedException} it can be {@linkplain #seek sent} elsewhere.
 */
final class LogScan {

    private static final int WINDOW = 1 << 18;

    private final LogFile file;
    private final CRC32C crc = new CRC32C();
    private ByteBuffer window;
    private long windowStart;
    private int windowLength;

    private long next;
    private long end;
    private TransactionHead head = NO_HEAD;
    private long recordPosition;
    private long recordEnd;
    private long oid;
    private long tid;
    private long previous;
    private long dataLength;
    private long link;

    @SuppressWarnings("NullAway") // never told before a transaction has been read
    private static final TransactionHead NO_HEAD = null;

    /**
     * @param from where a transaction begins
     * @param end where the last one ends
     */
    LogScan(LogFile file, long from, long end) {
        this(file, from, end, WINDOW);
    }

    LogScan(LogFile file, long from, long end, int window) {
        this.file = file;
        this.next = from;
        this.end = end;
        this.window = ByteBuffer.allocate(window);
    }

    /** Goes to where a transaction begins. */
    void seek(long position) {
        next = position;
    }

    /** Where the next transaction begins. */
    long position() {
        return next;
    }

    /** Takes notice that the file has grown, or shrunk. What was read ahead stays valid up to the old end. */
    void extend(long newEnd) {
        end = newEnd;
        windowLength = (int) Math.max(0, Math.min(windowLength, newEnd - windowStart));
    }

    /**
     * Reads the next transaction's head and goes to its first record. Undone ones are not left out.
     *
     * @return false at the end
     * @throws CorruptedException if what is there is no whole transaction
     */
    boolean nextTransaction() {
        if (next >= end) {
            return false;
        }
        long start = next;
        need(start, Format.TRANSACTION_HEAD, "a transaction's head");
        int at = (int) (start - windowStart);
        long transactionTid = window.getLong(at);
        long length = window.getLong(at + 8);
        byte status = window.get(at + Format.STATUS_OFFSET);
        int variable = Short.toUnsignedInt(window.getShort(at + 17))
                + Short.toUnsignedInt(window.getShort(at + 19))
                + Short.toUnsignedInt(window.getShort(at + 21));
        if (status != Format.COMMITTED && status != Format.PACKED && status != Format.UNDONE) {
            throw file.damage(start, "a transaction has the impossible status " + status);
        }
        if (length < Format.TRANSACTION_HEAD + variable || length > end - start - Format.TRAILER) {
            throw file.damage(start, "a transaction's head claims an impossible length, " + length);
        }
        long trailer = trailer(start + length);
        if (trailer != length) {
            throw file.damage(
                    start, "a transaction's length is " + length + " in its head, but " + trailer + " at its end");
        }
        need(start, Format.TRANSACTION_HEAD + variable, "a transaction's head");
        at = (int) (start - windowStart);
        byte[] user = bytes(at + Format.TRANSACTION_HEAD, Short.toUnsignedInt(window.getShort(at + 17)));
        int userEnd = at + Format.TRANSACTION_HEAD + user.length;
        byte[] description = bytes(userEnd, Short.toUnsignedInt(window.getShort(at + 19)));
        byte[] extension = bytes(userEnd + description.length, Short.toUnsignedInt(window.getShort(at + 21)));
        head = new TransactionHead(
                start, length, transactionTid, status, new TransactionMeta(user, description, extension));
        recordEnd = head.recordsStart();
        next = head.end();
        return true;
    }

    private byte[] bytes(int at, int length) {
        byte[] bytes = new byte[length];
        window.get(at, bytes);
        return bytes;
    }

    /** Reads a trailer without losing the window over the head, where it lies beyond. */
    private long trailer(long position) {
        if (inWindow(position, Format.TRAILER)) {
            return window.getLong((int) (position - windowStart));
        }
        return file.readLong(position);
    }

    TransactionHead head() {
        return head;
    }

    /** Checksum of the transaction's head; never 0. */
    int headChecksum() {
        return checksum(head.position(), head.recordsStart() - head.position());
    }

    /**
     * Goes to the transaction's next data record.
     *
     * @return false behind the last one
     * @throws CorruptedException if the records do not add up
     */
    boolean nextRecord() {
        long start = recordEnd;
        long limit = head.recordsEnd();
        if (start == limit) {
            return false;
        }
        if (start + Format.RECORD_HEAD + 1 > limit) {
            throw file.damage(start, "the data records of a transaction do not add up to its length");
        }
        need(start, Format.RECORD_HEAD, "a data record");
        int at = (int) (start - windowStart);
        oid = window.getLong(at);
        tid = window.getLong(at + 8);
        previous = window.getLong(at + 16);
        long transaction = window.getLong(at + 24);
        dataLength = window.getLong(at + 34);
        long length = Format.recordLength(dataLength);
        if (window.getShort(at + 32) != 0
                || dataLength < 0
                || length > limit - start
                || transaction != head.position()
                || previous < 0
                || previous >= start) {
            throw file.damage(start, "the head of a data record makes no sense");
        }
        link = 0;
        if (dataLength == 0) {
            need(start, Format.RECORD_HEAD + Format.LINK, "a data record");
            link = window.getLong((int) (start - windowStart) + Format.RECORD_HEAD);
            if (link < 0 || link >= start) {
                throw file.damage(start, "a data record links to an impossible position, " + link);
            }
        }
        recordPosition = start;
        recordEnd = start + length;
        return true;
    }

    /** Goes before the first record of the transaction again. */
    void rewind() {
        recordEnd = head.recordsStart();
    }

    long recordPosition() {
        return recordPosition;
    }

    long recordLength() {
        return recordEnd - recordPosition;
    }

    long oid() {
        return oid;
    }

    long tid() {
        return tid;
    }

    long previous() {
        return previous;
    }

    long dataLength() {
        return dataLength;
    }

    long link() {
        return link;
    }

    /** The record's own data. */
    byte[] data() {
        if (dataLength > Integer.MAX_VALUE - 64) {
            throw file.damage(recordPosition, "a data record of " + dataLength + " bytes cannot be held in memory");
        }
        byte[] data = new byte[(int) dataLength];
        long from = recordPosition + Format.RECORD_HEAD;
        if (data.length <= window.capacity()) {
            need(from, data.length, "a data record");
            window.get((int) (from - windowStart), data);
        } else if (file.read(ByteBuffer.wrap(data), from) < data.length) {
            throw file.damage(recordPosition, "a data record ends too early");
        }
        return data;
    }

    /** Checksum of the whole record; never 0. */
    int recordChecksum() {
        return checksum(recordPosition, recordEnd - recordPosition);
    }

    private int checksum(long from, long length) {
        crc.reset();
        long position = from;
        long left = length;
        while (left > 0) {
            int piece = (int) Math.min(left, window.capacity());
            need(position, piece, "a data record");
            int at = (int) (position - windowStart);
            crc.update(window.array(), at, piece);
            position += piece;
            left -= piece;
        }
        return Checksums.of(crc);
    }

    private boolean inWindow(long position, int length) {
        return position >= windowStart && position + length <= windowStart + windowLength;
    }

    /** Has a piece of the file in the window. */
    private void need(long position, int length, String what) {
        if (position + length > end) {
            throw file.damage(position, what + " ends too early");
        }
        if (inWindow(position, length)) {
            return;
        }
        if (length > window.capacity()) {
            window = ByteBuffer.allocate(length);
        }
        window.clear().limit((int) Math.min(window.capacity(), end - position));
        windowStart = position;
        windowLength = 0;
        windowLength = file.read(window, position);
        window.clear();
        if (windowLength < length) {
            throw file.damage(position, what + " ends too early");
        }
    }
}
