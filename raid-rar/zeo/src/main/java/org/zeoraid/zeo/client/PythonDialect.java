package org.zeoraid.zeo.client;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.StorageStats;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.zeo.codec.Ids;

/** ZEO's own calls alone. */
final class PythonDialect implements Dialect {

    private static final Set<String> BESIDE_EXTENSION = Set.of("time", "user_name", "description", "size", "tid", "id");

    private static final long HEADERS_AT_ONCE = 1 << 16;

    private final ServerChannel channel;
    private final BlobStore blobs;
    private final ZeoOptions options;
    private final ServerMemory memory;
    private final Optional<String> identity;

    private PythonDialect(
            ServerChannel channel,
            BlobStore blobs,
            ZeoOptions options,
            ServerMemory memory,
            Optional<String> identity) {
        this.channel = channel;
        this.blobs = blobs;
        this.options = options;
        this.memory = memory;
        this.identity = identity;
    }

    static CompletionStage<Dialect> of(
            ServerChannel channel, BlobStore blobs, ZeoOptions options, ServerMemory memory) {
        CompletionStage<Optional<String>> identity = options.access() == ZeoOptions.Access.READ_ONLY
                ? CompletableFuture.completedFuture(Optional.empty())
                : PythonIdentities.of(channel);
        return identity.thenApply(found -> new PythonDialect(channel, blobs, options, memory, found));
    }

    @Override
    public Optional<String> identity() {
        return identity;
    }

    /**
     * One that was killed within a commit cuts that transaction off when it is started again, and until its next commit
     * tells its tid as the last one all the same.
     */
    @Override
    public CompletionStage<Tid> last(Tid told) {
        if (told.equals(Tid.NONE)) {
            return CompletableFuture.completedFuture(told);
        }
        return newest(headers(told, told)).thenCompose(there -> {
            if (there.equals(told)) {
                return CompletableFuture.completedFuture(told);
            }
            // What is packed is not in the undo log.
            return undoLog(0, 1)
                    .thenCompose(newest -> newest.isEmpty()
                            ? newest(headers(Tid.NONE, told))
                            : CompletableFuture.completedFuture(newest.get(0).tid()));
        });
    }

    private static CompletionStage<Tid> newest(Cursor<TransactionHeader> headers) {
        return behind(headers, Tid.NONE).whenComplete((newest, failure) -> headers.close());
    }

    private static CompletionStage<Tid> behind(Cursor<TransactionHeader> headers, Tid newest) {
        return headers.next(HEADERS_AT_ONCE)
                .thenCompose(batch -> batch.isEmpty()
                        ? CompletableFuture.completedFuture(newest)
                        : behind(headers, batch.get(batch.size() - 1).tid()));
    }

    /** A deleted object looks as if it had never been, except to its history. */
    @Override
    public CompletionStage<Tid> serial(Oid oid) {
        return channel.ask("getTid", Values::tid, Ids.bytes(oid)).exceptionallyCompose(failure -> {
            if (!Failures.isMissingObject(failure)) {
                throw Failures.translated(failure);
            }
            return channel.ask("history", PythonDialect::history, Ids.bytes(oid), 1L)
                    .thenApply(entries ->
                            entries.stream().map(HistoryEntry::tid).findFirst().orElse(Tid.NONE))
                    .exceptionally(unknown -> {
                        if (Failures.isMissingObject(unknown)) {
                            return Tid.NONE;
                        }
                        throw Failures.translated(unknown);
                    });
        });
    }

    @Override
    public CompletionStage<List<HistoryEntry>> history(Oid oid, int limit) {
        return Failures.missing(
                channel.ask("history", PythonDialect::history, Ids.bytes(oid), (long) limit),
                () -> new ObjectNotFoundException(oid));
    }

    private static List<HistoryEntry> history(@Nullable Object value) {
        List<HistoryEntry> entries = new ArrayList<>();
        for (Object item : Values.list(value)) {
            Map<?, ?> row = Values.map(item);
            entries.add(new HistoryEntry(Values.tid(row.get("tid")), described(row), Values.number(row.get("size"))));
        }
        return List.copyOf(entries);
    }

