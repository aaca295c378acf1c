package org.zeoraid.zeo.codec;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes plain values as the pickles that Python's file storage keeps: protocol 3, with a memo. A transaction's extension
 * data goes over the wire as a dictionary; pickled like this it is, byte for byte, what a Python server would have
 * written, so that members agree however it came to them.
 */
public final class StoredPickle {

    /** How many elements Python writes between a mark and its end. */
    private static final int BATCH = 1000;

    private final Output output = new Output(256);
    private int remembered;

    private StoredPickle() {}

    /** @throws MalformedMessageException if the value has parts that are not plain */
    public static byte[] of(Map<?, ?> value) {
        if (hasObjects(value)) {
            return PickleWriter.pickle(value);
        }
        StoredPickle pickle = new StoredPickle();
        pickle.output.put(0x80).put(3);
        pickle.value(value, 0);
        pickle.output.put('.');
        return pickle.output.toArray();
    }

    /** What only Python knows is written as it came, which the other writer does. */
    private static boolean hasObjects(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .anyMatch(entry -> hasObjects(entry.getKey()) || hasObjects(entry.getValue()));
        }
        return value instanceof List<?> list
                ? list.stream().anyMatch(StoredPickle::hasObjects)
                : value instanceof PythonObject;
    }

    private void value(@Nullable Object value, int depth) {
        if (depth > Codec.MAX_DEPTH) {
            throw new MalformedMessageException("nested deeper than " + Codec.MAX_DEPTH);
        }
        if (value instanceof String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            output.put('X').littleEndian(bytes.length, 4).put(bytes);
            remember();
        } else if (value instanceof Tuple tuple) {
            tuple(tuple, depth);
        } else if (value instanceof List<?> list) {
            output.put(']');
            remember();
            batches(list.iterator(), list.size(), 'a', 'e', item -> value(item, depth + 1));
        } else if (value instanceof Map<?, ?> map) {
            output.put('}');
            remember();
            batches(map.entrySet().iterator(), map.size(), 's', 'u', entry -> {
                value(entry.getKey(), depth + 1);
                value(entry.getValue(), depth + 1);
            });
        } else {
            PickleWriter.writePlain(output, value);
            if (value instanceof byte[]) {
                remember();
            }
        }
    }

    private void tuple(Tuple tuple, int depth) {
        if (tuple.isEmpty()) {
            output.put(')');
            return;
        }
        if (tuple.size() > 3) {
            output.put('(');
        }
        tuple.forEach(item -> value(item, depth + 1));
        output.put(tuple.size() > 3 ? 't' : 0x84 + tuple.size());
        remember();
    }

    /** What is done with an element. */
    private interface Writing<T> {
        void write(T element);
    }

    private <T> void batches(Iterator<? extends T> elements, int count, int one, int many, Writing<T> writing) {
        if (count == 1) {
            writing.write(elements.next());
            output.put(one);
            return;
        }
        while (elements.hasNext()) {
            output.put('(');
            for (int i = 0; i < BATCH && elements.hasNext(); i++) {
                writing.write(elements.next());
            }
            output.put(many);
        }
    }

    private void remember() {
        if (remembered < 256) {
            output.put('q').put(remembered);
        } else {
            output.put('r').littleEndian(remembered, 4);
        }
        remembered++;
    }
}
