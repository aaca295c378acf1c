package org.zeoraid.zeo.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.MalformedMessageException;
import org.zeoraid.zeo.codec.Message;

/**
 * A connection to a ZEO server: requests out, replies and the server's own calls in. Any number of requests may be under
 * way. When it ends, for whatever reason, everything under way fails, and so does everything later. What is not said to
 * be callable from any thread belongs to the event loop.
 */
final class ServerChannel extends SimpleChannelInboundHandler<ByteBuf> {

    /** What the server calls on a client; on the event loop. */
    interface Calls {

        void called(String method, List<?> arguments);

        void ended(StorageException reason);
    }

    /** How often, within the time a server may be silent, it is asked whether it is there. */
    private static final int PINGS = 4;

    private final String location;
    private final Calls calls;
    private final Duration silence;
    private final LongSupplier nanoTime;
    private final CompletableFuture<ServerChannel> ready = new CompletableFuture<>();
    private final Map<Object, CompletableFuture<@Nullable Object>> waiting = new HashMap<>();
    private final AtomicLong ids = new AtomicLong();
    private final Object writability = new Object();
    private volatile @Nullable ChannelHandlerContext context;
    private volatile @Nullable Codec codec;
    private volatile @Nullable StorageException ended;
    private @Nullable Future<?> watch;
    private long watched;
    private long heard;
    private boolean asked;
    private boolean flushing;

    /** @param silence how long the server may say nothing, also when it is asked whether it is there */
    ServerChannel(String location, Calls calls, Duration silence, LongSupplier nanoTime) {
        this.location = location;
        this.calls = calls;
        this.silence = silence;
        this.nanoTime = nanoTime;
    }

    /** Completes when the handshake is done. */
    CompletableFuture<ServerChannel> ready() {
        return ready;
    }

    String location() {
        return location;
    }

