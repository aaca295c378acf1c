package org.zeoraid.zeo.client;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.StorageStats;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.zeo.Extension;
import org.zeoraid.zeo.Rows;
import org.zeoraid.zeo.codec.Ids;

/** What servers of our own understand: {@link Extension}. */
final class OwnDialect implements Dialect {

    private static final long SPOKEN = 1;

    private final ServerChannel channel;
    private final BlobStore blobs;
    private final ServerMemory memory;
    private final String identity;

    private OwnDialect(ServerChannel channel, BlobStore blobs, ServerMemory memory, String identity) {
        this.channel = channel;
        this.blobs = blobs;
        this.memory = memory;
        this.identity = identity;
    }

    /** @param offers what the server answered to the label */
    static CompletionStage<Dialect> of(
            ServerChannel channel, BlobStore blobs, Map<?, ?> offers, ZeoOptions options, ServerMemory memory) {
        boolean understood = offers.get(Extension.VERSION) instanceof Long version && version >= SPOKEN;
        return understood
                ? CompletableFuture.completedFuture(
                        new OwnDialect(channel, blobs, memory, String.valueOf(offers.get(Extension.IDENTITY))))
                : PythonDialect.of(channel, blobs, options, memory);
    }

    @Override
    public Optional<String> identity() {
        return Optional.of(identity);
    }

    @Override
    public CompletionStage<Tid> last(Tid told) {
        return CompletableFuture.completedFuture(told);
    }

    @Override
    public CompletionStage<Tid> serial(Oid oid) {
        return Failures.translate(channel.ask(
                Extension.SERIALS, value -> Values.tid(Values.row(value, 1).get(0)), List.of(Ids.bytes(oid))));
    }

    @Override
    public CompletionStage<List<HistoryEntry>> history(Oid oid, int limit) {
        return Failures.missing(
                channel.ask(
                        Extension.HISTORY,
                        value -> headers(value).stream()
                                .map(header -> new HistoryEntry(header.tid(), header.meta(), header.size()))
                                .toList(),
                        Ids.bytes(oid),
                        (long) limit),
                () -> new ObjectNotFoundException(oid));
    }

    @Override
    public CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit) {
        return Failures.translate(channel.ask(Extension.UNDO_LOG, OwnDialect::headers, (long) skip, (long) limit));
    }

    private static List<TransactionHeader> headers(@Nullable Object rows) {
        return Values.list(rows).stream().map(row -> Rows.header(row)).toList();
    }

    @Override
    public CompletionStage<StorageStats> stats() {
        return Failures.translate(channel.ask(Extension.STATS, value -> {
            List<?> row = Values.row(value, 3);
            return new StorageStats(Values.number(row.get(0)), Values.number(row.get(1)), Values.oid(row.get(2)));
        }));
    }

    @Override
    public CompletionStage<Tid> packedTo() {
        return Failures.translate(channel.call(Extension.PACKED_TO)
                .thenCompose(tid -> tid == null
                        ? new PackedHead(headers(memory.packed(), Tid.MAX), memory).find()
                        : CompletableFuture.completedFuture(Values.tid(tid))));
    }

    @Override
    public CompletionStage<Boolean> isPacked(Tid gone) {
        return packedTo().thenApply(packed -> !gone.isAfter(packed));
    }

    @Override
    public CompletionStage<PackResult> pack(PackRequest request) {
        return Failures.translate(channel.ask(
                Extension.PACK,
                value -> {
                    List<?> row = Values.row(value, 6);
                    return new PackResult(
                            Values.number(row.get(0)),
                            Values.number(row.get(1)),
                            Values.number(row.get(2)),
                            String.valueOf(row.get(3)),
                            decided(request, row.get(4), row.get(5)));
                },
                Ids.bytes(request.upTo()),
                request.garbage().name(),
                request.isDecided() ? Ids.bytes(request.laterUpTo()) : null));
    }

    private static Optional<PackRequest> decided(
            PackRequest request, @Nullable Object garbage, @Nullable Object later) {
        if (garbage == null || later == null) {
            return Optional.empty();
        }
        PackRequest.Garbage done = garbage.equals(PackRequest.Garbage.COLLECT.name())
                ? PackRequest.Garbage.COLLECT
                : PackRequest.Garbage.KEEP;
        return Optional.of(new PackRequest(request.upTo(), done, Values.tid(later)));
    }

    @Override
    public Cursor<TransactionHeader> headers(Tid from, Tid to) {
        return new BulkCursor<>(channel, Extension.HEADERS, Ids.bytes(from), Ids.bytes(to), Rows::header, header -> 64);
    }

    @Override
    public Cursor<CommittedTransaction> transactions(Tid from, Tid to) {
        return new BulkTransactionCursor(channel, blobs, from, to);
    }

    @Override
    public Cursor<TransactionDigest> digests(Tid from, Tid to) {
        return new BulkCursor<>(channel, Extension.DIGESTS, Ids.bytes(from), Ids.bytes(to), Rows::digest, digest -> 40);
    }

    @Override
    public Cursor<CurrentRecord> currentRecords(Oid from) {
        return new BulkCursor<>(
                channel,
                Extension.CURRENT,
                Ids.bytes(from),
                Ids.bytes(Oid.MAX),
                Rows::current,
                current -> current.data().length);
    }

    @Override
    public boolean takesBatches() {
        return true;
    }
}
