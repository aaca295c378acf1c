package org.zeoraid.zeo.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.MalformedMessageException;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.codec.Tuple;
import org.zeoraid.zeo.server.ServerOptions.Encoding;

/** What a client may send to a server that runs, from any bytes in its frames to any arguments of its methods. */
class DispatcherFuzzTest {

    private static final List<Logger> LOGGERS =
            List.of(Logger.getLogger("org.zeoraid.zeo"), Logger.getLogger("io.netty"));

    private static final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private static final Handler handler = new Errors();
    private static Served served;
    private static Peer witness;
    private static Path folder;

    @BeforeAll
    static void serve() throws IOException {
        LOGGERS.forEach(logger -> logger.addHandler(handler));
        folder = Files.createTempDirectory("fuzz");
        served = new Served(folder, options -> options.encoding(Encoding.PICKLE)
                .limits(LimitsTest.transactions(Limits.DEFAULT, 1 << 20, 1000)));
        witness = Peer.connect(served.address, 'Z').shakeHands();
        witness.call("register", "1", false);
        witness.commit(0, Tid.NONE, new byte[] {1});
    }

    @AfterAll
    static void stop() throws IOException {
        witness.close();
        served.close();
        LOGGERS.forEach(logger -> logger.removeHandler(handler));
    }

    /** A whole connection's bytes, in pieces of any size, to the end. */
    @FuzzTest(maxDuration = "2m")
    void frames(byte[] bytes) {
        FrameReader frames = new FrameReader(1 << 16, new Memory(1 << 20));
        int piece = bytes.length == 0 ? 1 : 1 + (bytes[0] & 0x1F);
        try {
            for (int start = 0; start < bytes.length; start += piece) {
                ByteBuf input =
                        Unpooled.wrappedBuffer(Arrays.copyOfRange(bytes, start, Math.min(bytes.length, start + piece)));
                while (frames.next(input) != null) {
                    // The next one.
                }
            }
        } catch (MalformedMessageException expected) {
            // Refused.
        } finally {
            frames.close();
        }
    }

    /** The messages of a client that has registered, each behind two bytes of length; others are served as before. */
    @FuzzTest(maxDuration = "2m")
    void conversations(byte[] bytes) throws IOException {
        InetSocketAddress address = (InetSocketAddress) served.address;
        try (Peer peer = Peer.connect(address, 'Z').shakeHands()) {
            peer.call("register", "1", false);
            ByteBuffer input = ByteBuffer.wrap(bytes);
            while (input.remaining() >= 2) {
                byte[] message = new byte[Math.min(input.getShort() & 0x7FFF, input.remaining())];
                input.get(message);
                peer.sendBytes(message);
            }
            peer.end();
        } catch (IOException expected) {
            // It was disconnected.
        }
        witness.call("ping");
        witness.load(0);
        assertThat(errors).isEmpty();
    }

    /** Errors of the program: those that the server reports, and those that it did not catch. */
    private static final class Errors extends Handler {
        @Override
        public void publish(LogRecord line) {
            if (line.getLevel().intValue() >= Level.SEVERE.intValue()
                    || line.getLoggerName().startsWith("io.netty") && line.getThrown() != null) {
                errors.add(line.getMessage() + ": " + line.getThrown());
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    /** One method with any arguments: a reply, an error in Python's terms, or the end of the connection. */
    @FuzzTest(maxDuration = "2m")
    void arguments(byte[] bytes) {
        Object values;
        try {
            values = Codec.byLetter('M').decodeRequest(bytes, 1000).arguments();
        } catch (MalformedMessageException e) {
            return;
        }
        for (String name : List.of("tpc_begin", "storea", "restorea", "undoa", "storeBlobEnd", "history", "undoInfo")) {
            Arguments arguments;
            try {
                arguments = new Arguments(name, values);
                for (int i = 0; i < arguments.count(); i++) {
                    read(arguments, i);
                }
            } catch (PythonException expected) {
                Codec.byLetter('M')
                        .encode(Message.error(1L, expected.className(), Tuple.of(String.valueOf(expected.details()))));
            }
        }
    }

    private static void read(Arguments arguments, int index) {
        for (Runnable reading : List.<Runnable>of(
                () -> arguments.oid(index),
                () -> arguments.tidOr(index, Tid.MAX),
                () -> arguments.bytesOrText(index),
                () -> arguments.text(index),
                () -> arguments.number(index),
                () -> Reading.moment(arguments.real(index)),
                () -> arguments.truthOr(index, true),
                () -> arguments.numbers(index),
                () -> Python.fromUndoId(arguments.bytesOrText(index)),
                () -> Python.meta(arguments.bytesOrText(index), new byte[0], arguments.mapOrNone(index)))) {
            try {
                reading.run();
            } catch (PythonException expected) {
                // Refused.
            }
        }
    }
}
