package org.zeoraid.raidctl.call;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Timer;
import java.util.TimerTask;
import org.zeoraid.raidctl.Refusal;

/**
 * A connection that carries sized messages, and is cut when an answer takes too long. One thread at a time; a thread of its
 * own sends keep-alives meanwhile.
 */
final class Line implements AutoCloseable {

    private static final int LARGEST = 64 << 20;

    private final String title;
    private final SocketChannel channel;
    private final DataInputStream in;
    private final Timer watch = new Timer("raidctl-deadline", true);
    private final Timer life = new Timer("raidctl-keep-alive", true);
    private volatile boolean late;

    private Line(String title, SocketChannel channel) {
        this.title = title;
        this.channel = channel;
        this.in = new DataInputStream(Channels.newInputStream(channel));
    }

    /** @throws Refusal if nobody answers there */
    static Line open(SocketAddress address, Duration deadline) {
        String title = address instanceof InetSocketAddress inet
                ? inet.getHostString() + ":" + inet.getPort()
                : address.toString();
        if (address instanceof InetSocketAddress inet && inet.isUnresolved()) {
            throw Refusal.unreachable("there is no host " + inet.getHostString(), new IOException("unknown host"));
        }
        try {
            SocketChannel channel = address instanceof UnixDomainSocketAddress
                    ? SocketChannel.open(StandardProtocolFamily.UNIX)
                    : SocketChannel.open();
            Line line = new Line(title, channel);
            line.within(deadline, () -> {
                channel.connect(address);
                return true;
            });
            return line;
        } catch (IOException e) {
            throw Refusal.unreachable("no connection to " + title + ": " + e.getMessage(), e);
        }
    }

    /** The next message. */
    byte[] receive(Duration deadline) {
        return within(deadline, () -> {
            int length = in.readInt();
            if (length < 0 || length > LARGEST) {
                throw new IOException(
                        "a message of " + Integer.toUnsignedLong(length) + " bytes: that is no ZEO server");
            }
            byte[] message = in.readNBytes(length);
            if (message.length < length) {
                throw new EOFException("the server closed the connection");
            }
            return message;
        });
    }

    void send(byte[] message, Duration deadline) {
        within(deadline, () -> {
            write(message);
            return true;
        });
    }

    /** Sends a message now and then until the connection ends: a server does not bear clients that say nothing for long. */
    void keepAlive(byte[] message, Duration period) {
        TimerTask sign = new TimerTask() {
            @Override
            public void run() {
                try {
                    write(message);
                } catch (IOException e) {
                    // Whoever waits for an answer is told.
                    life.cancel();
                }
            }
        };
        life.schedule(sign, period.toMillis(), period.toMillis());
    }

    private synchronized void write(byte[] message) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(Integer.BYTES + message.length)
                .putInt(message.length)
                .put(message)
                .flip();
        // A stream over the channel would not write while somebody reads.
        while (all.hasRemaining()) {
            channel.write(all);
        }
    }

    private interface Step<T> {
        T run() throws IOException;
    }

    private <T> T within(Duration deadline, Step<T> step) {
        TimerTask cut = new TimerTask() {
            @Override
            public void run() {
                late = true;
                close();
            }
        };
        watch.schedule(cut, Math.max(1, deadline.toMillis()));
        try {
            return step.run();
        } catch (EOFException e) {
            throw lost("the server closed the connection", e);
        } catch (IOException e) {
            throw lost(String.valueOf(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()), e);
        } finally {
            cut.cancel();
        }
    }

    private Refusal lost(String why, IOException cause) {
        return Refusal.unreachable(title + ": " + (late ? "no answer in time" : why), cause);
    }

    String title() {
        return title;
    }

    @Override
    public void close() {
        watch.cancel();
        life.cancel();
        try {
            channel.close();
        } catch (IOException e) {
            System.getLogger("org.zeoraid.raidctl")
                    .log(System.Logger.Level.DEBUG, "the connection to " + title + " did not close", e);
        }
    }
}
