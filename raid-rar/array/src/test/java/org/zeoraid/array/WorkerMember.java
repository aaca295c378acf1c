package org.zeoraid.array;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.seam.Environment;

/** Members whose appends are carried out, and answered, by a thread of their own, as those on disk are. */
final class WorkerMember {

    private WorkerMember() {}

    static MemberSource of(MemberSource source, Environment environment) {
        return Otherwise.member(source, log -> log(log, environment.worker("log-" + source.name())));
    }

    private static TransactionLog log(TransactionLog log, Environment.Worker worker) {
        TransactionLog appending = Otherwise.answering(
                log,
                "append",
                arguments -> append(log, worker, (Tid) arguments[0], (CommittedTransaction) arguments[1]));
        return Otherwise.answering(appending, "close", none -> {
            worker.close();
            log.close();
            return null;
        });
    }

    private static CompletionStage<Void> append(
            TransactionLog log, Environment.Worker worker, Tid previous, CommittedTransaction transaction) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        worker.execute(() -> log.append(previous, transaction).whenComplete((nothing, failure) -> {
            if (failure == null) {
                done.complete(null);
            } else {
                done.completeExceptionally(failure);
            }
        }));
        return done;
    }
}
