package org.zeoraid.zeo.codec;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes plain values as a pickle of protocol 3, without memo, as ZEO's own fast pickler does. */
public final class PickleWriter {

    private final Output output;

    private PickleWriter(Output output) {
        this.output = output;
    }

    /** @throws MalformedMessageException if the value has parts that are not plain */
    public static byte[] pickle(@Nullable Object value) {
        Output output = new Output(256);
        write(output, value);
        return output.toArray();
    }

    static void write(Output output, @Nullable Object value) {
        output.put(0x80).put(3);
        new PickleWriter(output).value(value, 0);
        output.put('.');
    }

    /** One value without parts, as it stands inside a pickle. */
    static void writePlain(Output output, @Nullable Object value) {
        new PickleWriter(output).value(value, 0);
    }

    private void value(@Nullable Object value, int depth) {
        if (depth > Codec.MAX_DEPTH) {
            throw new MalformedMessageException("nested deeper than " + Codec.MAX_DEPTH);
        }
        if (value == null) {
            output.put('N');
        } else if (value instanceof byte[] bytes) {
            sized(bytes, 'C', 'B');
        } else if (value instanceof String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            output.put('X').littleEndian(bytes.length, 4).put(bytes);
        } else if (value instanceof Long number) {
            number(number);
        } else if (value instanceof Integer number) {
            number(number);
        } else if (value instanceof Boolean truth) {
            output.put(truth ? 0x88 : 0x89);
        } else if (value instanceof Double number) {
            output.put('G').bigEndian(Double.doubleToLongBits(number), 8);
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
            output.put('K').put((int) number);
        } else if (number >= 0 && number < 1 << 16) {
            output.put('M').littleEndian(number, 2);
        } else if (number == (int) number) {
            output.put('J').littleEndian(number, 4);
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
        output.put(0x8a).put(bytes.length);
        for (int i = bytes.length - 1; i >= 0; i--) {
            output.put(bytes[i]);
        }
    }

    private void tuple(Tuple tuple, int depth) {
        int size = tuple.size();
        if (size == 0) {
            output.put(')');
            return;
        }
        if (size > 3) {
            output.put('(');
        }
        for (Object item : tuple) {
            value(item, depth + 1);
        }
        output.put(size > 3 ? 't' : 0x84 + size);
    }

    private void list(List<?> list, int depth) {
        output.put(']');
        if (!list.isEmpty()) {
            output.put('(');
            for (Object item : list) {
                value(item, depth + 1);
            }
            output.put('e');
        }
    }

    private void map(Map<?, ?> map, int depth) {
        output.put('}');
        if (!map.isEmpty()) {
            output.put('(');
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                value(entry.getKey(), depth + 1);
                value(entry.getValue(), depth + 1);
            }
            output.put('u');
        }
    }

    /** A call of a global; the name's last dot divides module and name. */
    private void object(PythonObject object, int depth) {
        int dot = object.callable().lastIndexOf('.');
        output.put('c')
                .put((object.callable().substring(0, dot) + "\n"
                                + object.callable().substring(dot + 1) + "\n")
                        .getBytes(StandardCharsets.UTF_8));
        tuple(Tuple.of(object.arguments().toArray()), depth);
        output.put('R');
        if (object.state() != null) {
            value(object.state(), depth + 1);
            output.put('b');
        }
    }

    private void sized(byte[] bytes, int shortCode, int longCode) {
        if (bytes.length < 256) {
            output.put(shortCode).put(bytes.length);
        } else {
            output.put(longCode).littleEndian(bytes.length, 4);
        }
        output.put(bytes);
    }
}
