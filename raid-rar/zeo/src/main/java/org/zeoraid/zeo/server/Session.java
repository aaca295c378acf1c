package org.zeoraid.zeo.server;

import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.Conflict;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.codec.Tuple;

/** A registered client of one storage: its calls, its transaction, its iterators. On the connection's event loop. */
final class Session {

    /** What a method does with a request; what it throws becomes the error reply. */
    @FunctionalInterface
    private interface Method {
        void call(Session session, Message request, Arguments arguments);
    }

    private static final Map<String, Method> METHODS = methods();

    private final Connection connection;
    private final ServedStorage served;
    private final Storage storage;
    private final ServerOptions options;
    private final boolean readOnly;
    private final ZeoServer server;
    private final Iterators iterators;
    private final List<BlobSender> sending = new ArrayList<>();
    private @Nullable ServerTransaction transaction;
    private @Nullable ScheduledFuture<?> transactionTimer;
    private volatile @Nullable StorageTransaction own;

    Session(Connection connection, ServedStorage served, ServerOptions options, boolean readOnly, ZeoServer server) {
        this.connection = connection;
        this.served = served;
        this.storage = served.storage();
        this.options = options;
        this.readOnly = readOnly;
        this.server = server;
        this.iterators =
                new Iterators(storage, connection.loop(), options.limits().iterators());
    }

    CompletionStage<byte[]> lastTid() {
        return storage.lastTid().thenApply(Python::bytes);
    }

    void handle(Message request) {
        Method method = METHODS.get(request.method());
        if (method == null) {
            connection.close("it called " + Connection.printable(request.method()) + ", which is no method");
            return;
        }
        method.call(this, request, new Arguments(request.method(), request.arguments()));
    }

    private static Map<String, Method> methods() {
        Map<String, Method> methods = new LinkedHashMap<>();
        methods.put("register", (s, r, a) -> {
            throw new PythonException("builtins.ValueError", "duplicate register() call");
        });
        methods.put("ping", (s, r, a) -> s.answer(r, (Object) null));
        methods.put("set_client_label", (s, r, a) -> {
            s.connection.label(a.text(0));
            s.answer(r, (Object) null);
        });
        methods.put("get_info", (s, r, a) -> s.answer(r, s.info()));
        methods.put("lastTransaction", (s, r, a) -> s.answer(r, s.lastTid()));
        methods.put("getInvalidations", (s, r, a) -> s.answer(r, s.changes(a.tid(0))));
        methods.put("server_status", (s, r, a) -> s.answer(r, s.served.status()));
        methods.put("loadBefore", (s, r, a) -> s.loadBefore(r, a.oid(0), a.tid(1)));
        methods.put("loadSerial", (s, r, a) -> s.answer(r, s.storage.loadSerial(a.oid(0), a.tid(1))));
        methods.put("getTid", (s, r, a) -> s.answer(r, s.serial(a.oid(0))));
        methods.put("history", (s, r, a) -> s.answer(r, s.history(a.oid(0), a.count() > 1 ? a.number(1) : 1)));
        methods.put("new_oids", (s, r, a) -> s.answer(r, s.newOids(a.count() > 0 ? a.number(0) : 100)));
        methods.put(
                "undoLog",
                (s, r, a) -> s.answer(r, new UndoList(s.storage, Map.of()).entries(a.number(0), a.number(1))));
        methods.put(
                "undoInfo",
                (s, r, a) -> s.answer(r, new UndoList(s.storage, a.mapOrNone(2)).entries(a.number(0), a.number(1))));
        methods.put(
                "iterator_start",
                (s, r, a) -> s.answer(r, s.iterators.overTransactions(a.tidOr(0, Tid.NONE), a.tidOr(1, Tid.MAX))));
        methods.put("iterator_next", (s, r, a) -> s.answer(r, s.iterators.nextTransaction(a.number(0))));
        methods.put("iterator_record_start", (s, r, a) -> s.answer(r, s.iterators.overRecords(a.number(0), a.tid(1))));
        methods.put("iterator_record_next", (s, r, a) -> s.answer(r, s.iterators.nextRecord(a.number(0))));
        methods.put("iterator_gc", (s, r, a) -> {
            s.iterators.drop(a.numbers(0));
            s.answer(r, (Object) null);
        });
        methods.put(
                "record_iternext",
                (s, r, a) -> s.answer(
                        r,
                        s.iterators.currentRecord(new Oid(a.tidOr(0, Tid.NONE).value()))));
        methods.put("sendBlob", (s, r, a) -> s.sendBlob(r, a.oid(0), a.tid(1)));
        methods.put("pack", (s, r, a) -> s.pack(r, a.real(0), a.truthOr(1, true)));
        methods.put("tpc_begin", (s, r, a) -> s.begin(r, a));
        methods.put("storea", (s, r, a) -> {
            s.transaction(a.value(3)).store(a.oid(0), a.tid(1), a.bytes(2));
            s.stored(r);
        });
        methods.put("checkCurrentSerialInTransaction", (s, r, a) -> {
            s.transaction(a.value(2)).checkCurrent(a.oid(0), a.tid(1));
            s.answer(r, (Object) null);
        });
        methods.put("restorea", (s, r, a) -> s.restore(r, a));
        methods.put("deleteObject", (s, r, a) -> {
            s.transaction(a.value(2)).delete(a.oid(0), a.tid(1));
            s.stored(r);
        });
        methods.put("undoa", (s, r, a) -> {
            s.transaction(a.value(1)).undo(Python.fromUndoId(a.bytesOrText(0)));
            s.answer(r, (Object) null);
        });
        methods.put("storeBlobStart", (s, r, a) -> s.blob(r, t -> t.blobStart(s.options.spool())));
        methods.put("storeBlobChunk", (s, r, a) -> s.blob(r, t -> t.blobChunk(a.bytes(0))));
        methods.put("storeBlobEnd", (s, r, a) -> {
            StorageTransaction open = s.transaction(a.value(3));
            s.blob(r, t -> open.storeBlob(a.oid(0), a.tid(1), a.bytes(2), t.blobEnd()));
            s.served.stores.increment();
        });
        methods.put("vote", (s, r, a) -> s.vote(r, a.value(0)));
        methods.put("tpc_finish", (s, r, a) -> s.finish(r, a.value(0)));
        methods.put("tpc_abort", (s, r, a) -> s.abort(r, a.value(0)));
        return Map.copyOf(methods);
    }

