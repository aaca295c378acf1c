package org.zeoraid.storage.commit;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.Conflict;
import org.zeoraid.storage.ConflictException;
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
        Set<Oid> concerned = new LinkedHashSet<>(checks.keySet());
        for (Change change : buffer.changes()) {
            if (change.basis() instanceof Change.Basis.Serial) {
                concerned.add(change.oid());
            }
        }
        return Stages.then(reads.each(concerned, oid -> reads.now().serial(oid)), this::requireNoConflict);
    }

    private CompletionStage<Void> requireNoConflict(Map<Oid, Tid> serials) {
        List<Conflict> conflicts = new ArrayList<>();
        for (Change change : buffer.changes()) {
            if (change.basis() instanceof Change.Basis.Serial based) {
                Tid now = Objects.requireNonNull(serials.get(change.oid()));
                requireSomethingToDelete(change, now);
                if (!now.equals(based.serial())) {
                    byte[] data = buffer.read(change).data().orElseGet(() -> new byte[0]);
                    conflicts.add(new Conflict(change.oid(), now, based.serial(), data, Conflict.Kind.WRITE));
                }
            }
        }
        checks.forEach((oid, based) -> {
            Tid now = Objects.requireNonNull(serials.get(oid));
            if (!now.equals(based)) {
                conflicts.add(new Conflict(oid, now, based, new byte[0], Conflict.Kind.READ));
            }
        });
        if (conflicts.isEmpty()) {
            return Stages.done();
        }
        conflicts.sort(Comparator.comparing(Conflict::oid).thenComparing(Conflict::kind));
        return CompletableFuture.failedFuture(new ConflictException(conflicts));
    }

    private static void requireSomethingToDelete(Change change, Tid now) {
        boolean deletion =
                change instanceof Change.InMemory here && here.entry().data().isEmpty();
        if (deletion && now.equals(Tid.NONE)) {
            throw new ObjectNotFoundException(change.oid());
        }
    }
}
