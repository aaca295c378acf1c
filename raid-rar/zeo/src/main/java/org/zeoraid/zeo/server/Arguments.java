package org.zeoraid.zeo.server;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;

/** The arguments of a request, read as what its method wants. A wrong one throws {@link PythonException}. */
final class Arguments {

    private final String method;
    private final List<?> values;

    Arguments(String method, @Nullable Object values) {
        this.method = method;
        if (!(values instanceof List<?> list)) {
            throw new PythonException("builtins.TypeError", method + "() takes a sequence of arguments");
        }
        this.values = list;
    }

    int count() {
        return values.size();
    }

    @Nullable Object value(int index) {
        if (index >= values.size()) {
            throw new PythonException("builtins.TypeError", method + "() is missing argument " + (index + 1));
        }
        return values.get(index);
    }

    Oid oid(int index) {
        return new Oid(eight(index));
    }

    Tid tid(int index) {
        return new Tid(eight(index));
    }

    /** A tid, or another one where None is given, or nothing. */
    Tid tidOr(int index, Tid otherwise) {
        return index >= values.size() || values.get(index) == null ? otherwise : tid(index);
    }

    byte[] bytes(int index) {
        if (value(index) instanceof byte[] bytes) {
            return bytes;
        }
        throw wrong(index, "bytes");
    }

    /** Bytes, or a text as its UTF-8 bytes. */
    byte[] bytesOrText(int index) {
        return value(index) instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : bytes(index);
    }

    String text(int index) {
        Object value = value(index);
        if (value instanceof String text) {
            return text;
        }
        if (value instanceof byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
        throw wrong(index, "a text");
    }

    long number(int index) {
        if (value(index) instanceof Long number) {
            return number;
        }
        throw wrong(index, "a whole number");
    }

    /** A number, also one with a fraction. */
    double real(int index) {
        if (value(index) instanceof Number number) {
            return number.doubleValue();
        }
        throw wrong(index, "a number");
    }

    /** Python's truth of the values that clients send here; another where none is given. */
    boolean truthOr(int index, boolean otherwise) {
        if (index >= values.size()) {
            return otherwise;
        }
        Object value = values.get(index);
        return value instanceof Boolean truth ? truth : value instanceof Long number && number != 0;
    }

    Map<?, ?> mapOrNone(int index) {
        Object value = index < values.size() ? values.get(index) : null;
        if (value == null) {
            return Map.of();
        }
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw wrong(index, "a dictionary");
    }

    List<Long> numbers(int index) {
        if (!(value(index) instanceof List<?> list)) {
            throw wrong(index, "a sequence of numbers");
        }
        List<Long> numbers = new ArrayList<>();
        for (Object item : list) {
            if (!(item instanceof Long number)) {
                throw wrong(index, "a sequence of numbers");
            }
            numbers.add(number);
        }
        return numbers;
    }

    private long eight(int index) {
        // Old Python code has ids as texts, a character a byte.
        byte[] bytes = value(index) instanceof String text ? text.getBytes(StandardCharsets.ISO_8859_1) : bytes(index);
        if (bytes.length != 8) {
            throw wrong(index, "8 bytes");
        }
        return ByteBuffer.wrap(bytes).getLong();
    }

    private PythonException wrong(int index, String expected) {
        return new PythonException(
                "builtins.TypeError", method + "(): argument " + (index + 1) + " must be " + expected);
    }
}
