package org.zeoraid.zeo.server;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CommittedTransaction;
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

/** The iterators that a connection holds open. On its event loop. */
final class Iterators implements AutoCloseable {

    private static final long BATCH = 64 << 10;

    private final Storage storage;
    private final Executor loop;
    private final int limit;
    private final Map<Long, Walk<?>> walks = new HashMap<>();
    private long nextId;
    private @Nullable Walk<CurrentRecord> current;
    private @Nullable Oid currentNext;

    Iterators(Storage storage, Executor loop, int limit) {
        this.storage = storage;
        this.loop = loop;
        this.limit = limit;
    }

    long overTransactions(Tid from, Tid to) {
        return keep(new Walk<>(storage.headers(from, to), loop, Iterators::header));
    }

    /** An iterator over the records of the transaction that another iterator gave last. */
    CompletionStage<Long> overRecords(long transactions, Tid tid) {
        Walk<?> walk = walk(transactions);
        if (!tid.equals(walk.last instanceof TransactionHeader header ? header.tid() : null)) {
            throw new PythonException(
                    "builtins.ValueError", "the iterator " + transactions + " is not at transaction " + tid);
        }
        Cursor<CommittedTransaction> cursor = storage.transactions(tid, tid);
        return Loop.back(cursor.next(BATCH), loop).thenApply(batch -> {
            cursor.close();
            Iterator<DataRecord> records = batch.isEmpty()
                    ? List.<DataRecord>of().iterator()
                    : batch.get(0).records().iterator();
            return keep(new Walk<>(new Records(records), loop, entry -> row(entry, tid)));
        });
    }

    void drop(List<Long> ids) {
        for (Long id : ids) {
            Walk<?> walk = walks.remove(id);
            if (walk != null) {
                walk.close();
            }
        }
    }

    /** The current record of an oid, or of the first one behind it, and the oid that follows. */
    CompletionStage<@Nullable Tuple> currentRecord(Oid from) {
        Walk<CurrentRecord> walk = current;
        if (walk == null || !from.equals(currentNext)) {
            if (walk != null) {
                walk.close();
            }
            walk = new Walk<>(storage.currentRecords(from), loop, entry -> Tuple.EMPTY);
            current = walk;
        }
        Walk<CurrentRecord> used = walk;
        return used.next().thenCompose(found -> {
            if (found == null) {
                throw new PythonException("builtins.ValueError", "there is no object from " + from + " on");
            }
            return used.peek().thenApply(following -> {
                currentNext = following == null ? null : following.oid();
                return Tuple.of(
                        Ids.bytes(found.oid()),
                        Ids.bytes(found.serial()),
                        found.data(),
                        following == null ? null : Ids.bytes(following.oid()));
            });
        });
    }

    private static Tuple header(TransactionHeader header) {
        return Tuple.of(
                Ids.bytes(header.tid()),
                String.valueOf(header.status().letter()),
                header.meta().user(),
                header.meta().description(),
                Python.extension(header.meta()));
    }

    private static Tuple row(DataRecord entry, Tid tid) {
        return Tuple.of(
                Ids.bytes(entry.oid()),
                Ids.bytes(tid),
                entry.data().orElse(null),
                entry.content() instanceof Content.Link link ? Ids.bytes(link.origin()) : null);
    }

    private long keep(Walk<?> walk) {
        if (walks.size() >= limit) {
            walk.close();
            throw new PythonException(
                    "ZODB.POSException.StorageError", "more than " + limit + " iterators are open on this connection");
        }
        walks.put(nextId, walk);
        return nextId++;
    }

    private Walk<?> walk(long id) {
        Walk<?> walk = walks.get(id);
        if (walk == null) {
            throw new PythonException("builtins.KeyError", "no iterator " + id, Tuple.of(id));
        }
        return walk;
    }

    /** The next element of an iterator; null at its end, which is the iterator's end too. */
    CompletionStage<@Nullable Tuple> next(long id) {
        return walk(id).row().thenApply(row -> {
            if (row == null) {
                drop(List.of(id));
            }
            return row;
        });
    }

    @Override
    public void close() {
        drop(List.copyOf(walks.keySet()));
        if (current != null) {
            current.close();
        }
    }

    /** A cursor, one element at a time. */
    private static final class Walk<T> implements AutoCloseable {

        private final Cursor<T> cursor;
        private final Executor loop;
        private final Function<T, Tuple> shown;
        private final Queue<T> batch = new ArrayDeque<>();

        @Nullable T last;

        Walk(Cursor<T> cursor, Executor loop, Function<T, Tuple> shown) {
            this.cursor = cursor;
            this.loop = loop;
            this.shown = shown;
        }

        CompletionStage<@Nullable T> peek() {
            if (!batch.isEmpty()) {
                return CompletableFuture.completedFuture(batch.peek());
            }
            return Loop.back(cursor.next(BATCH), loop).thenApply(more -> {
                batch.addAll(more);
                return batch.peek();
            });
        }

        CompletionStage<@Nullable T> next() {
            return peek().thenApply(element -> {
                last = batch.poll();
                return element;
            });
        }

        CompletionStage<@Nullable Tuple> row() {
            return next().thenApply(element -> element == null ? null : shown.apply(element));
        }

        @Override
        public void close() {
            cursor.close();
        }
    }

    /** The records of one transaction as a cursor; they are read while it walks. */
    private record Records(Iterator<DataRecord> records) implements Cursor<DataRecord> {

        @Override
        public CompletionStage<List<DataRecord>> next(long maxBytes) {
            return CompletableFuture.completedFuture(records.hasNext() ? List.of(records.next()) : List.of());
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
