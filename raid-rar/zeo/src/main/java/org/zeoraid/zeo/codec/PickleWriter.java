package org.zeoraid.zeo.codec;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes plain values as a pickle of protocol 3, without memo, as ZEO's own fast pickler does. */
public final class PickleWriter {

    private byte[] buffer = new byte[256];
    private int length;

    private PickleWriter() {}

    /** @throws MalformedMessageException if the value has parts that are not plain */
    public static byte[] pickle(@Nullable Object value) {
        PickleWriter writer = new PickleWriter();
        writer.put(0x80).put(3);
        writer.value(value, 0);
        writer.put('.');
        return Arrays.copyOf(writer.buffer, writer.length);
    }

    private void value(@Nullable Object value, int depth) {
        if (depth > Codec.MAX_DEPTH) {
            throw new MalformedMessageException("nested deeper than " + Codec.MAX_DEPTH);
        }
        if (value == null) {
            put('N');
        } else if (value instanceof byte[] bytes) {
            sized(bytes, 'C', 'B');
        } else if (value instanceof String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            put('X').littleEndian(bytes.length, 4).put(bytes);
        } else if (value instanceof Long number) {
            number(number);
        } else if (value instanceof Integer number) {
            number(number);
        } else if (value instanceof Boolean truth) {
            put(truth ? 0x88 : 0x89);
        } else if (value instanceof Double number) {
            put('G').bigEndian(Double.doubleToLongBits(number));
        } else if (value instanceof BigInteger number) {
            big(number);
        } else if (value instanceof Tuple tuple) {
            tuple(tuple, depth);
        } else if (value instanceof List<?> list) {
            list(list, depth);
        } else if (value instanceof Map<?, ?> map) {
            map(map, depth);
        } else if (value instanceof PythonObject object) {
            object(object, depth);
        } else {
            throw new MalformedMessageException(
                    "no pickle of a " + value.getClass().getSimpleName());
        }
    }

    private void number(long number) {
        if (number >= 0 && number < 1 << 8) {
            put('K').put((int) number);
        } else if (number >= 0 && number < 1 << 16) {
            put('M').littleEndian(number, 2);
        } else if (number == (int) number) {
            put('J').littleEndian(number, 4);
        } else {
            big(BigInteger.valueOf(number));
        }
    }

    /** LONG1: little-endian two's complement. */
    private void big(BigInteger number) {
        byte[] bytes = number.toByteArray();
        if (bytes.length > 255) {
            throw new MalformedMessageException("a number of " + bytes.length + " bytes");
        }
        put(0x8a).put(bytes.length);
        for (int i = bytes.length - 1; i >= 0; i--) {
            put(bytes[i]);
        }
    }

    private void tuple(Tuple tuple, int depth) {
        int size = tuple.size();
        if (size == 0) {
            put(')');
            return;
        }
        if (size > 3) {
            put('(');
        }
        for (Object item : tuple) {
            value(item, depth + 1);
        }
        put(size > 3 ? 't' : 0x84 + size);
    }

    private void list(List<?> list, int depth) {
        put(']');
        if (!list.isEmpty()) {
            put('(');
            for (Object item : list) {
                value(item, depth + 1);
            }
            put('e');
        }
    }

    private void map(Map<?, ?> map, int depth) {
        put('}');
        if (!map.isEmpty()) {
            put('(');
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                value(entry.getKey(), depth + 1);
                value(entry.getValue(), depth + 1);
            }
            put('u');
        }
    }

    /** A call of a global; the name's last dot divides module and name. */
    private void object(PythonObject object, int depth) {
        int dot = object.callable().lastIndexOf('.');
        put('c').put((object.callable().substring(0, dot) + "\n"
                        + object.callable().substring(dot + 1) + "\n")
                .getBytes(StandardCharsets.UTF_8));
        tuple(Tuple.of(object.arguments().toArray()), depth);
        put('R');
    }

    private void sized(byte[] bytes, int shortCode, int longCode) {
        if (bytes.length < 256) {
            put(shortCode).put(bytes.length);
        } else {
            put(longCode).littleEndian(bytes.length, 4);
        }
        put(bytes);
    }

    private PickleWriter put(int octet) {
        room(1);
        buffer[length++] = (byte) octet;
        return this;
    }

    private PickleWriter put(byte[] bytes) {
        room(bytes.length);
        System.arraycopy(bytes, 0, buffer, length, bytes.length);
        length += bytes.length;
        return this;
    }

    private PickleWriter littleEndian(long number, int bytes) {
        for (int i = 0; i < bytes; i++) {
            put((int) (number >>> 8 * i));
        }
        return this;
    }

    private void bigEndian(long number) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            put((int) (number >>> shift));
        }
    }

    private void room(int bytes) {
        if (buffer.length - length < bytes) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, Math.addExact(length, bytes)));
        }
    }
}
