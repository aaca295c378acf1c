package org.zeoraid.zeo.server;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;

/** A storage with the connections that are registered for it, and what changed lately. Safe for any number of threads. */
final class ServedStorage implements AutoCloseable {

    private static final long BATCH = 1 << 20;

    private record Changes(Tid tid, List<Oid> oids) {}

    private final Storage storage;
    private final ServerOptions options;
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private final Deque<Changes> recent = new ArrayDeque<>();
    private final Storage.Subscription subscription;
    private final Instant start;
    final LongAdder loads = new LongAdder();
    final LongAdder stores = new LongAdder();
    final LongAdder commits = new LongAdder();
    final LongAdder aborts = new LongAdder();
    final LongAdder conflicts = new LongAdder();
    final LongAdder active = new LongAdder();
    final LongAdder waiting = new LongAdder();
    /** From this transaction on, all changes are in {@link #recent}; guarded by it. */
    private @Nullable Tid knownSince;

    ServedStorage(Storage storage, ServerOptions options, Instant start) {
        this.storage = storage;
        this.options = options;
        this.start = start;
        this.subscription = storage.subscribe(new Fan());
        storage.lastTid().thenAccept(this::rememberSince);
    }

    Storage storage() {
        return storage;
    }

    void add(Session session) {
        sessions.add(session);
    }

    void remove(Session session) {
        sessions.remove(session);
    }

    private void rememberSince(Tid last) {
        synchronized (recent) {
            if (knownSince == null) {
                knownSince = recent.isEmpty() ? last : recent.getFirst().tid().before();
            }
        }
    }

    /** What changed after a tid, or nothing if that is no longer known. */
    CompletionStage<Optional<Map.Entry<Tid, Set<Oid>>>> changesSince(Tid since, Instant now) {
        synchronized (recent) {
            if (knownSince != null && knownSince.compareTo(since) <= 0) {
                Tid newest = recent.isEmpty() ? knownSince : recent.getLast().tid();
                Set<Oid> oids = new LinkedHashSet<>();
                for (Changes changes : recent) {
                    if (changes.tid().isAfter(since)) {
                        oids.addAll(changes.oids());
                    }
                }
                return CompletableFuture.completedFuture(Optional.of(Map.entry(newest, oids)));
            }
        }
        if (since.instant().plus(options.invalidationAge()).isAfter(now)) {
            Cursor<CommittedTransaction> cursor = storage.transactions(since.after(), Tid.MAX);
            return collect(cursor, since, new LinkedHashSet<>()).whenComplete((done, failure) -> cursor.close());
        }
        return CompletableFuture.completedFuture(Optional.empty());
    }

    private static CompletionStage<Optional<Map.Entry<Tid, Set<Oid>>>> collect(
            Cursor<CommittedTransaction> cursor, Tid newest, Set<Oid> oids) {
        return cursor.next(BATCH).thenCompose(batch -> {
            if (batch.isEmpty()) {
                return CompletableFuture.completedFuture(Optional.of(Map.entry(newest, oids)));
            }
            for (CommittedTransaction transaction : batch) {
                for (DataRecord entry : transaction.records()) {
                    oids.add(entry.oid());
                }
            }
            return collect(cursor, batch.get(batch.size() - 1).tid(), oids);
        });
    }

    /** Sizes, as {@code info} tells them. */
    CompletionStage<Map<Object, @Nullable Object>> sizes() {
        return storage.stats().thenApply(stats -> {
            Map<Object, @Nullable Object> sizes = new LinkedHashMap<>();
            sizes.put("length", stats.objects());
            sizes.put("size", stats.bytes());
            return sizes;
        });
    }

    /** Tells all clients the sizes, as after a pack. */
    void broadcastSizes() {
        sizes().thenAccept(sizes -> sessions.forEach(session -> session.tell("info", sizes)));
    }

    /** The figures of {@code server_status}. */
    CompletionStage<Map<Object, @Nullable Object>> status() {
        return storage.lastTid().thenApply(last -> {
            Map<Object, @Nullable Object> status = new LinkedHashMap<>();
            status.put("connections", (long) sessions.size());
            status.put("loads", loads.sum());
            status.put("stores", stores.sum());
            status.put("commits", commits.sum());
            status.put("aborts", aborts.sum());
            status.put("active_txns", active.sum());
            status.put("lock_time", null);
            status.put("conflicts", conflicts.sum());
            status.put("conflicts_resolved", 0L);
            status.put("start", CTime.format(start));
            status.put("waiting", waiting.sum());
            status.put("timeout-thread-is-alive", true);
            status.put("last-transaction", last.toString());
            return status;
        });
    }

    @Override
    public void close() {
        subscription.close();
        for (Session session : new ArrayList<>(sessions)) {
            session.disconnect("the server stops");
        }
    }

    private final class Fan implements Storage.InvalidationListener {

        @Override
        public void committed(Tid tid, List<Oid> oids, StorageTransaction by) {
            synchronized (recent) {
                recent.addLast(new Changes(tid, oids));
                if (knownSince == null) {
                    knownSince = tid.before();
                }
                while (recent.size() > options.invalidationQueueSize()) {
                    knownSince = recent.removeFirst().tid();
                }
            }
            for (Session session : sessions) {
                session.invalidate(tid, oids, by);
            }
        }

        @Override
        public void dropCaches() {
            synchronized (recent) {
                recent.clear();
                knownSince = null;
            }
            storage.lastTid().thenAccept(ServedStorage.this::rememberSince);
            // A client verifies its cache when it connects; there is no other way to tell it.
            for (Session session : sessions) {
                session.disconnect("clients have to verify their caches");
            }
        }
    }
}
