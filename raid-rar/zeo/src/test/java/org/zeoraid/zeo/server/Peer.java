package org.zeoraid.zeo.server;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;

/** A client that sends what it is told to, right or wrong. */
final class Peer implements AutoCloseable {

    private final AutoCloseable socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final Codec codec;
    private final Deque<Message> calls = new ArrayDeque<>();
    private long ids;

    private Peer(AutoCloseable socket, InputStream in, OutputStream out, Codec codec) {
        this.socket = socket;
        this.in = new DataInputStream(in);
        this.out = out;
        this.codec = codec;
    }

    static Peer connect(SocketAddress address, char letter) throws IOException {
        if (address instanceof UnixDomainSocketAddress) {
            SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(address);
            return new Peer(
                    channel,
                    Channels.newInputStream(channel),
                    Channels.newOutputStream(channel),
                    Codec.byLetter(letter));
        }
        InetSocketAddress inet = (InetSocketAddress) address;
        return over(new Socket(inet.getAddress(), inet.getPort()), letter);
    }

    static Peer over(Socket socket, char letter) throws IOException {
        socket.setTcpNoDelay(true);
        // Long enough for a machine that has much else to do.
        socket.setSoTimeout(60_000);
        return new Peer(socket, socket.getInputStream(), socket.getOutputStream(), Codec.byLetter(letter));
    }

    /** A client that has shaken hands and registered. */
    static Peer registered(SocketAddress address) throws IOException {
        Peer peer = connect(address, 'M').shakeHands();
        peer.call("register", "1", false);
        return peer;
    }

    Peer shakeHands() throws IOException {
        byte[] greeting = receiveBytes();
        if (greeting.length != 2 || greeting[0] != codec.letter()) {
            throw new IOException("greeted with " + new String(greeting, StandardCharsets.ISO_8859_1));
        }
        sendBytes(greeting);
        return this;
    }

    void sendBytes(byte[] message) throws IOException {
        write(ByteBuffer.allocate(4 + message.length)
                .putInt(message.length)
                .put(message)
                .array());
    }

    /** Raw, without a length. */
    void write(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    byte[] receiveBytes() throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return bytes;
    }

    /** The next message, whatever it is. */
    Message receive() throws IOException {
        return codec.decode(receiveBytes());
    }

    void send(Message message) throws IOException {
        sendBytes(codec.encode(message));
    }

    long request(String method, Object... arguments) throws IOException {
        send(Message.request(++ids, method, arguments));
        return ids;
    }

    void oneWay(String method, Object... arguments) throws IOException {
        send(Message.oneWay(method, arguments));
    }

    /** The reply to a request; the server's own calls before it are kept. */
    Message reply(long id) throws IOException {
        while (true) {
            Message message = receive();
            if (message.isReply()) {
                if (!message.id().equals(id)) {
                    throw new IOException("a reply to " + message.id() + " and not to " + id);
                }
                return message;
            }
            calls.add(message);
        }
    }

    /** The reply to a request, behind replies to others. */
    Message replies(long id) throws IOException {
        while (true) {
            Message message = receive();
            if (message.isReply() && message.id().equals(id)) {
                return message;
            }
        }
    }

    /** Calls a method; an error of the server is one of the test. */
    Object call(String method, Object... arguments) throws IOException {
        Message reply = reply(request(method, arguments));
        if (reply.flag() != 0) {
            throw new IOException(method + ": " + reply.arguments());
        }
        return reply.arguments();
    }

    /** The error that a method ends with: its class and what it says. */
    List<?> error(String method, Object... arguments) throws IOException {
        Message reply = reply(request(method, arguments));
        if (reply.flag() != 2) {
            throw new IOException(method + " succeeded: " + reply.arguments());
        }
        return (List<?>) reply.arguments();
    }

    /** The server's next own call. */
    Message called() throws IOException {
        return calls.isEmpty() ? receive() : calls.remove();
    }

    /** Commits one object. */
    Tid commit(long oid, Tid based, byte[] data) throws IOException {
        begin(oid, based, data);
        call("vote", 7L);
        return new Tid(Ids.number((byte[]) call("tpc_finish", 7L)));
    }

    void begin(long oid, Tid based, byte[] data) throws IOException {
        oneWay("tpc_begin", 7L, new byte[0], new byte[0], null, null, " ");
        oneWay("storea", Ids.bytes(new Oid(oid)), Ids.bytes(based), data, 7L);
    }

    List<?> load(long oid) throws IOException {
        return (List<?>) call("loadBefore", Ids.bytes(new Oid(oid)), Ids.bytes(Tid.MAX));
    }

    /** Whether the server ends the connection for what is sent, before it is sent whole or after; waits for it. */
    boolean isDisconnectedFor(byte[] bytes) throws IOException {
        try {
            write(bytes);
        } catch (SocketException e) {
            return true;
        }
        return isDisconnected();
    }

    /** Whether the server has ended the connection; waits for it. */
    boolean isDisconnected() throws IOException {
        try {
            while (true) {
                receiveBytes();
            }
        } catch (EOFException | SocketException e) {
            return true;
        }
    }

    /** Sends nothing more, and waits until the server has seen to all that was sent and has ended the connection. */
    void end() throws IOException {
        ((Socket) socket).shutdownOutput();
        isDisconnected();
    }

    @Override
    public void close() throws IOException {
        try {
            socket.close();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
