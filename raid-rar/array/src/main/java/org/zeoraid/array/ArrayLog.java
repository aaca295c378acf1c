package org.zeoraid.array;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.Progress;
import org.zeoraid.storage.ReadableStorage;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageStats;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.VerifyResult;

/**
 * The log below an array's storage from the first moment on: refuses everything until the array is assembled and whenever
 * its fail mode closes it, and is the members' log otherwise. Safe for any number of threads.
 */
final class ArrayLog implements TransactionLog {

    private final MembershipKeeper keeper;
    private final Supplier<String> reason;
    private volatile @Nullable TransactionLog serving;

    /** @param reason why the array does not serve, while it does not */
    ArrayLog(MembershipKeeper keeper, Supplier<String> reason) {
        this.keeper = keeper;
        this.reason = reason;
    }

    /** The array is assembled. */
    void serve(TransactionLog log) {
        serving = log;
    }

    private boolean isOpen() {
        return keeper.current().service() != Membership.Service.CLOSED;
    }

    private ArrayFailedException refusal() {
        return new ArrayFailedException(reason.get());
    }

    private <T> CompletionStage<T> refused() {
        return CompletableFuture.failedFuture(refusal());
    }

    private <T> CompletionStage<T> ask(Function<TransactionLog, CompletionStage<T>> question) {
        TransactionLog log = serving;
        return log != null && isOpen() ? question.apply(log) : refused();
    }

    private <T> Cursor<T> walk(Function<TransactionLog, Cursor<T>> question) {
        TransactionLog log = serving;
        return log != null && isOpen() ? question.apply(log) : new RefusedCursor<>(refusal());
    }

    private record RefusedCursor<T>(StorageException refusal) implements Cursor<T> {
        @Override
        public CompletionStage<List<T>> next(long maxBytes) {
            return CompletableFuture.failedFuture(refusal);
        }

        @Override
        public void close() {}
    }

    @Override
    public CompletionStage<Void> append(Tid previous, CommittedTransaction transaction) {
        TransactionLog log = serving;
        return log != null && isOpen() ? log.append(previous, transaction) : refused();
    }

    @Override
    public ReadableStorage aside() {
        TransactionLog log = serving;
        return log != null && isOpen() ? log.aside() : this;
    }

    @Override
    public CompletionStage<Optional<Revision>> loadBefore(Oid oid, Tid before) {
        TransactionLog log = serving;
        return log != null && isOpen() ? log.loadBefore(oid, before) : refused();
    }

    @Override
    public CompletionStage<byte[]> loadSerial(Oid oid, Tid serial) {
        TransactionLog log = serving;
        return log != null && isOpen() ? log.loadSerial(oid, serial) : refused();
    }

    @Override
    public CompletionStage<Tid> serial(Oid oid) {
        TransactionLog log = serving;
        return log != null && isOpen() ? log.serial(oid) : refused();
    }

    @Override
    public CompletionStage<Tid> lastTid() {
        return ask(TransactionLog::lastTid);
    }

    @Override
    public CompletionStage<List<HistoryEntry>> history(Oid oid, int limit) {
        return ask(log -> log.history(oid, limit));
    }

    @Override
    public CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit) {
        return ask(log -> log.undoLog(skip, limit));
    }

    @Override
    public Cursor<TransactionHeader> headers(Tid from, Tid to) {
        return walk(log -> log.headers(from, to));
    }

    @Override
    public Cursor<CommittedTransaction> transactions(Tid from, Tid to) {
        return walk(log -> log.transactions(from, to));
    }

    @Override
    public Cursor<CurrentRecord> currentRecords(Oid from) {
        return walk(log -> log.currentRecords(from));
    }

    @Override
    public CompletionStage<BlobSource> blob(Oid oid, Tid serial) {
        return ask(log -> log.blob(oid, serial));
    }

    @Override
    public CompletionStage<StorageStats> stats() {
        return ask(TransactionLog::stats);
    }

    @Override
    public CompletionStage<PackResult> pack(PackRequest request) {
        return ask(log -> log.pack(request));
    }

    @Override
    public CompletionStage<String> cutTail(Tid keep) {
        return ask(log -> log.cutTail(keep));
    }

    @Override
    public CompletionStage<String> setAside() {
        return ask(TransactionLog::setAside);
    }

    @Override
    public CompletionStage<VerifyResult> verify(Consumer<Progress> progress) {
        return ask(log -> log.verify(progress));
    }

    @Override
    public CompletionStage<Tid> packedTo() {
        return ask(TransactionLog::packedTo);
    }

    @Override
    public void close() {
        TransactionLog log = serving;
        if (log != null) {
            log.close();
        }
    }
}
