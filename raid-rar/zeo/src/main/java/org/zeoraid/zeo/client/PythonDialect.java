package org.zeoraid.zeo.client;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.StorageStats;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionHeader;

/** ZEO's own calls alone. */
final class PythonDialect implements Dialect {

    private final ServerChannel channel;
    private final BlobStore blobs;
    private final ZeoOptions options;

    PythonDialect(ServerChannel channel, BlobStore blobs, ZeoOptions options) {
        this.channel = channel;
        this.blobs = blobs;
        this.options = options;
    }

    @Override
    public Optional<String> identity() {
        return Optional.empty();
    }

    /** A deleted object looks as if it had never been, except to its history. */
    @Override
    public CompletionStage<Tid> serial(Oid oid) {
        return channel.ask("getTid", Values::tid, Values.bytes(oid)).exceptionallyCompose(failure -> {
            if (!Failures.isMissingObject(failure)) {
                throw Failures.translated(failure);
            }
            return channel.ask("history", ZeoLog::history, Values.bytes(oid), 1L)
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

    /** The largest oid is told by the next one; a server that is asked hands it out, and it is never used then. */
    @Override
    public CompletionStage<StorageStats> stats() {
        return Failures.translate(channel.ask("get_info", Values::map)
                .thenCombine(
                        channel.ask(
                                "new_oids",
                                value -> Values.oid(Values.row(value, 1).get(0)),
                                1L),
                        (info, next) -> new StorageStats(
                                Values.number(info.get("length")),
                                Values.number(info.get("size")),
                                next.equals(Oid.ROOT) ? next : new Oid(next.value() - 1))));
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
        return stats().thenCompose(before -> Failures.translate(channel.ask("pack", value -> true, time, true))
                .thenCompose(packed -> stats())
                .thenApply(after -> new PackResult(
                        before.bytes(), after.bytes(), 0, "packed by the server, by its own rules for garbage")));
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
