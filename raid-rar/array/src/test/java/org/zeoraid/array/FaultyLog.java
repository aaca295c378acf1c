package org.zeoraid.array;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.Progress;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageStats;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.VerifyResult;

/** A member's log that fails, hangs, answers late, lies or loses as its {@link Faults} say. */
public final class FaultyLog implements TransactionLog {

    private final TransactionLog log;
    private final Faults faults;
    private final int connection;
    private volatile boolean closed;

    public FaultyLog(TransactionLog log, Faults faults) {
        this.log = log;
        this.faults = faults;
        this.connection = faults.connections();
    }

    private boolean isLost() {
        return connection != faults.connections();
    }

    @Override
    public Optional<String> identity() {
        return faults.identity().isBlank() ? Optional.empty() : Optional.of(faults.identity());
    }

    @Override
    public CompletionStage<Void> append(Tid previous, CommittedTransaction transaction) {
        if (isLost()) {
            return failed(new StorageClosedException("told that the connection is lost"));
        }
        Faults.Append fault = faults.nextAppend();
        if (faults.isHolding() && fault == Faults.Append.WORK) {
            fault = Faults.Append.HANG;
        }
        CompletableFuture<Void> stage = new CompletableFuture<>();
        switch (fault) {
            case WORK:
                return log.append(previous, transaction);
            case REFUSE:
                return failed(new StorageUnavailableException("told to refuse"));
            case DISK_FULL:
                return failed(new DiskFullException("told to have no room"));
            case UNKNOWN_LOST:
                return failed(new OutcomeUnknownException("told not to tell"));
            case UNKNOWN_DONE:
                return log.append(previous, transaction)
                        .thenCompose(nothing -> failed(new OutcomeUnknownException("told not to tell")));
            case HANG:
                faults.hold(() -> {
                    if (closed) {
                        stage.completeExceptionally(new OutcomeUnknownException("closed meanwhile"));
                    } else {
                        relay(log.append(previous, transaction), stage);
                    }
                });
                return stage;
            case HANG_DONE:
                CompletionStage<Void> done = log.append(previous, transaction);
                faults.hold(() -> relay(done, stage));
                return stage;
            case LIE:
                return CompletableFuture.completedFuture(null);
            case THROW:
                throw new IllegalStateException("told to throw");
        }
        throw new AssertionError(fault);
    }

    private static <T> CompletableFuture<T> failed(Throwable failure) {
        return CompletableFuture.failedFuture(failure);
    }

    private static <T> void relay(CompletionStage<T> from, CompletableFuture<T> to) {
        from.whenComplete((value, failure) -> {
            if (failure == null) {
                to.complete(value);
            } else {
                to.completeExceptionally(failure);
            }
        });
    }

    private <T> CompletionStage<T> unlessSilent(String call, Supplier<CompletionStage<T>> question) {
        if (!faults.isSilentAt(call)) {
            return question.get();
        }
        CompletableFuture<T> stage = new CompletableFuture<>();
        faults.holdCall(() -> relay(question.get(), stage));
        return stage;
    }

    private <T> CompletionStage<T> read(Oid oid, Supplier<CompletionStage<T>> question) {
        CompletionStage<T> missing = failed(new ObjectNotFoundException(oid));
        return read(question, missing, missing);
    }

    private <T> CompletionStage<T> read(
            Supplier<CompletionStage<T>> question, CompletionStage<T> missing, CompletionStage<T> nothing) {
        if (isLost()) {
            return failed(new StorageClosedException("told that the connection is lost"));
        }
        switch (faults.nextRead()) {
            case WORK:
                return question.get();
            case UNAVAILABLE:
                return failed(new StorageUnavailableException("told to be away"));
            case DAMAGED:
                return failed(new CorruptedException("somewhere", "told to be damaged"));
            case MISSING:
                return missing;
            case NOTHING:
                return nothing;
            case HANG:
                CompletableFuture<T> stage = new CompletableFuture<>();
                faults.hold(() -> relay(question.get(), stage));
                return stage;
            case BLOCK:
                faults.block();
                return question.get();
            case THROW:
                throw new IllegalStateException("told to throw");
        }
        throw new AssertionError("no such fault");
    }

