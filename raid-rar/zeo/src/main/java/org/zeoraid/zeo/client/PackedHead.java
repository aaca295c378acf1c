package org.zeoraid.zeo.client;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionStatus;

/** Finds how far a server's history has been packed: its packed transactions come first. */
final class PackedHead {

    private final HeaderCursor headers;

    PackedHead(ZeoLog log) {
        this.headers = new HeaderCursor(log, Tid.NONE, Tid.MAX);
    }

    CompletionStage<Tid> find() {
        return behind(Tid.NONE).whenComplete((found, failure) -> headers.close());
    }

    private CompletionStage<Tid> behind(Tid packed) {
        return headers.next(Long.MAX_VALUE).thenCompose(batch -> {
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
