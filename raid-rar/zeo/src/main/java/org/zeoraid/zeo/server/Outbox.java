package org.zeoraid.zeo.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.Message;

/**
 * What goes out to one client. What other threads have to tell waits in a queue, which is emptied before anything else
 * is written. Small messages go out together. On the event loop but {@link #tell}.
 */
final class Outbox {

    /** What is not larger is copied to others, not sent by itself. */
    private static final int SMALL = 16 << 10;

    private static final int BATCH = 64 << 10;

    /** The place of a client's own commit among those of others. */
    record Acknowledgement(Committing committing, Changes changes) {}

    private final Connection connection;
    private final Codec codec;
    private final Limits limits;
    private final Queue<Object> told = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean telling = new AtomicBoolean();
    private @Nullable ChannelHandlerContext channel;
    private @Nullable ByteBuf batch;
    private long written;
    private boolean closing;

    Outbox(Connection connection, Codec codec, Limits limits) {
        this.connection = connection;
        this.codec = codec;
        this.limits = limits;
    }

    void open(ChannelHandlerContext context) {
        channel = context;
    }

    /** Sends a message, what a transaction changed or an acknowledgement, ahead of all that is written from now on; from any thread. */
    void tell(Object what) {
        told.add(what);
        if (telling.compareAndSet(false, true)) {
            connection.onLoop(this::sendTold);
        }
    }

    void sendTold() {
        if (told.isEmpty() && !telling.get()) {
            return;
        }
        // Also where another call has sent it all: else nobody would come for what is told next.
        telling.set(false);
        Object next;
        while ((next = told.poll()) != null) {
            if (next instanceof Changes changes) {
                connection.sent(changes);
                frame(changes.frame(codec));
            } else if (next instanceof Acknowledgement own) {
                own.committing().acknowledge(own.changes());
            } else if (next instanceof Message message) {
                frame(codec.frame(message));
            }
        }
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
        if (waiting() > limits.queuedBytes()) {
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
    }

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
        told.clear();
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
