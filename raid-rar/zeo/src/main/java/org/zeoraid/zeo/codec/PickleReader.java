package org.zeoraid.zeo.codec;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads a pickle of protocol 1 to 5 into plain values and inert {@link PythonObject}s; after the opcodes' description in
 * Python's {@code pickletools}. A hostile pickle costs no more memory than a small multiple of its own length.
 */
public final class PickleReader {

    /** Marks a place on the stack. */
    private static final Object MARK = new Object();

    private static final int MAX_NUMBER_BYTES = 255;
    private static final int MAX_NUMBER_DIGITS = 600;

    /** What naming a class takes. */
    private static final int FEW_VALUES = 1000;

    /** By how much the data of a pickle may be more than its bytes, because it is in several places. */
    private static final int MOST_SHARED = 1 << 20;

    private final byte[] bytes;
    private final int maxValues;
    private final Predicate<String> globals;
    private int position;
    private final ArrayList<@Nullable Object> stack = new ArrayList<>();
    private final Map<Integer, @Nullable Object> memo = new HashMap<>();
    private int depth;
    private int valuesLeft;
    private long dataLeft;

    private PickleReader(byte[] bytes, int maxValues, Predicate<String> globals) {
        this.bytes = bytes;
        this.maxValues = maxValues;
        this.globals = globals;
        this.valuesLeft = maxValues;
    }

    /** @throws MalformedMessageException if the bytes are not exactly one pickle of what this reads */
    public static @Nullable Object unpickle(byte[] bytes) {
        return unpickle(bytes, Codec.MAX_VALUES, any -> true);
    }

    /**
     * @param globals tells by its dotted name what of Python's the pickle may name
     * @throws MalformedMessageException also if it makes more values than that, or remembers more
     */
    static @Nullable Object unpickle(byte[] bytes, int maxValues, Predicate<String> globals) {
        PickleReader reader = new PickleReader(bytes, maxValues, globals);
        Object value = reader.read();
        if (reader.position != bytes.length) {
            throw new MalformedMessageException("bytes behind the pickle");
        }
        return value;
    }

    /** The first of several pickles in a row, such as the class in an object's record. */
    public static @Nullable Object unpickleFirst(byte[] bytes) {
        return new PickleReader(bytes, FEW_VALUES, any -> true).read();
    }

    private @Nullable Object read() {
        while (true) {
            int opcode = octet();
            if (opcode == '.') {
                Object value = pop();
                if (!stack.isEmpty()) {
                    throw new MalformedMessageException("a pickle that ends with " + stack.size() + " values too many");
                }
                valuesLeft = maxValues;
                dataLeft = (long) position + MOST_SHARED;
                weigh(value, 0);
                return value;
            }
            step(opcode);
        }
    }

    private void step(int opcode) {
        switch (opcode) {
            case 0x80 -> octet();
            case 0x95 -> take(8);
            case '(' -> mark();
            case '0' -> pop();
            case 'N' -> push(null);
            case 0x88 -> push(true);
            case 0x89 -> push(false);
            case 'K' -> push((long) octet());
            case 'M' -> push(littleEndian(2));
            case 'J' -> push((long) (int) littleEndian(4));
            case 0x8a -> push(number(octet()));
            case 0x8b -> push(number(length(littleEndian(4))));
            case 'I', 'L' -> push(decimal(line()));
            case 'G' ->
                push(Double.longBitsToDouble(ByteBuffer.wrap(bytes, take(8), 8).getLong()));
            case 'C', 'U' -> push(data(octet()));
            case 'B', 'T' -> push(data(length(littleEndian(4))));
            case 0x8e -> push(data(length(littleEndian(8))));
            case 0x8c -> push(text(octet()));
            case 'X' -> push(text(length(littleEndian(4))));
            case 0x8d -> push(text(length(littleEndian(8))));
            case ')' -> push(Tuple.EMPTY);
            case 0x85 -> push(Tuple.of(popped(1)));
            case 0x86 -> push(Tuple.of(popped(2)));
            case 0x87 -> push(Tuple.of(popped(3)));
            case 't' -> push(Tuple.of(poppedToMark()));
            case ']' -> push(new ArrayList<>());
            case 'l' -> push(new ArrayList<>(Arrays.asList(poppedToMark())));
            case 'a' -> append(popped(1));
            case 'e' -> append(poppedToMark());
            case '}' -> push(new LinkedHashMap<>());
            case 'd' -> {
                Object[] items = poppedToMark();
                push(new LinkedHashMap<>());
                set(items);
            }
            case 's' -> set(popped(2));
            case 'u' -> set(poppedToMark());
            case 'c' -> global(line() + "." + line());
            case 0x93 -> {
                Object[] names = popped(2);
                if (!(names[0] instanceof String module) || !(names[1] instanceof String name)) {
                    throw new MalformedMessageException("a global whose names are no texts");
                }
                global(module + "." + name);
            }
            case 'R', 0x81 -> call();
            case 'b' -> build();
            case 'q' -> remember(octet());
            case 'r' -> remember((int) littleEndian(4));
            case 0x94 -> remember(memo.size());
            case 'h' -> push(remembered(octet()));
            case 'j' -> push(remembered((int) littleEndian(4)));
            default -> throw new MalformedMessageException("a pickle's opcode " + opcode + " at " + (position - 1));
        }
    }

