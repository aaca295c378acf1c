package org.zeoraid.storage.commit;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.Progress;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageStats;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.VerifyResult;

/** A log none of whose answers is at hand: each comes on another thread, as a remote member's do. */
final class AnsweringLater implements TransactionLog {

    private final TransactionLog log;
    private final Executor thread;

    AnsweringLater(TransactionLog log, Executor thread) {
        this.log = log;
        this.thread = thread;
    }

    private <T> CompletionStage<T> later(Supplier<CompletionStage<T>> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            thread.execute(() -> question.get().whenComplete((value, error) -> {
                if (error == null) {
                    answer.complete(value);
                } else {
                    answer.completeExceptionally(error);
                }
            }));
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(new StorageClosedException("the thread has ended", e));
        }
        return answer;
    }

    private <T> Cursor<T> walk(Cursor<T> cursor) {
        return new Cursor<>() {
            @Override
            public CompletionStage<List<T>> next(long maxBytes) {
                return later(() -> cursor.next(maxBytes));
            }

            @Override
            public void close() {
                cursor.close();
            }
        };
    }

    private <T> CompletionStage<T> ask(Function<TransactionLog, CompletionStage<T>> question) {
        return later(() -> question.apply(log));
    }

    @Override
    public CompletionStage<Void> append(Tid previous, CommittedTransaction transaction) {
        return ask(below -> below.append(previous, transaction));
    }

    @Override
    public CompletionStage<PackResult> pack(PackRequest request) {
        return ask(below -> below.pack(request));
    }

    @Override
    public CompletionStage<String> cutTail(Tid keep) {
        return ask(below -> below.cutTail(keep));
    }

    @Override
    public CompletionStage<String> setAside() {
        return ask(TransactionLog::setAside);
    }

    @Override
    public CompletionStage<VerifyResult> verify(Consumer<Progress> progress) {
        return ask(below -> below.verify(progress));
    }

    @Override
    public CompletionStage<Tid> packedTo() {
        return ask(TransactionLog::packedTo);
    }

    @Override
    public void close() {
        log.close();
    }

    @Override
    public CompletionStage<Optional<Revision>> loadBefore(Oid oid, Tid before) {
        return ask(below -> below.loadBefore(oid, before));
    }

    @Override
    public CompletionStage<byte[]> loadSerial(Oid oid, Tid serial) {
        return ask(below -> below.loadSerial(oid, serial));
    }

    @Override
    public CompletionStage<Tid> serial(Oid oid) {
        return ask(below -> below.serial(oid));
    }

    @Override
    public CompletionStage<Tid> lastTid() {
        return ask(TransactionLog::lastTid);
    }

    @Override
    public CompletionStage<List<HistoryEntry>> history(Oid oid, int limit) {
        return ask(below -> below.history(oid, limit));
    }

    @Override
    public CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit) {
        return ask(below -> below.undoLog(skip, limit));
    }

    @Override
    public Cursor<TransactionHeader> headers(Tid from, Tid to) {
        return walk(log.headers(from, to));
    }

    @Override
    public Cursor<CommittedTransaction> transactions(Tid from, Tid to) {
        return walk(log.transactions(from, to));
    }

    @Override
    public Cursor<CurrentRecord> currentRecords(Oid from) {
        return walk(log.currentRecords(from));
    }

    @Override
    public CompletionStage<BlobSource> blob(Oid oid, Tid serial) {
        return ask(below -> below.blob(oid, serial));
    }

    @Override
    public CompletionStage<StorageStats> stats() {
        return ask(TransactionLog::stats);
    }
}
