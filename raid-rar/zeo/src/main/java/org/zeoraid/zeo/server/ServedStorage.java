package org.zeoraid.zeo.server;

import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.ArrayAdministration;

/** A storage with the connections that are registered for it, and what changed lately. Safe for any number of threads. */
final class ServedStorage implements AutoCloseable {

    /** A storage that is served under two names, or by two servers of this process, is one storage. */
    private static final Map<Storage, String> IDENTITIES = Collections.synchronizedMap(new WeakHashMap<>());

    /** How long after the beginning a storage may take until it answers for the first time, an array to be assembled. */
    private static final Duration BEGINNING = Duration.ofSeconds(30);

    private static final long LOOK_MILLIS = 50;

    private record Awaiting(Tid tid, CompletableFuture<Void> announced) {}

    private final Offering offering;
    private final Storage storage;
    private final ServerOptions options;
    private final InstantSource clock;
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private final RecentChanges recent;
    private final Optional<SharedBlobs> sharedBlobs;
    private final Optional<BlobKeeper> keeper;
    private final Storage.Subscription subscription;
    private final Instant start;
    private final String identity;
    private final Sizes sizes;
    /** Since when those that have voted keep their objects locked. */
    private final Map<ServerTransaction, Instant> locking = new ConcurrentHashMap<>();
    /** Those that are being finished and have not been published, by what they are to the storage. */
    private final Map<StorageTransaction, ServerTransaction> finishing = new ConcurrentHashMap<>();

    private final Map<EventExecutor, Herald> heralds = new ConcurrentHashMap<>();
    final LongAdder loads = new LongAdder();
    final LongAdder stores = new LongAdder();
    final LongAdder commits = new LongAdder();
    final LongAdder aborts = new LongAdder();
    final LongAdder conflicts = new LongAdder();
    final LongAdder active = new LongAdder();
    final LongAdder waiting = new LongAdder();
    /** Who waits until transactions have been announced; guarded by itself. */
    private final Queue<Awaiting> awaiting = new PriorityQueue<>(Comparator.comparing(Awaiting::tid));
    /** The last transaction that all clients have been told of, as far as they are connected. */
    private volatile @Nullable Tid announced;
    /** The least that is told as the last transaction, later than anything a client may have seen of lost ones. */
    private volatile Tid atLeast = Tid.NONE;

    /** @param workers for what waits for a disk or takes long */
    ServedStorage(Offering offering, ServerOptions options, InstantSource clock, Executor workers) {
        this.offering = offering;
        this.storage = offering.storage();
        this.options = options;
        this.clock = clock;
        this.start = clock.instant();
        this.identity =
                IDENTITIES.computeIfAbsent(storage, s -> UUID.randomUUID().toString());
        this.sizes = new Sizes(storage, clock);
        this.recent = new RecentChanges(storage, options.invalidationQueueSize());
        this.sharedBlobs = offering.sharedBlobs().map(SharedBlobs::new);
        this.keeper = sharedBlobs.map(shared -> new BlobKeeper(storage, shared, workers));
        this.subscription = storage.subscribe(new Fan());
        workers.execute(() -> storage.lastTid().whenComplete((last, failure) -> {
            if (failure == null) {
                announce(last);
                recent.fill();
            }
        }));
    }

    /** What tells this storage from all others that are being served anywhere. */
    String identity() {
        return identity;
    }

    Storage storage() {
        return storage;
    }

    Optional<ArrayAdministration> administration() {
        return offering.administration();
    }

    Optional<SharedBlobs> sharedBlobs() {
        return sharedBlobs;
    }

    /** Who tells the clients on an event loop. */
    Herald herald(EventExecutor loop) {
        return heralds.computeIfAbsent(loop, Herald::new);
    }

    void add(Session session) {
        sessions.add(session);
    }

    void remove(Session session) {
        sessions.remove(session);
    }

    /** The last transaction that clients have been told of. */
    CompletionStage<Tid> lastTid() {
        return storage.lastTid().thenApply(last -> {
            if (announced == null) {
                announce(last);
            }
            Tid told = announced == null || announced.isAfter(last) ? last : announced;
            return atLeast.isAfter(told) ? atLeast : told;
        });
    }

    /**
     * The last transaction for a client that registers, as soon as there is one to tell. Who comes while an array is being
     * assembled waits: Python's client does not come back after a refusal, if another of its servers is down meanwhile.
     */
    CompletionStage<Tid> firstTid(EventExecutor loop) {
        CompletableFuture<Tid> first = new CompletableFuture<>();
        askFor(first, loop);
        return first;
    }

    private void askFor(CompletableFuture<Tid> first, EventExecutor loop) {
        lastTid().whenComplete((last, failure) -> {
            if (failure == null) {
                first.complete(last);
            } else if (announced == null && clock.instant().isBefore(start.plus(BEGINNING))) {
                loop.schedule(() -> askFor(first, loop), LOOK_MILLIS, TimeUnit.MILLISECONDS);
            } else {
                first.completeExceptionally(failure);
            }
        });
    }

