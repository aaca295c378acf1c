package org.zeoraid.zeo.server;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Appended;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.zeo.Extension;
import org.zeoraid.zeo.Rows;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.MalformedMessageException;
import org.zeoraid.zeo.codec.Tuple;

/** What clients of our own may ask for besides: {@link Extension}. Holds what one of them has open; slow calls, in their turn. */
final class Extensions {

    /** A transaction with more data than this is told of without it. */
    private static final long LARGE = 8 << 20;

    /** A message of a little more is still no object that a garbage collector has to find a place of its own for. */
    private static final long MOST_BYTES = 384 << 10;

    private static final long MOST_HEADERS = 100_000;
    private static final long LEAST_BYTES = 1;

    private final Session session;
    private final Memory memory;
    /** Appends are begun in their order, and do not wait for each other's end. */
    private final Lane appends;

    private final Map<Long, Bulk<?>> open = new HashMap<>();
    private long nextId;

    Extensions(Session session) {
        this.session = session;
        this.memory = session.server().memory();
        this.appends = new Lane(session.server().workers());
    }

    static void register(Method.Registry methods) {
        methods.add(Extension.APPEND, (s, r, a) -> {
            s.mayWrite();
            s.answer(r, s.extensions().append(a.tid(0), a.value(1)));
        });
        aside(methods, Extension.OPEN, (s, a) -> s.extensions().open(a.text(0), a.tid(1), a.tid(2)));
        aside(methods, Extension.NEXT, (s, a) -> s.extensions().next(a.number(0), a.number(1)));
        aside(methods, Extension.CLOSE, (s, a) -> s.extensions().close(a.number(0)));
        aside(methods, Extension.SERIALS, (s, a) -> serials(s.storage(), a.value(0)));
        aside(methods, Extension.HISTORY, (s, a) -> history(s.storage(), a.oid(0), a.number(1)));
        aside(methods, Extension.UNDO_LOG, (s, a) -> s.storage()
                .undoLog(bounded(a.number(0)), bounded(a.number(1)))
                .thenApply(Extensions::rows));
        methods.add(
                Extension.STATS,
                (s, r, a) -> s.answer(
                        r,
                        s.storage()
                                .stats()
                                .thenApply(stats ->
                                        Tuple.of(stats.objects(), stats.bytes(), Ids.bytes(stats.largestOid())))));
        methods.add(
                Extension.PACKED_TO,
                (s, r, a) -> s.answer(r, s.storage().packedTo().thenApply(tid -> tid.map(known -> Ids.bytes(known))
                        .orElse(null))));
        methods.add(Extension.PACK, (s, r, a) -> {
            s.mayWrite();
            s.answer(r, pack(s, a.tid(0), a.text(1), a.tidOr(2, Tid.MAX)));
        });
    }

    private static void aside(
            Method.Registry methods, String name, BiFunction<Session, Arguments, CompletionStage<?>> question) {
        methods.add(name, (s, r, a) -> s.answerAside(r, () -> question.apply(s, a)));
    }

    /** The answer to a client's label: what there is beside ZEO's own calls, for those that know of it. */
    static @Nullable Object greeting(Session session, String label) {
        if (!label.startsWith(Extension.LABEL + " ")) {
            return null;
        }
        Map<Object, @Nullable Object> offers = new LinkedHashMap<>();
        offers.put(Extension.VERSION, 1L);
        offers.put(Extension.IDENTITY, session.served().identity());
        return offers;
    }

    private CompletionStage<Tuple> append(Tid previous, @Nullable Object rows) {
        List<CommittedTransaction> transactions = new ArrayList<>();
        try {
            for (Object row : list(rows)) {
                if (!Rows.blobs(row).isEmpty()) {
                    throw new ProtocolException("transactions with blobs are not appended in batches");
                }
                transactions.add(Rows.transaction(row, (oid, tid) -> java.util.Optional.empty()));
            }
        } catch (MalformedMessageException | IllegalArgumentException e) {
            throw new ProtocolException("transactions that cannot be read: " + e.getMessage(), e);
        }
        ServedStorage served = session.served();
        return appends.ask(() -> served.storage().append(previous, transactions))
                .handle((appended, failure) -> {
                    if (appended == null) {
                        OutcomeUnknownException unknown =
                                new OutcomeUnknownException("an error of the server: " + failure);
                        return Tuple.of(0L, unknown.code(), unknown.getMessage());
                    }
                    served.commits.add(appended.count());
                    return told(appended);
                });
    }

    private static Tuple told(Appended appended) {
        StorageException failure = appended.failure().orElse(null);
        return Tuple.of(
                (long) appended.count(),
                failure == null ? null : failure.code(),
                failure == null ? null : String.valueOf(failure.getMessage()));
    }

