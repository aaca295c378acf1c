package org.zeoraid.zeo.client;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.zeo.Extension;
import org.zeoraid.zeo.Rows;
import org.zeoraid.zeo.codec.Ids;

/**
 * Whole transactions out of a server of our own. Those that are too large for a message come without their records, which
 * are asked for then; blobs are asked for one by one.
 */
final class BulkTransactionCursor implements Cursor<CommittedTransaction> {

    private static final long RECORD_BYTES = 1 << 20;

    /** How much of one large transaction is kept in memory. */
    private static final long ROOM_BYTES = 1 << 20;

    private final ServerChannel channel;
    private final BlobStore blobs;
    private final Cursor<Object> rows;

    BulkTransactionCursor(ServerChannel channel, BlobStore blobs, Tid from, Tid to) {
        this.channel = channel;
        this.blobs = blobs;
        this.rows = new BulkCursor<>(
                channel,
                Extension.TRANSACTIONS,
                Ids.bytes(from),
                Ids.bytes(to),
                BulkTransactionCursor::present,
                row -> PacedCursor.inMemory(Rows.dataBytes(row), Rows.recordCount(row)));
    }

    private static Object present(@Nullable Object row) {
        return Values.row(row, 1);
    }

    @Override
    public CompletionStage<List<CommittedTransaction>> next(long maxBytes) {
        return Failures.translate(rows.next(maxBytes).thenCompose(this::complete));
    }

    private CompletionStage<List<CommittedTransaction>> complete(List<Object> batch) {
        List<CommittedTransaction> found = new ArrayList<>(batch.size());
        CompletionStage<List<CommittedTransaction>> all = CompletableFuture.completedFuture(found);
        for (Object row : batch) {
            if (Rows.hasRecords(row) && Rows.blobs(row).isEmpty()) {
                all = all.thenApply(list -> {
                    list.add(Rows.transaction(row, (oid, tid) -> Optional.empty()));
                    return list;
                });
            } else {
                all = all.thenCompose(
                        list -> (Rows.hasRecords(row) ? withBlobs(row) : large(row)).thenApply(transaction -> {
                            list.add(transaction);
                            return list;
                        }));
            }
        }
        return all;
    }

    private CompletionStage<CommittedTransaction> withBlobs(Object row) {
        return fetch(Rows.header(row).tid(), Rows.blobs(row))
                .thenApply(found -> Rows.transaction(row, (oid, tid) -> Optional.ofNullable(found.get(oid))));
    }

    /** Those that there are: a blob's file can be missing at the server, and the record is all there is then. */
    private CompletionStage<Map<Oid, BlobSource>> fetch(Tid tid, List<Oid> oids) {
        CompletionStage<Map<Oid, BlobSource>> all = CompletableFuture.completedFuture(new HashMap<>());
        for (Oid oid : oids) {
            all = all.thenCompose(map -> ZeoLog.blob(channel, blobs, oid, tid).handle((blob, failure) -> {
                if (failure == null) {
                    map.put(oid, blob);
                } else if (!(Failures.cause(failure) instanceof ObjectNotFoundException)) {
                    throw Failures.translated(failure);
                }
                return map;
            }));
        }
        return all;
    }

    private CompletionStage<CommittedTransaction> large(Object row) {
        TransactionHeader header = Rows.header(row);
        byte[] tid = Ids.bytes(header.tid());
        Cursor<Object> rows = new BulkCursor<>(
                channel, Extension.RECORDS, tid, tid, BulkTransactionCursor::present, Rows::recordBytes);
        ArrivingRecords records = new ArrivingRecords(blobs::scratch);
        return collect(rows, records, new ArrayList<>())
                .whenComplete((done, failure) -> rows.close())
                .thenCompose(withBlobs -> fetch(header.tid(), withBlobs))
                .thenApply(found -> {
                    found.forEach(records::blob);
                    return records.transaction(header);
                });
    }

    /** The objects that have blobs. */
    private static CompletionStage<List<Oid>> collect(Cursor<Object> rows, ArrivingRecords records, List<Oid> blobs) {
        return rows.next(RECORD_BYTES).thenCompose(batch -> {
            for (Object entry : batch) {
                records.add(Rows.record(entry, Optional.empty()), ROOM_BYTES);
                if (Rows.recordHasBlob(entry)) {
                    blobs.add(Rows.recordOid(entry));
                }
            }
            return batch.isEmpty() ? CompletableFuture.completedFuture(blobs) : collect(rows, records, blobs);
        });
    }

    @Override
    public void close() {
        rows.close();
    }
}
