package org.zeoraid.zeo.server;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.zeoraid.zeo.codec.MalformedMessageException;

/**
 * Puts the messages of one connection together: 4 bytes of length, big-endian, then that many bytes. Memory is taken as
 * the bytes come, not as the length claims. On the event loop.
 */
final class FrameReader implements AutoCloseable {

    /** What a connection may hold without it being counted. */
    private static final int FREE = 4 << 10;

    private static final byte[] NOTHING = {};

    private final Memory memory;
    private int limit;
    private int header;
    private int headerBytes;
    private boolean inMessage;
    private int length;
    private byte[] message = NOTHING;
    private int filled;
    private long counted;

    /** @param limit the longest message */
    FrameReader(int limit, Memory memory) {
        this.limit = limit;
        this.memory = memory;
    }

    /** From now on messages may be that long. */
    void limit(int bytes) {
        limit = bytes;
    }

    /** Whether a message has begun to come, and has not come whole. */
    boolean isUnfinished() {
        return inMessage || headerBytes > 0;
    }

    /**
     * The next message, if the input together with what came before completes one; all of the input is taken otherwise.
     *
     * @throws MalformedMessageException if it is too long, or the server holds too much
     */
    byte @Nullable [] next(ByteBuf input) {
        if (!inMessage && !begin(input)) {
            return null;
        }
        int more = Math.min(input.readableBytes(), length - filled);
        if (filled + more > message.length) {
            grow(filled + more);
        }
        input.readBytes(message, filled, more);
        filled += more;
        if (filled < length) {
            return null;
        }
        byte[] whole = message;
        close();
        return whole;
    }

    private boolean begin(ByteBuf input) {
        while (headerBytes < Integer.BYTES) {
            if (!input.isReadable()) {
                return false;
            }
            header = header << 8 | input.readUnsignedByte();
            headerBytes++;
        }
        if (header < 0 || header > limit) {
            throw new MalformedMessageException(
                    "a message of " + Integer.toUnsignedLong(header) + " bytes, more than the " + limit + " allowed");
        }
        inMessage = true;
        length = header;
        header = 0;
        headerBytes = 0;
        filled = 0;
        grow(Math.min(length, Math.max(FREE, input.readableBytes())));
        return true;
    }

    private void grow(int needed) {
        int room = (int) Math.min(length, Math.max(needed, message.length * 2L));
        long held = Math.max(0, room - FREE);
        // Small messages, which are nearly all, leave the common count alone.
        boolean fits = held == counted || memory.take(held - counted);
        counted = held;
        if (!fits) {
            throw new MalformedMessageException("all clients together have the server hold more than " + memory.most()
                    + " bytes; this one's message was growing to " + length);
        }
        message = Arrays.copyOf(message, room);
    }

    /** Forgets what is unfinished. */
    @Override
    public void close() {
        if (counted > 0) {
            memory.take(-counted);
            counted = 0;
        }
        inMessage = false;
        message = NOTHING;
        filled = 0;
    }
}