    private void answer(Message request, @Nullable Object value) {
        connection.answer(request, CompletableFuture.completedFuture(value));
    }

    private void answer(Message request, CompletionStage<?> value) {
        connection.answer(request, value);
    }

    private CompletionStage<Map<Object, @Nullable Object>> info() {
        return served.sizes().thenApply(sizes -> {
            Map<Object, @Nullable Object> info = new LinkedHashMap<>(sizes);
            info.put("name", storage.name());
            info.put("supportsUndo", true);
            info.put("supports_record_iternext", true);
            info.put("interfaces", INTERFACES);
            return info;
        });
    }

    /** What a Python client makes itself provide, and so which calls it makes. */
    private static final Tuple INTERFACES = Tuple.of(
            Tuple.of("ZODB.interfaces", "IBlobStorageRestoreable"),
            Tuple.of("ZODB.interfaces", "IBlobStorage"),
            Tuple.of("ZODB.interfaces", "IStorageRestoreable"),
            Tuple.of("ZODB.interfaces", "IStorageIteration"),
            Tuple.of("ZODB.interfaces", "IStorageUndoable"),
            Tuple.of("ZODB.interfaces", "IStorageCurrentRecordIteration"),
            Tuple.of("ZODB.interfaces", "IExternalGC"),
            Tuple.of("ZODB.interfaces", "IStorage"),
            Tuple.of("zope.interface", "Interface"));

    private CompletionStage<@Nullable Tuple> changes(Tid since) {
        return served.changesSince(since, server.now()).thenApply(found -> found.map(changes ->
                        Tuple.of(Python.bytes(changes.getKey()), Python.oids(List.copyOf(changes.getValue()))))
                .orElse(null));
    }

    private void loadBefore(Message request, Oid oid, Tid before) {
        served.loads.increment();
        answer(request, storage.loadBefore(oid, before).thenApply(found -> found.map(revision -> Tuple.of(
                        revision.data(),
                        Python.bytes(revision.serial()),
                        revision.isCurrent() ? null : Python.bytes(revision.end())))
                .orElse(null)));
    }

    private CompletionStage<byte[]> serial(Oid oid) {
        return storage.loadBefore(oid, Tid.MAX)
                .thenApply(found -> Python.bytes(found.orElseThrow(() -> new ObjectNotFoundException(oid))
                        .serial()));
    }

    private CompletionStage<Tuple> history(Oid oid, long limit) {
        int bounded = (int) Math.max(1, Math.min(limit, 100_000));
        return storage.history(oid, bounded)
                .thenApply(entries -> Tuple.of(entries.stream()
                        .map(entry -> {
                            Map<Object, @Nullable Object> row =
                                    Python.describe(entry.meta(), entry.tid(), entry.size());
                            row.put("tid", Python.bytes(entry.tid()));
                            return row;
                        })
                        .toArray()));
    }

