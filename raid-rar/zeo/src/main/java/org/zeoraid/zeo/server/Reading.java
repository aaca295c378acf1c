package org.zeoraid.zeo.server;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.HistoryEntry;
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
        methods.add(
                "lastTransaction",
                (s, r, a) -> s.answer(
                        r, s.served().lastTid(), last -> Ids.bytes(s.loads().atLeastTold(last))));
        methods.add("getInvalidations", (s, r, a) -> {
            Tid since = a.tid(0);
            s.answerAside(r, () -> changes(s, since));
        });
        methods.add("server_status", (s, r, a) -> s.answer(r, s.served().status()));
        methods.add("loadBefore", (s, r, a) -> s.loads().load(r, a.oid(0), a.tid(1)));
        methods.add("loadSerial", (s, r, a) -> {
            Tid serial = a.tid(1);
            s.answer(r, s.storage().loadSerial(a.oid(0), serial).thenCompose(data -> s.inStep(serial, data)));
        });
        methods.add("getTid", (s, r, a) -> s.answer(r, serial(s, a.oid(0))));
        methods.add("history", (s, r, a) -> {
            Oid oid = a.oid(0);
            long limit = a.count() > 1 ? a.number(1) : 1;
            s.answerAside(r, () -> history(s, oid, limit));
        });
        methods.add("new_oids", (s, r, a) -> s.answer(r, newOids(s, a.count() > 0 ? a.number(0) : MOST_OIDS)));
        methods.add("undoLog", (s, r, a) -> undoLog(s, r, a, Map.of()));
        methods.add("undoInfo", (s, r, a) -> undoLog(s, r, a, a.mapOrNone(2)));
        methods.add("sendBlob", (s, r, a) -> s.answer(r, sendBlob(s, a.oid(0), a.tid(1))));
        methods.add("pack", (s, r, a) -> pack(s, r, a.real(0), a.truthOr(1, true)));
    }

    private static CompletionStage<Map<Object, @Nullable Object>> info(Session session) {
        return session.served().sizes().ask().thenApply(sizes -> {
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
                .thenApply(found -> found.orElseThrow(() -> new ObjectNotFoundException(oid))
                        .serial())
                .thenCompose(serial -> session.inStep(serial, Ids.bytes(serial)));
    }

    private static CompletionStage<Tuple> history(Session session, Oid oid, long limit) {
        int bounded = (int) Math.max(1, Math.min(limit, MOST_HISTORY));
        return session.storage()
                .history(oid, bounded)
                .thenCompose(entries -> session.inStep(
                        entries.isEmpty() ? Tid.NONE : entries.get(0).tid(),
                        Tuple.of(entries.stream().map(Reading::row).toArray())));
    }

    private static Map<Object, @Nullable Object> row(HistoryEntry entry) {
        Map<Object, @Nullable Object> row = Python.describe(entry.meta(), entry.tid(), entry.size());
        row.put("tid", Ids.bytes(entry.tid()));
        return row;
    }

    private static void undoLog(Session session, Message request, Arguments arguments, Map<?, ?> filter) {
        UndoList list = new UndoList(session, filter);
        long first = arguments.number(0);
        long last = arguments.number(1);
        session.answerAside(request, () -> list.entries(first, last));
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
                .thenApply(result -> null);
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
        int most = session.options().limits().counts().blobs();
        if (session.blobsBeingSent() >= most) {
            throw new PythonException(
                    "ZODB.POSException.StorageError", "more than " + most + " blobs at once on this connection");
        }
        return session.send(
                new BlobSender(session.connection(), session.server().workers(), oid, serial, () -> session.storage()
                        .blob(oid, serial)
                        .thenCompose(blob -> session.inStep(serial, blob))));
    }
}
