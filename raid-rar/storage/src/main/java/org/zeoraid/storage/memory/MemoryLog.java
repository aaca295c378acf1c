package org.zeoraid.storage.memory;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.Progress;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageStats;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.VerifyResult;

/**
 * A transaction log in memory, durable for as long as the {@link MemoryMember} that opened it. Every stage is complete
 * when it is returned. Blobs are kept as bytes. It keeps no checksums, so a verification calls all records unverified.
 */
public final class MemoryLog implements TransactionLog {

    private static final long HEADER_BYTES = 23;
    private static final long RECORD_BYTES = 42;

    private final MemoryContent content;
    private final AtomicBoolean packing = new AtomicBoolean();
    private volatile boolean closed;

    /** An empty log that is gone when it is closed. */
    public MemoryLog() {
        this(new MemoryContent("unnamed"));
    }

    MemoryLog(MemoryContent content) {
        this.content = content;
    }

    @Override
    public CompletionStage<Void> append(Tid previous, CommittedTransaction transaction) {
        return answer(() -> {
            List<DataRecord> records = new ArrayList<>(transaction.recordCount());
            for (DataRecord entry : transaction.records()) {
                records.add(new DataRecord(entry.oid(), entry.content(), kept(entry.blob())));
            }
            TransactionHeader header = transaction.header();
            CommittedTransaction copy = CommittedTransaction.of(
                    new TransactionHeader(header.tid(), header.status(), header.meta(), size(header.meta(), records)),
                    records);
            synchronized (content) {
                Tid last = content.lastTid();
                if (!previous.equals(last)) {
                    throw new ProtocolException(
                            "transaction " + header.tid() + " follows " + previous + ", but the last one is " + last);
                }
                if (!header.tid().isAfter(last)) {
                    throw new ProtocolException(
                            "transaction " + header.tid() + " is not later than the last one, " + last);
                }
                content.append(copy);
            }
            return null;
        });
    }

    private static Optional<BlobSource> kept(Optional<BlobSource> blob) {
        try {
            return blob.isEmpty() ? blob : Optional.of(MemoryBlob.copyOf(blob.get()));
        } catch (IOException e) {
            throw new StorageUnavailableException("a blob's file cannot be read: " + e.getMessage(), e);
        }
    }

    private static long size(TransactionMeta meta, List<DataRecord> records) {
        long size = HEADER_BYTES + meta.user().length + meta.description().length + meta.extension().length;
        for (DataRecord entry : records) {
            size += RECORD_BYTES + entry.data().map(data -> data.length).orElse(0);
        }
        return size;
    }

    @Override
    public CompletionStage<Optional<Revision>> loadBefore(Oid oid, Tid before) {
        return answer(() -> {
            MemoryContent.Found found = content.before(oid, before);
            if (!found.known()) {
                throw new ObjectNotFoundException(oid);
            }
            if (found.entry().isEmpty()) {
                return Optional.empty();
            }
            byte[] data = found.entry().get().data().orElseThrow(() -> new ObjectNotFoundException(oid));
            return Optional.of(new Revision(data, found.serial(), found.end()));
        });
    }

    @Override
    public CompletionStage<byte[]> loadSerial(Oid oid, Tid serial) {
        return answer(() -> entry(oid, serial)
                .flatMap(DataRecord::data)
                .orElseThrow(() -> new ObjectNotFoundException(oid, serial)));
    }

    private Optional<DataRecord> entry(Oid oid, Tid serial) {
        return Optional.ofNullable(content.records(oid).get(serial));
    }

    @Override
    public CompletionStage<Tid> serial(Oid oid) {
        return answer(() -> content.before(oid, Tid.MAX).serial());
    }

    @Override
    public CompletionStage<Tid> lastTid() {
        return answer(content::lastTid);
    }

    @Override
    public CompletionStage<List<HistoryEntry>> history(Oid oid, int limit) {
        return answer(() -> {
            NavigableMap<Tid, DataRecord> records = content.records(oid);
            if (records.isEmpty()) {
                throw new ObjectNotFoundException(oid);
            }
            List<HistoryEntry> history = new ArrayList<>();
            records.descendingMap().forEach((tid, entry) -> {
                if (history.size() < limit) {
                    long size = entry.data().map(data -> data.length).orElse(0);
                    TransactionMeta meta = content.transaction(tid)
                            .map(transaction -> transaction.header().meta())
                            .orElse(TransactionMeta.EMPTY);
                    history.add(new HistoryEntry(tid, meta, size));
                }
            });
            return history;
        });
    }

