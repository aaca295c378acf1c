package org.zeoraid.storage.pickle;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * Runs pickles of the protocols 0 to 5 over values of which only what makes a reference is known: eight bytes, a tuple
 * that begins with them, a list. The operations are those documented in Python's {@code pickletools}. Nothing is called
 * and nothing built; the stack and the memo hold nine bytes for each value, and a pickle cannot push more values than it
 * has bytes.
 */
final class PickleMachine {

    /** Anything else. */
    private static final byte OTHER = 0;
    /** A byte string of eight bytes. */
    private static final byte BYTES = 1;
    /** A text of eight characters below 256; the value holds them as bytes. */
    private static final byte TEXT = 2;
    /** A tuple that begins with {@link #BYTES}. */
    private static final byte TUPLE_OF_BYTES = 3;
    /** A tuple that begins with {@link #TEXT}. */
    private static final byte TUPLE_OF_TEXT = 4;

    private static final byte LIST = 5;
    /** The class of blobs. */
    static final byte BLOB_CLASS = 6;
    /** The function by which Python 3 pickles bytes in protocols that have none: from text, as Latin-1. */
    private static final byte ENCODE = 7;
    /** Texts that name the two above. */
    private static final byte BLOB_MODULE = 8;

    private static final byte BLOB_NAME = 9;
    private static final byte ENCODE_MODULE = 10;
    private static final byte ENCODE_NAME = 11;

    private final PickleInput in = new PickleInput();
    private LongConsumer references = oid -> {};

    private byte[] kinds = new byte[64];
    private long[] values = new long[64];
    private int size;
    private int[] marks = new int[16];
    private int markCount;
    private byte[] memoKinds = new byte[64];
    private long[] memoValues = new long[64];
    private int memoSize;

    void start(byte[] data, LongConsumer referencesFound) {
        in.reset(data);
        references = referencesFound;
    }

    void checkEnd() throws OpaqueException {
        if (in.remaining() > 0) {
            throw in.problem(in.remaining() + " bytes follow the second pickle");
        }
    }

    /** Runs a pickle to its end and tells what kind of value it makes. */
    byte runPickle() throws OpaqueException {
        size = 0;
        markCount = 0;
        Arrays.fill(memoKinds, 0, memoSize, OTHER);
        memoSize = 0;
        while (true) {
            int operation = in.unsignedByte();
            if (operation == '.') {
                require(1);
                return kinds[size - 1];
            }
            run(operation);
        }
    }

    private void run(int operation) throws OpaqueException {
        switch (operation) {
            case '(' -> mark();
            case '0' -> pop();
            case '1' -> size = popMark();
            case '2' -> {
                require(1);
                push(kinds[size - 1], values[size - 1]);
            }
            case 'N', 0x88, 0x89 -> push(OTHER);
            // Numbers.
            case 'I', 'L', 'F' -> {
                in.line();
                push(OTHER);
            }
            case 'K' -> skipAndPush(1);
            case 'M' -> skipAndPush(2);
            case 'J' -> skipAndPush(4);
            case 'G' -> skipAndPush(8);
            case 0x8a -> skipAndPush(in.unsignedByte());
            case 0x8b -> skipAndPush(in.length4());
            // Strings.
            case 'S' -> pushQuoted();
            case 'V' -> pushEscapedText();
            case 'T' -> pushBytes(in.length4());
            case 'U', 'C' -> pushBytes(in.unsignedByte());
            case 'B' -> pushBytes(in.length4());
            case 0x8e -> pushBytes(in.length8());
            case 'X' -> pushText(in.length4());
            case 0x8c -> pushText(in.unsignedByte());
            case 0x8d -> pushText(in.length8());
            case 0x96 -> skipAndPush(in.length8());
            // Collections.
            case ')' -> push(OTHER);
            case 't' -> tuple(popMark());
            case 0x85 -> tupleOf(1);
            case 0x86 -> tupleOf(2);
            case 0x87 -> tupleOf(3);
            case ']' -> push(LIST);
            case 'l' -> {
                size = popMark();
                push(LIST);
            }
            case 'a' -> popOnto(1, 1);
            case 'e', 'u', 0x90 -> {
                size = popMark();
                require(1);
            }
            case '}', 0x8f -> push(OTHER);
            case 'd', 0x91 -> {
                size = popMark();
                push(OTHER);
            }
            case 's' -> popOnto(2, 1);
            // The memo.
            case 'p' -> put(in.decimalLine());
            case 'q' -> put(in.unsignedByte());
            case 'r' -> put(in.length4());
            case 0x94 -> put(memoSize);
            case 'g' -> get(in.decimalLine());
            case 'h' -> get(in.unsignedByte());
            case 'j' -> get(in.length4());
            default -> runObject(operation);
        }
    }

