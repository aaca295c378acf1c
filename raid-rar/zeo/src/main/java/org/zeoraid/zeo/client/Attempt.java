package org.zeoraid.zeo.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.seam.Environment;
import org.zeoraid.zeo.Addresses;

/**
 * One attempt to open a member at one address: connect, shake hands, register, find out whose server it is and whether
 * it holds what it held. Leaves nothing open if it fails.
 */
final class Attempt {

    private static final int MAX_MESSAGE = 1 << 29;
    private static final WriteBufferWaterMark QUEUED = new WriteBufferWaterMark(1 << 20, 4 << 20);

    private final ZeoOptions options;
    private final Environment environment;
    private final String label;
    private final ServerMemory memory;
    private final SocketAddress address;
    private final String location;
    private final CompletableFuture<TransactionLog> opened = new CompletableFuture<>();

    Attempt(ZeoOptions options, Environment environment, String label, ServerMemory memory, SocketAddress address) {
        this.options = options;
        this.environment = environment;
        this.label = label;
        this.memory = memory;
        this.address = address;
        this.location = Addresses.shown(address) + " (storage " + options.storage() + ")";
    }

    CompletionStage<TransactionLog> run() {
        TlsHandlers tls;
        BlobStore blobs;
        EventLoop loop;
        try {
            tls = address instanceof UnixDomainSocketAddress ? TlsHandlers.NONE : TlsHandlers.of(options);
            blobs = blobs();
            // One that nobody waits for with a listener: its end then needs no thread of Netty's own.
            loop = new SingleThreadIoEventLoop(
                    null, new DefaultThreadFactory("zeo-client-" + options.name(), true), NioIoHandler.newFactory());
        } catch (StorageException e) {
            return CompletableFuture.failedFuture(e);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(
                    new StorageUnavailableException("cannot connect to " + location + ": " + reason(e), e));
        }
        ServerEvents events = new ServerEvents(blobs);
        ServerChannel channel = new ServerChannel(location, events, options.peerTimeout(), environment::nanoTime);
        Future<?> patience = loop.schedule(
                () -> opened.completeExceptionally(new StorageUnavailableException(location + " did not answer within "
                        + options.waitTimeout().toMillis() + " ms")),
                options.waitTimeout().toMillis(),
                TimeUnit.MILLISECONDS);
        bootstrap(loop, tls, channel).connect(address).addListener(connected -> {
            if (!connected.isSuccess()) {
                opened.completeExceptionally(new StorageUnavailableException(
                        "cannot connect to " + location + ": " + reason(connected.cause()), connected.cause()));
            }
        });
        channel.ready()
                .thenCompose(ready -> new Registration(ready, events, blobs, loop).run())
                .whenComplete((log, failure) -> {
                    if (failure == null) {
                        // Too late, if the patience was over.
                        if (!opened.complete(log)) {
                            log.close();
                        }
                    } else {
                        opened.completeExceptionally(Failures.translated(failure));
                    }
                });
        return opened.whenComplete((log, failure) -> {
            patience.cancel(false);
            if (failure != null) {
                channel.close(Failures.translated(failure));
                blobs.close();
                loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            }
        });
    }

    private static String reason(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    private BlobStore blobs() {
        ZeoOptions.Blobs where = options.blobs();
        if (where instanceof ZeoOptions.Blobs.Shared shared) {
            return new SharedBlobs(shared.folder());
        }
        return where instanceof ZeoOptions.Blobs.Cache cache
                ? BlobCache.in(cache.folder(), cache.bytes())
                : BlobCache.temporary();
    }

    private Bootstrap bootstrap(EventLoop loop, TlsHandlers tls, ServerChannel channel) {
        Bootstrap bootstrap = new Bootstrap()
                .group(loop)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, QUEUED)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        Math.min(Integer.MAX_VALUE, options.waitTimeout().toMillis()))
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel opened) {
                        if (address instanceof InetSocketAddress inet) {
                            tls.addTo(opened, inet);
                        }
                        opened.pipeline()
                                .addLast(channel.ear())
                                .addLast(new LengthFieldBasedFrameDecoder(MAX_MESSAGE, 0, 4, 0, 4))
                                .addLast(channel);
                    }
                });
        if (address instanceof UnixDomainSocketAddress) {
            return bootstrap.channelFactory(() -> new NioDomainSocketChannel());
        }
        return bootstrap
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true);
    }

    /** What is said once the handshake is done. On the event loop. */
    private final class Registration {

        private final ServerChannel channel;
        private final ServerEvents events;
        private final BlobStore blobs;
        private final EventLoop loop;

        Registration(ServerChannel channel, ServerEvents events, BlobStore blobs, EventLoop loop) {
            this.channel = channel;
            this.events = events;
            this.blobs = blobs;
            this.loop = loop;
        }

        CompletionStage<TransactionLog> run() {
            boolean readOnly = options.access() == ZeoOptions.Access.READ_ONLY;
            return channel.ask("register", Values::tid, options.storage(), readOnly)
                    .thenCompose(last -> {
                        // At once, so that no transaction of somebody else is missed from here on.
                        Appends appends = new Appends(channel, options.name(), environment, memory, blobs, last);
                        events.attach(appends);
                        return dialect().thenCompose(dialect -> dialect.last(last)
                                .thenCompose(there -> checked(dialect, there).thenApply(nothing -> {
                                    appends.speak(dialect, last, there);
                                    memory.seen(there);
                                    return new ZeoLog(channel, dialect, appends, blobs, loop, options.waitTimeout());
                                })));
                    });
        }

        /**
         * The label is for a server's log. One of our own answers it with what it can do; Python's with nothing, and it
         * would end the connection if it were asked for a method that it has not.
         */
        private CompletionStage<Dialect> dialect() {
            return channel.ask("set_client_label", value -> value, label)
                    .thenCompose(answer -> answer instanceof Map<?, ?> offers
                            ? OwnDialect.of(channel, blobs, offers, options, memory)
                            : PythonDialect.of(channel, blobs, options, memory));
        }

        /** Fails if it went on without the last transaction that was seen here. */
        private CompletionStage<@Nullable Void> checked(Dialect dialect, Tid last) {
            Tid known = memory.last();
            if (known.isAfter(last)) {
                // Emptied, or restored from a backup: whoever had more there asks for its return, or not.
                memory.startAnew();
                return CompletableFuture.completedFuture(null);
            }
            if (known.equals(Tid.NONE) || known.equals(last)) {
                return CompletableFuture.completedFuture(null);
            }
            return dialect.headers(known, known)
                    .first()
                    .thenCompose(found -> found.isEmpty() ? packedAway(dialect, known) : accepted(found.get(), known));
        }

        private CompletionStage<@Nullable Void> accepted(TransactionHeader found, Tid known) {
            if (!found.tid().equals(known)) {
                throw new ProtocolException(
                        location + " answered with transaction " + found.tid() + " where " + known + " was asked for");
            }
            return CompletableFuture.completedFuture(null);
        }

        /** A pack may have forgotten it. */
        private CompletionStage<@Nullable Void> packedAway(Dialect dialect, Tid known) {
            return dialect.isPacked(known).thenApply(packed -> {
                if (!packed) {
                    throw new CorruptedException(
                            location,
                            "it has no transaction " + known + " of " + known.instant()
                                    + ", which was its last one when it was seen before: it is another database. It is"
                                    + " not written to; check that server and this member's configuration");
                }
                return null;
            });
        }
    }
}
