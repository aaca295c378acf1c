package org.zeoraid.zeo.client;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionStatus;

/** Finds how far a server's history has been packed, which its protocol does not tell: packed transactions come first. */
final class PackedHead {

    private static final long BATCH = 4_000;

    private final Cursor<TransactionHeader> headers;

    /** @param headers from the first one on */
    PackedHead(Cursor<TransactionHeader> headers) {
        this.headers = headers;
    }

    CompletionStage<Tid> find() {
        return behind(Tid.NONE).whenComplete((found, failure) -> headers.close());
    }

    private CompletionStage<Tid> behind(Tid packed) {
        return headers.next(BATCH).thenCompose(batch -> {
            Tid newest = newestPacked(batch, packed);
            boolean more = !batch.isEmpty()
                    && newest.equals(batch.get(batch.size() - 1).tid());
            return more ? behind(newest) : CompletableFuture.completedFuture(newest);
        });
    }

    private static Tid newestPacked(List<TransactionHeader> batch, Tid before) {
        Tid newest = before;
        for (TransactionHeader header : batch) {
            if (header.status() != TransactionStatus.PACKED) {
                return newest;
            }
            newest = header.tid();
        }
        return newest;
    }
}
