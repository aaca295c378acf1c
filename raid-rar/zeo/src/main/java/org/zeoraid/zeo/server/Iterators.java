package org.zeoraid.zeo.server;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Tuple;

/** The iterators that a connection holds open. One call at a time: the next one waits until the stage has completed. */
final class Iterators implements AutoCloseable {

    private static final long BATCH = 64 << 10;

    private final Session session;
    private final Storage storage;
    private final Memory memory;
    private final Map<Long, Rows<?>> open = new HashMap<>();
    private long nextId;
    private @Nullable Walk<CurrentRecord> current;
    private @Nullable Oid currentNext;

    Iterators(Session session) {
        this.session = session;
        this.storage = session.storage();
        this.memory = session.server().memory();
    }

    CompletionStage<Long> overTransactions(Tid from, Tid to) {
        return keep(new Transactions(storage.headers(from, to)));
    }

    /** An iterator over the records of the transaction that another iterator gave last. */
    CompletionStage<Long> overRecords(long transactions, Tid tid) {
        if (!(iterator(transactions) instanceof Transactions walk) || !tid.equals(walk.last)) {
            throw new PythonException(
                    "builtins.ValueError", "the iterator " + transactions + " is not at transaction " + tid);
        }
        return keep(new Records(tid, new RecordCursor(storage.transactions(tid, tid))));
    }

    private CompletionStage<Long> keep(Rows<?> rows) {
        int most = session.options().limits().counts().iterators();
        if (open.size() >= most) {
            rows.close();
            throw new PythonException(
                    "ZODB.POSException.StorageError", "more than " + most + " iterators are open on this connection");
        }
        rows.hold(BATCH);
        open.put(nextId, rows);
        return CompletableFuture.completedFuture(nextId++);
    }

    private Rows<?> iterator(long id) {
        Rows<?> rows = open.get(id);
        if (rows == null) {
            throw new PythonException("builtins.KeyError", "no iterator " + id, Tuple.of(id));
        }
        return rows;
    }

    /** The next element of an iterator; null at its end, which is the iterator's end too. */
    CompletionStage<@Nullable Tuple> next(long id) {
        return iterator(id).row().thenApply(row -> {
            if (row == null) {
                drop(List.of(id));
            }
            return row;
        });
    }

    void drop(List<Long> ids) {
        for (Long id : ids) {
            Rows<?> rows = open.remove(id);
            if (rows != null) {
                rows.close();
            }
        }
    }

    /** The current record of an oid, or of the first one behind it, and the oid that follows. */
    CompletionStage<Tuple> currentRecord(Oid from) {
        Walk<CurrentRecord> walk = current;
        if (walk == null || !from.equals(currentNext)) {
            if (walk != null) {
                walk.close();
            }
            walk = new Walk<>(storage.currentRecords(from));
            current = walk;
        }
        Walk<CurrentRecord> used = walk;
        return used.next().thenCompose(found -> {
            if (found == null) {
                throw new PythonException("builtins.ValueError", "there is no object from " + from + " on");
            }
            return used.peek().thenCompose(following -> {
                currentNext = following == null ? null : following.oid();
                Tuple row = Tuple.of(
                        Ids.bytes(found.oid()),
                        Ids.bytes(found.serial()),
                        found.data(),
                        following == null ? null : Ids.bytes(following.oid()));
                return session.inStep(found.serial(), row);
            });
        });
    }

    @Override
    public void close() {
        drop(List.copyOf(open.keySet()));
        if (current != null) {
            current.close();
        }
    }

    /** A cursor, one element at a time. */
    private static class Walk<T> implements AutoCloseable {

        private final Cursor<T> cursor;
        private final Queue<T> batch = new ArrayDeque<>();

        Walk(Cursor<T> cursor) {
            this.cursor = cursor;
        }

        final CompletionStage<@Nullable T> peek() {
            if (!batch.isEmpty()) {
                return CompletableFuture.completedFuture(batch.peek());
            }
            return cursor.next(BATCH).thenApply(more -> {
                batch.addAll(more);
                return batch.peek();
            });
        }

        final CompletionStage<@Nullable T> next() {
            return peek().thenApply(element -> {
                batch.poll();
                return element;
            });
        }

        @Override
        public void close() {
            cursor.close();
        }
    }

    /** A walk that a client knows by a number. */
    private abstract class Rows<T> extends Walk<T> {

        private long held;

        Rows(Cursor<T> cursor) {
            super(cursor);
        }

        /** The next element as it is told; null at the end. */
        abstract CompletionStage<@Nullable Tuple> row();

        /** @throws PythonException if all clients together have the server hold too much; the walk is closed then */
        final void hold(long bytes) {
            held += bytes;
            if (!memory.keep(bytes)) {
                close();
                throw new PythonException(
                        "ZODB.POSException.StorageError",
                        "all clients together have the server hold more than " + memory.most() + " bytes");
            }
        }

        @Override
        public void close() {
            super.close();
            memory.take(-held);
            held = 0;
        }
    }

    private final class Transactions extends Rows<TransactionHeader> {

        @Nullable Tid last;

        Transactions(Cursor<TransactionHeader> headers) {
            super(headers);
        }

        @Override
        CompletionStage<@Nullable Tuple> row() {
            return next().thenCompose(header -> {
                last = header == null ? null : header.tid();
                return header == null
                        ? CompletableFuture.completedFuture(null)
                        : session.inStep(header.tid(), row(header));
            });
        }

        private Tuple row(TransactionHeader header) {
            return Tuple.of(
                    Ids.bytes(header.tid()),
                    String.valueOf(header.status().letter()),
                    header.meta().user(),
                    header.meta().description(),
                    Python.extension(header.meta()));
        }
    }

    private final class Records extends Rows<DataRecord> {

        private final Tid tid;
        private final RecordCursor records;
        private boolean begun;

        Records(Tid tid, RecordCursor records) {
            super(records);
            this.tid = tid;
            this.records = records;
        }

        @Override
        CompletionStage<@Nullable Tuple> row() {
            return next().thenApply(entry -> {
                if (!begun) {
                    begun = true;
                    hold(records.held());
                }
                return entry == null ? null : row(entry);
            });
        }

        private Tuple row(DataRecord entry) {
            return Tuple.of(
                    Ids.bytes(entry.oid()),
                    Ids.bytes(tid),
                    entry.data().orElse(null),
                    entry.content() instanceof Content.Link link ? Ids.bytes(link.origin()) : null);
        }
    }
}
