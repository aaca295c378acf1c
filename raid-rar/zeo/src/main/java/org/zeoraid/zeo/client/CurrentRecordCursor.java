package org.zeoraid.zeo.client;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Oid;

/** Current records by {@code record_iternext}, one a request. */
final class CurrentRecordCursor implements Cursor<CurrentRecord> {

    private final ZeoLog log;
    private @Nullable Oid next;

    CurrentRecordCursor(ZeoLog log, Oid from) {
        this.log = log;
        this.next = from;
    }

    @Override
    public CompletionStage<List<CurrentRecord>> next(long maxBytes) {
        Oid asked = next;
        if (asked == null) {
            return CompletableFuture.completedFuture(List.of());
        }
        return log.ask("record_iternext", value -> value, (Object) Values.bytes(asked))
                .handle((value, failure) -> {
                    if (failure != null) {
                        // Python answers with an error when nothing is there from that oid on.
                        next = null;
                        return List.<CurrentRecord>of();
                    }
                    List<?> row = Values.row(value, 4);
                    next = row.get(3) == null ? null : Values.oid(row.get(3));
                    return List.of(
                            new CurrentRecord(Values.oid(row.get(0)), Values.tid(row.get(1)), Values.data(row.get(2))));
                });
    }

    @Override
    public void close() {
        next = null;
    }
}
