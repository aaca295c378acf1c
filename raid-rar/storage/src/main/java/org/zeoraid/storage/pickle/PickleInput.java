package org.zeoraid.storage.pickle;

import java.nio.ByteBuffer;

/** The bytes of a record, read in order; every length is checked against what is left before anything is done with it. */
final class PickleInput {

    private byte[] data = {};
    private ByteBuffer buffer = ByteBuffer.wrap(data);
    private int position;
    private long text;

    void reset(byte[] newData) {
        data = newData;
        buffer = ByteBuffer.wrap(newData);
        position = 0;
    }

    int length() {
        return data.length;
    }

    int position() {
        return position;
    }

    int remaining() {
        return data.length - position;
    }

    OpaqueException problem(String what) {
        return new OpaqueException(what + ", at byte " + position + " of " + data.length);
    }

    int unsignedByte() throws OpaqueException {
        if (position == data.length) {
            throw problem("the pickle has no end");
        }
        return data[position++] & 0xFF;
    }

    /** @return where the skipped bytes begin */
    int skip(int count) throws OpaqueException {
        if (count > remaining()) {
            throw problem(count + " bytes announced, more than there are");
        }
        int start = position;
        position += count;
        return start;
    }

    /** Four bytes, lowest first. */
    int length4() throws OpaqueException {
        int value = Integer.reverseBytes(buffer.getInt(skip(4)));
        if (value < 0) {
            throw problem("a length of " + Integer.toUnsignedString(value));
        }
        return value;
    }

    /** Eight bytes, lowest first. */
    int length8() throws OpaqueException {
        long value = Long.reverseBytes(buffer.getLong(skip(8)));
        if (value < 0 || value > data.length) {
            throw problem("a length of " + Long.toUnsignedString(value));
        }
        return (int) value;
    }

    /** Reads behind the next line feed. @return the bytes before it */
    int line() throws OpaqueException {
        int start = position;
        while (position < data.length) {
            if (data[position++] == '\n') {
                return position - 1 - start;
            }
        }
        throw problem("a line has no end");
    }

    int decimalLine() throws OpaqueException {
        int start = position;
        int digits = line();
        int value = 0;
        for (int at = start; at < start + digits; at++) {
            int digit = data[at] - '0';
            if (digit < 0 || digit > 9 || digits > 9) {
                throw problem("a line that is no number");
            }
            value = value * 10 + digit;
        }
        if (digits == 0) {
            throw problem("a line that is no number");
        }
        return value;
    }

    long longAt(int start) {
        return buffer.getLong(start);
    }

    boolean matches(int start, int length, String ascii) {
        if (length != ascii.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (data[start + i] != ascii.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Whether UTF-8 text has a number of characters, all below 256. */
    boolean isLatinText(int start, int length, int characters) {
        if (length < characters || length > 2 * characters) {
            return false;
        }
        text = 0;
        int count = 0;
        for (int at = start; at < start + length; at++) {
            int next = data[at] & 0xFF;
            if (next >= 0x80) {
                if (next != 0xC2 && next != 0xC3 || at + 1 == start + length || (data[at + 1] & 0xC0) != 0x80) {
                    return false;
                }
                next = (next & 3) << 6 | data[++at] & 0x3F;
            }
            text = text << 8 | next;
            count++;
        }
        return count == characters;
    }

    /** The last eight characters of the text read last, as bytes. */
    long latinText() {
        return text;
    }

    /** Reads a byte string as Python 2 writes its source: in quotes, with escapes. @return the number of its bytes */
    int quotedBytes(int start, int length) throws OpaqueException {
        int end = start + length;
        if (length < 2 || data[start] != data[end - 1] || data[start] != '\'' && data[start] != '"') {
            throw problem("a string without quotes");
        }
        return escaped(start + 1, end - 1, 'x', 2);
    }

    /** Reads text in which characters are escaped as {@code \\uXXXX}. @return the number of its characters */
    int escapedText(int start, int length) throws OpaqueException {
        return escaped(start, start + length, 'u', 4);
    }

    private int escaped(int start, int end, char hexLetter, int hexDigits) throws OpaqueException {
        text = 0;
        int count = 0;
        int at = start;
        while (at < end) {
            int next = data[at++] & 0xFF;
            if (next == '\\' && at < end && data[at] == hexLetter) {
                if (end - at - 1 < hexDigits) {
                    throw problem("an escape that is cut short");
                }
                next = 0;
                for (int digit = 1; digit <= hexDigits; digit++) {
                    next = next << 4 | hexDigit(data[at + digit]);
                }
                at += 1 + hexDigits;
            } else if (next == '\\' && hexLetter == 'x' && at < end) {
                next = plainEscape(data[at++]);
            }
            // A character that is no byte cannot be part of an oid; the count says then that this is none.
            count += next > 0xFF ? 9 : 1;
            text = text << 8 | next & 0xFF;
        }
        return count;
    }

    private static int plainEscape(byte letter) {
        return switch (letter) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            default -> letter & 0xFF;
        };
    }

    private int hexDigit(byte letter) throws OpaqueException {
        int digit = Character.digit(letter, 16);
        if (digit < 0) {
            throw problem("an escape that is no number");
        }
        return digit;
    }
}
