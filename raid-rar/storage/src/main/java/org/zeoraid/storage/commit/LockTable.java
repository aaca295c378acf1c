package org.zeoraid.storage.commit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.seam.Environment;

/**
 * Who may change, and who relies on, which objects. A request takes its objects in the order of their oids and waits at
 * the first one it cannot have, behind those that came before; no thread waits with it. Two requests of one vote each
 * cannot block each other for good; a holder that asks for more can, and the deadline ends that.
 *
 * <p>Guarded by its own monitor; stages are completed outside of it.
 */
final class LockTable {

    /** How an object is locked. */
    enum Mode {
        /** Nobody may change it. */
        SHARED,
        /** Nobody else may change it or rely on it. */
        EXCLUSIVE
    }

    /** Whoever holds locks. Its text tells an admin who that is. */
    static final class Holder {
        private final TransactionMeta meta;
        private final Map<Oid, Mode> held = new HashMap<>();
        private @Nullable Request pending;
        private boolean gone;
        private volatile @Nullable BranchId branch;

        Holder(TransactionMeta meta) {
            this.meta = meta;
        }

        /** It was prepared as a branch of a global transaction, and may hold its locks for long. */
        void became(BranchId prepared) {
            branch = prepared;
        }

        @Override
        public String toString() {
            BranchId prepared = branch;
            if (prepared != null) {
                return "the prepared branch " + prepared + ", which its transaction manager has not decided yet,";
            }
            String who = (meta.userText() + " " + meta.descriptionText()).strip();
            return who.isEmpty() ? "another transaction" : "the transaction '" + who + "'";
        }
    }

    private static final class Entry {
        private @Nullable Holder exclusive;
        private int shared;
        private final ArrayDeque<Request> queue = new ArrayDeque<>(0);

        boolean isUnused() {
            return exclusive == null && shared == 0 && queue.isEmpty();
        }
    }

    private static final class Request {
        private final Holder holder;
        private final List<Map.Entry<Oid, Mode>> wanted;
        private final CompletableFuture<Void> granted = new CompletableFuture<>();
        private int next;

        Request(Holder holder, SortedMap<Oid, Mode> wanted) {
            this.holder = holder;
            this.wanted = new ArrayList<>(wanted.entrySet());
        }

        Oid oid() {
            return wanted.get(next).getKey();
        }

        Mode mode() {
            return wanted.get(next).getValue();
        }
    }

    private final Environment environment;
    private final Duration wait;
    private final Map<Oid, Entry> entries = new HashMap<>();

    LockTable(Environment environment, Duration wait) {
        this.environment = environment;
        this.wait = wait;
    }

    /**
     * Takes locks in addition to those that the holder has.
     *
     * @throws ConflictException (in the stage) without conflicts if that took too long; what was got is still held
     * @throws StorageClosedException (in the stage) if the holder released everything meanwhile
     */
    CompletionStage<Void> acquire(Holder holder, SortedMap<Oid, Mode> wanted) {
        Request request = new Request(holder, wanted);
        synchronized (this) {
            if (holder.gone) {
                return CompletableFuture.failedFuture(released());
            }
            if (advance(request)) {
                return Stages.done();
            }
            holder.pending = request;
        }
        Environment.Timer timer = environment.schedule(wait, () -> expire(request));
        request.granted.whenComplete((nothing, error) -> timer.close());
        return request.granted;
    }

    /** Gives up all locks of a holder, for good, and what it waits for. */
    void release(Holder holder) {
        List<Request> granted = new ArrayList<>(0);
        Request abandoned;
        synchronized (this) {
            holder.gone = true;
            abandoned = holder.pending;
            if (abandoned != null) {
                leaveQueue(abandoned, granted);
            }
            holder.held.forEach((oid, mode) -> {
                Entry entry = entryOf(oid);
                if (mode == Mode.EXCLUSIVE) {
                    entry.exclusive = null;
                } else {
                    entry.shared--;
                }
                wake(oid, entry, granted);
            });
            holder.held.clear();
        }
        if (abandoned != null) {
            abandoned.granted.completeExceptionally(released());
        }
        complete(granted);
    }

    /** How many objects are locked or waited for. */
    synchronized int size() {
        return entries.size();
    }

    private void expire(Request request) {
        List<Request> granted = new ArrayList<>(0);
        StorageException failure;
        synchronized (this) {
            if (request.holder.pending != request) {
                return;
            }
            Oid oid = request.oid();
            Entry entry = entryOf(oid);
            failure = new ConflictException("object " + oid + " was not free within " + wait.toMillis() + " ms: "
                    + (entry.exclusive == null
                            ? "other transactions rely on it"
                            : entry.exclusive + " is committing it")
                    + "; retry");
            leaveQueue(request, granted);
        }
        request.granted.completeExceptionally(failure);
        complete(granted);
    }

    private static void complete(List<Request> granted) {
        for (Request request : granted) {
            request.granted.complete(null);
        }
    }

    private static StorageException released() {
        return new StorageClosedException("the transaction was aborted");
    }

    private Entry entryOf(Oid oid) {
        return entries.computeIfAbsent(oid, key -> new Entry());
    }

    private void leaveQueue(Request request, List<Request> granted) {
        Oid oid = request.oid();
        Entry entry = entryOf(oid);
        request.holder.pending = null;
        entry.queue.remove(request);
        wake(oid, entry, granted);
    }

    /** Takes what can be taken; false if the request now waits in a queue. */
    private boolean advance(Request request) {
        for (; request.next < request.wanted.size(); request.next++) {
            Entry entry = entryOf(request.oid());
            Mode has = request.holder.held.get(request.oid());
            boolean upgrade = has == Mode.SHARED && request.mode() == Mode.EXCLUSIVE;
            if (has != null && !upgrade) {
                continue;
            }
            if ((entry.queue.isEmpty() || upgrade) && isFree(entry, request)) {
                take(entry, request);
            } else if (upgrade) {
                // Those in the queue wait for this holder too; behind them it would wait for ever.
                entry.queue.addFirst(request);
                return false;
            } else {
                entry.queue.addLast(request);
                return false;
            }
        }
        return true;
    }

    private static boolean isFree(Entry entry, Request request) {
        if (entry.exclusive != null) {
            return false;
        }
        if (request.mode() == Mode.SHARED) {
            return true;
        }
        int own = request.holder.held.containsKey(request.oid()) ? 1 : 0;
        return entry.shared == own;
    }

    private static void take(Entry entry, Request request) {
        Mode had = request.holder.held.put(request.oid(), request.mode());
        if (had == Mode.SHARED) {
            entry.shared--;
        }
        if (request.mode() == Mode.EXCLUSIVE) {
            entry.exclusive = request.holder;
        } else {
            entry.shared++;
        }
    }

    private void wake(Oid oid, Entry entry, List<Request> granted) {
        while (!entry.queue.isEmpty() && isFree(entry, entry.queue.getFirst())) {
            Request request = entry.queue.removeFirst();
            take(entry, request);
            request.next++;
            if (advance(request)) {
                request.holder.pending = null;
                granted.add(request);
            }
        }
        if (entry.isUnused()) {
            entries.remove(oid);
        }
    }
}
