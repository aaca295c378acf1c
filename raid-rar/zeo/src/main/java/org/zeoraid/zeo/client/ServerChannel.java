package org.zeoraid.zeo.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.MalformedMessageException;
import org.zeoraid.zeo.codec.Message;

/**
 * A connection to a ZEO server: requests out, replies and the server's own calls in. Any number of requests may be under
 * way. When it ends, for whatever reason, everything under way fails, and so does everything later.
 */
final class ServerChannel extends SimpleChannelInboundHandler<ByteBuf> {

    /** What the server calls on a client; on the event loop. */
    interface Calls {

        void called(String method, List<?> arguments);

        void ended(StorageException reason);
    }

    private static final int KEEP_ALIVE_SECONDS = 20;

    private final String location;
    private final Calls calls;
    private final CompletableFuture<ServerChannel> ready = new CompletableFuture<>();
    private final Map<Object, CompletableFuture<@Nullable Object>> waiting = new HashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private @Nullable ChannelHandlerContext context;
    private volatile @Nullable Codec codec;
    private @Nullable StorageException ended;

    ServerChannel(String location, Calls calls) {
        this.location = location;
        this.calls = calls;
    }

    /** Completes when the handshake is done. */
    CompletableFuture<ServerChannel> ready() {
        return ready;
    }

    @Override
    public void channelActive(ChannelHandlerContext channel) {
        context = channel;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext channel, ByteBuf frame) {
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes);
        Codec chosen = codec;
        if (chosen == null) {
            shakeHands(channel, new String(bytes, StandardCharsets.ISO_8859_1));
            return;
        }
        Message message;
        try {
            message = chosen.decode(bytes);
        } catch (MalformedMessageException e) {
            end(new ProtocolException(location + " sent a message that cannot be read: " + e.getMessage(), e));
            return;
        }
        if (message.isReply()) {
            settle(message);
        } else if (message.arguments() instanceof List<?> arguments) {
            calls.called(message.method(), arguments);
        }
    }

    private void shakeHands(ChannelHandlerContext channel, String greeting) {
        if (greeting.length() < 2 || !"MZ".contains(greeting.substring(0, 1)) || !greeting.endsWith("5")) {
            end(new ProtocolException(location + " is no ZEO 5 server: it greets with '" + greeting + "'"));
            return;
        }
        codec = Codec.byLetter(greeting.charAt(0));
        channel.writeAndFlush(Unpooled.copiedBuffer(greeting, StandardCharsets.ISO_8859_1));
        channel.executor()
                .scheduleAtFixedRate(this::keepAlive, KEEP_ALIVE_SECONDS, KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
        ready.complete(this);
    }

    private void keepAlive() {
        if (ended == null) {
            write(new Message(Message.KEEP_ALIVE_ID, 1, "keep-alive", List.of()));
            context().flush();
        }
    }

    private void settle(Message reply) {
        CompletableFuture<@Nullable Object> future = waiting.remove(reply.id());
        if (future == null) {
            end(new ProtocolException(location + " answered what was not asked: " + reply.id()));
        } else if (reply.flag() == 2) {
            future.completeExceptionally(RemoteException.from(reply.arguments()));
        } else {
            future.complete(reply.arguments());
        }
    }

    /**
     * Calls a method; from any thread.
     *
     * @return fails with a {@link RemoteException} if the server answers with an error, with a {@link StorageException}
     *     if the connection ends before
     */
    CompletableFuture<@Nullable Object> call(String method, @Nullable Object... arguments) {
        Batch batch = new Batch();
        CompletableFuture<@Nullable Object> answer = batch.call(method, arguments);
        send(batch);
        return answer;
    }

    /** Sends all messages of a batch in one go; from any thread. */
    void send(Batch batch) {
        context().executor().execute(() -> {
            if (ended != null) {
                batch.fail(ended);
                return;
            }
            waiting.putAll(batch.answers);
            batch.messages.forEach(this::write);
            context().flush();
        });
    }

    private void write(Message message) {
        Codec chosen = codec;
        if (chosen == null) {
            throw new IllegalStateException("no handshake yet");
        }
        context().write(Unpooled.wrappedBuffer(chosen.encode(message)));
    }

    @Override
    public void channelInactive(ChannelHandlerContext channel) {
        end(new StorageUnavailableException(location + " closed the connection"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext channel, Throwable cause) {
        end(new StorageUnavailableException("connection to " + location + " lost: " + cause, cause));
    }

    private void end(StorageException reason) {
        if (ended != null) {
            return;
        }
        ended = reason;
        ready.completeExceptionally(reason);
        List<CompletableFuture<@Nullable Object>> open = List.copyOf(waiting.values());
        waiting.clear();
        open.forEach(future -> future.completeExceptionally(reason));
        calls.ended(reason);
        context().close();
    }

    /** Ends the connection; from any thread. */
    void close(StorageException reason) {
        context().executor().execute(() -> end(reason));
    }

    /** Waits until what was sent before is on its way; not on the event loop. */
    void awaitWritable() {
        context().channel().eventLoop().submit(() -> {}).awaitUninterruptibly();
    }

    private ChannelHandlerContext context() {
        if (context == null) {
            throw new IllegalStateException("not connected yet");
        }
        return context;
    }

    /** Messages that go out in one write. */
    final class Batch {

        private final ArrayList<Message> messages = new ArrayList<>();
        private final Map<Object, CompletableFuture<@Nullable Object>> answers = new HashMap<>();

        CompletableFuture<@Nullable Object> call(String method, @Nullable Object... arguments) {
            long id = ids.incrementAndGet();
            CompletableFuture<@Nullable Object> answer = new CompletableFuture<>();
            answers.put(id, answer);
            messages.add(Message.request(id, method, arguments));
            return answer;
        }

        Batch oneWay(String method, @Nullable Object... arguments) {
            messages.add(Message.oneWay(method, arguments));
            return this;
        }

        private void fail(StorageException reason) {
            answers.values().forEach(answer -> answer.completeExceptionally(reason));
        }
    }
}
