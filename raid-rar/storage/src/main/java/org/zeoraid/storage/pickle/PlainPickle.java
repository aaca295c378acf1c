package org.zeoraid.storage.pickle;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a pickle of plain values says, apart from how it says it. The same dictionary has many pickles: each protocol writes
 * another, with a memo or without, and whoever reads it and writes it again, as a ZEO server does with the extension data
 * of a transaction, changes it. Plain are None, truth values, numbers, bytes, texts, sequences and dictionaries. Lists and
 * tuples are one kind here, for msgpack, in which ZEO may send them, knows only one; so are bytes and texts, for what Python
 * 2 wrote is read as either. The order of a dictionary does not count.
 */
public final class PlainPickle {

    private static final int MAX_DEPTH = 64;

    /** A few bytes can describe more than any memory holds. */
    private static final int MAX_BYTES = 1 << 20;

    private final byte[] bytes;
    private final PickleInput in = new PickleInput();
    private final List<Node> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final Map<Integer, Node> memo = new HashMap<>();
    private int bytesLeft = MAX_BYTES;

    private PlainPickle(byte[] bytes) {
        this.bytes = bytes;
        in.reset(bytes);
    }

    /**
     * Bytes that are the same for all pickles that say the same; none for an empty dictionary. What is no pickle of plain
     * values says only what it is, byte for byte.
     */
    public static byte[] canonical(byte[] pickle) {
        if (pickle.length == 0) {
            return pickle;
        }
        try {
            PlainPickle reader = new PlainPickle(pickle);
            Node value = reader.read();
            boolean empty =
                    value instanceof Dictionary dictionary && dictionary.items().isEmpty();
            return empty ? new byte[0] : reader.written(value, 0);
        } catch (OpaqueException e) {
            return pickle;
        }
    }

    /** A value on the stack. */
    private sealed interface Node {}

    /** A value without parts, written already. */
    private record Plain(byte[] written) implements Node {}

    private record Sequence(List<Node> items) implements Node {}

    /** Keys and values in turn, as they were set. */
    private record Dictionary(List<Node> items) implements Node {}

    /** A class or function, of which only being called counts. */
    private record Global(String name) implements Node {}

    private Node read() throws OpaqueException {
        while (true) {
            int operation = in.unsignedByte();
            if (operation == '.') {
                Node value = pop();
                if (!stack.isEmpty() || in.remaining() > 0) {
                    throw in.problem("something is left over");
                }
                return value;
            }
            run(operation);
        }
    }

    private void run(int operation) throws OpaqueException {
        switch (operation) {
            case 0x80 -> in.skip(1);
            case 0x95 -> in.skip(8);
            case '(' -> marks.push(stack.size());
            case '0' -> pop();
            case 'N', 0x88, 0x89 -> stack.add(new Plain(new byte[] {(byte) operation}));
            case 'K' -> stack.add(unsigned(1));
            case 'M' -> stack.add(unsigned(2));
            case 'J' -> stack.add(signed(4));
            case 0x8a -> stack.add(signed(in.unsignedByte()));
            case 0x8b -> stack.add(signed(in.length4()));
            case 'I', 'L' -> stack.add(decimal(line()));
            case 'G' -> stack.add(data('G', 8));
            case 'C', 'U', 0x8c -> stack.add(data('B', in.unsignedByte()));
            case 'B', 'T', 'X' -> stack.add(data('B', in.length4()));
            case 0x8e, 0x8d -> stack.add(data('B', in.length8()));
            case ')', ']' -> stack.add(new Sequence(new ArrayList<>()));
            case 0x85, 0x86, 0x87 -> stack.add(new Sequence(popped(operation - 0x84)));
            case 't', 'l' -> stack.add(new Sequence(poppedToMark()));
            case 'a' -> append(popped(1));
            case 'e' -> append(poppedToMark());
            case '}' -> stack.add(new Dictionary(new ArrayList<>()));
            case 'd' -> stack.add(new Dictionary(poppedToMark()));
            case 's' -> set(popped(2));
            case 'u' -> set(poppedToMark());
            case 'c' -> stack.add(new Global(line() + "." + line()));
            case 'R' -> call(popped(2));
            case 'q' -> memo.put(in.unsignedByte(), top());
            case 'r' -> memo.put(in.length4(), top());
            case 0x94 -> memo.put(memo.size(), top());
            case 'h' -> stack.add(remembered(in.unsignedByte()));
            case 'j' -> stack.add(remembered(in.length4()));
            default -> throw in.problem("the operation " + operation);
        }
    }

    private Plain data(char kind, int length) throws OpaqueException {
        int start = in.skip(length);
        return plain(kind, Arrays.copyOfRange(bytes, start, start + length));
    }

    private static Plain plain(char kind, byte[] content) {
        return new Plain(ByteBuffer.allocate(1 + Integer.BYTES + content.length)
                .put((byte) kind)
                .putInt(content.length)
                .put(content)
                .array());
    }

