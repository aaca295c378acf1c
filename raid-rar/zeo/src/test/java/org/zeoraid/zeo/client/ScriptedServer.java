package org.zeoraid.zeo.client;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.Message;

/** A server that answers one connection as a test wants it. */
final class ScriptedServer implements AutoCloseable {

    /** Messages that are sent as they are in place of an answer. */
    record Raw(List<byte[]> messages) {}

    private final ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final Codec codec;
    private final Function<Message, Object> answers;
    private final Thread thread = new Thread(this::serve, "scripted-server");
    private volatile DataOutputStream out;

    /** @param answers a value, a whole message, or {@link Raw} ones, to each request that wants a reply; also told of the others */
    ScriptedServer(char encoding, Function<Message, Object> answers) throws IOException {
        this.codec = Codec.byLetter(encoding);
        this.answers = answers;
        thread.start();
    }

    SocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), listening.getLocalPort());
    }

    private void serve() {
        try (Socket client = listening.accept()) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            out = new DataOutputStream(client.getOutputStream());
            byte[] greeting = (codec.letter() + "5").getBytes(StandardCharsets.US_ASCII);
            send(greeting);
            in.readFully(new byte[in.readInt()]);
            while (true) {
                byte[] bytes = new byte[in.readInt()];
                in.readFully(bytes);
                Message request = codec.decode(bytes);
                Object answer = answers.apply(request);
                if (answer instanceof Raw raw) {
                    for (byte[] message : raw.messages()) {
                        send(message);
                    }
                } else if (!request.isOneWay()) {
                    Message reply = answer instanceof Message whole
                            ? new Message(request.id(), whole.flag(), Message.REPLY, whole.arguments())
                            : Message.result(request.id(), answer);
                    send(codec.encode(reply));
                }
            }
        } catch (EOFException | SocketException e) {
            // The client has closed.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends what nobody asked for; what is sent within an answer comes before it. */
    void tell(Message message) {
        try {
            send(codec.encode(message));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void send(byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
        out.flush();
    }

    @Override
    public void close() throws Exception {
        listening.close();
        thread.join(10_000);
    }
}
