package org.zeoraid.storage.commit;

import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.ReadableStorage;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;

/**
 * What one request reads of the log. A request is carried out in its caller's thread, which a disk may hold up, until it has
 * to wait for something; from then on it goes on in whichever thread brings that, and others read for it.
 */
final class LogReads {

    private final TransactionLog log;
    private volatile ReadableStorage now;

    LogReads(TransactionLog log) {
        this.log = log;
        this.now = log;
    }

    /** To be told of each stage before the request goes on from it. */
    <T> CompletionStage<T> after(CompletionStage<T> stage) {
        if (!Stages.isAtHand(stage.toCompletableFuture())) {
            now = log.aside();
        }
        return stage;
    }

    ReadableStorage now() {
        return now;
    }

    CompletionStage<Tid> packedTo() {
        return log.packedTo();
    }
}
