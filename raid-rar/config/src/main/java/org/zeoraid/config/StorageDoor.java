package org.zeoraid.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
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
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageStats;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;

/** The storage of an array that may not be open yet: refuses everything until it is. */
final class StorageDoor implements Storage {

    private final ConfiguredArray array;

    /** Listeners that came before the array was open. Guarded by this. */
    private final List<Registration> waiting = new ArrayList<>();

    StorageDoor(ConfiguredArray array) {
        this.array = array;
    }

    /** Called once, when there is something behind the door. */
    synchronized void opened(Storage storage) {
        waiting.forEach(registration -> registration.bind(storage));
        waiting.clear();
    }

    private Storage storage() {
        return array.current().storage();
    }

    private <T> CompletionStage<T> ask(Function<Storage, CompletionStage<T>> question) {
        Storage storage;
        try {
            storage = storage();
        } catch (StorageException e) {
            return CompletableFuture.failedFuture(e);
        }
        return question.apply(storage);
    }

    private <T> Cursor<T> walk(Function<Storage, Cursor<T>> question) {
        Storage storage;
        try {
            storage = storage();
        } catch (StorageException e) {
            return new RefusingCursor<>(e);
        }
        return question.apply(storage);
    }

    @Override
    public String name() {
        return array.name();
    }

    @Override
    public boolean isReadOnly() {
        return array.opened()
                .map(open -> open.storage().isReadOnly())
                .orElse(array.definition().readOnly());
    }

    @Override
    public CompletionStage<List<Oid>> newOids(int count) {
        return ask(storage -> storage.newOids(count));
    }

    @Override
    public StorageTransaction begin(TransactionMeta meta) {
        return storage().begin(meta);
    }

    @Override
    public StorageTransaction begin(TransactionMeta meta, Tid tid, TransactionStatus status) {
        return storage().begin(meta, tid, status);
    }

    @Override
    public CompletionStage<Appended> append(Tid previous, List<CommittedTransaction> transactions) {
        Storage storage;
        try {
            storage = storage();
        } catch (StorageException e) {
            return CompletableFuture.completedFuture(new Appended(0, Optional.of(e)));
        }
        return storage.append(previous, transactions);
    }

    @Override
    public CompletionStage<Optional<Tid>> packedTo() {
        return ask(Storage::packedTo);
    }

    @Override
    public Optional<PreparedTransactions> prepared() {
        return array.opened().flatMap(open -> open.storage().prepared());
    }

    @Override
    public CompletionStage<PackResult> pack(PackRequest request) {
        return ask(storage -> storage.pack(request));
    }

    @Override
    public Subscription subscribe(InvalidationListener listener) {
        synchronized (this) {
            if (array.opened().isEmpty()) {
                Registration registration = new Registration(listener);
                waiting.add(registration);
                return registration;
            }
        }
        return storage().subscribe(listener);
    }

    @Override
    public CompletionStage<Optional<Revision>> loadBefore(Oid oid, Tid before) {
        return ask(storage -> storage.loadBefore(oid, before));
    }

    @Override
    public CompletionStage<byte[]> loadSerial(Oid oid, Tid serial) {
        return ask(storage -> storage.loadSerial(oid, serial));
    }

    @Override
    public CompletionStage<Tid> serial(Oid oid) {
        return ask(storage -> storage.serial(oid));
    }

    @Override
    public CompletionStage<Tid> lastTid() {
        return ask(Storage::lastTid);
    }

    @Override
    public CompletionStage<List<HistoryEntry>> history(Oid oid, int limit) {
        return ask(storage -> storage.history(oid, limit));
    }

    @Override
    public CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit) {
        return ask(storage -> storage.undoLog(skip, limit));
    }

    @Override
    public Cursor<TransactionHeader> headers(Tid from, Tid to) {
        return walk(storage -> storage.headers(from, to));
    }

    @Override
    public Cursor<CommittedTransaction> transactions(Tid from, Tid to) {
        return walk(storage -> storage.transactions(from, to));
    }

    @Override
    public Cursor<CurrentRecord> currentRecords(Oid from) {
        return walk(storage -> storage.currentRecords(from));
    }

    @Override
    public CompletionStage<BlobSource> blob(Oid oid, Tid serial) {
        return ask(storage -> storage.blob(oid, serial));
    }

    @Override
    public CompletionStage<StorageStats> stats() {
        return ask(Storage::stats);
    }

    @Override
    public void close() {
        array.close();
    }

    /** A listener that waits for the array to be opened. */
    private static final class Registration implements Subscription {
        private final InvalidationListener listener;
        private @Nullable Subscription bound;
        private boolean closed;

        Registration(InvalidationListener listener) {
            this.listener = listener;
        }

        synchronized void bind(Storage storage) {
            if (!closed) {
                bound = storage.subscribe(listener);
            }
        }

        @Override
        public synchronized void close() {
            closed = true;
            if (bound != null) {
                bound.close();
            }
        }
    }

    private record RefusingCursor<T>(StorageException refusal) implements Cursor<T> {

        @Override
        public CompletionStage<List<T>> next(long maxBytes) {
            return CompletableFuture.failedFuture(refusal);
        }

        @Override
        public void close() {
            // Nothing was opened.
        }
    }
}
