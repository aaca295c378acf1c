package org.zeoraid.zeo.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.StorageException;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.MalformedMessageException;
import org.zeoraid.zeo.codec.Message;

/**
 * One client's connection: handshake, registration, then requests in their order. All on its event loop but {@link
 * #tell}, {@link #close} and {@link #onLoop}.
 */
final class Connection extends SimpleChannelInboundHandler<ByteBuf> {

    private static final System.Logger LOG = System.getLogger("org.zeoraid.zeo");

    private enum Phase {
        HANDSHAKE,
        REGISTER,
        SERVE,
        CLOSED
    }

    private final ZeoServer server;
    private final Codec codec;
    private final Limits limits;
    private final Queue<Message> told = new ConcurrentLinkedQueue<>();
    private final Queue<Message> held = new ArrayDeque<>();
    private Phase phase = Phase.HANDSHAKE;
    private boolean holding;
    private int pending;
    private @Nullable Session session;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ScheduledFuture<?> registerTimer;
    private volatile String label = "";

    Connection(ZeoServer server, Codec codec, Limits limits) {
        this.server = server;
        this.codec = codec;
        this.limits = limits;
    }

    @Override
    public void channelActive(ChannelHandlerContext channel) {
        context = channel;
        label = String.valueOf(channel.channel().remoteAddress());
        if (!server.admit(this)) {
            close("more than " + limits.connections() + " connections");
            return;
        }
        registerTimer = channel.executor()
                .schedule(
                        () -> close("not registered after "
                                + limits.timeToRegister().toSeconds() + " s"),
                        limits.timeToRegister().toMillis(),
                        TimeUnit.MILLISECONDS);
        send((codec.letter() + "5").getBytes(StandardCharsets.US_ASCII));
        channel.flush();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext channel, ByteBuf frame) {
        byte[] bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes);
        if (phase == Phase.CLOSED) {
            return;
        }
        if (phase == Phase.HANDSHAKE) {
            shakeHands(new String(bytes, StandardCharsets.ISO_8859_1));
            return;
        }
        Message message;
        try {
            message = codec.decode(bytes);
        } catch (MalformedMessageException e) {
            close("a message that cannot be read: " + e.getMessage());
            return;
        }
        if (holding) {
            held.add(message);
        } else {
            receive(message);
        }
    }

    private void shakeHands(String answer) {
        if (answer.equals("ruok")) {
            phase = Phase.CLOSED;
            server.statusAsJson()
                    .whenComplete((json, failure) -> onLoop(() -> {
                        send((failure == null ? json : "{}").getBytes(StandardCharsets.UTF_8));
                        context().flush();
                        context().close();
                    }));
        } else if (answer.equals(codec.letter() + "5")) {
            phase = Phase.REGISTER;
        } else {
            close("the client answered the handshake with '" + printable(answer) + "' instead of " + codec.letter()
                    + "5");
        }
    }

    private void receive(Message message) {
        if (Message.KEEP_ALIVE_ID.equals(message.id())) {
            return;
        }
        if (message.isReply()) {
            close("a reply to nothing that was asked");
            return;
        }
        try {
            if (phase == Phase.REGISTER) {
                register(message);
            } else {
                session().handle(message);
            }
        } catch (PythonException e) {
            refuse(message, e);
        } catch (RuntimeException e) {
            if (!(e instanceof StorageException)) {
                LOG.log(Level.ERROR, () -> label + ": " + message.method() + " failed", e);
            }
            refuse(message, Python.error(e));
        }
    }

    private void register(Message message) {
        if (!message.method().equals("register")) {
            close("the first call was " + printable(message.method()) + ", not register");
            return;
        }
        Session opened = server.register(this, new Arguments("register", message.arguments()));
        session = opened;
        phase = Phase.SERVE;
        if (registerTimer != null) {
            registerTimer.cancel(false);
        }
        answer(message, opened.lastTid());
    }

    /** An error is the reply to a call, and the end of the connection after a one-way call. */
    void refuse(Message message, PythonException error) {
        if (message.isOneWay()) {
            close(message.method() + " failed: " + error.getMessage());
        } else {
            write(Message.error(message.id(), error.className(), error.details()));
        }
    }

    /** Replies when a stage completes, at once if it has. */
    void answer(Message request, CompletionStage<?> result) {
        CompletableFuture<?> future = result.toCompletableFuture();
        if (future.isDone()) {
            settle(request, future);
            return;
        }
        if (++pending >= limits.pendingRequests()) {
            context().channel().config().setAutoRead(false);
        }
        future.whenComplete((value, failure) -> onLoop(() -> {
            if (--pending < limits.pendingRequests()) {
                readWhileWritable();
            }
            settle(request, future);
        }));
    }

    private void settle(Message request, CompletableFuture<?> future) {
        Object value;
        try {
            value = future.join();
        } catch (RuntimeException e) {
            refuse(request, Python.error(e));
            return;
        }
        if (!request.isOneWay()) {
            write(Message.result(request.id(), value));
        }
    }

    /** Handles no further request until a stage has completed; those that arrive meanwhile keep their order. */
    void holdUntil(CompletionStage<?> stage) {
        if (stage.toCompletableFuture().isDone()) {
            return;
        }
        holding = true;
        context().channel().config().setAutoRead(false);
        stage.whenComplete((value, failure) -> onLoop(() -> {
            holding = false;
            while (!holding && !held.isEmpty() && phase != Phase.CLOSED) {
                receive(held.remove());
            }
            readWhileWritable();
            context().flush();
        }));
    }

    /** Sends a one-way message; from any thread, and ahead of everything that is written later on the loop. */
    void tell(Message message) {
        told.add(message);
        onLoop(() -> {
            sendTold();
            context().flush();
        });
    }

    /** Writes a message behind all that the connection has been told; on the loop. */
    void write(Message message) {
        sendTold();
        send(codec.encode(message));
    }

    private void sendTold() {
        Message message;
        while ((message = told.poll()) != null) {
            send(codec.encode(message));
        }
    }

    private void send(byte[] bytes) {
        ChannelHandlerContext channel = context();
        if (!channel.channel().isActive()) {
            return;
        }
        channel.write(Unpooled.wrappedBuffer(bytes));
        var waiting = channel.channel().unsafe().outboundBuffer();
        if (waiting != null && waiting.totalPendingWriteBytes() > limits.queuedBytes()) {
            close("it does not read: " + waiting.totalPendingWriteBytes() + " bytes wait for it");
        }
    }

    boolean isWritable() {
        return context().channel().isWritable();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext channel) {
        channel.flush();
    }

    /** A client that does not read its replies is not asked for more. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext channel) {
        readWhileWritable();
        if (session != null && channel.channel().isWritable()) {
            session.writable();
        }
        channel.flush();
    }

    private void readWhileWritable() {
        context().channel().config().setAutoRead(isWritable() && !holding && pending < limits.pendingRequests());
    }

    /** Runs a task on the event loop, also if this is it. */
    void onLoop(Runnable task) {
        ChannelHandlerContext channel = context();
        Runnable flushing = () -> {
            task.run();
            channel.flush();
        };
        if (channel.executor().inEventLoop()) {
            flushing.run();
        } else {
            channel.executor().execute(flushing);
        }
    }

    EventExecutor loop() {
        return context().executor();
    }

    @Override
    public void channelInactive(ChannelHandlerContext channel) {
        phase = Phase.CLOSED;
        if (registerTimer != null) {
            registerTimer.cancel(false);
        }
        server.release(this);
        if (session != null) {
            session.closed();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext channel, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.log(Level.DEBUG, () -> label + ": " + cause);
            channel.close();
        } else if (cause instanceof TooLongFrameException) {
            close("a message of more than " + limits.messageBytes() + " bytes");
        } else {
            LOG.log(Level.ERROR, () -> label + ": connection closed for an error of the server", cause);
            channel.close();
        }
    }

    /** Ends the connection, saying why in the log; from any thread. */
    void close(String reason) {
        LOG.log(Level.WARNING, () -> "ZEO client " + label + " disconnected: " + reason);
        ChannelHandlerContext channel = context();
        channel.executor().execute(() -> {
            phase = Phase.CLOSED;
            channel.flush();
            channel.close();
        });
    }

    void label(String text) {
        label = printable(text) + " " + context().channel().remoteAddress();
    }

    String label() {
        return label;
    }

    private ChannelHandlerContext context() {
        if (context == null) {
            throw new IllegalStateException("the connection is not open yet");
        }
        return context;
    }

    private Session session() {
        if (session == null) {
            throw new IllegalStateException("the connection is not registered");
        }
        return session;
    }

    /** What came off the wire, fit for a log. */
    static String printable(String text) {
        String shortened = text.length() > 80 ? text.substring(0, 80) + "…" : text;
        return shortened.replaceAll("[^\\x20-\\x7e…]", "?");
    }
}
