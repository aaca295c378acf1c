package org.zeoraid.zeo.server;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DataRecord;

/** The records of the first transaction that another cursor gives, read as they are asked for. */
final class RecordCursor implements Cursor<DataRecord> {

    /** Larger transactions are not in memory as a whole. */
    private static final long LARGE = 8 << 20;

    private final Cursor<CommittedTransaction> transactions;
    private @Nullable Iterator<DataRecord> records;
    private long held;

    RecordCursor(Cursor<CommittedTransaction> transactions) {
        this.transactions = transactions;
    }

    @Override
    public CompletionStage<List<DataRecord>> next(long maxBytes) {
        Iterator<DataRecord> begun = records;
        if (begun != null) {
            return CompletableFuture.completedFuture(take(begun, maxBytes));
        }
        return transactions.next(1).thenApply(batch -> {
            held = batch.isEmpty() ? 0 : Math.min(batch.get(0).dataBytes(), LARGE);
            Iterator<DataRecord> first = batch.isEmpty()
                    ? List.<DataRecord>of().iterator()
                    : batch.get(0).records().iterator();
            records = first;
            return take(first, maxBytes);
        });
    }

    /** How much of it is in memory, once it has been read. */
    long held() {
        return held;
    }

    private static List<DataRecord> take(Iterator<DataRecord> from, long maxBytes) {
        List<DataRecord> batch = new ArrayList<>();
        long bytes = 0;
        while (from.hasNext() && (batch.isEmpty() || bytes < maxBytes)) {
            DataRecord entry = from.next();
            bytes += entry.data().map(data -> data.length).orElse(0);
            batch.add(entry);
        }
        return batch;
    }

    @Override
    public void close() {
        transactions.close();
    }
}