    /** What hears the server's bytes, to be put where they are not messages yet: a large one takes its time. */
    ChannelHandler ear() {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext channel, Object bytes) {
                heard = nanoTime.getAsLong();
                channel.fireChannelRead(bytes);
            }
        };
    }

    @Override
    public void handlerAdded(ChannelHandlerContext channel) {
        context = channel;
        heard = nanoTime.getAsLong();
        watched = heard;
        long period = period().toMillis();
        watch = channel.executor().scheduleAtFixedRate(this::watch, period, period, TimeUnit.MILLISECONDS);
        if (ended != null) {
            channel.close();
        }
    }

    private Duration period() {
        return Duration.ofMillis(Math.max(1, silence.toMillis() / PINGS));
    }

    @Override
    protected void channelRead0(ChannelHandlerContext channel, ByteBuf frame) {
        if (ended != null) {
            return;
        }
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes);
        Codec chosen = codec;
        if (chosen == null) {
            shakeHands(channel, new String(bytes, StandardCharsets.ISO_8859_1));
            return;
        }
        try {
            receive(chosen.decode(bytes));
        } catch (MalformedMessageException e) {
            end(new ProtocolException(location + " sent a message that cannot be read: " + e.getMessage(), e));
        } catch (StorageException e) {
            end(e);
        }
    }

    private void receive(Message message) {
        if (Message.KEEP_ALIVE_ID.equals(message.id())) {
            return;
        }
        if (message.isReply()) {
            settle(message);
        } else if (message.arguments() instanceof List<?> arguments) {
            calls.called(message.method(), arguments);
        }
    }

    private void shakeHands(ChannelHandlerContext channel, String greeting) {
        if (greeting.length() < 2
                || !"MZ".contains(greeting.substring(0, 1))
                || !greeting.substring(1).equals("5")) {
            end(new ProtocolException(location + " is no ZEO 5 server: it greets with '" + printable(greeting) + "'"));
            return;
        }
        codec = Codec.byLetter(greeting.charAt(0));
        byte[] bytes = greeting.getBytes(StandardCharsets.ISO_8859_1);
        channel.writeAndFlush(Unpooled.buffer().writeInt(bytes.length).writeBytes(bytes));
        ready.complete(this);
    }

    private static String printable(String text) {
        return (text.length() > 40 ? text.substring(0, 40) + "…" : text).replaceAll("[^\\x20-\\x7e…]", "?");
    }

    /** A server that has been silent is asked whether it is there, and given up if it stays so. */
    private void watch() {
        long now = nanoTime.getAsLong();
        if (now - watched > 2 * period().toNanos()) {
            // This process stood still: what the server said meanwhile has not been read yet.
            heard = now;
        }
        watched = now;
        long silent = now - heard;
        if (ended == null && silent > silence.toNanos()) {
            end(new StorageUnavailableException(location + " has been silent for more than " + silence.toMillis()
                    + " ms; the connection is given up"));
        } else if (ended == null && codec != null && !asked && silent > silence.toNanos() / PINGS / 2) {
            asked = true;
            call("ping").whenComplete((answer, failure) -> asked = false);
        }
    }

    private void settle(Message reply) {
        CompletableFuture<@Nullable Object> future = waiting.remove(reply.id());
        if (future == null) {
            throw new ProtocolException(location + " answered what was not asked");
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

    /** Calls a method and reads its answer. */
    <T> CompletableFuture<T> ask(String method, Function<@Nullable Object, T> reader, @Nullable Object... arguments) {
        return call(method, arguments).thenApply(reader);
    }

    /** Sends all messages of a batch in one go, behind what was sent before; from any thread. */
    void send(Batch batch) {
        if (executor().inEventLoop()) {
            write(batch);
            return;
        }
        try {
            executor().execute(() -> write(batch));
        } catch (RuntimeException stopped) {
            batch.fail(whyNot(stopped));
        }
    }

    /** Why the event loop takes nothing any more. */
    StorageException whyNot(RuntimeException stopped) {
        StorageException reason = ended;
        return reason == null
                ? new StorageUnavailableException(location + " is not connected any more", stopped)
                : reason;
    }

    private void write(Batch batch) {
        StorageException reason = ended;
        if (reason != null) {
            batch.fail(reason);
            return;
        }
        waiting.putAll(batch.answers);
        batch.sent = true;
        ByteBuf out = context().alloc().ioBuffer(batch.bytes);
        for (ByteBuffer message : batch.messages) {
            out.writeBytes(message);
        }
        context().write(out, context().voidPromise());
        if (!flushing) {
            // Behind what other threads have handed over meanwhile, so that all goes out together.
            flushing = true;
            executor().execute(this::flush);
        }
    }

    private void flush() {
        flushing = false;
        context().flush();
    }

    /** A server that says over TLS that it is leaving answers nothing any more, though the connection stands. */
    @Override
    public void userEventTriggered(ChannelHandlerContext channel, Object event) {
        if (event == SslCloseCompletionEvent.SUCCESS) {
            channelInactive(channel);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext channel) {
        end(new StorageUnavailableException(location + " closed the connection"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext channel, Throwable cause) {
        end(new StorageUnavailableException("the connection to " + location + " was lost: " + cause, cause));
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext channel) {
        synchronized (writability) {
            writability.notifyAll();
        }
    }

    private void end(StorageException reason) {
        if (ended != null) {
            return;
        }
        ended = reason;
        if (watch != null) {
            watch.cancel(false);
        }
        ready.completeExceptionally(reason);
        List<CompletableFuture<@Nullable Object>> open = List.copyOf(waiting.values());
        waiting.clear();
        calls.ended(reason);
        open.forEach(future -> future.completeExceptionally(reason));
        synchronized (writability) {
            writability.notifyAll();
        }
        context().close();
    }

    boolean hasEnded() {
        return ended != null;
    }

    /** Ends the connection, also one that never came to be; from any thread. */
    void close(StorageException reason) {
        if (context == null) {
            ended = reason;
        } else if (executor().inEventLoop()) {
            end(reason);
        } else if (!executor().isShutdown()) {
            executor().execute(() -> end(reason));
        }
    }

    /**
     * Waits until the socket has taken most of what was sent before, so that whoever sends much holds little of it in
     * memory; not on the event loop.
     *
     * @throws StorageException if the connection has ended
     */
    void awaitWritable() {
        executor().submit(() -> {}).awaitUninterruptibly();
        boolean interrupted = false;
        synchronized (writability) {
            while (ended == null && !context().channel().isWritable()) {
                try {
                    writability.wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        StorageException reason = ended;
        if (reason != null) {
            throw reason;
        }
    }

    /** The event loop. */
    EventExecutor executor() {
        return context().executor();
    }

    private ChannelHandlerContext context() {
        ChannelHandlerContext open = context;
        if (open == null) {
            throw new IllegalStateException("not connected yet");
        }
        return open;
    }

    /** Messages that go out in one write. Filled by one thread. */
    final class Batch {

        private final List<ByteBuffer> messages = new ArrayList<>();
        private final Map<Object, CompletableFuture<@Nullable Object>> answers = new HashMap<>();
        private int bytes;
        private volatile boolean sent;

        CompletableFuture<@Nullable Object> call(String method, @Nullable Object... arguments) {
            long id = ids.incrementAndGet();
            CompletableFuture<@Nullable Object> answer = new CompletableFuture<>();
            answers.put(id, answer);
            add(Message.request(id, method, arguments));
            return answer;
        }

        Batch oneWay(String method, @Nullable Object... arguments) {
            add(Message.oneWay(method, arguments));
            return this;
        }

        private void add(Message message) {
            Codec chosen = codec;
            if (chosen == null) {
                throw new IllegalStateException("no handshake yet");
            }
            ByteBuffer framed = chosen.frame(message);
            messages.add(framed);
            bytes += framed.remaining();
        }

        int bytes() {
            return bytes;
        }

        /** Whether any of it may have left this process; known once it has failed. */
        boolean isSent() {
            return sent;
        }

        private void fail(StorageException reason) {
            answers.values().forEach(answer -> answer.completeExceptionally(reason));
        }
    }
}
