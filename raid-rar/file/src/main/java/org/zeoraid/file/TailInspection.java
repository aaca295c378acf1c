package org.zeoraid.file;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Tells what follows the last whole transaction of a file without valid slots (see {@link Reserve}): a torn tail, to be
 * cut off, or damage with whole transactions behind it, which must stay as it is.
 */
final class TailInspection {

    /** What is there. */
    enum Finding {
        /** A transaction that was never finished. */
        TORN,
        /** Room of our own that was being made when the writer stopped; nothing of value. */
        RESERVE,
        /** Zeros, as an extended file has them before anything is written. */
        BLANK,
        /** Whole transactions follow: what is here was whole once. */
        DAMAGED
    }

    private static final int WINDOW = 1 << 20;

    private TailInspection() {}

    /** @param position where the first transaction begins that cannot be read */
    static Finding inspect(LogFile log, long position, long size) {
        ByteBuffer head = ByteBuffer.allocate(Format.RESERVE_HEAD);
        int count = log.read(head, position);
        if (Format.isReserveHead(head.duplicate())) {
            return Finding.RESERVE;
        }
        if (isBlank(log, position, size)) {
            return Finding.BLANK;
        }
        if (count < Format.TRANSACTION_HEAD) {
            return Finding.TORN;
        }
        Optional<Long> later = wholeTransaction(log, position + unfinished(head, size - position), size);
        return later.isPresent() ? Finding.DAMAGED : Finding.TORN;
    }

    /** How much need not be looked at: what was being written when the writer stopped is its last, whatever lies in it. */
    private static long unfinished(ByteBuffer head, long left) {
        long length = head.getLong(8);
        boolean pending = head.get(Format.STATUS_OFFSET) == Format.PENDING;
        return pending && length >= Format.TRANSACTION_HEAD && length <= left - Format.TRAILER
                ? length + Format.TRAILER
                : 1;
    }

    /** The first place from a position on where something lies that has all marks of a transaction. */
    private static Optional<Long> wholeTransaction(LogFile log, long from, long size) {
        ByteBuffer window = ByteBuffer.allocate(WINDOW + Format.TRANSACTION_HEAD);
        for (long start = from; start + Format.TRANSACTION_HEAD <= size; start += WINDOW) {
            window.clear();
            int count = log.read(window, start);
            for (int at = 0; at + Format.TRANSACTION_HEAD <= count && at < WINDOW; at++) {
                if (isWhole(log, window, at, start + at, size)) {
                    return Optional.of(start + at);
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isWhole(LogFile log, ByteBuffer window, int at, long position, long size) {
        byte status = window.get(at + Format.STATUS_OFFSET);
        if (status != Format.COMMITTED && status != Format.PACKED) {
            return false;
        }
        long length = window.getLong(at + 8);
        long variable = Short.toUnsignedLong(window.getShort(at + 17))
                + Short.toUnsignedLong(window.getShort(at + 19))
                + Short.toUnsignedLong(window.getShort(at + 21));
        if (length < Format.TRANSACTION_HEAD + variable || length > size - position - Format.TRAILER) {
            return false;
        }
        if (log.readLong(position + length) != length) {
            return false;
        }
        long records = position + Format.TRANSACTION_HEAD + variable;
        // A data record repeats the tid and says where its transaction begins.
        return records + Format.RECORD_HEAD > position + length
                || (log.readLong(records + 8) == window.getLong(at) && log.readLong(records + 24) == position);
    }

    /** Whether only zeros lie from a position on, a torn head and what may be slots at the end left out. */
    private static boolean isBlank(LogFile log, long position, long size) {
        long slots = size - 2L * Reserve.PAGE;
        long to = size % Reserve.PAGE == 0 && slots > position ? slots : size;
        if (to - position < 2L * Format.RESERVE_HEAD) {
            return false;
        }
        ByteBuffer window = ByteBuffer.allocate(1 << 16);
        for (long at = position + Format.RESERVE_HEAD; at < to; at += window.capacity()) {
            window.clear().limit((int) Math.min(window.capacity(), to - at));
            log.read(window, at);
            while (window.hasRemaining()) {
                if (window.get() != 0) {
                    return false;
                }
            }
        }
        return true;
    }
}
