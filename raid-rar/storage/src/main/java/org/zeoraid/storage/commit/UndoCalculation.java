package org.zeoraid.storage.commit;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.UndoException;

/**
 * What undoing a transaction writes. An object goes back to what it was before the undone transaction if its current
 * revision is that transaction's, or has the same data; nothing is merged. A client that can merge does so itself.
 */
final class UndoCalculation {

    private final LogReads reads;
    private final ChangeBuffer buffer;
    private final Tid undone;

    UndoCalculation(LogReads reads, ChangeBuffer buffer, Tid undone) {
        this.reads = reads;
        this.buffer = buffer;
        this.undone = undone;
    }

    /**
     * The objects that the undone transaction wrote.
     *
     * @throws UndoException (in the stage) if there is no such transaction, or a pack has been over it
     */
    CompletionStage<List<Oid>> objects(Tid last) {
        if (undone.isAfter(last)) {
            return CompletableFuture.failedFuture(unknown());
        }
        List<Oid> oids = new ArrayList<>();
        return Stages.map(with(undone, transaction -> oids.addAll(transaction.oids())), nothing -> oids);
    }

    /** Puts what is to be written into the transaction's buffer. All objects are locked. */
    CompletionStage<Void> compute(List<Oid> oids) {
        return Stages.then(reads.each(oids, oid -> reads.now().serial(oid)), serials -> {
            List<Oid> changedSince = new ArrayList<>();
            for (Oid oid : oids) {
                if (buffer.entry(oid).isPresent() || !undone.equals(serials.get(oid))) {
                    changedSince.add(oid);
                }
            }
            return Stages.then(
                    reads.after(changedSince.isEmpty() ? Stages.done() : requireSameData(changedSince)),
                    same -> goBack(oids));
        });
    }

    private CompletionStage<Void> requireSameData(List<Oid> changedSince) {
        return Stages.then(
                reads.each(changedSince, this::current),
                now -> visit(undone, entry -> {
                    Optional<ByteBuffer> current = now.get(entry.oid());
                    if (current != null && !current.equals(fingerprint(entry.data()))) {
                        throw new UndoException("transaction " + undone + " cannot be undone: object " + entry.oid()
                                + " was changed by a later transaction");
                    }
                }));
    }

    /**
     * The fingerprint of the data that an object will have if the transaction commits as it is: the data of all of a large
     * transaction's objects would be too much.
     */
    private CompletionStage<Optional<ByteBuffer>> current(Oid oid) {
        Optional<DataRecord> pending = buffer.entry(oid);
        if (pending.isPresent()) {
            return CompletableFuture.completedFuture(fingerprint(pending.get().data()));
        }
        return Stages.map(before(oid, Tid.MAX), revision -> fingerprint(revision.map(Revision::data)));
    }

    private static Optional<ByteBuffer> fingerprint(Optional<byte[]> data) {
        return data.map(bytes -> ByteBuffer.wrap(TransactionDigest.sha256().digest(bytes)));
    }

    private CompletionStage<Void> goBack(List<Oid> oids) {
        return Stages.then(reads.each(oids, this::previous), previous -> {
            Map<Tid, Set<Oid>> wanted = new LinkedHashMap<>();
            for (Oid oid : oids) {
                Optional<Tid> serial = Objects.requireNonNull(previous.get(oid));
                if (serial.isEmpty()) {
                    buffer.putUndone(new DataRecord(oid, Content.ABSENT));
                } else {
                    wanted.computeIfAbsent(serial.get(), tid -> new HashSet<>()).add(oid);
                }
            }
            CompletionStage<Void> done = Stages.done();
            for (Map.Entry<Tid, Set<Oid>> some : wanted.entrySet()) {
                done = Stages.then(reads.after(done), before -> goBackTo(some.getKey(), some.getValue()));
            }
            return done;
        });
    }

    private CompletionStage<Optional<Tid>> previous(Oid oid) {
        return Stages.map(before(oid, undone), revision -> revision.map(Revision::serial));
    }

    private CompletionStage<Void> goBackTo(Tid tid, Set<Oid> oids) {
        CompletionStage<Void> visited = visit(tid, entry -> {
            if (oids.remove(entry.oid())) {
                buffer.putUndone(again(tid, entry));
            }
        });
        return Stages.map(visited, nothing -> {
            if (!oids.isEmpty()) {
                throw new UndoException("transaction " + undone + " cannot be undone: what " + tid + " wrote for "
                        + oids + " has been packed away");
            }
            return null;
        });
    }

    /** The same data once more, pointing at the transaction that wrote it first. */
    private static DataRecord again(Tid tid, DataRecord entry) {
        Content content =
                entry.content() instanceof Content.Data data ? new Content.Link(tid, data.bytes()) : entry.content();
        return new DataRecord(entry.oid(), content, entry.blob());
    }

    /** Empty if the object did not exist, or was gone. */
    private CompletionStage<Optional<Revision>> before(Oid oid, Tid tid) {
        return Stages.orElse(
                reads.now().loadBefore(oid, tid),
                failure -> failure instanceof ObjectNotFoundException
                        ? CompletableFuture.completedFuture(Optional.empty())
                        : CompletableFuture.failedFuture(failure));
    }

    private CompletionStage<Void> visit(Tid tid, Consumer<DataRecord> visitor) {
        return with(tid, transaction -> transaction.records().forEach(visitor));
    }

    private CompletionStage<Void> with(Tid tid, Consumer<CommittedTransaction> action) {
        return Stages.then(reads.now().transactions(tid, tid).first(), found -> {
            CommittedTransaction transaction = found.orElseThrow(this::unknown);
            if (tid.equals(undone) && transaction.header().status() == TransactionStatus.PACKED) {
                throw new UndoException("transaction " + undone + " cannot be undone: a pack has been over it");
            }
            action.accept(transaction);
            return Stages.done();
        });
    }

    private UndoException unknown() {
        return new UndoException("transaction " + undone + " cannot be undone: there is no such transaction");
    }
}
