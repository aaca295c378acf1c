package org.zeoraid.array;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
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
import org.zeoraid.storage.StorageStats;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.VerifyResult;

/**
 * A member's log that is asked by its {@link Reach}: every answer has its deadline, a step of a walk its own, and a
 * verification one for each time that it tells nothing of its progress. Not so packs, and appends, of which many wait for each
 * other: whoever sends them knows how much they are.
 */
final class ReachedLog implements TransactionLog {

    private final Reach reach;
    private final TransactionLog log;

    ReachedLog(Reach reach) {
        this.reach = reach;
        this.log = reach.log();
    }

    private <T> CompletionStage<T> ask(Supplier<CompletionStage<T>> question, String what) {
        return reach.ask(question, "it did not " + what);
    }

    @Override
    public CompletionStage<Tid> lastTid() {
        return ask(log::lastTid, "tell its last transaction");
    }

    @Override
    public CompletionStage<Tid> packedTo() {
        return ask(log::packedTo, "tell its pack");
    }

    @Override
    public CompletionStage<StorageStats> stats() {
        return ask(log::stats, "tell its size");
    }

    @Override
    public CompletionStage<String> cutTail(Tid keep) {
        return ask(() -> log.cutTail(keep), "cut off its tail");
    }

    @Override
    public CompletionStage<String> setAside() {
        return ask(log::setAside, "set aside what it holds");
    }

    @Override
    public CompletionStage<VerifyResult> verify(Consumer<Progress> progress) {
        LifeSigns signs = reach.signs();
        return reach.ask(
                Duration.ZERO,
                signs,
                () -> log.verify(now -> {
                    signs.heard();
                    progress.accept(now);
                }),
                "it did not go on with its verification");
    }

    @Override
    public Cursor<TransactionHeader> headers(Tid from, Tid to) {
        return reach.walk(Duration.ZERO, () -> log.headers(from, to));
    }

    @Override
    public Cursor<CommittedTransaction> transactions(Tid from, Tid to) {
        return reach.walk(Duration.ZERO, () -> log.transactions(from, to));
    }

    @Override
    public Cursor<TransactionDigest> digests(Tid from, Tid to) {
        return reach.walk(Duration.ZERO, () -> log.digests(from, to));
    }

    @Override
    public Cursor<CurrentRecord> currentRecords(Oid from) {
        return reach.walk(Duration.ZERO, () -> log.currentRecords(from));
    }

    @Override
    public CompletionStage<Optional<Revision>> loadBefore(Oid oid, Tid before) {
        return ask(() -> log.loadBefore(oid, before), "answer a read");
    }

    @Override
    public CompletionStage<byte[]> loadSerial(Oid oid, Tid serial) {
        return ask(() -> log.loadSerial(oid, serial), "answer a read");
    }

    @Override
    public CompletionStage<Tid> serial(Oid oid) {
        return ask(() -> log.serial(oid), "answer a read");
    }

    @Override
    public CompletionStage<List<HistoryEntry>> history(Oid oid, int limit) {
        return ask(() -> log.history(oid, limit), "answer a read");
    }

    @Override
    public CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit) {
        return ask(() -> log.undoLog(skip, limit), "answer a read");
    }

    @Override
    public CompletionStage<BlobSource> blob(Oid oid, Tid serial) {
        return ask(() -> log.blob(oid, serial), "give a blob");
    }

    @Override
    public CompletionStage<Void> append(Tid previous, CommittedTransaction transaction) {
        return log.append(previous, transaction);
    }

    @Override
    public CompletionStage<PackResult> pack(PackRequest request) {
        return log.pack(request);
    }

    @Override
    public Optional<String> identity() {
        return log.identity();
    }

    @Override
    public void close() {
        log.close();
    }
}
