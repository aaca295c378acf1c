package org.zeoraid.storage.commit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.Conflict;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.UndoException;

/** Finds out whether a transaction can commit: locks first, then conflicts, then undos. */
final class Vote {

    private final LogReads reads;
    private final LockTable locks;
    private final LockTable.Holder holder;
    private final ChangeBuffer buffer;
    private final Map<Oid, Tid> checks;
    private final Map<Tid, List<Oid>> undos = new HashMap<>();
    private final List<Tid> undoOrder;

    Vote(
            LogReads reads,
            LockTable locks,
            LockTable.Holder holder,
            ChangeBuffer buffer,
            Map<Oid, Tid> checks,
            List<Tid> undoOrder) {
        this.reads = reads;
        this.locks = locks;
        this.holder = holder;
        this.buffer = buffer;
        this.checks = checks;
        this.undoOrder = List.copyOf(undoOrder);
    }

    /**
     * Completes when nothing is in the way.
     *
     * @param last the last transaction that clients can see
     */
    CompletionStage<Void> take(Tid last) {
        buffer.forgetUndone();
        if (undoOrder.isEmpty()) {
            return Stages.then(reads.after(lock()), nothing -> compare());
        }
        CompletionStage<Void> ready = Stages.then(reads.after(reads.packedTo()), this::requireUnpacked);
        ready = Stages.then(reads.after(ready), nothing -> readUndone(last));
        ready = Stages.then(reads.after(ready), nothing -> lock());
        ready = Stages.then(reads.after(ready), nothing -> compare());
        for (Tid tid : undoOrder) {
            ready = Stages.then(reads.after(ready), nothing -> new UndoCalculation(reads, buffer, tid)
                    .compute(undos.getOrDefault(tid, List.of())));
        }
        // A pack that came up to an undone transaction meanwhile may have taken what was looked for.
        return Stages.then(
                reads.after(ready), nothing -> Stages.then(reads.after(reads.packedTo()), this::requireUnpacked));
    }

    private CompletionStage<Void> requireUnpacked(Tid packedTo) {
        for (Tid tid : undoOrder) {
            if (!tid.isAfter(packedTo)) {
                throw new UndoException(
                        "transaction " + tid + " cannot be undone: the storage has been packed up to " + packedTo);
            }
        }
        return Stages.done();
    }

    private CompletionStage<Void> readUndone(Tid last) {
        CompletionStage<Void> read = Stages.done();
        for (Tid tid : undoOrder) {
            read = Stages.then(
                    reads.after(read),
                    before -> Stages.map(new UndoCalculation(reads, buffer, tid).objects(last), oids -> {
                        undos.put(tid, oids);
                        return null;
                    }));
        }
        return read;
    }

    private CompletionStage<Void> lock() {
        SortedMap<Oid, LockTable.Mode> wanted = new TreeMap<>();
        for (Oid oid : checks.keySet()) {
            wanted.put(oid, LockTable.Mode.SHARED);
        }
        for (List<Oid> oids : undos.values()) {
            for (Oid oid : oids) {
                wanted.put(oid, LockTable.Mode.EXCLUSIVE);
            }
        }
        for (Change change : buffer.changes()) {
            wanted.put(change.oid(), LockTable.Mode.EXCLUSIVE);
        }
        return locks.acquire(holder, wanted);
    }

    private CompletionStage<Void> compare() {
        Comparison comparison = new Comparison();
        for (Change change : buffer.changes()) {
            if (change.basis() instanceof Change.Basis.Serial based) {
                comparison.write(change, based.serial());
            }
        }
        checks.forEach(comparison::read);
        if (comparison.open.isEmpty()) {
            return comparison.result();
        }
        return CompletableFuture.allOf(comparison.open.toArray(new CompletableFuture<?>[0]))
                .thenCompose(nothing -> comparison.result());
    }

    /** Collects all conflicts; those found later, by stages that were not complete, under the list's own monitor. */
    private final class Comparison {
        private final List<Conflict> conflicts = new ArrayList<>();
        private final List<CompletableFuture<?>> open = new ArrayList<>();

        void write(Change change, Tid based) {
            serial(change.oid(), now -> {
                boolean deletion = change instanceof Change.InMemory here
                        && here.entry().data().isEmpty();
                if (deletion && now.equals(Tid.NONE)) {
                    throw new ObjectNotFoundException(change.oid());
                }
                if (!now.equals(based)) {
                    DataRecord entry = buffer.read(change);
                    byte[] data = entry.data().orElseGet(() -> new byte[0]);
                    add(new Conflict(change.oid(), now, based, data, Conflict.Kind.WRITE));
                }
            });
        }

        void read(Oid oid, Tid based) {
            serial(oid, now -> {
                if (!now.equals(based)) {
                    add(new Conflict(oid, now, based, new byte[0], Conflict.Kind.READ));
                }
            });
        }

        private void serial(Oid oid, java.util.function.Consumer<Tid> check) {
            CompletableFuture<Tid> answer = reads.now().serial(oid).toCompletableFuture();
            if (Stages.isAtHand(answer)) {
                check.accept(answer.join());
            } else {
                open.add(answer.thenAccept(check));
            }
        }

        private void add(Conflict conflict) {
            synchronized (conflicts) {
                conflicts.add(conflict);
            }
        }

        CompletionStage<Void> result() {
            synchronized (conflicts) {
                if (conflicts.isEmpty()) {
                    return Stages.done();
                }
                conflicts.sort(java.util.Comparator.comparing(Conflict::oid).thenComparing(Conflict::kind));
                return CompletableFuture.failedFuture(new ConflictException(conflicts));
            }
        }
    }
}