    private void global(String name) {
        if (name.indexOf('\n') >= 0 || !globals.test(name)) {
            throw new MalformedMessageException("a pickle that names " + name + ", which is not allowed here");
        }
        push(new PythonObject(name, List.of()));
    }

    private void build() {
        Object state = pop();
        if (!(pop() instanceof PythonObject object)) {
            throw new MalformedMessageException("a pickle that gives a state to what has none");
        }
        push(new PythonObject(object.callable(), object.arguments(), state));
    }

    /** Bytes made from a bytes object are those bytes, a dictionary made from pairs is one; everything else stays a description. */
    private void call() {
        Object[] both = popped(2);
        if (!(both[0] instanceof PythonObject global) || !(both[1] instanceof List<?> arguments)) {
            throw new MalformedMessageException("a pickle that calls what is no callable");
        }
        if (global.callable().equals(PythonObject.BINARY)
                && arguments.size() == 1
                && arguments.get(0) instanceof byte[] data) {
            push(data);
        } else if (PythonObject.isDictionary(global.callable())
                && arguments.size() == 1
                && arguments.get(0) instanceof List<?> pairs) {
            push(new LinkedHashMap<>());
            for (Object pair : pairs) {
                // The pairs may be in many places, and are copied.
                count();
                if (!(pair instanceof List<?> item) || item.size() != 2) {
                    throw new MalformedMessageException("a pickle that makes a dictionary of what are no pairs");
                }
                set(item.toArray());
            }
        } else {
            push(new PythonObject(global.callable(), Collections.unmodifiableList(arguments)));
        }
    }

    private void append(@Nullable Object[] items) {
        if (!(peek() instanceof ArrayList<?>)) {
            throw new MalformedMessageException("a pickle that appends to what is no list");
        }
        @SuppressWarnings("unchecked")
        List<@Nullable Object> list = (List<@Nullable Object>) peek();
        for (Object item : items) {
            list.add(item);
        }
    }

    private void set(@Nullable Object[] items) {
        if (!(peek() instanceof LinkedHashMap<?, ?>) || items.length % 2 != 0) {
            throw new MalformedMessageException("a pickle that sets items of what is no dictionary");
        }
        @SuppressWarnings("unchecked")
        Map<@Nullable Object, @Nullable Object> map = (Map<@Nullable Object, @Nullable Object>) peek();
        for (int i = 0; i < items.length; i += 2) {
            Keys.put(map, items[i], items[i + 1]);
        }
    }

    /** Every value on the stack and in the memo costs memory, and an opcode that makes one may be a single byte. */
    private void count() {
        if (--valuesLeft < 0) {
            throw new MalformedMessageException("too many values in one pickle");
        }
    }

    private void remember(int key) {
        count();
        memo.put(key, peek());
    }

    private void mark() {
        if (++depth > Codec.MAX_DEPTH) {
            throw new MalformedMessageException("nested deeper than " + Codec.MAX_DEPTH);
        }
        stack.add(MARK);
    }

    private void push(@Nullable Object value) {
        count();
        stack.add(value);
    }

    private @Nullable Object peek() {
        Object top = stack.isEmpty() ? MARK : stack.get(stack.size() - 1);
        if (top == MARK) {
            throw new MalformedMessageException("a pickle whose stack runs empty");
        }
        return top;
    }

    private @Nullable Object pop() {
        Object top = peek();
        stack.remove(stack.size() - 1);
        return top;
    }

