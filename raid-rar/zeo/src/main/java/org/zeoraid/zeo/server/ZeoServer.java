package org.zeoraid.zeo.server;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.zeo.Addresses;
import org.zeoraid.zeo.codec.Codec;
import org.zeoraid.zeo.codec.Tuple;

/**
 * Serves storages to ZEO 5 clients on any number of addresses. {@link #listen} starts it, {@link #close} stops it and
 * leaves the storages open. Safe for any number of threads.
 */
public final class ZeoServer implements AutoCloseable {

    private static final System.Logger LOG = Connection.LOG;
    private static final int STOP_SECONDS = 10;
    private static final int IDLE_SECONDS = 10;
    private static final int LEAST_WORKERS = 4;
    private static final WriteBufferWaterMark ROOM = new WriteBufferWaterMark(256 << 10, 1 << 20);

    private final Map<String, ServedStorage> storages = new TreeMap<>();
    private final ServerOptions options;
    private final Codec codec;
    private final Optional<SslContext> tls;
    private final Spool spool;
    private final Memory memory;
    private final EventLoopGroup loops;
    private final ExecutorService workers;
    /** Whoever only shakes hands is not to hold up those who are registered. */
    private final ExecutorService handshakes;

    private final List<Channel> listeners = new ArrayList<>();
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

    /**
     * Starts nothing but threads that wait.
     *
     * @param storages by the name under which clients ask for them
     * @throws IllegalArgumentException if certificates or key for TLS cannot be read, or a shared folder of blobs cannot be
     *     used; the text names it
     */
    public ZeoServer(Map<String, Offering> storages, ServerOptions options, Clock clock) {
        this.options = options;
        this.codec = Codec.byLetter(options.encoding().letter());
        this.tls = options.tls().map(TlsContext::of);
        this.spool = new Spool(options.spool());
        this.memory = new Memory(options.limits().bytes().held());
        int cores = Runtime.getRuntime().availableProcessors();
        this.loops = new MultiThreadIoEventLoopGroup(
                cores, new DefaultThreadFactory("zeo-server", true), NioIoHandler.newFactory());
        this.workers = pool("zeo-worker", Math.max(LEAST_WORKERS, 2 * cores));
        this.handshakes = pool("zeo-handshake", cores);
        // What is offered under two names is served once: it has one set of listeners, and one keeper of its blobs.
        Map<Offering, ServedStorage> served = new HashMap<>();
        try {
            storages.forEach((name, offering) -> this.storages.put(
                    name, served.computeIfAbsent(offering, once -> new ServedStorage(once, options, clock, workers))));
        } catch (RuntimeException e) {
            served.values().forEach(ServedStorage::close);
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            workers.shutdown();
            handshakes.shutdown();
            throw e;
        }
    }

    /** Threads that end when there is nothing to do, and a queue. */
    private static ExecutorService pool(String name, int threads) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads,
                threads,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new DefaultThreadFactory(name, true));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Begins to accept connections at an address, where the array can be changed from this machine alone. */
    public SocketAddress listen(SocketAddress address) {
        return listen(Listener.at(address));
    }

    /**
     * Loads the classes that listening takes, which is most of the time until a server in a process of its own listens.
     * Done on another thread, while that process reads its configuration, it listens the sooner.
     */
    public static void load() {
        new NioServerSocketChannel().unsafe().closeForcibly();
    }

    /**
     * Begins to accept connections at an address.
     *
     * @return where it listens, with the port chosen where 0 was asked for
     * @throws StorageUnavailableException if the address cannot be bound
     */
    public synchronized SocketAddress listen(Listener listener) {
        SocketAddress address = listener.address();
        boolean isUnix = address instanceof UnixDomainSocketAddress;
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, ROOM)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (!isUnix) {
                            tls.ifPresent(context ->
                                    channel.pipeline().addLast(context.newHandler(channel.alloc(), handshakes)));
                        }
                        channel.pipeline().addLast(new Connection(ZeoServer.this, listener, codec, options.limits()));
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
                    "cannot listen at " + Addresses.shown(address) + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        listeners.add(bound.channel());
        LOG.log(
                Level.INFO,
                () -> "ZEO server listens at " + Addresses.shown(bound.channel().localAddress()) + " for "
                        + Session.names(storages));
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

    boolean admit(Connection connection) {
        connections.add(connection);
        return connections.size() <= options.limits().counts().connections();
    }

    void release(Connection connection) {
        connections.remove(connection);
    }

    Session register(Connection connection, Arguments arguments) {
        ServedStorage served = served(arguments);
        boolean readOnly = arguments.truthOr(1, false);
        if (!readOnly
                && (options.access() == ServerOptions.Access.READ_ONLY
                        || served.storage().isReadOnly())) {
            throw new PythonException("ZODB.POSException.ReadOnlyError", "the storage is read-only", Tuple.EMPTY);
        }
        Session.Role role = readOnly ? Session.Role.READER : Session.Role.WRITER;
        return added(new Session(connection, served, options, role, this));
    }

    Session registerForAdministration(Connection connection, Arguments arguments) {
        return added(new Session(connection, served(arguments), options, Session.Role.ADMIN, this));
    }

    private static Session added(Session session) {
        session.served().add(session);
        return session;
    }

    private ServedStorage served(Arguments arguments) {
        String name = arguments.text(0);
        ServedStorage served = storages.get(name);
        if (served == null) {
            throw new PythonException("builtins.ValueError", "unknown storage: " + Connection.printable(name));
        }
        return served;
    }

    Spool spool() {
        return spool;
    }

    /** What all connections have the server hold. */
    Memory memory() {
        return memory;
    }

    /** How much of it is one connection's if all have the same. */
    long fairShare() {
        return memory.most() / Math.max(1, connections.size());
    }

    /** For what waits for a disk, or takes long: no more of it at once than there are threads for. */
    Executor workers() {
        return workers;
    }

    /** Asks something on one of the workers. */
    <T> CompletionStage<T> onWorker(Supplier<CompletionStage<T>> question) {
        return CompletableFuture.supplyAsync(question, workers).thenCompose(answer -> answer);
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

    /** Ends all connections and threads; what is being finished is, if it takes no more than ten seconds. */
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
        Set.copyOf(storages.values()).forEach(ServedStorage::close);
        connections.forEach(connection -> connection.farewell("the server stops"));
        loops.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
        handshakes.shutdown();
        workers.shutdown();
        await();
    }

    private void await() {
        try {
            boolean ended = workers.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
            ended &= handshakes.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
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

    /** The few kinds of values of a status, as JSON in ASCII. */
    private static final class Json {

        static String text(String value) {
            StringBuilder text = new StringBuilder("\"");
            for (int i = 0; i < value.length(); i++) {
                char letter = value.charAt(i);
                if (letter < ' ' || letter > '~' || letter == '"' || letter == '\\') {
                    text.append(String.format("\\u%04x", (int) letter));
                } else {
                    text.append(letter);
                }
            }
            return text.append('"').toString();
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
