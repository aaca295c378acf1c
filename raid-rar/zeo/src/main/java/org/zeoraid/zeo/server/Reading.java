package org.zeoraid.zeo.server;

import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.codec.Tuple;

/** The methods that read, and pack, which Python's server allows readers too. */
final class Reading {

    private static final int MOST_HISTORY = 100_000;
    private static final int MOST_OIDS = 100;

    /** Seconds since 1970 that a tid can tell. */
    private static final double LATEST = 250_000_000_000.0;

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

    private Reading() {}

    static void register(Method.Registry methods) {
        methods.add("register", (s, r, a) -> {
            throw new PythonException("builtins.ValueError", "duplicate register() call");
        });
        methods.add("ping", (s, r, a) -> s.reply(r, null));
        methods.add("set_client_label", (s, r, a) -> {
            s.connection().label(a.text(0));
            s.reply(r, Extensions.greeting(s, a.text(0)));
        });
        methods.add("get_info", (s, r, a) -> s.answer(r, info(s)));
        methods.add("lastTransaction", (s, r, a) -> s.answer(r, s.served().lastTid()));
        methods.add("getInvalidations", (s, r, a) -> s.answer(r, changes(s, a.tid(0))));
        methods.add("server_status", (s, r, a) -> s.answer(r, s.served().status()));
        methods.add("loadBefore", (s, r, a) -> s.loads().load(r, a.oid(0), a.tid(1)));
        methods.add("loadSerial", (s, r, a) -> s.answer(r, s.storage().loadSerial(a.oid(0), a.tid(1))));
        methods.add("getTid", (s, r, a) -> s.answer(r, serial(s, a.oid(0))));
        methods.add("history", (s, r, a) -> s.answer(r, history(s, a.oid(0), a.count() > 1 ? a.number(1) : 1)));
        methods.add("new_oids", (s, r, a) -> s.answer(r, newOids(s, a.count() > 0 ? a.number(0) : MOST_OIDS)));
        methods.add(
                "undoLog",
                (s, r, a) -> s.answer(r, new UndoList(s.storage(), Map.of()).entries(a.number(0), a.number(1))));
        methods.add(
                "undoInfo",
                (s, r, a) -> s.answer(r, new UndoList(s.storage(), a.mapOrNone(2)).entries(a.number(0), a.number(1))));
        methods.add("sendBlob", (s, r, a) -> s.answer(r, sendBlob(s, a.oid(0), a.tid(1))));
        methods.add("pack", (s, r, a) -> pack(s, r, a.real(0), a.truthOr(1, true)));
    }

    private static CompletionStage<Map<Object, @Nullable Object>> info(Session session) {
        return session.served().sizes().thenApply(sizes -> {
            Map<Object, @Nullable Object> info = new LinkedHashMap<>(sizes);
            info.put("name", session.storage().name());
            info.put("supportsUndo", true);
            info.put("supports_record_iternext", true);
            info.put("interfaces", INTERFACES);
            return info;
        });
    }

    private static CompletionStage<@Nullable Tuple> changes(Session session, Tid since) {
        return session.served().changesSince(since).thenApply(found -> found.map(
                        changes -> Tuple.of(Ids.bytes(changes.getKey()), Python.oids(List.copyOf(changes.getValue()))))
                .orElse(null));
    }

    private static CompletionStage<byte[]> serial(Session session, Oid oid) {
        return session.storage()
                .loadBefore(oid, Tid.MAX)
                .thenApply(found -> Ids.bytes(found.orElseThrow(() -> new ObjectNotFoundException(oid))
                        .serial()));
    }

    private static CompletionStage<Tuple> history(Session session, Oid oid, long limit) {
        int bounded = (int) Math.max(1, Math.min(limit, MOST_HISTORY));
        return session.storage()
                .history(oid, bounded)
                .thenApply(entries -> Tuple.of(entries.stream()
                        .map(entry -> {
                            Map<Object, @Nullable Object> row =
                                    Python.describe(entry.meta(), entry.tid(), entry.size());
                            row.put("tid", Ids.bytes(entry.tid()));
                            return row;
                        })
                        .toArray()));
    }

    private static CompletionStage<Tuple> newOids(Session session, long count) {
        session.mayWrite();
        return session.storage()
                .newOids((int) Math.max(1, Math.min(count, MOST_OIDS)))
                .thenApply(Python::oids);
    }

    private static void pack(Session session, Message request, double time, boolean wait) {
        CompletionStage<@Nullable Object> packed = session.storage()
                .pack(new PackRequest(moment(time), session.options().packGarbage()))
                .thenApply(result -> {
                    session.served().packed();
                    return null;
                });
        session.answer(request, wait ? packed : CompletableFuture.completedFuture(null));
    }

    /** The tid of seconds since 1970. */
    static Tid moment(double time) {
        if (!(time >= 0 && time < LATEST)) {
            throw new PythonException("builtins.ValueError", "no time since 1970 that a transaction can have: " + time);
        }
        long micros = (long) (time * 1e6);
        return Tid.at(
                Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000), Math.floorMod(micros, 1_000_000) * 1000L));
    }

    private static CompletionStage<Void> sendBlob(Session session, Oid oid, Tid serial) {
        int most = session.options().limits().blobsSent();
        if (session.blobsBeingSent() >= most) {
            throw new PythonException(
                    "ZODB.POSException.StorageError", "more than " + most + " blobs at once on this connection");
        }
        Connection connection = session.connection();
        CompletionStage<BlobSource> found = Loop.back(session.storage().blob(oid, serial), connection.loop());
        return found.handle((source, failure) -> {
                    if (failure != null) {
                        throw noBlob(oid, serial, failure);
                    }
                    return source;
                })
                .thenCompose(source -> {
                    try {
                        return session.send(
                                new BlobSender(connection, session.server().blocking(), oid, serial, source));
                    } catch (IOException e) {
                        throw new PythonException(
                                "ZODB.POSException.StorageError", "the blob cannot be read: " + e.getMessage());
                    }
                });
    }

    private static PythonException noBlob(Oid oid, Tid serial, Throwable failure) {
        PythonException error = Python.error(failure);
        return error.className().endsWith("POSKeyError")
                ? new PythonException(
                        error.className(), "no blob", Tuple.of("No blob file", Ids.bytes(oid), Ids.bytes(serial)))
                : error;
    }
}
