package org.zeoraid.zeo.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.pickle.BlobRecords;

/**
 * Whole transactions from a server whose iterators give one record a request. The headers are listed first; then several
 * iterators walk disjoint runs of them at once, each with one request under way, so that the connection is never idle.
 */
final class TransactionCursor implements Cursor<CommittedTransaction> {

    /** How many runs are walked at once. */
    private static final int RUNS = 16;

    private final ZeoLog log;
    private final HeaderCursor headers;
    private final Queue<CommittedTransaction> ready = new ArrayDeque<>();

    TransactionCursor(ZeoLog log, Tid from, Tid to) {
        this.log = log;
        this.headers = new HeaderCursor(log, from, to);
    }

    @Override
    public CompletionStage<List<CommittedTransaction>> next(long maxBytes) {
        if (!ready.isEmpty()) {
            return CompletableFuture.completedFuture(taken(maxBytes));
        }
        return ZeoLog.translate(headers.next(maxBytes).thenCompose(this::fetch).thenApply(all -> {
            ready.addAll(all);
            return taken(maxBytes);
        }));
    }

    private List<CommittedTransaction> taken(long maxBytes) {
        List<CommittedTransaction> batch = new ArrayList<>();
        long bytes = 0;
        while (!ready.isEmpty() && (batch.isEmpty() || bytes < maxBytes)) {
            CommittedTransaction next = ready.remove();
            bytes += next.dataBytes();
            batch.add(next);
        }
        return batch;
    }

    private CompletionStage<List<CommittedTransaction>> fetch(List<TransactionHeader> listed) {
        int run = Math.max(1, (listed.size() + RUNS - 1) / RUNS);
        List<CompletionStage<List<CommittedTransaction>>> runs = new ArrayList<>();
        for (int start = 0; start < listed.size(); start += run) {
            runs.add(walk(listed.subList(start, Math.min(listed.size(), start + run))));
        }
        CompletionStage<List<CommittedTransaction>> all = CompletableFuture.completedFuture(new ArrayList<>());
        for (CompletionStage<List<CommittedTransaction>> one : runs) {
            all = all.thenCombine(one, (list, more) -> {
                list.addAll(more);
                return list;
            });
        }
        return all;
    }

    private CompletionStage<List<CommittedTransaction>> walk(List<TransactionHeader> run) {
        byte[] first = Values.bytes(run.get(0).tid());
        byte[] last = Values.bytes(run.get(run.size() - 1).tid());
        return log.ask("iterator_start", Values::number, first, last)
                .thenCompose(iterator -> transactions(iterator, run, 0, new ArrayList<>()));
    }

    private CompletionStage<List<CommittedTransaction>> transactions(
            Long iterator, List<TransactionHeader> run, int index, List<CommittedTransaction> found) {
        if (index == run.size()) {
            log.channel().send(log.channel().new Batch().oneWay("iterator_gc", List.of(iterator)));
            return CompletableFuture.completedFuture(found);
        }
        TransactionHeader header = run.get(index);
        return log.ask("iterator_next", value -> value, iterator)
                .thenCompose(
                        row -> log.ask("iterator_record_start", Values::number, iterator, Values.bytes(header.tid())))
                .thenCompose(records -> records(records, header.tid(), new ArrayList<>()))
                .thenCompose(records -> {
                    found.add(CommittedTransaction.of(header, records));
                    return transactions(iterator, run, index + 1, found);
                });
    }

    private CompletionStage<List<DataRecord>> records(Long iterator, Tid tid, List<DataRecord> found) {
        return log.ask("iterator_record_next", value -> value, iterator).thenCompose(value -> {
            if (value == null) {
                return CompletableFuture.completedFuture(found);
            }
            return entry(Values.row(value, 4), tid).thenCompose(entry -> {
                found.add(entry);
                return records(iterator, tid, found);
            });
        });
    }

    private CompletionStage<DataRecord> entry(List<?> row, Tid tid) {
        Oid oid = Values.oid(row.get(0));
        Content content = content(row);
        if (content instanceof Content.Data data && BlobRecords.isBlob(data.bytes())) {
            return log.blob(oid, tid)
                    .handle((blob, failure) ->
                            // A blob's file can be missing at the server; the record is all there is then.
                            new DataRecord(
                                    oid, content, failure == null ? Optional.<BlobSource>of(blob) : Optional.empty()));
        }
        return CompletableFuture.completedFuture(new DataRecord(oid, content));
    }

    private static Content content(List<?> row) {
        @Nullable Object data = row.get(2);
        if (data == null) {
            return Content.ABSENT;
        }
        byte[] bytes = Values.data(data);
        return row.get(3) == null ? new Content.Data(bytes) : new Content.Link(Values.tid(row.get(3)), bytes);
    }

    @Override
    public void close() {
        headers.close();
    }
}
