package org.zeoraid.zeo.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.StorageException;
import org.zeoraid.zeo.Addresses;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.MalformedMessageException;
import org.zeoraid.zeo.codec.Message;

/**
 * One client's connection: handshake, registration, then requests in their order, as long as the client reads the
 * replies. All on its event loop but {@link #frame}, {@link #isWritable}, {@link #close}, {@link #farewell} and
 * {@link #onLoop}.
 */
final class Connection extends ChannelInboundHandlerAdapter {

    static final System.Logger LOG = System.getLogger("org.zeoraid.zeo");

    /** The longest message before a client has registered. */
    private static final int FIRST_MESSAGES = 4 << 10;

    /** What weighs no more than that, as nearly all requests do, is not counted; nor may what names something weigh more. */
    static final int LIGHT = 4 << 10;

    /** How many bytes of requests may wait for something on this side before no more are read. */
    private static final long MOST_WAITING = 16 << 20;

    /** How many values a request may consist of. */
    private static final int REQUEST_VALUES = 250_000;

    private enum Phase {
        HANDSHAKE,
        REGISTER,
        SERVE,
        CLOSED
    }

    private final ZeoServer server;
    private final Listener listener;
    private final Codec codec;
    private final Limits limits;
    private final FrameReader frames;
    private final Queue<ByteBuf> arrived = new ArrayDeque<>();
    private final Outbox outbox;
    private Phase phase = Phase.HANDSHAKE;
    private boolean consuming;
    private int pending;
    /** Bytes of requests that wait, but for light ones. */
    private long waiting;

    private @Nullable Session session;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ScheduledFuture<?> registerTimer;
    private @Nullable Watch watch;
    private volatile String label = "";

    Connection(ZeoServer server, Listener listener, Codec codec, Limits limits) {
        this.server = server;
        this.listener = listener;
        this.codec = codec;
        this.limits = limits;
        this.frames = new FrameReader(FIRST_MESSAGES, server.memory());
        this.outbox = new Outbox(this, limits, server.memory());
    }

    @Override
    public void channelActive(ChannelHandlerContext channel) {
        context = channel;
        outbox.open(channel);
        label = peer(channel);
        if (!server.admit(this)) {
            close("more than " + limits.counts().connections() + " connections");
            return;
        }
        registerTimer = channel.executor()
                .schedule(
                        () -> close("not registered after "
                                + limits.times().toRegister().toMillis() + " ms"),
                        limits.times().toRegister().toMillis(),
                        TimeUnit.MILLISECONDS);
        watch = new Watch(this, frames, outbox, limits);
        outbox.raw((codec.letter() + "5").getBytes(StandardCharsets.US_ASCII));
        outbox.flush();
    }

    private static String peer(ChannelHandlerContext channel) {
        SocketAddress remote = channel.channel().remoteAddress();
        return remote instanceof InetSocketAddress
                ? Addresses.shown(remote)
                : "at " + Addresses.shown(channel.channel().localAddress());
    }

    /** Whether the client runs on this machine. */
    boolean isLocal() {
        return context().channel().remoteAddress() instanceof InetSocketAddress inet
                ? inet.getAddress().isLoopbackAddress()
                : !(context().channel().localAddress() instanceof InetSocketAddress);
    }

    Listener listener() {
        return listener;
    }

    @Override
    public void channelRead(ChannelHandlerContext channel, Object input) {
        if (phase == Phase.CLOSED || !(input instanceof ByteBuf bytes)) {
            ReferenceCountUtil.release(input);
            return;
        }
        if (watch != null) {
            watch.heard(bytes.readableBytes());
        }
        arrived.add(bytes);
        consume();
    }

    /** Handles what has arrived for as long as the client may ask for more. */
    private void consume() {
        if (consuming) {
            return;
        }
        consuming = true;
        try {
            while (phase != Phase.CLOSED && !isPaused() && !arrived.isEmpty()) {
                byte[] frame = frames.next(arrived.element());
                if (frame == null) {
                    arrived.remove().release();
                } else {
                    received(frame);
                }
            }
        } catch (MalformedMessageException e) {
            close(String.valueOf(e.getMessage()));
        } finally {
            consuming = false;
        }
        if (phase == Phase.CLOSED) {
            releaseArrived();
        } else {
            setReading(!isPaused());
        }
    }

    /** Whether it is this side that does not read on. */
    boolean isPaused() {
        return pending >= limits.counts().requests()
                || waiting > MOST_WAITING
                || !outbox.hasRoom()
                || session != null && session.isBusy();
    }

    /** Whether nothing that has arrived waits for anything on this side. */
    boolean isReading() {
        return context().channel().config().isAutoRead();
    }

    private void setReading(boolean reading) {
        if (context().channel().config().isAutoRead() != reading) {
            context().channel().config().setAutoRead(reading);
        }
    }

    /** Goes on if what was in the way may be gone. */
    void resume() {
        if (phase != Phase.CLOSED) {
            consume();
            outbox.flush();
        }
    }

