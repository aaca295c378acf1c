package org.zeoraid.zeo.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.Message;

/** When a server counts as gone. */
class ServerChannelTest implements ServerChannel.Calls {

    private static final Duration SILENCE = Duration.ofSeconds(10);

    private long now;
    private final ServerChannel connection = new ServerChannel("there", this, SILENCE, () -> now);
    private final EmbeddedChannel wire = new EmbeddedChannel();
    private StorageException ended;

    @BeforeEach
    void connect() {
        wire.freezeTime();
        wire.pipeline()
                .addLast(connection.ear())
                .addLast(new LengthFieldBasedFrameDecoder(1 << 29, 0, 4, 0, 4))
                .addLast(connection);
        arrive("M5".getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void called(String method, List<?> arguments) {
        throw new AssertionError("nothing is called");
    }

    @Override
    public void ended(StorageException reason) {
        ended = reason;
    }

    private void arrive(byte[] message) {
        wire.writeInbound(Unpooled.buffer().writeInt(message.length).writeBytes(message));
    }

    private void pass(Duration time) {
        now += time.toNanos();
        wire.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        wire.runScheduledPendingTasks();
    }

    private void passInSeconds(int seconds) {
        for (int i = 0; i < seconds; i++) {
            pass(Duration.ofSeconds(1));
        }
    }

    @Test
    void aServerThatIsSilentForTooLongIsGivenUpInTheSameWordsEveryTime() {
        passInSeconds(9);
        assertThat(ended).isNull();

        passInSeconds(5);

        assertThat(ended)
                .isInstanceOf(StorageUnavailableException.class)
                .hasMessage("there has been silent for more than 10000 ms; the connection is given up");
    }

    @Test
    void aLargeMessageThatComesSlowlyIsNoSilence() {
        byte[] large = Codec.byLetter('M').encode(Message.request(-1L, "x", (Object) new byte[40_000]));
        wire.writeInbound(Unpooled.buffer().writeInt(large.length));
        for (int at = 0; at < 40_000; at += 1_000) {
            passInSeconds(1);
            wire.writeInbound(Unpooled.wrappedBuffer(large, at, 1_000));
        }

        assertThat(ended).isNull();
    }

    @Test
    void aStandstillOfThisProcessBlamesNoServer() {
        passInSeconds(2);

        pass(Duration.ofMinutes(5));
        assertThat(ended).isNull();
        passInSeconds(9);
        assertThat(ended).isNull();

        passInSeconds(5);
        assertThat(ended).isNotNull();
    }

    @Test
    void aServerThatSaysOverTlsThatItLeavesIsGone() {
        wire.pipeline().fireUserEventTriggered(SslCloseCompletionEvent.SUCCESS);

        assertThat(ended).isInstanceOf(StorageUnavailableException.class).hasMessage("there closed the connection");
        assertThat(wire.isOpen()).isFalse();
    }

    @Test
    void oneThatNeverCameToBeCanBeClosed() {
        ServerChannel never = new ServerChannel("nowhere", this, SILENCE, () -> now);

        never.close(new StorageUnavailableException("too many open files"));

        assertThat(never.hasEnded()).isTrue();
    }
}
