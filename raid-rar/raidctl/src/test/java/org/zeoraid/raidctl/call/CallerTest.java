package org.zeoraid.raidctl.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.zeoraid.raidctl.Refusal;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.Message;

/** A server that answers only those who show that they are still there. */
@Timeout(60)
class CallerTest {

    private static final Codec CODEC = Codec.byLetter('M');
    private static final int SIGNS = 3;

    private ServerSocket listening;
    private Thread thread;
    private volatile boolean leaves;

    @BeforeEach
    void listen() throws IOException {
        listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        thread = new Thread(this::serve, "test-server");
        thread.start();
    }

    @AfterEach
    void close() throws Exception {
        listening.close();
        thread.join();
    }

    private void serve() {
        try (Socket client = listening.accept()) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            send(out, "M5".getBytes(StandardCharsets.US_ASCII));
            in.readFully(new byte[in.readInt()]);
            Message registration = receive(in);
            if (leaves) {
                return;
            }
            send(out, CODEC.encode(Message.result(registration.id(), null)));
            Message request = receive(in);
            for (int sign = 0; sign < SIGNS; sign++) {
                assertThat(receive(in).id()).isEqualTo(Message.KEEP_ALIVE_ID);
            }
            send(out, CODEC.encode(Message.result(request.id(), "packed at last")));
            while (in.read() >= 0) {
                // Until the client goes.
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Message receive(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return CODEC.decode(bytes);
    }

    private static void send(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
        out.flush();
    }

    @Test
    void aServerThatHangsUpWhenItIsAskedForAnArrayMayBePythons() {
        leaves = true;
        SocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), listening.getLocalPort());

        assertThatThrownBy(() -> Caller.register(address, "main", Duration.ofSeconds(30)))
                .isInstanceOf(Refusal.class)
                .hasMessageEndingWith(
                        ": the server closed the connection, as one of Python's does: only ours has arrays");
    }

    @Test
    void whoeverWaitsForLongShowsThatItIsThere() {
        SocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), listening.getLocalPort());
        try (Caller caller = Caller.register(address, "main", Duration.ofSeconds(30), Duration.ofMillis(5))) {
            assertThat(caller.askPatiently("raid_pack")).isEqualTo("packed at last");
        }
    }
}