    @Override
    public CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit) {
        return answer(() -> {
            Tid packedTo = content.packedTo();
            return content.newestFirst().stream()
                    .map(CommittedTransaction::header)
                    .takeWhile(header -> header.status() == TransactionStatus.COMMITTED
                            && header.tid().isAfter(packedTo))
                    .skip(skip)
                    .limit(limit)
                    .toList();
        });
    }

    @Override
    public Cursor<TransactionHeader> headers(Tid from, Tid to) {
        return new MemoryCursor<>(
                justBefore(from),
                after -> after(after, to).map(CommittedTransaction::header),
                TransactionHeader::tid,
                header -> size(header.meta(), List.of()),
                this::refusal);
    }

    @Override
    public Cursor<CommittedTransaction> transactions(Tid from, Tid to) {
        return new MemoryCursor<>(
                justBefore(from),
                after -> after(after, to),
                CommittedTransaction::tid,
                transaction -> transaction.header().size(),
                this::refusal);
    }

    private Optional<CommittedTransaction> after(Tid after, Tid to) {
        return content.firstAfter(after, to);
    }

    private static Tid justBefore(Tid from) {
        return from.equals(Tid.NONE) ? from : from.before();
    }

    @Override
    public Cursor<CurrentRecord> currentRecords(Oid from) {
        record At(Optional<Oid> oid) {}
        return new MemoryCursor<At, CurrentRecord>(
                new At(Optional.of(from)),
                at -> at.oid().flatMap(content::currentFrom).map(entry -> {
                    DataRecord current = entry.getValue();
                    return new CurrentRecord(
                            current.oid(), entry.getKey(), current.data().orElseThrow());
                }),
                current -> new At(
                        current.oid().equals(Oid.MAX)
                                ? Optional.empty()
                                : Optional.of(current.oid().next())),
                current -> current.data().length,
                this::refusal);
    }

    @Override
    public CompletionStage<BlobSource> blob(Oid oid, Tid serial) {
        return answer(() -> entry(oid, serial)
                .flatMap(DataRecord::blob)
                .orElseThrow(() -> new ObjectNotFoundException(oid, serial)));
    }

    @Override
    public CompletionStage<StorageStats> stats() {
        return answer(() -> new StorageStats(content.objectCount(), content.bytes(), content.largestOid()));
    }

    @Override
    public CompletionStage<PackResult> pack(PackRequest request) {
        return answer(() -> {
            if (!packing.compareAndSet(false, true)) {
                throw new StorageUnavailableException("a pack of " + content.name() + " is running");
            }
            try {
                return packNow(request);
            } finally {
                packing.set(false);
            }
        });
    }

    private PackResult packNow(PackRequest request) {
        synchronized (content) {
            long before = content.bytes();
            Optional<Tid> upTo = content.newestFirst().stream()
                    .map(CommittedTransaction::tid)
                    .filter(tid -> !tid.isAfter(request.upTo()))
                    .findFirst();
            if (upTo.isEmpty() || !upTo.get().isAfter(content.packedTo())) {
                return new PackResult(before, before, 0, "nothing to do: packed up to " + content.packedTo());
            }
            Tid last = content.lastTid();
            Tid laterUpTo = request.laterUpTo().isAfter(last) ? last : request.laterUpTo();
            Garbage garbage = request.garbage() == PackRequest.Garbage.COLLECT
                    ? content.garbage(upTo.get(), laterUpTo)
                    : Garbage.KEPT;
            long dropped = content.forget(upTo.get(), laterUpTo, garbage.oids());
            PackRequest.Garbage done = garbage.note().isEmpty() ? request.garbage() : PackRequest.Garbage.KEEP;
            PackRequest decided = new PackRequest(request.upTo(), done, laterUpTo);
            return new PackResult(before, content.bytes(), dropped, garbage.note(), Optional.of(decided));
        }
    }

    @Override
    public CompletionStage<String> cutTail(Tid keep) {
        return answer(() -> content.cutTail(keep));
    }

    @Override
    public CompletionStage<String> setAside() {
        return answer(content::setAsideAll);
    }

    @Override
    public CompletionStage<VerifyResult> verify(Consumer<Progress> progress) {
        return answer(() -> {
            List<CommittedTransaction> all = content.newestFirst();
            long records = 0;
            for (CommittedTransaction transaction : all) {
                records += transaction.recordCount();
            }
            progress.accept(new Progress(all.size(), all.size()));
            return new VerifyResult(all.size(), records, records, List.of());
        });
    }

    @Override
    public CompletionStage<Tid> packedTo() {
        return answer(content::packedTo);
    }

    @Override
    public void close() {
        closed = true;
    }

    private Optional<StorageClosedException> refusal() {
        return closed
                ? Optional.of(new StorageClosedException("the log " + content.name() + " is closed"))
                : Optional.empty();
    }

    private <T> CompletionStage<T> answer(Supplier<T> question) {
        Optional<StorageClosedException> refusal = refusal();
        if (refusal.isPresent()) {
            return CompletableFuture.failedFuture(refusal.get());
        }
        try {
            return CompletableFuture.completedFuture(question.get());
        } catch (StorageException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