    private CompletionStage<Tuple> newOids(long count) {
        mayWrite();
        return storage.newOids((int) Math.max(1, Math.min(count, 100))).thenApply(Python::oids);
    }

    private void pack(Message request, double time, boolean wait) {
        long micros = (long) (time * 1e6);
        Tid upTo = Tid.at(
                Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000), Math.floorMod(micros, 1_000_000) * 1000L));
        CompletionStage<@Nullable Object> packed = storage.pack(new PackRequest(upTo, options.packGarbage()))
                .thenApply(result -> {
                    served.broadcastSizes();
                    return null;
                });
        answer(request, wait ? packed : CompletableFuture.completedFuture(null));
    }

    private void sendBlob(Message request, Oid oid, Tid serial) {
        CompletionStage<BlobSource> found = Loop.back(storage.blob(oid, serial), connection.loop());
        answer(
                request,
                found.handle((source, failure) -> {
                            if (failure != null) {
                                PythonException error = Python.error(failure);
                                throw error.className().endsWith("POSKeyError")
                                        ? new PythonException(
                                                error.className(),
                                                "no blob",
                                                Tuple.of("No blob file", Python.bytes(oid), Python.bytes(serial)))
                                        : error;
                            }
                            return source;
                        })
                        .thenCompose(source -> {
                            try {
                                BlobSender sender = new BlobSender(connection, server.blocking(), oid, serial, source);
                                sending.add(sender);
                                return sender.send().whenComplete((done, failure) -> sending.remove(sender));
                            } catch (IOException e) {
                                throw new PythonException(
                                        "ZODB.POSException.StorageError", "the blob cannot be read: " + e);
                            }
                        }));
    }

    private void mayWrite() {
        if (readOnly) {
            throw new PythonException("ZODB.POSException.ReadOnlyError", "registered for reading", Tuple.EMPTY);
        }
    }

    private void begin(Message request, Arguments arguments) {
        mayWrite();
        Object id = arguments.value(0);
        if (transaction != null) {
            if (transaction.id().equals(id)) {
                answer(request, (Object) null);
                return;
            }
            throw new PythonException(
                    "ZODB.POSException.StorageTransactionError", "one transaction at a time on a connection");
        }
        if (id == null) {
            throw new PythonException("builtins.TypeError", "tpc_begin() needs a transaction id");
        }
        TransactionMeta meta = Python.meta(arguments.bytesOrText(1), arguments.bytesOrText(2), arguments.mapOrNone(3));
        boolean packed = arguments.count() > 5 && arguments.text(5).equals("p");
        Tid tid = arguments.tidOr(4, Tid.NONE);
        StorageTransaction begun = tid.equals(Tid.NONE)
                ? storage.begin(meta)
                : storage.begin(meta, tid, packed ? TransactionStatus.PACKED : TransactionStatus.COMMITTED);
        transaction = new ServerTransaction(id, begun);
        own = begun;
        served.active.increment();
        answer(request, (Object) null);
    }

    private void restore(Message request, Arguments arguments) {
        Oid oid = arguments.oid(0);
        Tid origin = arguments.tidOr(3, Tid.NONE);
        Object data = arguments.value(2);
        Content content;
        if (data == null) {
            content = Content.ABSENT;
        } else if (origin.equals(Tid.NONE)) {
            content = new Content.Data(arguments.bytes(2));
        } else {
            content = new Content.Link(origin, arguments.bytes(2));
        }
        transaction(arguments.value(4)).restore(new DataRecord(oid, content));
        stored(request);
    }

    private void stored(Message request) {
        served.stores.increment();
        answer(request, (Object) null);
    }

    private void blob(Message request, Consumer<ServerTransaction> step) {
        if (transaction == null) {
            throw new PythonException("ZODB.POSException.StorageTransactionError", "a blob outside a transaction");
        }
        ServerTransaction open = transaction;
        CompletionStage<?> written = CompletableFuture.runAsync(() -> step.accept(open), server.blocking());
        connection.holdUntil(written);
        answer(request, written.thenApply(done -> null));
    }

    private StorageTransaction transaction(@Nullable Object id) {
        mayWrite();
        if (transaction == null || !transaction.id().equals(id)) {
            throw new PythonException("ZODB.POSException.StorageTransactionError", "no such transaction is under way");
        }
        return transaction.transaction();
    }

    private void vote(Message request, @Nullable Object id) {
        StorageTransaction voting = transaction(id);
        served.waiting.increment();
        CompletionStage<List<Oid>> vote = Loop.back(voting.vote(), connection.loop());
        connection.holdUntil(vote);
        answer(request, vote.handle((undone, failure) -> {
            served.waiting.decrement();
            if (failure == null) {
                voted();
                return Python.oids(undone);
            }
            Throwable cause = failure.getCause() == null ? failure : failure.getCause();
            if (cause instanceof ConflictException conflict) {
                served.conflicts.increment();
                if (canResolve(conflict)) {
                    return toResolve(conflict);
                }
            }
            end(transaction);
            voting.abort();
            throw Python.error(cause);
        }));
    }

    private void voted() {
        if (transaction != null) {
            transaction.state = ServerTransaction.State.VOTED;
        }
        Duration timeout = options.transactionTimeout();
        if (!timeout.isZero()) {
            transactionTimer = connection
                    .loop()
                    .schedule(
                            () -> connection.close(
                                    "its transaction was not finished " + timeout.toSeconds() + " s after the vote"),
                            timeout.toMillis(),
                            TimeUnit.MILLISECONDS);
        }
    }

    /** Only changed data can be merged; and only a client has the classes for it. */
    private boolean canResolve(ConflictException conflict) {
        return options.conflicts() == ServerOptions.Conflicts.RESOLVED_BY_CLIENTS
                && !conflict.conflicts().isEmpty()
                && conflict.conflicts().stream()
                        .allMatch(c -> c.kind() == Conflict.Kind.WRITE
                                && c.data().length > 0
                                && !c.committed().equals(Tid.NONE)
                                && !c.based().equals(Tid.NONE));
    }

    private static Tuple toResolve(ConflictException conflict) {
        return Tuple.of(conflict.conflicts().stream()
                .map(one -> {
                    Map<Object, @Nullable Object> row = new LinkedHashMap<>();
                    row.put("oid", Python.bytes(one.oid()));
                    row.put("serials", Python.serials(one));
                    row.put("data", one.data());
                    return row;
                })
                .toArray());
    }

    private void finish(Message request, @Nullable Object id) {
        mayWrite();
        ServerTransaction finishing = transaction;
        if (finishing == null || !finishing.id().equals(id)) {
            // Sent ahead behind a vote that failed: the vote's reply has said so.
            answer(request, (Object) null);
            return;
        }
        if (finishing.state != ServerTransaction.State.VOTED) {
            throw new PythonException("ZODB.POSException.StorageTransactionError", "tpc_finish without a vote");
        }
        finishing.state = ServerTransaction.State.FINISHING;
        stopTimer();
        served.commits.increment();
        CompletionStage<Tid> finish = finishing.transaction().finish();
        CompletionStage<byte[]> told = finish.thenCompose(tid -> served.sizes().thenApply(sizes -> {
            tell("info", sizes);
            return Python.bytes(tid);
        }));
        CompletionStage<byte[]> done = Loop.back(told, connection.loop());
        connection.holdUntil(done);
        answer(request, done.whenComplete((tid, failure) -> end(finishing)));
    }

    private void abort(Message request, @Nullable Object id) {
        ServerTransaction aborting = transaction;
        if (aborting == null || !aborting.id().equals(id)) {
            answer(request, (Object) null);
            return;
        }
        served.aborts.increment();
        end(aborting);
        answer(request, aborting.transaction().abort().thenApply(done -> null));
    }

    private void end(@Nullable ServerTransaction ended) {
        stopTimer();
        if (ended != null && ended == transaction) {
            transaction = null;
            own = null;
            served.active.decrement();
            server.blocking().execute(ended::discard);
        }
    }

    private void stopTimer() {
        if (transactionTimer != null) {
            transactionTimer.cancel(false);
            transactionTimer = null;
        }
    }

    /** Tells the client of a transaction unless it is its own; from any thread, before reads can show it. */
    void invalidate(Tid tid, List<Oid> oids, StorageTransaction by) {
        if (by != own) {
            tell("invalidateTransaction", Python.bytes(tid), Python.oids(oids));
        }
    }

    /** Sends a one-way call; from any thread. */
    void tell(String method, @Nullable Object... arguments) {
        connection.tell(Message.oneWay(method, arguments));
    }

    /** From any thread. */
    void disconnect(String reason) {
        connection.close(reason);
    }

    void writable() {
        List.copyOf(sending).forEach(BlobSender::proceed);
    }

    /** The connection is gone: what it had under way is given up. */
    void closed() {
        served.remove(this);
        iterators.close();
        List.copyOf(sending).forEach(sender -> sender.stop(new IOException("the client has gone")));
        ServerTransaction open = transaction;
        if (open != null && open.state != ServerTransaction.State.FINISHING) {
            end(open);
            open.transaction().abort();
        }
    }

    /** For the log. */
    @Override
    public String toString() {
        return storage.name() + " for " + connection.label();
    }

    static String names(Map<String, ServedStorage> storages) {
        return storages.keySet().stream().sorted().collect(Collectors.joining(", "));
    }
}
