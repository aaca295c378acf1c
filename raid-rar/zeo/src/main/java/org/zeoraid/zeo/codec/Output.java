package org.zeoraid.zeo.codec;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Bytes that are being written. */
final class Output {

    private byte[] bytes;
    private int length;

    /** @param room how much is expected */
    Output(int room) {
        bytes = new byte[room];
    }

    Output put(int octet) {
        room(1);
        bytes[length++] = (byte) octet;
        return this;
    }

    Output put(byte[] more) {
        room(more.length);
        System.arraycopy(more, 0, bytes, length, more.length);
        length += more.length;
        return this;
    }

    Output littleEndian(long number, int size) {
        room(size);
        for (int i = 0; i < size; i++) {
            bytes[length++] = (byte) (number >>> 8 * i);
        }
        return this;
    }

    Output bigEndian(long number, int size) {
        room(size);
        for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
            bytes[length++] = (byte) (number >>> shift);
        }
        return this;
    }

    /** Writes the number of bytes behind a place of 4 bytes into it. */
    Output sizeAt(int place) {
        int end = length;
        length = place;
        bigEndian(end - place - Integer.BYTES, Integer.BYTES);
        length = end;
        return this;
    }

    byte[] toArray() {
        return bytes.length == length ? bytes : Arrays.copyOf(bytes, length);
    }

    ByteBuffer toBuffer() {
        return ByteBuffer.wrap(bytes, 0, length);
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            // Not beyond what an array can hold; a message that large has long been refused.
            long wanted = Math.max(bytes.length * 2L, (long) length + more);
            if ((long) length + more > Integer.MAX_VALUE - 16) {
                throw new MalformedMessageException("a message of more than 2 GiB");
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 16));
        }
    }
}
