package org.zeoraid.zeo.codec;

import java.math.BigInteger;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One message.
 *
 * @param id what the reply must carry: a number, or any hashable value of the client's
 * @param flag 0 a reply is wanted, 1 one-way; in a reply 0 is a result and 2 an error
 * @param method the name, {@link #REPLY} in a reply
 * @param arguments a list for a request, any value in a reply
 */
public record Message(
        @Nullable Object id,
        int flag,
        String method,
        @Nullable Object arguments) {

    /** What a value takes beside its content: an object, and a place in another one. */
    private static final long VALUE_BYTES = 32;

    /** The method name of replies. */
    public static final String REPLY = ".reply";

    /** The id of one-way messages, as ZEO sends it. */
    public static final Long ONE_WAY_ID = 0L;

    /** The id of keep-alives, which are never answered. */
    public static final Long KEEP_ALIVE_ID = -1L;

    public static Message request(Object id, String method, @Nullable Object... arguments) {
        return new Message(id, 0, method, Tuple.of(arguments));
    }

    public static Message oneWay(String method, @Nullable Object... arguments) {
        return new Message(ONE_WAY_ID, 1, method, Tuple.of(arguments));
    }

    public static Message result(@Nullable Object id, @Nullable Object value) {
        return new Message(id, 0, REPLY, value);
    }

    /** @param details the error's arguments, or its attributes by name */
    public static Message error(@Nullable Object id, String className, Object details) {
        return new Message(id, 2, REPLY, Tuple.of(className, details));
    }

    public boolean isReply() {
        return method.equals(REPLY);
    }

    public boolean isOneWay() {
        return !isReply() && flag == 1;
    }

    /** What is needed of a request to reply to it. */
    public Message withoutArguments() {
        return new Message(id, flag, method, Tuple.EMPTY);
    }

    /** Built from the four values that came off the wire. */
    static Message from(@Nullable Object decoded) {
        if (!(decoded instanceof List<?> parts) || parts.size() != 4) {
            throw new MalformedMessageException("a message is a tuple of four values");
        }
        Object flag = parts.get(1);
        int number;
        if (flag instanceof Boolean truth) {
            number = truth ? 1 : 0;
        } else if (flag instanceof Long value && value >= 0 && value <= 2) {
            number = value.intValue();
        } else {
            throw new MalformedMessageException("a message's flag is 0, 1 or 2");
        }
        if (!(parts.get(2) instanceof String method)) {
            throw new MalformedMessageException("a message's method is a text");
        }
        return new Message(parts.get(0), number, method, parts.get(3));
    }

    /** How many bytes it takes, roughly; the large things in it are data, also in the rows of what is sent in bulk. */
    int expectedSize() {
        return (int) Math.min(Integer.MAX_VALUE / 2, 128 + sizeOf(arguments, 3));
    }

    private static long sizeOf(@Nullable Object value, int depth) {
        if (value instanceof byte[] data) {
            return data.length + 8L;
        }
        long size = 16;
        if (depth > 0 && value instanceof List<?> items) {
            for (Object item : items) {
                size += sizeOf(item, depth - 1);
            }
        }
        return size;
    }

    /** About how many bytes of memory it takes with all that is in it, once it has been read. */
    public long weight() {
        return weightOf(id) + weightOf(arguments);
    }

    /** The same for a value that was read. */
    public static long weightOf(@Nullable Object value) {
        if (value instanceof byte[] data) {
            return VALUE_BYTES + data.length;
        }
        if (value instanceof String text) {
            return VALUE_BYTES + 2L * text.length();
        }
        if (value instanceof BigInteger number) {
            return VALUE_BYTES + number.bitLength() / Byte.SIZE;
        }
        long weight = VALUE_BYTES;
        if (value instanceof Collection<?> items) {
            for (Object item : items) {
                weight += weightOf(item);
            }
        } else if (value instanceof Map<?, ?> map) {
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                weight += VALUE_BYTES + weightOf(entry.getKey()) + weightOf(entry.getValue());
            }
        } else if (value instanceof PythonObject object) {
            weight += weightOf(object.arguments()) + weightOf(object.state());
        }
        return weight;
    }

    /** The four values to send. */
    Tuple parts() {
        Object flagValue = isReply() ? (Object) (long) flag : (Object) (flag == 1);
        return Tuple.of(id, flagValue, method, arguments);
    }
}
