package org.zeoraid.zeo.codec;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads msgpack into plain values, after the format's specification; extension types are refused. */
final class MsgpackReader {

    private final byte[] bytes;
    private int position;
    private int valuesLeft;

    private MsgpackReader(byte[] bytes, int maxValues) {
        this.bytes = bytes;
        this.valuesLeft = maxValues;
    }

    /** @throws MalformedMessageException if the bytes are not exactly one value */
    static @Nullable Object read(byte[] bytes, int maxValues) {
        MsgpackReader reader = new MsgpackReader(bytes, maxValues - 1);
        Object value = reader.value(0);
        if (reader.position != bytes.length) {
            throw new MalformedMessageException("bytes behind the message");
        }
        return value;
    }

    private @Nullable Object value(int depth) {
        if (depth > Codec.MAX_DEPTH) {
            throw new MalformedMessageException("nested deeper than " + Codec.MAX_DEPTH);
        }
        int code = bytes[take(1)];
        // Small numbers are their own byte.
        return code >= -32 ? (Object) (long) code : other(code & 0xFF, depth);
    }

    private @Nullable Object other(int code, int depth) {
        if (code < 0x90) {
            return map(code & 0xF, depth);
        }
        if (code < 0xa0) {
            return list(code & 0xF, depth);
        }
        if (code < 0xc0) {
            return text(code & 0x1F);
        }
        return switch (code) {
            case 0xc0 -> null;
            case 0xc2 -> false;
            case 0xc3 -> true;
            case 0xc4 -> data(number(1));
            case 0xc5 -> data(number(2));
            case 0xc6 -> data(number(4));
            case 0xca -> (double) Float.intBitsToFloat((int) number(4));
            case 0xcb -> Double.longBitsToDouble(number(8));
            case 0xcc -> number(1);
            case 0xcd -> number(2);
            case 0xce -> number(4);
            case 0xcf -> unsigned(number(8));
            case 0xd0 -> (long) (byte) number(1);
            case 0xd1 -> (long) (short) number(2);
            case 0xd2 -> (long) (int) number(4);
            case 0xd3 -> number(8);
            case 0xd9 -> text(number(1));
            case 0xda -> text(number(2));
            case 0xdb -> text(number(4));
            case 0xdc -> list(number(2), depth);
            case 0xdd -> list(number(4), depth);
            case 0xde -> map(number(2), depth);
            case 0xdf -> map(number(4), depth);
            default -> throw new MalformedMessageException("not msgpack, or an extension type: " + code);
        };
    }

    private Tuple list(long claimed, int depth) {
        int size = count(claimed, 1);
        if (size == 0) {
            return Tuple.EMPTY;
        }
        Object[] items = new Object[size];
        for (int i = 0; i < size; i++) {
            items[i] = value(depth + 1);
        }
        return Tuple.of(items);
    }

    private Map<@Nullable Object, @Nullable Object> map(long claimed, int depth) {
        int size = count(claimed, 2);
        Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < size; i++) {
            Keys.put(map, value(depth + 1), value(depth + 1));
        }
        return map;
    }

    /**
     * Each element takes at least a byte and a value, so a count beyond what is left is a lie. The values are taken before they
     * have come: containers that all claim the same bytes would each have room made for them.
     */
    private int count(long claimed, int each) {
        long most = Math.min(bytes.length - position, valuesLeft);
        if (claimed * each > most) {
            throw new MalformedMessageException("a container of " + claimed + " with room for " + most + " values");
        }
        valuesLeft -= (int) claimed * each;
        return (int) claimed;
    }

    private static Object unsigned(long number) {
        return number >= 0 ? (Object) number : new BigInteger(Long.toUnsignedString(number));
    }

    private long number(int size) {
        int start = take(size);
        long number = 0;
        for (int i = start; i < start + size; i++) {
            number = number << 8 | bytes[i] & 0xFF;
        }
        return number;
    }

    private byte[] data(long size) {
        int start = take(size);
        return Arrays.copyOfRange(bytes, start, position);
    }

    private String text(long size) {
        int start = take(size);
        return new String(bytes, start, position - start, StandardCharsets.UTF_8);
    }

    /** Steps over bytes that must be there; where they start. */
    private int take(long size) {
        if (size > bytes.length - position) {
            throw new MalformedMessageException(
                    "a length of " + size + " with " + (bytes.length - position) + " bytes left");
        }
        int start = position;
        position += (int) size;
        return start;
    }
}