    /** What no disk holds up. */
    private <T> CompletionStage<T> atHand(Supplier<CompletionStage<T>> question, CompletionStage<T> missing) {
        return faults.isBlocking() ? question.get() : read(question, missing, missing);
    }

    private <T> Cursor<T> cursor(Cursor<T> cursor) {
        return new Cursor<>() {
            @Override
            public CompletionStage<List<T>> next(long maxBytes) {
                return read(Oid.ROOT, () -> cursor.next(maxBytes));
            }

            @Override
            public void close() {
                cursor.close();
            }
        };
    }

    @Override
    public CompletionStage<Optional<Revision>> loadBefore(Oid oid, Tid before) {
        return read(
                () -> log.loadBefore(oid, before),
                failed(new ObjectNotFoundException(oid)),
                CompletableFuture.completedFuture(Optional.empty()));
    }

    @Override
    public CompletionStage<byte[]> loadSerial(Oid oid, Tid serial) {
        return read(oid, () -> log.loadSerial(oid, serial));
    }

    @Override
    public CompletionStage<Tid> serial(Oid oid) {
        CompletionStage<Tid> none = CompletableFuture.completedFuture(Tid.NONE);
        return read(() -> log.serial(oid), none, none);
    }

    @Override
    public CompletionStage<Tid> lastTid() {
        return isLost()
                ? failed(new StorageClosedException("told that the connection is lost"))
                : unlessSilent("lastTid", log::lastTid);
    }

    @Override
    public CompletionStage<List<HistoryEntry>> history(Oid oid, int limit) {
        return read(oid, () -> log.history(oid, limit));
    }

    @Override
    public CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit) {
        return read(Oid.ROOT, () -> log.undoLog(skip, limit));
    }

    @Override
    public Cursor<TransactionHeader> headers(Tid from, Tid to) {
        return cursor(log.headers(from, to));
    }

    @Override
    public Cursor<CommittedTransaction> transactions(Tid from, Tid to) {
        return cursor(log.transactions(from, to));
    }

    @Override
    public Cursor<CurrentRecord> currentRecords(Oid from) {
        return cursor(log.currentRecords(from));
    }

    @Override
    public CompletionStage<BlobSource> blob(Oid oid, Tid serial) {
        return read(oid, () -> log.blob(oid, serial));
    }

    @Override
    public CompletionStage<StorageStats> stats() {
        CompletionStage<StorageStats> none = CompletableFuture.completedFuture(new StorageStats(0, 0, Oid.ROOT));
        return unlessSilent("stats", () -> atHand(log::stats, none));
    }

    @Override
    public CompletionStage<PackResult> pack(PackRequest request) {
        return unlessSilent("pack", () -> log.pack(request));
    }

    @Override
    public CompletionStage<String> cutTail(Tid keep) {
        faults.cut();
        return unlessSilent("cutTail", () -> log.cutTail(keep));
    }

    @Override
    public CompletionStage<String> setAside() {
        return unlessSilent("setAside", log::setAside).thenApply(place -> {
            faults.setAside();
            return place;
        });
    }

    @Override
    public CompletionStage<VerifyResult> verify(Consumer<Progress> progress) {
        return unlessSilent("verify", () -> log.verify(progress))
                .thenApply(found -> faults.isDamaged()
                        ? new VerifyResult(
                                found.transactions(), found.records(), 0, List.of("position 4: told to be damaged"))
                        : found);
    }

    @Override
    public CompletionStage<Tid> packedTo() {
        return unlessSilent("packedTo", () -> atHand(log::packedTo, log.packedTo()));
    }

    @Override
    public void close() {
        closed = true;
        log.close();
    }
}