    private @Nullable Object[] popped(int count) {
        Object[] items = new Object[count];
        for (int i = count - 1; i >= 0; i--) {
            items[i] = pop();
        }
        return items;
    }

    private @Nullable Object[] poppedToMark() {
        int mark = stack.lastIndexOf(MARK);
        if (mark < 0) {
            throw new MalformedMessageException("a pickle without the mark that it counts on");
        }
        depth--;
        List<@Nullable Object> above = stack.subList(mark + 1, stack.size());
        Object[] items = above.toArray();
        above.clear();
        stack.remove(mark);
        return items;
    }

    private @Nullable Object remembered(int key) {
        if (!memo.containsKey(key)) {
            throw new MalformedMessageException("a pickle that remembers what it never said");
        }
        return memo.get(key);
    }

    /**
     * Counts what is in several places once for each. A few bytes can describe more than any memory holds, or what
     * contains itself, or what is nested deeper than the stack; whoever walks through the result would not come back.
     */
    private void weigh(@Nullable Object value, int nesting) {
        count();
        if (nesting > Codec.MAX_DEPTH) {
            throw new MalformedMessageException("nested deeper than " + Codec.MAX_DEPTH);
        }
        if (value instanceof byte[] data) {
            dataLeft -= data.length;
        } else if (value instanceof String text) {
            dataLeft -= text.length();
        } else if (value instanceof List<?> list) {
            for (Object item : list) {
                weigh(item, nesting + 1);
            }
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((key, item) -> {
                weigh(key, nesting + 1);
                weigh(item, nesting + 1);
            });
        } else if (value instanceof PythonObject object) {
            weigh(object.arguments(), nesting);
            weigh(object.state(), nesting + 1);
        }
        if (dataLeft < 0) {
            throw new MalformedMessageException("a pickle whose data is in too many places");
        }
    }

    private Object number(int size) {
        if (size == 0) {
            return 0L;
        }
        if (size > MAX_NUMBER_BYTES) {
            throw new MalformedMessageException("a number of " + size + " bytes");
        }
        byte[] digits = data(size);
        for (int i = 0; i < size / 2; i++) {
            byte swapped = digits[i];
            digits[i] = digits[size - 1 - i];
            digits[size - 1 - i] = swapped;
        }
        return narrowed(new BigInteger(digits));
    }

    /** As protocol 1 writes truth values, as numbers of two digits, and what is greater than 32 bits. */
    private static Object decimal(String digits) {
        if (digits.equals("00") || digits.equals("01")) {
            return digits.equals("01");
        }
        if (digits.length() > MAX_NUMBER_DIGITS) {
            throw new MalformedMessageException("a number of " + digits.length() + " digits");
        }
        try {
            return narrowed(new BigInteger(digits.endsWith("L") ? digits.substring(0, digits.length() - 1) : digits));
        } catch (NumberFormatException e) {
            throw new MalformedMessageException("a line that is no number", e);
        }
    }

    private static Object narrowed(BigInteger number) {
        return number.bitLength() < 64 ? (Object) number.longValue() : number;
    }

    private int octet() {
        return bytes[take(1)] & 0xFF;
    }

    private long littleEndian(int size) {
        int start = take(size);
        long number = 0;
        for (int i = size - 1; i >= 0; i--) {
            number = number << 8 | bytes[start + i] & 0xFF;
        }
        return number;
    }

    private byte[] data(int size) {
        int start = take(size);
        return Arrays.copyOfRange(bytes, start, start + size);
    }

    private String text(int size) {
        return new String(bytes, take(size), size, StandardCharsets.UTF_8);
    }

    private int length(long claimed) {
        if (claimed < 0 || claimed > bytes.length - position) {
            throw new MalformedMessageException(
                    "a length of " + claimed + " with " + (bytes.length - position) + " bytes left");
        }
        return (int) claimed;
    }

    /** Steps over bytes that must be there; where they start. */
    private int take(int size) {
        if (size > bytes.length - position) {
            throw new MalformedMessageException("a pickle that is cut off");
        }
        int start = position;
        position += size;
        return start;
    }

    private String line() {
        int start = position;
        while (octet() != '\n') {
            // The newline ends it, or the bytes do.
        }
        return new String(bytes, start, position - 1 - start, StandardCharsets.UTF_8);
    }
}
