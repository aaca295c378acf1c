package org.zeoraid.zeo.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;

/** A session that commits, cut off at every byte: nothing of it stays behind, and others go on. */
class CutTest {

    @TempDir
    Path folder;

    @Test
    void whereverAConnectionBreaksTheTransactionIsThereWholeOrNotAtAll() throws IOException {
        try (Served served = new Served(folder, options -> options);
                Peer witness = Peer.registered(served.address)) {
            int committed = 0;
            for (int cut = 0; cut <= session(0).length; cut++) {
                byte[] session = session(cut);
                InetSocketAddress address = (InetSocketAddress) served.address;
                try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
                    socket.setTcpNoDelay(true);
                    socket.getOutputStream().write(Arrays.copyOf(session, cut));
                    if (cut == session.length) {
                        awaitReply(new DataInputStream(socket.getInputStream()), 3);
                    }
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                }
                // The lock is free, whatever became of it.
                Message reply =
                        witness.reply(witness.request("loadBefore", Ids.bytes(new Oid(cut)), Ids.bytes(Tid.MAX)));
                committed += reply.flag() == 0 ? 1 : 0;
                Tid based = reply.flag() == 0
                        ? new Tid(Ids.number((byte[]) ((List<?>) reply.arguments()).get(1)))
                        : Tid.NONE;
                witness.commit(cut, based, new byte[] {9});
            }

            assertThat(committed).isEqualTo(1);
            await().untilAsserted(() -> {
                Map<?, ?> status = (Map<?, ?>) witness.call("server_status");
                assertThat(status.get("connections")).isEqualTo(1L);
                assertThat(status.get("active_txns")).isEqualTo(0L);
                assertThat(status.get("waiting")).isEqualTo(0L);
                assertThat(status.get("lock_time")).isNull();
            });
            await().untilAsserted(
                            () -> assertThat(files(folder.resolve("spool"))).isEmpty());
        }
    }

    /** Whoever ends the connection before the reply takes back what it asked for. */
    private static void awaitReply(DataInputStream in, long id) throws IOException {
        Message message = Message.oneWay("nothing");
        in.readFully(new byte[in.readInt()]);
        while (!message.isReply() || !message.id().equals(id)) {
            byte[] frame = new byte[in.readInt()];
            in.readFully(frame);
            message = Codec.byLetter('M').decode(frame);
            assertThat(message.flag()).isNotEqualTo(2);
        }
    }

    private static Stream<Path> files(Path folder) throws IOException {
        return Files.exists(folder) ? Files.list(folder) : Stream.empty();
    }

    /** What a client sends that commits an object and a blob without waiting for replies. */
    private static byte[] session(long oid) throws IOException {
        byte[] id = Ids.bytes(new Oid(oid));
        byte[] none = Ids.bytes(Tid.NONE);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        frame(out, "M5".getBytes(StandardCharsets.US_ASCII));
        for (Message message : new Message[] {
            Message.request(1L, "register", "1", false),
            Message.oneWay("tpc_begin", 7L, new byte[0], new byte[0], null, null, " "),
            Message.oneWay("storea", id, none, new byte[] {1}, 7L),
            Message.oneWay("storeBlobStart"),
            Message.oneWay("storeBlobChunk", new byte[] {1, 2, 3}),
            Message.oneWay("storeBlobEnd", Ids.bytes(new Oid(1L << 40 | oid)), none, new byte[] {1}, 7L),
            Message.request(2L, "vote", 7L),
            Message.request(3L, "tpc_finish", 7L)
        }) {
            frame(out, Codec.byLetter('M').encode(message));
        }
        return out.toByteArray();
    }

    private static void frame(ByteArrayOutputStream out, byte[] message) {
        out.writeBytes(ByteBuffer.allocate(4).putInt(message.length).array());
        out.writeBytes(message);
    }
}
