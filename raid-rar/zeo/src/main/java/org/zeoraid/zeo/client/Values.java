package org.zeoraid.zeo.client;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.zeo.codec.MalformedMessageException;
import org.zeoraid.zeo.codec.PickleReader;
import org.zeoraid.zeo.codec.StoredPickle;

/** What a server answers, read as what it should be; anything else is a {@link ProtocolException}. */
final class Values {

    private static final byte[] NOTHING = {};

    private Values() {}

    static Tid tid(@Nullable Object value) {
        return new Tid(eight(value));
    }

    static Oid oid(@Nullable Object value) {
        return new Oid(eight(value));
    }

    private static long eight(@Nullable Object value) {
        if (value instanceof byte[] bytes && bytes.length == Long.BYTES) {
            return ByteBuffer.wrap(bytes).getLong();
        }
        throw unexpected("8 bytes", value);
    }

    static byte[] data(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            return bytes;
        }
        if (value instanceof String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        throw unexpected("bytes", value);
    }

    static long number(@Nullable Object value) {
        if (value instanceof Long number) {
            return number;
        }
        throw unexpected("a number", value);
    }

    static List<?> row(@Nullable Object value, int size) {
        if (value instanceof List<?> list && list.size() >= size) {
            return list;
        }
        throw unexpected("a row of " + size, value);
    }

    static List<?> list(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        throw unexpected("a sequence", value);
    }

    static Map<?, ?> map(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw unexpected("a dictionary", value);
    }

    static TransactionMeta meta(@Nullable Object user, @Nullable Object description, @Nullable Object extension) {
        Map<?, ?> entries = extension == null ? Map.of() : map(extension);
        return new TransactionMeta(
                data(user), data(description), entries.isEmpty() ? NOTHING : StoredPickle.of(entries));
    }

    /** Extension data as the dictionary to send. */
    static Map<?, ?> extension(TransactionMeta meta) {
        if (meta.extension().length == 0) {
            return Map.of();
        }
        try {
            return map(PickleReader.unpickle(meta.extension()));
        } catch (MalformedMessageException e) {
            throw new ProtocolException("a transaction's extension data cannot be sent: " + e.getMessage(), e);
        }
    }

    private static ProtocolException unexpected(String expected, @Nullable Object value) {
        return new ProtocolException("the server answered with "
                + (value == null ? "None" : "a " + value.getClass().getSimpleName()) + " where " + expected
                + " was expected");
    }
}
