package org.zeoraid.zeo.codec;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes plain values as msgpack, each in the shortest form, after the format's specification. */
final class MsgpackWriter {

    private final Output output;

    private MsgpackWriter(Output output) {
        this.output = output;
    }

    static void write(Output output, @Nullable Object value) {
        new MsgpackWriter(output).value(value, 0);
    }

    private void value(@Nullable Object value, int depth) {
        if (depth > Codec.MAX_DEPTH) {
            throw new MalformedMessageException("nested deeper than " + Codec.MAX_DEPTH);
        }
        if (value == null) {
            output.put(0xc0);
        } else if (value instanceof byte[] bytes) {
            bytes(bytes);
        } else if (value instanceof String text) {
            text(text);
        } else if (value instanceof Long number) {
            number(number);
        } else if (value instanceof Integer number) {
            number(number);
        } else if (value instanceof Boolean truth) {
            output.put(truth ? 0xc3 : 0xc2);
        } else if (value instanceof Double number) {
            output.put(0xcb).bigEndian(Double.doubleToLongBits(number), 8);
        } else if (value instanceof BigInteger number) {
            big(number);
        } else if (value instanceof List<?> list) {
            list(list, depth);
        } else if (value instanceof Map<?, ?> map) {
            map(map, depth);
        } else {
            throw new MalformedMessageException(
                    "msgpack cannot carry a " + value.getClass().getSimpleName());
        }
    }

    private void bytes(byte[] bytes) {
        if (bytes.length < 1 << 8) {
            output.put(0xc4).put(bytes.length);
        } else if (bytes.length < 1 << 16) {
            output.put(0xc5).bigEndian(bytes.length, 2);
        } else {
            output.put(0xc6).bigEndian(bytes.length, 4);
        }
        output.put(bytes);
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length < 32) {
            output.put(0xa0 | bytes.length);
        } else if (bytes.length < 1 << 8) {
            output.put(0xd9).put(bytes.length);
        } else if (bytes.length < 1 << 16) {
            output.put(0xda).bigEndian(bytes.length, 2);
        } else {
            output.put(0xdb).bigEndian(bytes.length, 4);
        }
        output.put(bytes);
    }

    private void number(long number) {
        if (number >= -32 && number < 1 << 7) {
            output.put((int) number);
        } else if (number >= 0) {
            int size = number < 1 << 8 ? 0 : number < 1 << 16 ? 1 : number < 1L << 32 ? 2 : 3;
            output.put(0xcc + size).bigEndian(number, 1 << size);
        } else {
            int size = number == (byte) number ? 0 : number == (short) number ? 1 : number == (int) number ? 2 : 3;
            output.put(0xd0 + size).bigEndian(number, 1 << size);
        }
    }

    private void big(BigInteger number) {
        if (number.bitLength() < 64) {
            number(number.longValue());
        } else if (number.signum() > 0 && number.bitLength() == 64) {
            output.put(0xcf).bigEndian(number.longValue(), 8);
        } else {
            throw new MalformedMessageException("msgpack has no numbers of more than 64 bits");
        }
    }

    private void list(List<?> list, int depth) {
        int size = list.size();
        if (size < 16) {
            output.put(0x90 | size);
        } else if (size < 1 << 16) {
            output.put(0xdc).bigEndian(size, 2);
        } else {
            output.put(0xdd).bigEndian(size, 4);
        }
        for (int i = 0; i < size; i++) {
            value(list.get(i), depth + 1);
        }
    }

    private void map(Map<?, ?> map, int depth) {
        int size = map.size();
        if (size < 16) {
            output.put(0x80 | size);
        } else if (size < 1 << 16) {
            output.put(0xde).bigEndian(size, 2);
        } else {
            output.put(0xdf).bigEndian(size, 4);
        }
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            value(entry.getKey(), depth + 1);
            value(entry.getValue(), depth + 1);
        }
    }
}