    private void releaseArrived() {
        while (!arrived.isEmpty()) {
            arrived.remove().release();
        }
        frames.close();
    }

    private void received(byte[] frame) {
        if (phase == Phase.HANDSHAKE) {
            shakeHands(new String(frame, StandardCharsets.ISO_8859_1));
            return;
        }
        Message message;
        try {
            message = codec.decodeRequest(frame, REQUEST_VALUES);
        } catch (MalformedMessageException e) {
            close("a message that cannot be read: " + e.getMessage());
            return;
        }
        receive(message);
    }

    private void shakeHands(String answer) {
        if (answer.equals("ruok")) {
            phase = Phase.CLOSED;
            server.statusAsJson()
                    .whenComplete((json, failure) -> onLoop(() -> {
                        outbox.raw((failure == null ? json : "{}").getBytes(StandardCharsets.US_ASCII));
                        outbox.flush();
                        context().close();
                    }));
        } else if (answer.equals(codec.letter() + "5")) {
            phase = Phase.REGISTER;
        } else {
            close("it answered the handshake with '" + printable(answer) + "' instead of " + codec.letter() + "5");
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
        if (Message.weightOf(message.id()) > LIGHT) {
            close("a message's id of more than " + LIGHT + " bytes");
            return;
        }
        attempt(message, () -> {
            if (phase == Phase.REGISTER) {
                register(message);
            } else {
                session().handle(message);
            }
        });
    }

    /** Does what a request asks for; whatever it throws is the reply. On the loop. */
    void attempt(Message request, Runnable doing) {
        try {
            doing.run();
        } catch (RuntimeException e) {
            if (!(e instanceof StorageException || e instanceof PythonException)) {
                LOG.log(Level.ERROR, () -> label + ": " + printable(request.method()) + " failed", e);
            }
            refuse(request, Python.error(e));
        }
    }

    private void register(Message message) {
        Arguments arguments = new Arguments(message.method(), message.arguments());
        Session opened =
                switch (message.method()) {
                    case "register" -> server.register(this, arguments);
                    case Administering.REGISTER -> server.registerForAdministration(this, arguments);
                    default -> {
                        close("the first call was " + printable(message.method()) + ", not register");
                        yield null;
                    }
                };
        if (opened == null) {
            return;
        }
        session = opened;
        phase = Phase.SERVE;
        frames.limit(limits.bytes().message());
        if (registerTimer != null) {
            registerTimer.cancel(false);
        }
        opened.greet(message);
    }

    /** An error is the reply to a call, and the end of the connection after a one-way call. */
    void refuse(Message request, PythonException error) {
        send(errorFrame(request, error));
    }

    /** Replies to a call; nothing is said to a one-way call. On the loop. */
    void reply(Message request, @Nullable Object value) {
        send(resultFrame(request, value));
    }

    /** Replies when a stage completes, at once if it has. On the loop. */
    void answer(Message request, CompletionStage<?> result) {
        whenDone(request, result, future -> send(frame(request, future)));
    }

    /** Likewise with what is made of the value on the loop, when all that the client was to be told has been written. */
    <T> void answer(Message request, CompletionStage<T> result, Function<? super T, ?> shown) {
        whenDone(request, result, future -> {
            proclaim();
            send(frame(request, future.thenApply(shown)));
        });
    }

    private <T> void whenDone(Message request, CompletionStage<T> result, Consumer<CompletableFuture<T>> reply) {
        CompletableFuture<T> future = result.toCompletableFuture();
        if (future.isDone()) {
            reply.accept(future);
            return;
        }
        long weight = begun(request);
        future.whenComplete((value, failure) -> onLoop(() -> {
            reply.accept(future);
            ended(weight);
        }));
    }

    /**
     * The reply to a call that has been carried out, as it goes out; none to a one-way call, which ends the connection if it
     * failed. From any thread.
     */
    @Nullable ByteBuffer frame(Message request, CompletableFuture<?> outcome) {
        Object value;
        try {
            value = outcome.join();
        } catch (RuntimeException e) {
            return errorFrame(request, Python.error(e));
        }
        return resultFrame(request, value);
    }

    /** What cannot be encoded is an error, as in Python's server. */
    private @Nullable ByteBuffer resultFrame(Message request, @Nullable Object value) {
        if (request.isOneWay()) {
            return null;
        }
        try {
            return codec.frame(Message.result(request.id(), value));
        } catch (MalformedMessageException e) {
            LOG.log(
                    Level.WARNING,
                    () -> label + ": what " + request.method() + " gives cannot be encoded: " + e.getMessage());
            return errorFrame(
                    request, new PythonException("builtins.ValueError", "Couldn't pickle response: " + e.getMessage()));
        }
    }

    private @Nullable ByteBuffer errorFrame(Message request, PythonException error) {
        if (request.isOneWay()) {
            close(printable(request.method()) + " failed: " + error.getMessage());
            return null;
        }
        return codec.frame(Message.error(request.id(), error.className(), error.details()));
    }

    /**
     * A request is under way whose reply comes later; on the loop.
     *
     * @return what is held because of it, to be given back
     */
    long begun(Message request) {
        pending++;
        return hold(request);
    }

    /** It has been replied to. */
    void settled(long weight) {
        pending--;
        release(weight);
    }

    /** It has been replied to, and others may go on. */
    void ended(long weight) {
        settled(weight);
        resume();
    }

    /** A request waits for something on this side: it is held until what this gives is released. On the loop. */
    long hold(Message request) {
        long weight = request.weight();
        if (weight <= LIGHT) {
            return 0;
        }
        waiting += weight;
        if (!server.memory().take(weight)) {
            close("all clients together have the server hold more than "
                    + server.memory().most() + " bytes; " + waiting + " bytes of this one's requests wait");
        }
        return weight;
    }

    void release(long weight) {
        waiting -= weight;
        server.memory().take(-weight);
    }

    /** Writes a message ahead of what the client is to be told, other than {@link #write}; on the loop. */
    void writeInTurn(Message message) {
        outbox.frame(codec.frame(message));
    }

    /** Writes what a transaction changed, likewise. */
    void writeInTurn(Changes changes) {
        outbox.frame(changes.frame(codec));
    }

    /** Writes a message behind all that the client was to be told; on the loop. */
    void write(Message message) {
        send(codec.frame(message));
    }

    /** Writes a message that has been encoded, likewise; nothing if there is none. */
    void send(@Nullable ByteBuffer frame) {
        if (frame != null) {
            proclaim();
            outbox.frame(frame);
        }
    }

    /** Writes all that the client is to be told; on the loop. */
    void proclaim() {
        if (session != null) {
            session.herald().proclaim();
        }
    }

    void flush() {
        outbox.flush();
    }

    /** Whether the client reads what is written for it; from any thread. */
    boolean isWritable() {
        return outbox.hasRoom();
    }

    /** How much may be held for each client if all clients together have the server hold as much as they may. */
    long fairShare() {
        return server.fairShare();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext channel) {
        outbox.flush();
    }

    /** A client that does not read its replies is not asked for more. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext channel) {
        if (session != null && channel.channel().isWritable()) {
            session.writable();
        }
        resume();
    }

    /** Runs a task on the event loop, also if this is it, and sends what it wrote. */
    void onLoop(Runnable task) {
        EventExecutor loop = loop();
        Runnable flushed = () -> {
            task.run();
            outbox.flush();
        };
        if (loop.inEventLoop()) {
            orFail(flushed);
        } else {
            later(flushed);
        }
    }

    /** Runs a task on the event loop, behind all that waits there. If it fails the connection ends: an answer may be missing. */
    void later(Runnable task) {
        try {
            loop().execute(() -> orFail(task));
        } catch (RejectedExecutionException e) {
            // The server has stopped, and this connection with it.
            LOG.log(Level.DEBUG, () -> label + ": came too late, the server has stopped");
        }
    }

    private void orFail(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            failed(e);
        }
    }

