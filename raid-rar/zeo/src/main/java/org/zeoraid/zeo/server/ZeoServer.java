package org.zeoraid.zeo.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.Tuple;

/**
 * Serves storages to ZEO 5 clients on any number of addresses. {@link #listen} starts it, {@link #close} stops it and
 * leaves the storages open. Safe for any number of threads.
 */
public final class ZeoServer implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger("org.zeoraid.zeo");
    private static final int STOP_SECONDS = 10;

    private final Map<String, ServedStorage> storages = new TreeMap<>();
    private final ServerOptions options;
    private final Clock clock;
    private final Codec codec;
    private final EventLoopGroup loops;
    private final ExecutorService blocking;
    private final List<Channel> listeners = new ArrayList<>();
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

    /**
     * Starts nothing but threads that wait.
     *
     * @param storages by the name under which clients ask for them
     * @throws IllegalArgumentException if certificates or key for TLS cannot be read; the text names the file
     */
    public ZeoServer(Map<String, Offering> storages, ServerOptions options, Clock clock) {
        this.options = options;
        this.clock = clock;
        this.codec = Codec.byLetter(options.encoding().letter());
        this.loops = new MultiThreadIoEventLoopGroup(
                new DefaultThreadFactory("zeo-server", true), NioIoHandler.newFactory());
        this.blocking = Executors.newCachedThreadPool(new DefaultThreadFactory("zeo-blobs", true));
        storages.forEach((name, offering) ->
                this.storages.put(name, new ServedStorage(offering.storage(), options, clock.instant())));
    }

    /**
     * Begins to accept connections at an address, an {@link InetSocketAddress} or a {@link UnixDomainSocketAddress}.
     *
     * @return where it listens, with the port chosen where 0 was asked for
     * @throws StorageUnavailableException if the address cannot be bound
     */
    public SocketAddress listen(SocketAddress address) {
        return listen(Listener.at(address));
    }

    /**
     * Begins to accept connections at an address.
     *
     * @return where it listens, with the port chosen where 0 was asked for
     * @throws StorageUnavailableException if the address cannot be bound
     */
    public synchronized SocketAddress listen(Listener listener) {
        SocketAddress address = listener.address();
        ServerBootstrap bootstrap = new ServerBootstrap().group(loops).childHandler(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                prepare(channel.pipeline());
            }
        });
        if (address instanceof UnixDomainSocketAddress unix) {
            removeStale(unix);
            bootstrap.channelFactory(() -> new NioServerDomainSocketChannel());
        } else {
            bootstrap
                    .channel(NioServerSocketChannel.class)
                    .option(ChannelOption.SO_REUSEADDR, true)
                    .childOption(ChannelOption.TCP_NODELAY, true)
                    .childOption(ChannelOption.SO_KEEPALIVE, true);
        }
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new StorageUnavailableException(
                    "cannot listen at " + address + ": " + bound.cause().getMessage(), bound.cause());
        }
        listeners.add(bound.channel());
        LOG.log(
                Level.INFO,
                () -> "ZEO server listens at " + bound.channel().localAddress() + " for " + Session.names(storages));
        return bound.channel().localAddress();
    }

    /** A socket file that nobody listens at any more is in the way of binding. */
    private static void removeStale(UnixDomainSocketAddress address) {
        if (!Files.exists(address.getPath())) {
            return;
        }
        try (var probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(address);
        } catch (IOException refused) {
            try {
                Files.delete(address.getPath());
            } catch (IOException e) {
                throw new StorageUnavailableException("cannot remove the old socket " + address + ": " + e, e);
            }
        }
    }

    private void prepare(ChannelPipeline pipeline) {
        pipeline.addLast(new LengthFieldBasedFrameDecoder(options.limits().messageBytes(), 0, 4, 0, 4));
        pipeline.addLast(new LengthFieldPrepender(4));
        pipeline.addLast(new Connection(this, codec, options.limits()));
    }

    boolean admit(Connection connection) {
        connections.add(connection);
        return connections.size() <= options.limits().connections();
    }

    void release(Connection connection) {
        connections.remove(connection);
    }

    Session register(Connection connection, Arguments arguments) {
        String name = arguments.text(0);
        ServedStorage served = storages.get(name);
        if (served == null) {
            throw new PythonException("builtins.ValueError", "unknown storage: " + Connection.printable(name));
        }
        boolean readOnly = arguments.truthOr(1, false);
        if (!readOnly
                && (options.access() == ServerOptions.Access.READ_ONLY
                        || served.storage().isReadOnly())) {
            throw new PythonException("ZODB.POSException.ReadOnlyError", "the storage is read-only", Tuple.EMPTY);
        }
        Session session = new Session(connection, served, options, readOnly, this);
        served.add(session);
        return session;
    }

    Instant now() {
        return clock.instant();
    }

    /** For what waits for a disk. */
    ExecutorService blocking() {
        return blocking;
    }

    /** What {@code ruok} answers: every storage's status. */
    CompletionStage<String> statusAsJson() {
        CompletionStage<List<String>> all = CompletableFuture.completedFuture(new ArrayList<>());
        for (Map.Entry<String, ServedStorage> entry : storages.entrySet()) {
            all = all.thenCombine(entry.getValue().status(), (list, status) -> {
                list.add(Json.text(entry.getKey()) + ": " + Json.object(status));
                return list;
            });
        }
        return all.thenApply(list -> list.stream().collect(Collectors.joining(", ", "{", "}")));
    }

    @Override
    public synchronized void close() {
        listeners.forEach(listener -> {
            SocketAddress address = listener.localAddress();
            listener.close().awaitUninterruptibly();
            if (address instanceof UnixDomainSocketAddress unix) {
                removeStale(unix);
            }
        });
        listeners.clear();
        storages.values().forEach(ServedStorage::close);
        loops.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
        blocking.shutdown();
        await();
    }

    private void await() {
        try {
            boolean ended = blocking.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
            // Netty's global thread ends by itself a second after its last task, and would keep the class loader.
            ended &= GlobalEventExecutor.INSTANCE.awaitInactivity(STOP_SECONDS, TimeUnit.SECONDS);
            if (!ended) {
                LOG.log(Level.WARNING, "threads of the ZEO server are still busy after " + STOP_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IllegalStateException e) {
            // The global thread was never started.
        }
    }

    /** The few kinds of values of a status, as JSON. */
    private static final class Json {

        static String text(String value) {
            return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
        }

        static String object(Map<Object, @Nullable Object> map) {
            return map.entrySet().stream()
                    .map(entry -> text(String.valueOf(entry.getKey())) + ": "
                            + (entry.getValue() instanceof String value
                                    ? text(value)
                                    : String.valueOf(entry.getValue())))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
    }
}