    @Override
    public CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit) {
        Function<@Nullable Object, List<TransactionHeader>> read = value -> {
            List<TransactionHeader> headers = new ArrayList<>();
            for (Object item : Values.list(value)) {
                Map<?, ?> row = Values.map(item);
                Tid tid = Values.tid(Base64.getMimeDecoder().decode(Values.data(row.get("id"))));
                headers.add(new TransactionHeader(
                        tid, TransactionStatus.COMMITTED, described(row), Values.number(row.get("size"))));
            }
            return List.copyOf(headers);
        };
        return Failures.translate(channel.ask("undoLog", read, (long) skip, (long) skip + limit));
    }

    /** Extension entries stand beside the rest in these rows. */
    private static TransactionMeta described(Map<?, ?> row) {
        Map<Object, @Nullable Object> extension = new LinkedHashMap<>();
        row.forEach((key, value) -> {
            if (!(key instanceof String name && BESIDE_EXTENSION.contains(name))) {
                extension.put(key, value);
            }
        });
        return Values.meta(row.get("user_name"), row.get("description"), extension);
    }

    /**
     * The largest oid is told by the next one; a server that is asked hands it out, and it is never used then. Where nothing
     * may be written none is handed out, and nobody needs one.
     */
    @Override
    public CompletionStage<StorageStats> stats() {
        CompletionStage<Oid> largest = options.access() == ZeoOptions.Access.READ_ONLY
                ? CompletableFuture.completedFuture(Oid.ROOT)
                : channel.ask("new_oids", PythonDialect::before, 1L);
        return Failures.translate(channel.ask("get_info", Values::map)
                .thenCombine(
                        largest,
                        (info, oid) -> new StorageStats(
                                Values.number(info.get("length")), Values.number(info.get("size")), oid)));
    }

    private static Oid before(@Nullable Object fresh) {
        Oid next = Values.oid(Values.row(fresh, 1).get(0));
        return next.equals(Oid.ROOT) ? next : new Oid(next.value() - 1);
    }

    private CompletionStage<Long> size() {
        return Failures.translate(
                channel.ask("get_info", info -> Values.number(Values.map(info).get("size"))));
    }

    @Override
    public CompletionStage<Tid> packedTo() {
        return new PackedHead(headers(memory.packed(), Tid.MAX), memory).find();
    }

    @Override
    public CompletionStage<Boolean> isPacked(Tid gone) {
        return headers(gone, Tid.MAX).first().thenApply(found -> found.filter(
                        head -> head.status() == TransactionStatus.PACKED)
                .isPresent());
    }

    /** Its rules for garbage are the server's own, so somebody must have said what they are. */
    @Override
    public CompletionStage<PackResult> pack(PackRequest request) {
        boolean collects = options.packGarbage() == ZeoOptions.PackGarbage.COLLECT;
        if (options.packGarbage() == ZeoOptions.PackGarbage.UNKNOWN
                || collects && request.garbage() == PackRequest.Garbage.KEEP) {
            return CompletableFuture.failedFuture(new ReadOnlyException("the server " + channel.location()
                    + (collects
                            ? " collects garbage when it packs, which is not wanted now"
                            : " is not packed, because it packs by its own rules for garbage, which cannot be asked: say"
                                    + " pack-gc true or false in the member's section, as it is in that server's"
                                    + " configuration")));
        }
        double time = PackTime.of(request.upTo());
        return size().thenCompose(before -> Failures.translate(channel.ask("pack", value -> true, time, true))
                .thenCompose(packed -> size())
                .thenApply(after ->
                        new PackResult(before, after, 0, "packed by the server, by its own rules for garbage")));
    }

    @Override
    public Cursor<TransactionHeader> headers(Tid from, Tid to) {
        return new HeaderCursor(channel, from, to);
    }

    @Override
    public Cursor<CommittedTransaction> transactions(Tid from, Tid to) {
        return new TransactionCursor(channel, blobs, from, to);
    }

    @Override
    public Cursor<TransactionDigest> digests(Tid from, Tid to) {
        Cursor<CommittedTransaction> transactions = transactions(from, to);
        return new Cursor<>() {
            @Override
            public CompletionStage<List<TransactionDigest>> next(long maxBytes) {
                return transactions.next(maxBytes).thenApply(batch -> batch.stream()
                        .map(TransactionDigest::of)
                        .toList());
            }

            @Override
            public void close() {
                transactions.close();
            }
        };
    }

    @Override
    public Cursor<CurrentRecord> currentRecords(Oid from) {
        return new CurrentRecordCursor(channel, from);
    }

    @Override
    public boolean takesBatches() {
        return false;
    }
}
