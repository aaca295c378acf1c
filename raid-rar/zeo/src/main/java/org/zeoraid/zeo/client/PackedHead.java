package org.zeoraid.zeo.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionStatus;

/**
 * Finds how far a server's history has been packed, which its protocol does not tell: packed transactions come first. That
 * takes as long as there are many; what was found is kept at once, and who is not waited for goes on from there.
 */
final class PackedHead {

    private static final long BATCH = 4_000;

    private final Cursor<TransactionHeader> headers;
    private final ServerMemory memory;

    /** @param headers from the newest one on that is known to be packed */
    PackedHead(Cursor<TransactionHeader> headers, ServerMemory memory) {
        this.headers = headers;
        this.memory = memory;
    }

    CompletionStage<Tid> find() {
        return behind().whenComplete((found, failure) -> headers.close());
    }

    private CompletionStage<Tid> behind() {
        return headers.next(BATCH).thenCompose(batch -> {
            for (TransactionHeader header : batch) {
                if (header.status() != TransactionStatus.PACKED) {
                    return CompletableFuture.completedFuture(memory.packed());
                }
                memory.packed(header.tid());
            }
            return batch.isEmpty() ? CompletableFuture.completedFuture(memory.packed()) : behind();
        });
    }
}