    /** Whether clients have been told of all transactions up to this one. */
    boolean isAnnounced(Tid tid) {
        Tid last = announced;
        return tid.equals(Tid.NONE) || last != null && !tid.isAfter(last);
    }

    /** Completes when they have. */
    CompletionStage<Void> whenAnnounced(Tid tid) {
        if (isAnnounced(tid)) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> then = new CompletableFuture<>();
        synchronized (awaiting) {
            awaiting.add(new Awaiting(tid, then));
        }
        // Perhaps just now.
        complete();
        return then;
    }

    /** Everybody who is connected has been told of all transactions up to this one. */
    void announce(Tid tid) {
        boolean first;
        synchronized (awaiting) {
            Tid before = announced;
            first = before == null;
            if (before == null || tid.isAfter(before)) {
                announced = tid;
            }
        }
        if (first) {
            // Not before: a storage that has yet to assemble itself has nothing to bring in.
            keeper.ifPresent(BlobKeeper::start);
        }
        complete();
    }

    private void complete() {
        List<CompletableFuture<Void>> due = new ArrayList<>(0);
        synchronized (awaiting) {
            while (!awaiting.isEmpty() && isAnnounced(awaiting.element().tid())) {
                due.add(awaiting.remove().announced());
            }
        }
        due.forEach(future -> future.complete(null));
    }

    /** What changed after a tid, or nothing if that is no longer known. */
    CompletionStage<Optional<Map.Entry<Tid, Set<Oid>>>> changesSince(Tid since) {
        return recent.fill().handle((filled, failure) -> recent.since(since)).thenCompose(known -> {
            Duration age = options.invalidationAge();
            boolean young = !age.isZero() && since.instant().plus(age).isAfter(clock.instant());
            return known.isPresent() || !young ? CompletableFuture.completedFuture(known) : recent.readSince(since);
        });
    }

    Sizes sizes() {
        return sizes;
    }

    /** A transaction keeps its objects locked. */
    void locks(ServerTransaction transaction) {
        locking.putIfAbsent(transaction, clock.instant());
    }

    /** A transaction is about to be finished. */
    void finishes(ServerTransaction transaction) {
        finishing.put(transaction.storageTransaction(), transaction);
    }

    /** Whether one that has been finished was not published; asked once. */
    boolean isUnpublished(ServerTransaction transaction) {
        return finishing.remove(transaction.storageTransaction()) != null;
    }

    void ended(ServerTransaction transaction) {
        locking.remove(transaction);
    }

    /** The figures of {@code server_status}; those of a storage that cannot answer tell of no transaction. */
    CompletionStage<Map<Object, @Nullable Object>> status() {
        return storage.lastTid().handle((last, failure) -> {
            Map<Object, @Nullable Object> status = new LinkedHashMap<>();
            status.put("connections", (long) sessions.size());
            status.put("loads", loads.sum());
            status.put("stores", stores.sum());
            status.put("commits", commits.sum());
            status.put("aborts", aborts.sum());
            status.put("active_txns", active.sum());
            status.put("lock_time", lockTime());
            status.put("conflicts", conflicts.sum());
            status.put("conflicts_resolved", 0L);
            status.put("start", CTime.format(start));
            status.put("waiting", waiting.sum());
            status.put("timeout-thread-is-alive", options.transactionTimeout().isZero() ? "stub" : true);
            status.put("last-transaction", (failure == null ? last : Tid.NONE).toString());
            return status;
        });
    }

    /** Since when the oldest transaction that has voted keeps its objects locked, in seconds since 1970. */
    private @Nullable Double lockTime() {
        return locking.values().stream()
                .min(Comparator.naturalOrder())
                .map(since -> since.toEpochMilli() / 1000.0)
                .orElse(null);
    }

    @Override
    public void close() {
        subscription.close();
        keeper.ifPresent(BlobKeeper::close);
        for (Session session : new ArrayDeque<>(sessions)) {
            session.connection().farewell("the server stops");
        }
    }

    private final class Fan implements Storage.InvalidationListener {

        @Override
        public void committed(Tid tid, List<Oid> oids, StorageTransaction by) {
            ServerTransaction own = finishing.remove(by);
            if (own != null) {
                own.place(tid);
            }
            Changes changes = new Changes(tid, oids, own);
            recent.add(changes);
            heralds.values().forEach(herald -> herald.tell(changes));
            if (own == null) {
                keeper.ifPresent(blobs -> blobs.committed(changes));
            }
            announce(tid);
        }

        @Override
        public void packed() {
            sizes.ask().thenAccept(now -> sessions.forEach(session -> session.tell("info", now)));
            keeper.ifPresent(BlobKeeper::packed);
        }

        @Override
        public void dropCaches() {
            // A client verifies its cache when it connects, and drops it if what it saw last is older than this.
            storage.lastTid().whenComplete((last, failure) -> {
                Tid from = failure == null ? last.after() : Tid.at(clock.instant());
                atLeast = from;
                recent.forget(from);
                announce(from);
                sessions.stream().filter(Session::readsData).forEach(session -> session.connection()
                        .farewell("clients have to verify their caches"));
            });
        }
    }
}
