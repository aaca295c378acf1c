package org.zeoraid.benchmark;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.Message;

/**
 * A client's connection as thin as can be, so that a server is measured and not its client: what is sent waits for
 * {@link #flush}, what comes is read by whoever asks for it. One thread at a time.
 */
final class ZeoConnection implements AutoCloseable {

    private static final int BUFFER = 64 << 10;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final Codec codec;
    private final boolean startedEmpty;
    private final byte[] toSend = new byte[BUFFER];
    private int sendable;
    private byte[] received = new byte[BUFFER];
    private int position;
    private int limit;
    private long ids;

    /** Shakes hands and registers for writing, as Python's client does. */
    ZeoConnection(ZeoTarget target) {
        try {
            socket = new Socket(
                    target.address().getHostString(), target.address().getPort());
            socket.setTcpNoDelay(true);
            in = socket.getInputStream();
            out = socket.getOutputStream();
            byte[] greeting = frame();
            codec = Codec.byLetter((char) greeting[0]);
            send(ByteBuffer.allocate(Integer.BYTES + greeting.length)
                    .putInt(greeting.length)
                    .put(greeting)
                    .flip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        startedEmpty = Arrays.equals((byte[]) call("register", target.storage(), false), new byte[Long.BYTES]);
        call("get_info");
        call("set_client_label", "benchmark");
    }

    /** Whether the storage had no transaction when this registered. */
    boolean startedEmpty() {
        return startedEmpty;
    }

    void send(Message message) {
        send(codec.frame(message));
    }

    void oneWay(String method, @Nullable Object... arguments) {
        send(Message.oneWay(method, arguments));
    }

    private void send(ByteBuffer frame) {
        try {
            int size = frame.remaining();
            if (size > toSend.length - sendable) {
                flush();
            }
            if (size > toSend.length) {
                out.write(frame.array(), frame.arrayOffset() + frame.position(), size);
            } else {
                frame.get(toSend, sendable, size);
                sendable += size;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void flush() {
        if (sendable > 0) {
            try {
                out.write(toSend, 0, sendable);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            sendable = 0;
        }
    }

    /** Whether the next message would have to be waited for. */
    boolean isDrained() {
        return position == limit;
    }

    /** The next message, whatever it is. */
    Message receive() {
        try {
            return codec.decode(frame());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next reply, which must be a result; what the server has to tell before it is passed over. */
    Message reply() {
        while (true) {
            Message message = receive();
            if (message.isReply()) {
                return result(message);
            }
        }
    }

    static Message result(Message reply) {
        if (reply.flag() != 0) {
            throw new IllegalStateException("the server answered " + reply.arguments());
        }
        return reply;
    }

    /** Sends a request and gives its id; flushes. */
    Object request(String method, @Nullable Object... arguments) {
        Long id = ++ids;
        send(Message.request(id, method, arguments));
        flush();
        return id;
    }

    @Nullable Object call(String method, @Nullable Object... arguments) {
        Object id = request(method, arguments);
        Message reply = reply();
        if (!id.equals(reply.id())) {
            throw new IllegalStateException("a reply to " + reply.id() + " and not to " + id);
        }
        return reply.arguments();
    }

    private byte[] frame() throws IOException {
        fill(Integer.BYTES);
        int length = ByteBuffer.wrap(received, position, Integer.BYTES).getInt();
        position += Integer.BYTES;
        fill(length);
        position += length;
        return Arrays.copyOfRange(received, position - length, position);
    }

    private void fill(int wanted) throws IOException {
        if (limit - position >= wanted) {
            return;
        }
        byte[] room = wanted > received.length ? new byte[wanted] : received;
        System.arraycopy(received, position, room, 0, limit - position);
        received = room;
        limit -= position;
        position = 0;
        while (limit < wanted) {
            int count = in.read(received, limit, received.length - limit);
            if (count < 0) {
                throw new EOFException("the server closed the connection");
            }
            limit += count;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
