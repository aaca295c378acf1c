package org.zeoraid.file;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Reads single data records, each with one access to the file where it is small. Belongs to one thread; what it tells is
 * about the record read last.
 */
final class RecordReader {

    /** Most records are smaller; to be read at first. */
    private static final int LARGEST_GUESS = 1536;

    /** So many records tell how large the next ones are: what is read beyond one costs, a second read costs more. */
    private static final int SAMPLE = 32;

    private static final int GUESS_STEP = 256;

    private static final int PIECE = 1 << 16;

    /** Beyond this a record's length is checked against its transaction before memory is taken for it. */
    private static final int LARGE = 1 << 20;

    private final ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE);
    private final CRC32C crc = new CRC32C();

    private int guess = LARGEST_GUESS;
    private int largest;
    private int sampled;

    private LogFile file = NOWHERE;
    private long position;
    private long oid;
    private long tid;
    private long previous;
    private long transaction;
    private long dataLength;
    private long link;

    /** Set by {@link ObjectIndex#find}: the checksum that goes with the position, 0 if it knows none. */
    int indexedChecksum;

    @SuppressWarnings("NullAway") // never read from before a file has been given
    private static final LogFile NOWHERE = null;

    /**
     * Reads the record at a position.
     *
     * @throws org.zeoraid.storage.CorruptedException if there is none of this object
     */
    void read(LogFile from, long at, long expectedOid) {
        file = from;
        position = at;
        buffer.clear().limit(guess);
        int count = from.read(buffer, at);
        if (count < Format.RECORD_HEAD + 1) {
            throw from.damage(at, "a data record ends too early");
        }
        oid = buffer.getLong(0);
        tid = buffer.getLong(8);
        previous = buffer.getLong(16);
        transaction = buffer.getLong(24);
        dataLength = buffer.getLong(34);
        link = 0;
        if (oid != expectedOid) {
            throw from.damage(
                    at,
                    "a record of object " + Long.toHexString(expectedOid) + " is expected, but one of "
                            + Long.toHexString(oid) + " found");
        }
        if (buffer.getShort(32) != 0
                || dataLength < 0
                || previous < 0
                || previous >= at
                || transaction < Format.START
                || transaction >= at) {
            throw from.damage(at, "the head of a data record makes no sense");
        }
        if (dataLength == 0) {
            if (count < Format.RECORD_HEAD + Format.LINK) {
                throw from.damage(at, "a data record ends too early");
            }
            link = buffer.getLong(Format.RECORD_HEAD);
            if (link < 0 || link >= at) {
                throw from.damage(at, "a data record links to an impossible position, " + link);
            }
        }
        learn(Format.recordLength(dataLength));
    }

    private void learn(long length) {
        if (length > largest) {
            largest = (int) Math.min(LARGEST_GUESS, (length + GUESS_STEP - 1) / GUESS_STEP * GUESS_STEP);
            guess = Math.max(guess, largest);
        }
        if (++sampled == SAMPLE) {
            guess = largest;
            largest = 0;
            sampled = 0;
        }
    }

    long position() {
        return position;
    }

    long tid() {
        return tid;
    }

    /** Position of the object's record before this one, 0 if there is none. */
    long previous() {
        return previous;
    }

    /** Position of the transaction that the record belongs to. */
    long transaction() {
        return transaction;
    }

    /** Bytes of its own data, 0 if it has none. */
    long dataLength() {
        return dataLength;
    }

    /** Where it has no data of its own: position of the record that holds it, 0 if the object is gone. */
    long link() {
        return link;
    }

    boolean isGone() {
        return dataLength == 0 && link == 0;
    }

    /** The record's own data, with {@link #checksum} told too; nothing where it has none. */
    byte[] data() {
        crc.reset();
        checkLength();
        byte[] data = new byte[(int) dataLength];
        long whole = Format.recordLength(dataLength);
        if (whole <= buffer.limit()) {
            buffer.position(0).limit((int) whole);
            crc.update(buffer);
            buffer.get(Format.RECORD_HEAD, data);
            return data;
        }
        int had = buffer.limit();
        int done = had - Format.RECORD_HEAD;
        crc.update(buffer.position(0));
        buffer.get(Format.RECORD_HEAD, data, 0, done);
        while (done < data.length) {
            buffer.clear().limit(Math.min(PIECE, data.length - done));
            int wanted = buffer.limit();
            if (file.read(buffer, position + Format.RECORD_HEAD + done) < wanted) {
                throw file.damage(position, "a data record ends too early");
            }
            crc.update(buffer);
            buffer.get(0, data, done, wanted);
            done += wanted;
        }
        return data;
    }

    /** A length that is wrong must not have us claim all memory. */
    private void checkLength() {
        long end = position + Format.recordLength(dataLength);
        if (dataLength > LARGE
                && (dataLength > Integer.MAX_VALUE - 64
                        || end > file.readHead(transaction).recordsEnd())) {
            throw file.damage(position, "a data record claims " + dataLength + " bytes");
        }
    }

    /** Reads the whole record for nothing but its {@link #checksum}. */
    void skim() {
        crc.reset();
        checkLength();
        long whole = Format.recordLength(dataLength);
        int here = (int) Math.min(whole, buffer.limit());
        crc.update(buffer.position(0).limit(here));
        long done = here;
        while (done < whole) {
            buffer.clear().limit((int) Math.min(PIECE, whole - done));
            int wanted = buffer.limit();
            if (file.read(buffer, position + done) < wanted) {
                throw file.damage(position, "a data record ends too early");
            }
            crc.update(buffer);
            done += wanted;
        }
    }

    /** Checksum of the whole record, after {@link #data} or {@link #skim}; never 0. */
    int checksum() {
        return Checksums.of(crc);
    }
}
