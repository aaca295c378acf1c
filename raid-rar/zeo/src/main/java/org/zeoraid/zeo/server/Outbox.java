package org.zeoraid.zeo.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What goes out to one client. Small messages go out together. On the event loop. */
final class Outbox {

    /** What is not larger is copied to others, not sent by itself. */
    private static final int SMALL = 16 << 10;

    private static final int BATCH = 64 << 10;

    private final Connection connection;
    private final Limits limits;
    private final Memory memory;
    private @Nullable ChannelHandlerContext channel;
    private @Nullable ByteBuf batch;
    private long written;
    /** How much of what waits is counted with what all clients have the server hold. */
    private long counted;

    private boolean watching;
    private boolean closing;

    Outbox(Connection connection, Limits limits, Memory memory) {
        this.connection = connection;
        this.limits = limits;
        this.memory = memory;
    }

    void open(ChannelHandlerContext context) {
        channel = context;
    }

    /** Writes a message of bytes. */
    void raw(byte[] bytes) {
        frame(ByteBuffer.allocate(Integer.BYTES + bytes.length)
                .putInt(bytes.length)
                .put(bytes)
                .flip());
    }

    /** Writes bytes that begin with their length. */
    void frame(ByteBuffer frame) {
        if (closing || !context().channel().isActive()) {
            return;
        }
        if (waiting() > limits.bytes().queued()) {
            connection.close("it does not read: " + waiting() + " bytes wait for it");
            return;
        }
        int size = frame.remaining();
        written += size;
        ByteBuf open = batch;
        if (size > SMALL) {
            writeBatch();
            context().write(Unpooled.wrappedBuffer(frame), context().voidPromise());
            return;
        }
        if (open == null || open.writableBytes() < size) {
            writeBatch();
            open = context().alloc().ioBuffer(Math.max(size, 512), BATCH);
            batch = open;
        }
        open.ensureWritable(size).writeBytes(frame);
        if (open.readableBytes() > BATCH - SMALL) {
            writeBatch();
        }
    }

    private void writeBatch() {
        ByteBuf full = batch;
        if (full != null) {
            batch = null;
            context().write(full, context().voidPromise());
        }
    }

    void flush() {
        writeBatch();
        context().flush();
        count();
    }

    /** Nearly always nothing waits, and nothing did. */
    private void count() {
        long waiting = waiting();
        if (waiting == counted) {
            return;
        }
        boolean fits = memory.queue(waiting - counted);
        counted = waiting;
        if (!fits && waiting > connection.fairShare()) {
            connection.close(
                    "it does not read: " + waiting + " bytes wait for it, and too many for all clients together");
        } else if (waiting > 0 && !watching) {
            watching = true;
            context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(taken -> {
                watching = false;
                count();
            });
        }
    }

    /** From any thread. */
    boolean hasRoom() {
        return context().channel().isWritable();
    }

    /** Bytes that wait for the client to read. */
    long waiting() {
        var buffer = context().channel().unsafe().outboundBuffer();
        ByteBuf open = batch;
        return (buffer == null ? 0 : buffer.totalPendingWriteBytes()) + (open == null ? 0 : open.readableBytes());
    }

    /** Bytes that were ever taken by the client's machine, or by this one for it. */
    long taken() {
        return written - waiting();
    }

    /** Nothing more is written. */
    void closing() {
        closing = true;
    }

    boolean isClosing() {
        return closing;
    }

    void close() {
        closing = true;
        memory.queue(-counted);
        counted = 0;
        ByteBuf open = batch;
        if (open != null) {
            batch = null;
            open.release();
        }
    }

    private ChannelHandlerContext context() {
        if (channel == null) {
            throw new IllegalStateException("the connection is not open yet");
        }
        return channel;
    }
}