    private Plain unsigned(int size) throws OpaqueException {
        return number(new BigInteger(1, reversed(size)));
    }

    private Plain signed(int size) throws OpaqueException {
        return number(size == 0 ? BigInteger.ZERO : new BigInteger(reversed(size)));
    }

    private byte[] reversed(int size) throws OpaqueException {
        int start = in.skip(size);
        byte[] digits = new byte[size];
        for (int i = 0; i < size; i++) {
            digits[size - 1 - i] = bytes[start + i];
        }
        return digits;
    }

    private static Plain number(BigInteger number) {
        return plain('I', number.toByteArray());
    }

    /** As the first protocols write whole numbers, and truth values: as numbers of two digits. */
    private Plain decimal(String digits) throws OpaqueException {
        if (digits.equals("00") || digits.equals("01")) {
            return new Plain(new byte[] {(byte) (digits.equals("01") ? 0x88 : 0x89)});
        }
        try {
            return number(new BigInteger(digits.endsWith("L") ? digits.substring(0, digits.length() - 1) : digits));
        } catch (NumberFormatException e) {
            throw in.problem("a line that is no number");
        }
    }

    private String line() throws OpaqueException {
        int start = in.position();
        int length = in.line();
        return new String(bytes, start, length, StandardCharsets.ISO_8859_1);
    }

    private void append(List<Node> items) throws OpaqueException {
        if (!(top() instanceof Sequence sequence)) {
            throw in.problem("appends to what is no list");
        }
        sequence.items().addAll(items);
    }

    private void set(List<Node> items) throws OpaqueException {
        if (!(top() instanceof Dictionary dictionary)) {
            throw in.problem("sets items of what is no dictionary");
        }
        dictionary.items().addAll(items);
    }

    /** Bytes that Python 2 wrote as such; no other call is plain. */
    private void call(List<Node> both) throws OpaqueException {
        if (both.get(0) instanceof Global global
                && global.name().equals("zodbpickle.binary")
                && both.get(1) instanceof Sequence arguments
                && arguments.items().size() == 1
                && arguments.items().get(0) instanceof Plain data
                && data.written()[0] == 'B') {
            stack.add(data);
        } else {
            throw in.problem("a call");
        }
    }

    private Node top() throws OpaqueException {
        int bottom = marks.isEmpty() ? 0 : marks.element();
        if (stack.size() <= bottom) {
            throw in.problem("the stack runs empty");
        }
        return stack.get(stack.size() - 1);
    }

    private Node pop() throws OpaqueException {
        Node top = top();
        stack.remove(stack.size() - 1);
        return top;
    }

    private List<Node> popped(int count) throws OpaqueException {
        List<Node> items = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            items.add(0, pop());
        }
        return items;
    }

    private List<Node> poppedToMark() throws OpaqueException {
        if (marks.isEmpty()) {
            throw in.problem("a mark is missing");
        }
        List<Node> above = stack.subList(marks.pop(), stack.size());
        List<Node> items = new ArrayList<>(above);
        above.clear();
        return items;
    }

    private Node remembered(int key) throws OpaqueException {
        Node value = memo.get(key);
        if (value == null) {
            throw in.problem("remembers what it never said");
        }
        return value;
    }

    private void write(Node node, ByteArrayOutputStream out, int depth) throws OpaqueException {
        bytesLeft -= node instanceof Plain plain ? plain.written().length : 2;
        if (depth > MAX_DEPTH || bytesLeft < 0) {
            throw in.problem("it describes too much");
        }
        if (node instanceof Plain plain) {
            out.writeBytes(plain.written());
        } else if (node instanceof Sequence sequence) {
            out.write('(');
            for (Node item : sequence.items()) {
                write(item, out, depth + 1);
            }
            out.write(')');
        } else if (node instanceof Dictionary dictionary) {
            out.write('{');
            for (Map.Entry<byte[], byte[]> entry : sorted(dictionary, depth).entrySet()) {
                out.writeBytes(entry.getKey());
                out.writeBytes(entry.getValue());
            }
            out.write('}');
        } else {
            throw in.problem("it names what is no value");
        }
    }

    private Map<byte[], byte[]> sorted(Dictionary dictionary, int depth) throws OpaqueException {
        List<Node> items = dictionary.items();
        if (items.size() % 2 != 0) {
            throw in.problem("a key without a value");
        }
        Map<byte[], byte[]> sorted = new TreeMap<>(Arrays::compareUnsigned);
        for (int i = 0; i < items.size(); i += 2) {
            sorted.put(written(items.get(i), depth), written(items.get(i + 1), depth));
        }
        return sorted;
    }

    private byte[] written(Node node, int depth) throws OpaqueException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(node, out, depth + 1);
        return out.toByteArray();
    }
}