    private CompletionStage<Long> open(String kind, Tid from, Tid to) {
        Storage storage = session.storage();
        Bulk<?> bulk =
                switch (kind) {
                    case Extension.TRANSACTIONS -> new Bulk<>(storage.transactions(from, to), Extensions::row);
                    case Extension.DIGESTS ->
                        new Bulk<>(
                                storage.transactions(from, to),
                                transaction -> Rows.of(TransactionDigest.of(transaction)));
                    case Extension.HEADERS -> new Bulk<>(storage.headers(from, to), Rows::withoutRecords);
                    case Extension.CURRENT -> new Bulk<>(storage.currentRecords(new Oid(from.value())), Rows::of);
                    case Extension.RECORDS -> new Bulk<>(new RecordCursor(storage.transactions(from, to)), Rows::of);
                    default -> throw new PythonException("builtins.ValueError", "no such kind of cursor");
                };
        long id = nextId++;
        open.put(id, bulk);
        if (!memory.keep(MOST_BYTES)
                || open.size() > session.options().limits().counts().iterators()) {
            close(id);
            throw new PythonException("ZODB.POSException.StorageError", "too many cursors are open");
        }
        return CompletableFuture.completedFuture(id);
    }

    private static Tuple row(CommittedTransaction transaction) {
        return transaction.dataBytes() > LARGE ? Rows.withoutRecords(transaction.header()) : Rows.of(transaction);
    }

    private CompletionStage<Tuple> next(long id, long bytes) {
        Bulk<?> bulk = open.get(id);
        if (bulk == null) {
            // Asked ahead, and closed at its end.
            return CompletableFuture.completedFuture(Tuple.EMPTY);
        }
        return bulk.next(Math.max(LEAST_BYTES, Math.min(bytes, MOST_BYTES)));
    }

    private CompletionStage<@Nullable Object> close(long id) {
        Bulk<?> bulk = open.remove(id);
        if (bulk != null) {
            memory.take(-MOST_BYTES);
            bulk.close();
        }
        return CompletableFuture.completedFuture(null);
    }

    /** In its turn among the slow calls. */
    void close() {
        List.copyOf(open.keySet()).forEach(this::close);
    }

    private static CompletionStage<Tuple> serials(Storage storage, @Nullable Object oids) {
        List<CompletableFuture<Tid>> serials = new ArrayList<>();
        for (Object oid : list(oids)) {
            if (!(oid instanceof byte[] bytes) || bytes.length != Long.BYTES) {
                throw new PythonException("builtins.TypeError", "an oid has 8 bytes");
            }
            serials.add(storage.serial(new Oid(Ids.number(bytes))).toCompletableFuture());
        }
        return CompletableFuture.allOf(serials.toArray(new CompletableFuture<?>[0]))
                .thenApply(done -> Tuple.of(
                        serials.stream().map(serial -> Ids.bytes(serial.join())).toArray()));
    }

    private static CompletionStage<Tuple> pack(Session session, Tid upTo, String garbage, Tid laterUpTo) {
        PackRequest.Garbage wanted = garbage.equals(PackRequest.Garbage.COLLECT.name())
                ? PackRequest.Garbage.COLLECT
                : PackRequest.Garbage.KEEP;
        return session.storage()
                .pack(new PackRequest(upTo, wanted, laterUpTo))
                .thenApply(result -> Tuple.of(
                        result.bytesBefore(),
                        result.bytesAfter(),
                        result.recordsDropped(),
                        result.note(),
                        result.decided()
                                .map(decided -> decided.garbage().name())
                                .orElse(null),
                        result.decided()
                                .map(decided -> Ids.bytes(decided.laterUpTo()))
                                .orElse(null)));
    }

    private static CompletionStage<Tuple> history(Storage storage, Oid oid, long limit) {
        return storage.history(oid, bounded(limit))
                .thenApply(entries -> rows(entries.stream()
                        .map(entry -> new TransactionHeader(
                                entry.tid(), TransactionStatus.COMMITTED, entry.meta(), entry.size()))
                        .toList()));
    }

    private static Tuple rows(List<TransactionHeader> headers) {
        return Tuple.of(headers.stream().map(Rows::withoutRecords).toArray());
    }

    private static int bounded(long count) {
        return (int) Math.max(0, Math.min(count, MOST_HEADERS));
    }

    private static List<?> list(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        throw new PythonException("builtins.TypeError", "a sequence was expected");
    }

    /** A cursor of the storage. */
    private static final class Bulk<T> {

        private final Cursor<T> cursor;
        private final Function<T, Tuple> shown;
        private boolean ended;

        Bulk(Cursor<T> cursor, Function<T, Tuple> shown) {
            this.cursor = cursor;
            this.shown = shown;
        }

        CompletionStage<Tuple> next(long bytes) {
            if (ended) {
                return CompletableFuture.completedFuture(Tuple.EMPTY);
            }
            return cursor.next(bytes).thenApply(batch -> {
                ended = batch.isEmpty();
                Object[] rows = new Object[batch.size()];
                for (int i = 0; i < rows.length; i++) {
                    rows[i] = shown.apply(batch.get(i));
                }
                return Tuple.of(rows);
            });
        }

        void close() {
            cursor.close();
        }
    }
}
