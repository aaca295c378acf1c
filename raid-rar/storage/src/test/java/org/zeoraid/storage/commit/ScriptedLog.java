package org.zeoraid.storage.commit;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.Progress;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageStats;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.VerifyResult;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.memory.MemoryLog;

/** A log in memory that shows what is appended at once, and says that it is durable, or failed, when the test wants. */
final class ScriptedLog implements TransactionLog {

    /** An append that has not been answered. */
    private record Held(
            Tid previous, CommittedTransaction transaction, CompletableFuture<Void> stage, boolean hidden) {}

    final MemoryLog memory;
    private final ArrayDeque<Held> held = new ArrayDeque<>();
    private boolean holding;
    private boolean hiding;
    private Optional<StorageException> historyFailure = Optional.empty();
    private Optional<CompletableFuture<Tid>> heldLastTid = Optional.empty();
    private Optional<StorageException> lastTidFailure = Optional.empty();
    boolean closed;
    boolean staysOpen;
    CompletableFuture<PackResult> packs = CompletableFuture.completedFuture(new PackResult(0, 0, 0, ""));
    Optional<PackRequest> packed = Optional.empty();

    ScriptedLog() {
        this(new MemoryLog());
    }

    /** The same transactions, as another process finds them. */
    ScriptedLog(MemoryLog memory) {
        this.memory = memory;
    }

    void hold() {
        holding = true;
    }

    /** Answers from now on as it is asked. */
    void holdNoLonger() {
        holding = false;
        hiding = false;
    }

    /** From now on what is appended cannot be seen either before it is answered. */
    void hide() {
        holding = true;
        hiding = true;
    }

    /** The oldest append that has not been answered. */
    CommittedTransaction oldest() {
        return held.getFirst().transaction();
    }

    void historyFailsWith(StorageException why) {
        historyFailure = Optional.of(why);
    }

    void historyIsTold() {
        historyFailure = Optional.empty();
    }

    int underWay() {
        return held.size();
    }

    /** Whether the oldest append is in the log, or was lost with one before it. */
    boolean oldestIsThere() {
        Tid tid = held.getFirst().transaction().tid();
        return !Steps.all(memory.headers(tid, tid), 1).isEmpty();
    }

    /** The oldest append is durable. */
    void succeed() {
        held.remove().stage().complete(null);
    }

    /** The newest append is durable, before the others: a log that breaks its promise. */
    void succeedLast() {
        held.removeLast().stage().complete(null);
    }

    /** The oldest append fails and is not there; those behind it go too. */
    void fail(RuntimeException why) {
        Held failed = held.remove();
        if (lastInMemory().compareTo(failed.transaction().tid()) >= 0) {
            Steps.await(memory.cutTail(failed.previous()));
        }
        failed.stage().completeExceptionally(why);
    }

    /** The oldest append is in doubt. */
    void doubt(boolean lasts) {
        Held doubted = held.remove();
        if (doubted.hidden() && lasts) {
            Steps.await(memory.append(doubted.previous(), doubted.transaction()));
        } else if (!doubted.hidden() && !lasts) {
            Steps.await(memory.cutTail(doubted.previous()));
        }
        doubted.stage().completeExceptionally(new OutcomeUnknownException("in doubt, on purpose"));
    }

    void lastTidFailsWith(StorageException why) {
        lastTidFailure = Optional.of(why);
    }

    void lastTidIsTold() {
        lastTidFailure = Optional.empty();
    }

    private Tid lastInMemory() {
        return Steps.await(memory.lastTid());
    }

    @Override
    public CompletionStage<Void> append(Tid previous, CommittedTransaction transaction) {
        if (!holding) {
            return memory.append(previous, transaction);
        }
        if (!hiding) {
            Steps.await(memory.append(previous, transaction));
        }
        CompletableFuture<Void> stage = new CompletableFuture<>();
        held.add(new Held(previous, transaction, stage, hiding));
        return stage;
    }

    /** The next question for the last tid is answered by this stage. */
    CompletableFuture<Tid> holdLastTid() {
        CompletableFuture<Tid> answer = new CompletableFuture<>();
        heldLastTid = Optional.of(answer);
        return answer;
    }

    @Override
    public CompletionStage<Tid> lastTid() {
        if (heldLastTid.isPresent()) {
            CompletableFuture<Tid> answer = heldLastTid.get();
            heldLastTid = Optional.empty();
            return answer;
        }
        return lastTidFailure.isPresent() ? CompletableFuture.failedFuture(lastTidFailure.get()) : memory.lastTid();
    }

    @Override
    public CompletionStage<PackResult> pack(PackRequest request) {
        packed = Optional.of(request);
        return packs;
    }

    @Override
    public void close() {
        closed = true;
        if (!staysOpen) {
            memory.close();
        }
    }

    @Override
    public CompletionStage<String> cutTail(Tid keep) {
        return memory.cutTail(keep);
    }

    @Override
    public CompletionStage<String> setAside() {
        return memory.setAside();
    }

    @Override
    public CompletionStage<VerifyResult> verify(Consumer<Progress> progress) {
        return memory.verify(progress);
    }

    @Override
    public CompletionStage<Tid> packedTo() {
        return memory.packedTo();
    }

    @Override
    public CompletionStage<Optional<Revision>> loadBefore(Oid oid, Tid before) {
        return memory.loadBefore(oid, before);
    }

    @Override
    public CompletionStage<byte[]> loadSerial(Oid oid, Tid serial) {
        return memory.loadSerial(oid, serial);
    }

    @Override
    public CompletionStage<Tid> serial(Oid oid) {
        return memory.serial(oid);
    }

    @Override
    public CompletionStage<List<HistoryEntry>> history(Oid oid, int limit) {
        return historyFailure.isPresent()
                ? CompletableFuture.failedFuture(historyFailure.get())
                : memory.history(oid, limit);
    }

    @Override
    public CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit) {
        return memory.undoLog(skip, limit);
    }

    @Override
    public Cursor<TransactionHeader> headers(Tid from, Tid to) {
        return memory.headers(from, to);
    }

    @Override
    public Cursor<CommittedTransaction> transactions(Tid from, Tid to) {
        return memory.transactions(from, to);
    }

    @Override
    public Cursor<CurrentRecord> currentRecords(Oid from) {
        return memory.currentRecords(from);
    }

    @Override
    public CompletionStage<BlobSource> blob(Oid oid, Tid serial) {
        return memory.blob(oid, serial);
    }

    @Override
    public CompletionStage<StorageStats> stats() {
        return memory.stats();
    }
}
