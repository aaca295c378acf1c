package org.zeoraid.array;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.pickle.BlobRecords;

/**
 * Blobs whose files the member that is copied from has lost: to the walk through it their records are all there is. The
 * array is asked for each, where one member is not believed alone, before it is taken for missing. One thing at a time.
 */
final class MissingBlobs {

    private final TransactionLog array;
    private long count;
    private String first = "";

    MissingBlobs(TransactionLog array) {
        this.array = array;
    }

    /** How many no member has. */
    long count() {
        return count;
    }

    /** The first of them. */
    String first() {
        return first;
    }

    /** The same transactions, with the blobs that another member has. */
    CompletionStage<List<CommittedTransaction>> completed(List<CommittedTransaction> batch) {
        if (batch.stream().noneMatch(transaction -> lacks(transaction))) {
            return CompletableFuture.completedFuture(batch);
        }
        List<CommittedTransaction> completed = new ArrayList<>(batch.size());
        CompletionStage<Void> all = CompletableFuture.completedFuture(null);
        for (CommittedTransaction transaction : batch) {
            all = all.thenCompose(nothing -> completed(transaction)).thenAccept(completed::add);
        }
        return all.thenApply(nothing -> completed);
    }

    private static boolean lacks(CommittedTransaction transaction) {
        for (DataRecord entry : transaction.records()) {
            if (lacks(entry)) {
                return true;
            }
        }
        return false;
    }

    private static boolean lacks(DataRecord entry) {
        return entry.blob().isEmpty()
                && entry.data().isPresent()
                && BlobRecords.isBlob(entry.data().get());
    }

    private CompletionStage<CommittedTransaction> completed(CommittedTransaction transaction) {
        Map<Oid, BlobSource> found = new HashMap<>();
        CompletionStage<Void> all = CompletableFuture.completedFuture(null);
        for (DataRecord entry : transaction.records()) {
            if (lacks(entry)) {
                all = all.thenCompose(nothing -> ask(entry.oid(), transaction.tid()))
                        .thenAccept(blob -> blob.ifPresent(source -> found.put(entry.oid(), source)));
            }
        }
        return all.thenApply(nothing -> found.isEmpty() ? transaction : new WithBlobs(transaction, found));
    }

    private CompletionStage<Optional<BlobSource>> ask(Oid oid, Tid tid) {
        return Timed.recover(array.blob(oid, tid).thenApply(Optional::of), failure -> {
            if (!(failure instanceof ObjectNotFoundException)) {
                return CompletableFuture.failedFuture(failure);
            }
            if (count++ == 0) {
                first = "that of object " + oid + " of transaction " + tid;
            }
            return CompletableFuture.completedFuture(Optional.empty());
        });
    }

    /** A transaction to which blobs were found elsewhere. */
    private record WithBlobs(CommittedTransaction original, Map<Oid, BlobSource> blobs)
            implements CommittedTransaction {

        @Override
        public TransactionHeader header() {
            return original.header();
        }

        @Override
        public Iterable<DataRecord> records() {
            List<DataRecord> whole = new ArrayList<>(original.recordCount());
            for (DataRecord entry : original.records()) {
                BlobSource blob = blobs.get(entry.oid());
                whole.add(blob == null ? entry : new DataRecord(entry.oid(), entry.content(), Optional.of(blob)));
            }
            return whole;
        }

        @Override
        public List<Oid> oids() {
            return original.oids();
        }

        @Override
        public int recordCount() {
            return original.recordCount();
        }

        @Override
        public long dataBytes() {
            return original.dataBytes();
        }
    }
}