    private void runObject(int operation) throws OpaqueException {
        switch (operation) {
            case 'c' -> pushGlobal();
            case 0x93 -> stackGlobal();
            case 'i' -> {
                in.line();
                in.line();
                size = popMark();
                push(OTHER);
            }
            case 'o' -> {
                int base = popMark();
                if (size == base) {
                    throw in.problem("an object without a class");
                }
                size = base;
                push(OTHER);
            }
            case 'R' -> reduce();
            case 'b' -> popOnto(1, 1);
            case 0x81 -> replace(2);
            case 0x92 -> replace(3);
            case 0x82 -> skipAndPush(1);
            case 0x83 -> skipAndPush(2);
            case 0x84 -> skipAndPush(4);
            // References.
            case 'P' -> {
                int start = in.position();
                refer(bytesKind(start, in.line()), lastValue);
                push(OTHER);
            }
            case 'Q' -> {
                require(1);
                size--;
                refer(kinds[size], values[size]);
                push(OTHER);
            }
            case 0x80 -> {
                int protocol = in.unsignedByte();
                if (protocol > 5) {
                    throw in.problem("pickle protocol " + protocol);
                }
            }
            case 0x95 -> {
                in.length8();
            }
            case 0x98 -> require(1);
            default -> throw in.problem("no pickle operation has the code " + operation);
        }
    }

    private void refer(byte kind, long value) throws OpaqueException {
        switch (kind) {
            case BYTES, TUPLE_OF_BYTES -> references.accept(value);
            case TEXT, TUPLE_OF_TEXT -> {
                if ((value & 0x8080808080808080L) != 0) {
                    throw in.problem("a reference by text");
                }
                references.accept(value);
            }
            case LIST -> {
                // Weak, or into another database.
            }
            default -> throw in.problem("a reference of an unknown form");
        }
    }

    // Values.

    private long lastValue;

    private byte bytesKind(int start, int length) {
        lastValue = length == 8 ? in.longAt(start) : 0;
        return length == 8 ? BYTES : OTHER;
    }

    private void pushBytes(int length) throws OpaqueException {
        int start = in.skip(length);
        byte kind = bytesKind(start, length);
        if (kind == OTHER) {
            // Python 2 names modules and classes by byte strings.
            kind = nameKind(start, length);
        }
        push(kind, lastValue);
    }

    private void pushText(int length) throws OpaqueException {
        int start = in.skip(length);
        lastValue = 0;
        byte kind = nameKind(start, length);
        if (kind == OTHER && in.isLatinText(start, length, 8)) {
            kind = TEXT;
            lastValue = in.latinText();
        }
        push(kind, lastValue);
    }

    private void pushQuoted() throws OpaqueException {
        int start = in.position();
        int count = in.quotedBytes(start, in.line());
        push(count == 8 ? BYTES : OTHER, count == 8 ? in.latinText() : 0);
    }

    private void pushEscapedText() throws OpaqueException {
        int start = in.position();
        int length = in.line();
        byte kind = nameKind(start, length);
        if (kind != OTHER) {
            push(kind);
        } else {
            boolean eight = in.escapedText(start, length) == 8;
            push(eight ? TEXT : OTHER, eight ? in.latinText() : 0);
        }
    }

