package org.zeoraid.storage.commit;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.zeoraid.storage.Appended;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.PreparedTransactions;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageStats;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.journal.JournalOptions;
import org.zeoraid.storage.journal.PreparedJournal;
import org.zeoraid.storage.seam.Environment;

/**
 * A storage over any transaction log: of a single member, or of a whole array. Conflicts, undo, tids and the order of
 * commits are decided here.
 *
 * <p>It has no threads. What goes on after an answer of the log runs on the thread that brings the answer, so actions
 * that depend on this storage's stages, and listeners, must not block.
 *
 * <p>The log is first asked when the storage is first used, and may fail until it has what it needs; it is asked again
 * each time. After an {@link org.zeoraid.storage.OutcomeUnknownException} the log's last tid must not be told until it is
 * settled whether the transaction lasts.
 */
public final class TransactionalStorage implements Storage {

    private final String name;
    private final TransactionLog log;
    private final Environment environment;
    private final CommitOptions options;
    private final WriteGate gate;
    private final OidSource oids;
    private final Listeners listeners = new Listeners();
    private final LockTable locks;
    private final ChangeBuffer.SpillFolder spillFolder;
    private final CommitStream stream;
    private final PublishedReads reads;
    private final Set<FrontTransaction> open = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean packing = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile Optional<PreparedBranches> branches = Optional.empty();

    /**
     * Starts nothing.
     *
     * @param name by which clients ask for it; part of the names of its temporary files
     * @param log nobody else appends to it; closed with the storage
     * @param gate asked before each step that leads to something being written
     */
    public TransactionalStorage(
            String name, TransactionLog log, Environment environment, CommitOptions options, WriteGate gate) {
        this.name = name;
        this.log = log;
        this.environment = environment;
        this.options = options;
        this.oids = new OidSource(environment.random());
        this.gate = gate;
        this.locks = new LockTable(environment, options.lockWait());
        this.spillFolder = new ChangeBuffer.SpillFolder(environment.disk(), name, options);
        this.stream = new CommitStream(name, log, environment, options, gate, oids, listeners);
        this.reads = new PublishedReads(log, stream);
    }

    /** A storage that is always allowed to write, once its log has answered. */
    public static CompletionStage<TransactionalStorage> open(
            String name, TransactionLog log, Environment environment, CommitOptions options) {
        var storage = new TransactionalStorage(name, log, environment, options, WriteGate.OPEN);
        return storage.resume(Tid.NONE).thenApply(nothing -> storage);
    }

    /**
     * Has the storage go on from what the log's last transaction is now, once all that is under way has been answered.
     * Meant for an array that has been assembled, or whose members changed below it. The tid served never decreases, and
     * tids given from now on are later than {@code floor} and all that were ever served or given. If transactions came
     * or went that were not committed here, listeners are told to drop their caches.
     *
     * @return fails if the log cannot tell
     */
    public CompletionStage<Void> resume(Tid floor) {
        branches.ifPresent(PreparedBranches::doubt);
        CompletionStage<Void> resumed = stream.resume(floor);
        branches.ifPresent(PreparedBranches::settleSoon);
        return resumed;
    }

    /**
     * Has this storage keep prepared transactions, and takes those that an earlier process left, with their locks. Nothing may be
     * committed before that.
     *
     * @return the journal, closed with the storage
     * @throws StorageUnavailableException (in the stage) if there may be some and they cannot be read now; then it can be tried again
     */
    public CompletionStage<PreparedJournal> keepPrepared(JournalOptions options, PreparedJournal.Unseen unseen) {
        return PreparedJournal.open(name, environment, options, unseen).thenCompose(journal -> {
            PreparedBranches prepared = new PreparedBranches(name, this, environment, journal, options.witness());
            return prepared.restore().handle((nothing, failure) -> {
                branches = Optional.of(prepared);
                if (failure != null || closed.get()) {
                    branches = Optional.empty();
                    prepared.close();
                    throw failure != null ? Stages.failure(failure) : closedException();
                }
                return journal;
            });
        });
    }

    @Override
    public Optional<PreparedTransactions> prepared() {
        return branches.map(prepared -> prepared);
    }

    Optional<PreparedBranches> branches() {
        return branches;
    }

    ChangeBuffer newBuffer() {
        return new ChangeBuffer(spillFolder);
    }

    /** These objects have their oids, though nothing published tells of them. */
    void inUse(BufferedTransaction.Changes changes) {
        oids.raise(changes);
    }