    EventExecutor loop() {
        return context().executor();
    }

    /** A client that says over TLS that it is leaving waits until that is said to it, too. */
    @Override
    public void userEventTriggered(ChannelHandlerContext channel, Object event) {
        if (event == SslCloseCompletionEvent.SUCCESS) {
            channel.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext channel) {
        phase = Phase.CLOSED;
        releaseArrived();
        outbox.close();
        if (registerTimer != null) {
            registerTimer.cancel(false);
        }
        if (watch != null) {
            watch.close();
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
        } else if (cause instanceof DecoderException) {
            close("no TLS that is accepted here: " + rootMessage(cause));
        } else {
            failed(cause);
        }
    }

    /** Ends the connection: what the client was to be told may be missing. On the loop. */
    void failed(Throwable cause) {
        context().close();
        LOG.log(Level.ERROR, () -> label + ": connection closed for an error of the server", cause);
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return printable(String.valueOf(root.getMessage()));
    }

    /** Ends the connection for what the client did, saying so in the log; from any thread. */
    void close(String reason) {
        end(Level.WARNING, reason);
    }

    /** Ends the connection for no fault of the client; from any thread. */
    void farewell(String reason) {
        end(Level.DEBUG, reason);
    }

    private void end(Level level, String reason) {
        ChannelHandlerContext channel = context();
        Runnable ending = () -> {
            if (!outbox.isClosing()) {
                LOG.log(level, () -> "ZEO client " + label + " disconnected: " + reason);
                phase = Phase.CLOSED;
                outbox.closing();
                outbox.flush();
                channel.close();
            }
        };
        if (channel.executor().inEventLoop()) {
            ending.run();
        } else {
            later(ending);
        }
    }

    void label(String text) {
        label = printable(text) + " " + peer(context());
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
