package org.zeoraid.zeo.codec;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessagePacker;
import org.msgpack.core.MessageUnpacker;

/** msgpack, encoding {@code M}: bytes are {@code bin}, text is {@code str}, sequences are read as tuples. */
final class MsgpackCodec implements Codec {

    static final MsgpackCodec INSTANCE = new MsgpackCodec();

    private MsgpackCodec() {}

    @Override
    public char letter() {
        return 'M';
    }

    @Override
    public byte[] encode(Message message) {
        try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
            pack(packer, message.parts(), 0);
            return packer.toByteArray();
        } catch (IOException e) {
            throw new AssertionError("a buffer in memory does not fail", e);
        }
    }

    private static void pack(MessagePacker packer, @Nullable Object value, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new MalformedMessageException("nested deeper than " + MAX_DEPTH);
        }
        if (value == null) {
            packer.packNil();
        } else if (value instanceof byte[] bytes) {
            packer.packBinaryHeader(bytes.length).writePayload(bytes);
        } else if (value instanceof String text) {
            packer.packString(text);
        } else if (value instanceof Long number) {
            packer.packLong(number);
        } else if (value instanceof Integer number) {
            packer.packInt(number);
        } else if (value instanceof Boolean truth) {
            packer.packBoolean(truth);
        } else if (value instanceof Double number) {
            packer.packDouble(number);
        } else if (value instanceof BigInteger number) {
            packBig(packer, number);
        } else if (value instanceof List<?> list) {
            packer.packArrayHeader(list.size());
            for (Object item : list) {
                pack(packer, item, depth + 1);
            }
        } else if (value instanceof Map<?, ?> map) {
            packer.packMapHeader(map.size());
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                pack(packer, entry.getKey(), depth + 1);
                pack(packer, entry.getValue(), depth + 1);
            }
        } else {
            throw new MalformedMessageException(
                    "msgpack cannot carry a " + value.getClass().getSimpleName());
        }
    }

    private static void packBig(MessagePacker packer, BigInteger number) throws IOException {
        if (number.bitLength() > (number.signum() < 0 ? 63 : 64)) {
            throw new MalformedMessageException("msgpack has no numbers of more than 64 bits");
        }
        packer.packBigInteger(number);
    }

    @Override
    public Message decode(byte[] bytes) {
        try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(bytes)) {
            Object value = unpack(unpacker, bytes.length, 0);
            if (unpacker.getTotalReadBytes() != bytes.length) {
                throw new MalformedMessageException("bytes behind the message");
            }
            return Message.from(value);
        } catch (IOException | MessagePackException e) {
            throw new MalformedMessageException("not msgpack: " + e.getMessage(), e);
        }
    }

    private static @Nullable Object unpack(MessageUnpacker unpacker, int length, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new MalformedMessageException("nested deeper than " + MAX_DEPTH);
        }
        MessageFormat format = unpacker.getNextFormat();
        switch (format.getValueType()) {
            case NIL -> {
                unpacker.unpackNil();
                return null;
            }
            case BOOLEAN -> {
                return unpacker.unpackBoolean();
            }
            case INTEGER -> {
                return format == MessageFormat.UINT64 ? unsigned(unpacker) : (Object) unpacker.unpackLong();
            }
            case FLOAT -> {
                return unpacker.unpackDouble();
            }
            case STRING -> {
                // Taken as bytes and decoded by the platform: the library's decoder is for streams.
                return new String(payload(unpacker, unpacker.unpackRawStringHeader(), length), StandardCharsets.UTF_8);
            }
            case BINARY -> {
                return payload(unpacker, unpacker.unpackBinaryHeader(), length);
            }
            case ARRAY -> {
                int size = checked(unpacker, unpacker.unpackArrayHeader(), length, 1);
                Object[] items = new Object[size];
                for (int i = 0; i < size; i++) {
                    items[i] = unpack(unpacker, length, depth + 1);
                }
                return Tuple.of(items);
            }
            case MAP -> {
                int size = checked(unpacker, unpacker.unpackMapHeader(), length, 2);
                Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
                for (int i = 0; i < size; i++) {
                    Object key = unpack(unpacker, length, depth + 1);
                    map.put(key, unpack(unpacker, length, depth + 1));
                }
                return map;
            }
            default -> throw new MalformedMessageException("msgpack extension types are not used by ZEO");
        }
    }

    private static Object unsigned(MessageUnpacker unpacker) throws IOException {
        BigInteger number = unpacker.unpackBigInteger();
        return number.bitLength() < 64 ? (Object) number.longValue() : number;
    }

    private static byte[] payload(MessageUnpacker unpacker, int size, int length) throws IOException {
        return unpacker.readPayload(checked(unpacker, size, length, 1));
    }

    /** Each element takes at least a byte, so a count beyond the bytes that are left is a lie. */
    private static int checked(MessageUnpacker unpacker, int count, int length, int bytesEach) {
        long left = length - unpacker.getTotalReadBytes();
        if ((long) count * bytesEach > left) {
            throw new MalformedMessageException("a length of " + count + " with " + left + " bytes left");
        }
        return count;
    }
}