    /** Tells all listeners to drop their caches. */
    public void dropCaches() {
        stream.tellToDropCaches();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean isReadOnly() {
        try {
            checkWritable();
            return false;
        } catch (ReadOnlyException e) {
            return true;
        } catch (StorageException e) {
            return false;
        }
    }

    /** @throws StorageException if writing is not allowed now, and why */
    void checkWritable() {
        if (closed.get()) {
            throw closedException();
        }
        if (options.mode() == CommitOptions.Mode.READ_ONLY) {
            throw new ReadOnlyException("the storage " + name + " is configured to be read-only");
        }
        gate.check();
    }

    void checkNotAhead(Tid tid) {
        Tid bound = Tid.at(environment.clock().instant().plus(options.ahead()));
        if (tid.isAfter(bound)) {
            throw new ProtocolException("the transaction's own tid " + tid + " tells of " + tid.instant()
                    + ", more than " + options.ahead() + " ahead of the clock");
        }
    }

    private StorageClosedException closedException() {
        return new StorageClosedException("the storage " + name + " is closed");
    }

    @Override
    public CompletionStage<List<Oid>> newOids(int count) {
        return Stages.map(stream.ready(), nothing -> {
            checkWritable();
            return oids.next(count);
        });
    }

    @Override
    public StorageTransaction begin(TransactionMeta meta) {
        return begin(meta, TransactionStatus.COMMITTED, Optional.empty());
    }

    @Override
    public StorageTransaction begin(TransactionMeta meta, Tid tid, TransactionStatus status) {
        return begin(meta, status, Optional.of(tid));
    }

    private FrontTransaction begin(TransactionMeta meta, TransactionStatus status, Optional<Tid> ownTid) {
        checkWritable();
        var transaction = new FrontTransaction(this, meta, status, ownTid, newBuffer());
        open.add(transaction);
        if (closed.get()) {
            // Closed just now: whoever closed it may not have seen this one.
            transaction.abort();
            throw closedException();
        }
        return transaction;
    }

    @Override
    public CompletionStage<Appended> append(Tid previous, List<CommittedTransaction> transactions) {
        return transactions.isEmpty()
                ? CompletableFuture.completedFuture(new Appended(0, Optional.empty()))
                : new BatchAppend(this, previous, transactions).run();
    }

    FrontTransaction beginInBatch(TransactionHeader header) {
        return begin(header.meta(), header.status(), Optional.of(header.tid()));
    }

    @Override
    public CompletionStage<PackResult> pack(PackRequest request) {
        try {
            checkWritable();
        } catch (StorageException e) {
            return CompletableFuture.failedFuture(e);
        }
        if (!packing.compareAndSet(false, true)) {
            return CompletableFuture.failedFuture(
                    new StorageUnavailableException("a pack of " + name + " is running already"));
        }
        // In this order: of what is committed later a pack up to that transaction forgets nothing.
        CompletionStage<PackResult> pack = Stages.then(
                reads.lastTid(),
                last -> Stages.then(beforePack(), nothing -> {
                    Tid upTo = request.upTo().isAfter(last) ? last : request.upTo();
                    return packUpTo(new PackRequest(upTo, request.garbage(), request.laterUpTo()));
                }));
        return pack.whenComplete((result, error) -> {
            packing.set(false);
            if (error == null) {
                listeners.packed();
            }
        });
    }

    /** A pack forgets by what the log could tell that a branch was committed. */
    private CompletionStage<Void> beforePack() {
        return branches.map(PreparedBranches::secured).orElseGet(Stages::done);
    }

    /** What a prepared branch will refer to may be referred to by nothing else now. */
    private CompletionStage<PackResult> packUpTo(PackRequest request) {
        boolean keeps = request.garbage() == PackRequest.Garbage.COLLECT
                && branches.map(prepared -> !prepared.isEmpty()).orElse(false);
        if (!keeps) {
            return log.pack(request);
        }
        return Stages.map(
                log.pack(request.with(PackRequest.Garbage.KEEP)),
                result -> result.withNote(
                        ("garbage was kept, because prepared transactions are in doubt. " + result.note()).strip()));
    }

    @Override
    public CompletionStage<Optional<Tid>> packedTo() {
        return closed.get()
                ? CompletableFuture.failedFuture(closedException())
                : log.packedTo().thenApply(Optional::of);
    }

    @Override
    public Subscription subscribe(InvalidationListener listener) {
        return listeners.add(listener);
    }

    @Override
    public void close() {
        closeAsync().toCompletableFuture().join();
    }

    /** Does what {@link #close} does without holding up the caller; complete when everything is released. */
    public CompletionStage<Void> closeAsync() {
        if (!closed.compareAndSet(false, true)) {
            return Stages.done();
        }
        CompletionStage<Void> drained = stream.close();
        open.forEach(FrontTransaction::abandon);
        return drained.thenCompose(
                        nothing -> branches.map(PreparedBranches::close).orElseGet(Stages::done))
                .thenRun(log::close);
    }

    @Override
    public CompletionStage<Optional<Revision>> loadBefore(Oid oid, Tid before) {
        return reads.loadBefore(oid, before);
    }

    @Override
    public CompletionStage<byte[]> loadSerial(Oid oid, Tid serial) {
        return reads.loadSerial(oid, serial);
    }

    @Override
    public CompletionStage<Tid> serial(Oid oid) {
        return reads.serial(oid);
    }

    @Override
    public CompletionStage<Tid> lastTid() {
        return closed.get() ? CompletableFuture.failedFuture(closedException()) : reads.lastTid();
    }

    @Override
    public CompletionStage<List<HistoryEntry>> history(Oid oid, int limit) {
        return reads.history(oid, limit);
    }

    @Override
    public CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit) {
        return reads.undoLog(skip, limit);
    }

    @Override
    public Cursor<TransactionHeader> headers(Tid from, Tid to) {
        return reads.headers(from, to);
    }

    @Override
    public Cursor<CommittedTransaction> transactions(Tid from, Tid to) {
        return reads.transactions(from, to);
    }

    @Override
    public Cursor<CurrentRecord> currentRecords(Oid from) {
        return reads.currentRecords(from);
    }

    @Override
    public CompletionStage<BlobSource> blob(Oid oid, Tid serial) {
        return reads.blob(oid, serial);
    }

    @Override
    public CompletionStage<StorageStats> stats() {
        return closed.get() ? CompletableFuture.failedFuture(closedException()) : log.stats();
    }

    TransactionLog log() {
        return log;
    }

    LockTable locks() {
        return locks;
    }

    CommitStream stream() {
        return stream;
    }

    void ended(FrontTransaction transaction) {
        open.remove(transaction);
    }
}