    private byte nameKind(int start, int length) {
        return switch (length) {
            case 9 -> in.matches(start, length, "ZODB.blob") ? BLOB_MODULE : OTHER;
            case 4 -> in.matches(start, length, "Blob") ? BLOB_NAME : OTHER;
            case 7 -> in.matches(start, length, "_codecs") ? ENCODE_MODULE : OTHER;
            case 6 -> in.matches(start, length, "encode") ? ENCODE_NAME : OTHER;
            default -> OTHER;
        };
    }

    private void pushGlobal() throws OpaqueException {
        int module = in.position();
        byte moduleKind = nameKind(module, in.line());
        int name = in.position();
        push(globalKind(moduleKind, nameKind(name, in.line())));
    }

    private void stackGlobal() throws OpaqueException {
        require(2);
        size -= 2;
        push(globalKind(kinds[size], kinds[size + 1]));
    }

    private static byte globalKind(byte module, byte name) {
        if (module == BLOB_MODULE && name == BLOB_NAME) {
            return BLOB_CLASS;
        }
        return module == ENCODE_MODULE && name == ENCODE_NAME ? ENCODE : OTHER;
    }

    private void reduce() throws OpaqueException {
        require(2);
        size -= 2;
        boolean bytes = kinds[size] == ENCODE && kinds[size + 1] == TUPLE_OF_TEXT;
        push(bytes ? BYTES : OTHER, bytes ? values[size + 1] : 0);
    }

    private void tuple(int base) throws OpaqueException {
        byte first = size > base ? kinds[base] : OTHER;
        long value = size > base ? values[base] : 0;
        size = base;
        push(first == BYTES ? TUPLE_OF_BYTES : first == TEXT ? TUPLE_OF_TEXT : OTHER, value);
    }

    private void tupleOf(int count) throws OpaqueException {
        require(count);
        tuple(size - count);
    }

    // The stack and the memo.

    private void skipAndPush(int bytes) throws OpaqueException {
        in.skip(bytes);
        push(OTHER);
    }

    private void push(byte kind) {
        push(kind, 0);
    }

    private void push(byte kind, long value) {
        if (size == kinds.length) {
            kinds = Arrays.copyOf(kinds, size * 2);
            values = Arrays.copyOf(values, size * 2);
        }
        kinds[size] = kind;
        values[size] = value;
        size++;
    }

    private void pop() throws OpaqueException {
        // A mark on top may be popped, too.
        if (markCount > 0 && marks[markCount - 1] == size) {
            markCount--;
        } else {
            require(1);
            size--;
        }
    }

    /** Pops what belongs to a value below, which stays. */
    private void popOnto(int count, int below) throws OpaqueException {
        require(count + below);
        size -= count;
    }

    private void replace(int count) throws OpaqueException {
        require(count);
        size -= count;
        push(OTHER);
    }

    private void mark() {
        if (markCount == marks.length) {
            marks = Arrays.copyOf(marks, markCount * 2);
        }
        marks[markCount++] = size;
    }

    /** Ends the topmost mark; the values above it lie between the answer and the size. */
    private int popMark() throws OpaqueException {
        if (markCount == 0) {
            throw in.problem("no mark on the stack");
        }
        return marks[--markCount];
    }

    private void require(int count) throws OpaqueException {
        int base = markCount == 0 ? 0 : marks[markCount - 1];
        if (size - base < count) {
            throw in.problem("too few values on the stack");
        }
    }

    private void put(int index) throws OpaqueException {
        require(1);
        if (index > in.length()) {
            throw in.problem("memo entry " + index);
        }
        if (index >= memoKinds.length) {
            int capacity = Math.max(index + 1, Math.min(in.length() + 1, memoKinds.length * 2));
            memoKinds = Arrays.copyOf(memoKinds, capacity);
            memoValues = Arrays.copyOf(memoValues, capacity);
        }
        memoKinds[index] = kinds[size - 1];
        memoValues[index] = values[size - 1];
        memoSize = Math.max(memoSize, index + 1);
    }

    private void get(int index) throws OpaqueException {
        if (index >= memoSize) {
            throw in.problem("memo entry " + index + " was never made");
        }
        push(memoKinds[index], memoValues[index]);
    }
}
