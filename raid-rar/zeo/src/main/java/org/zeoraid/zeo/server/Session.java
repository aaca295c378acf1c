package org.zeoraid.zeo.server;

import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.codec.Tuple;

/** A registered client of one storage. On the connection's event loop. */
final class Session implements Herald.Audience {

    /** What a client registered for. */
    enum Role {
        WRITER,
        READER,
        /** Looks after the array, reads no data and is told of no change. */
        ADMIN
    }

    private static final long MOMENT_SECONDS = 10;

    private final Connection connection;
    private final ServedStorage served;
    private final ServerOptions options;
    private final Role role;
    private final ZeoServer server;
    private final Loads loads;
    private final Iterators iterators;
    private final Committing committing;
    private final Extensions extensions;
    private final Aside aside;
    private final Herald herald;
    /** The first one has its turn. */
    private final Deque<BlobSender> sending = new ArrayDeque<>();

    Session(Connection connection, ServedStorage served, ServerOptions options, Role role, ZeoServer server) {
        this.connection = connection;
        this.served = served;
        this.options = options;
        this.role = role;
        this.server = server;
        this.loads = new Loads(this);
        this.aside = new Aside(connection, server.workers());
        this.herald = served.herald(connection.loop());
        this.iterators = new Iterators(this);
        this.committing = new Committing(this);
        this.extensions = new Extensions(this);
    }

    /** Answers the registration. From now on the client is told of what is committed. */
    void greet(Message request) {
        if (role == Role.ADMIN) {
            connection.reply(request, null);
        } else {
            loads.told(herald.add(this));
            connection.answer(request, served.firstTid(connection.loop()), last -> {
                loads.told(last);
                return Ids.bytes(loads.atLeastTold(last));
            });
        }
    }

    void handle(Message request) {
        Method method = Methods.named(request.method());
        if (method == null || role == Role.ADMIN && !Administering.isForAdmins(request.method())) {
            connection.close("it called " + Connection.printable(request.method()) + ", which is no method"
                    + (method == null ? "" : " for those who only look after the array"));
            return;
        }
        method.call(this, request, new Arguments(request.method(), request.arguments()));
    }

    Connection connection() {
        return connection;
    }

    ServedStorage served() {
        return served;
    }

    Storage storage() {
        return served.storage();
    }

    ServerOptions options() {
        return options;
    }

    ZeoServer server() {
        return server;
    }

    Loads loads() {
        return loads;
    }

    Iterators iterators() {
        return iterators;
    }

    Committing committing() {
        return committing;
    }

    Extensions extensions() {
        return extensions;
    }

    Herald herald() {
        return herald;
    }

    /** Replies to a call. */
    void reply(Message request, @Nullable Object value) {
        connection.reply(request, value);
    }

    /** Replies to a call when a stage completes. */
    void answer(Message request, CompletionStage<?> value) {
        connection.answer(request, value);
    }

    /** Likewise with what is made of the value on the loop, when all that the client was to be told has been written. */
    <T> void answer(Message request, CompletionStage<T> value, Function<? super T, ?> shown) {
        connection.answer(request, value, shown);
    }

    /** Replies to a slow call, in its turn among them, when a stage completes that is asked for by a thread of its own. */
    void answerAside(Message request, Supplier<? extends CompletionStage<?>> value) {
        aside.answer(request, value);
    }

    /** Sends a one-way call; from any thread. */
    void tell(String method, @Nullable Object... arguments) {
        connection.onLoop(() -> connection.write(Message.oneWay(method, arguments)));
    }

    /**
     * The same value, when the client has been told, or is just being told, of all transactions up to the one that the value
     * tells of; from any thread.
     */
    <T> CompletionStage<T> inStep(Tid newest, T value) {
        return served.isAnnounced(newest)
                ? CompletableFuture.completedFuture(value)
                : whenAnnounced(newest).thenApply(told -> value);
    }

    /** The news is a moment behind the data. Should it never come, the client is not to go on as if nothing had happened. */
    CompletionStage<Void> whenAnnounced(Tid tid) {
        ScheduledFuture<?> timer = connection
                .loop()
                .schedule(
                        () -> connection.close("transaction " + tid + " could not be told of in time"),
                        MOMENT_SECONDS,
                        TimeUnit.SECONDS);
        return served.whenAnnounced(tid).whenComplete((told, failure) -> timer.cancel(false));
    }

    /** Whether the client may keep a cache. */
    boolean readsData() {
        return role != Role.ADMIN;
    }

    /** @throws PythonException if the client registered for reading */
    void mayWrite() {
        if (role != Role.WRITER) {
            throw new PythonException("ZODB.POSException.ReadOnlyError", "registered for reading", Tuple.EMPTY);
        }
    }

    /** Whether so much waits for the storage or the disk that the client is not asked for more. */
    boolean isBusy() {
        return committing.isBusy();
    }

    @Override
    public void committed(Changes changes) {
        if (!committing.acknowledges(changes)) {
            loads.sent(changes);
            connection.writeInTurn(changes);
        }
    }

    @Override
    public void flush() {
        connection.flush();
    }

    @Override
    public void untold(Throwable failure) {
        connection.failed(failure);
    }

    /** Sends a blob when it is its turn, as fast as the client reads. */
    CompletionStage<Void> send(BlobSender sender) {
        sending.add(sender);
        if (sending.size() == 1) {
            sender.begin();
        }
        return sender.sent().whenComplete((done, failure) -> {
            BlobSender first = sending.peek();
            sending.remove(sender);
            if (sender == first && !sending.isEmpty()) {
                sending.element().begin();
            }
        });
    }

    int blobsBeingSent() {
        return sending.size();
    }

    /** The client reads on. */
    void writable() {
        aside.proceed();
        if (!sending.isEmpty()) {
            sending.element().proceed();
        }
    }

    /** The connection is gone: what it had under way is given up. */
    void closed() {
        herald.remove(this);
        served.remove(this);
        List<BlobSender> senders = new ArrayList<>(sending);
        sending.clear();
        senders.forEach(sender -> sender.stop(new IOException("the client has gone")));
        committing.close();
        aside.close(() -> {
            iterators.close();
            extensions.close();
        });
    }

    /** For the log. */
    @Override
    public String toString() {
        return storage().name() + " for " + connection.label();
    }

    static String names(Map<String, ServedStorage> storages) {
        return storages.keySet().stream().sorted().collect(Collectors.joining(", "));
    }
}
