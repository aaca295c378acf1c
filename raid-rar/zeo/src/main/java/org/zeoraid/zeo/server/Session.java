package org.zeoraid.zeo.server;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Storage;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.codec.Tuple;

/** A registered client of one storage. On the connection's event loop. */
final class Session {

    /** What a client registered for. */
    enum Role {
        WRITER,
        READER,
        /** Looks after the array, reads no data and is told of no change. */
        ADMIN
    }

    private final Connection connection;
    private final ServedStorage served;
    private final ServerOptions options;
    private final Role role;
    private final ZeoServer server;
    private final Loads loads;
    private final Iterators iterators;
    private final Committing committing;
    private final Extensions extensions;
    private final List<BlobSender> sending = new ArrayList<>();
    private final List<Runnable> onClose = new ArrayList<>();

    Session(Connection connection, ServedStorage served, ServerOptions options, Role role, ZeoServer server) {
        this.connection = connection;
        this.served = served;
        this.options = options;
        this.role = role;
        this.server = server;
        this.loads = new Loads(connection, served);
        this.iterators = new Iterators(
                served.storage(), connection.loop(), options.limits().iterators());
        this.committing = new Committing(this);
        this.extensions = new Extensions(this);
    }

    /** Answers the registration. */
    void greet(Message request) {
        if (role == Role.ADMIN) {
            connection.reply(request, null);
        } else {
            connection.answer(request, served.lastTid());
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

    /** Replies to a call. */
    void reply(Message request, @Nullable Object value) {
        connection.reply(request, value);
    }

    /** Replies to a call when a stage completes. */
    void answer(Message request, CompletionStage<?> value) {
        connection.answer(request, value);
    }

    /** Sends a one-way call; from any thread. */
    void tell(String method, @Nullable Object... arguments) {
        connection.tell(Message.oneWay(method, arguments));
    }

    /** What is to be done when the client has gone. */
    void onClose(Runnable task) {
        onClose.add(task);
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

    /** Tells the client of a transaction unless it is its own; from any thread, before reads can show it. */
    void committed(Changes changes) {
        if (committing.isOwn(changes)) {
            connection.tell(new Outbox.Acknowledgement(committing, changes));
        } else if (role != Role.ADMIN) {
            connection.tell(changes);
        }
    }

    /** Sends a blob, as fast as the client reads. */
    CompletionStage<Void> send(BlobSender sender) {
        sending.add(sender);
        return sender.send().whenComplete((done, failure) -> sending.remove(sender));
    }

    int blobsBeingSent() {
        return sending.size();
    }

    void writable() {
        List.copyOf(sending).forEach(BlobSender::proceed);
    }

    /** The connection is gone: what it had under way is given up. */
    void closed() {
        served.remove(this);
        iterators.close();
        List.copyOf(sending).forEach(sender -> sender.stop(new IOException("the client has gone")));
        committing.close();
        onClose.forEach(Runnable::run);
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
