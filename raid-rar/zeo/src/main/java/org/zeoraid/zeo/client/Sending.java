package org.zeoraid.zeo.client;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;

/** One transaction on its way to a server: begin, records, vote and finish in one write, then both answers. */
final class Sending {

    private static final int CHUNK = 59_000;
    private static final int FLUSH_BYTES = 4 << 20;

    private final ZeoLog log;
    private final CommittedTransaction transaction;
    private final Long id;
    private final byte[] tid;

    Sending(ZeoLog log, CommittedTransaction transaction) {
        this.log = log;
        this.transaction = transaction;
        this.id = transaction.tid().value();
        this.tid = Values.bytes(transaction.tid());
    }

    CompletionStage<Tid> run() {
        List<DataRecord> withBlobs = new ArrayList<>();
        for (DataRecord entry : transaction.records()) {
            if (entry.blob().isPresent()) {
                withBlobs.add(entry);
            }
        }
        return serials(withBlobs).thenCompose(this::write);
    }

    /** A blob cannot be restored, only stored, and that wants to know what it replaces. */
    private CompletionStage<List<Tid>> serials(List<DataRecord> withBlobs) {
        CompletionStage<List<Tid>> serials = CompletableFuture.completedFuture(new ArrayList<>());
        for (DataRecord entry : withBlobs) {
            serials = serials.thenCombine(log.serial(entry.oid()), (list, serial) -> {
                list.add(serial);
                return list;
            });
        }
        return serials;
    }

    private CompletionStage<Tid> write(List<Tid> blobSerials) {
        ServerChannel channel = log.channel();
        ServerChannel.Batch batch = channel.new Batch();
        var meta = transaction.header().meta();
        batch.oneWay(
                "tpc_begin",
                id,
                meta.user(),
                meta.description(),
                Values.extension(meta),
                tid,
                String.valueOf(transaction.header().status().letter()));
        long bytes = 0;
        int blob = 0;
        for (DataRecord entry : transaction.records()) {
            if (entry.blob().isPresent()) {
                batch = blob(channel, batch, entry, entry.blob().get(), blobSerials.get(blob++));
            } else {
                batch.oneWay("restorea", Values.bytes(entry.oid()), tid, data(entry), origin(entry), id);
                bytes += entry.data().map(data -> data.length).orElse(0);
            }
            if (bytes > FLUSH_BYTES) {
                channel.send(batch);
                batch = channel.new Batch();
                bytes = 0;
            }
        }
        CompletableFuture<@Nullable Object> vote = batch.call("vote", id);
        CompletableFuture<@Nullable Object> finish = batch.call("tpc_finish", id);
        channel.send(batch);
        return vote.thenCompose(voted -> finish.handle((answer, failure) -> {
            if (failure != null) {
                throw new OutcomeUnknownException("no answer to the end of transaction " + transaction.tid(), failure);
            }
            return Values.tid(answer);
        }));
    }

    private ServerChannel.Batch blob(
            ServerChannel channel, ServerChannel.Batch batch, DataRecord entry, BlobSource source, Tid serial) {
        byte[] oid = Values.bytes(entry.oid());
        byte[] data = entry.data().orElseThrow();
        ServerChannel.Batch open = batch;
        open.oneWay("storea", oid, Values.bytes(serial), data, id).oneWay("storeBlobStart");
        try (InputStream in = source.open()) {
            long bytes = 0;
            for (byte[] chunk = in.readNBytes(CHUNK); chunk.length > 0; chunk = in.readNBytes(CHUNK)) {
                open.oneWay("storeBlobChunk", (Object) chunk);
                bytes += chunk.length;
                if (bytes > FLUSH_BYTES) {
                    channel.send(open);
                    channel.awaitWritable();
                    open = channel.new Batch();
                    bytes = 0;
                }
            }
        } catch (IOException e) {
            throw new StorageUnavailableException("the blob of object " + entry.oid() + " cannot be read: " + e, e);
        }
        return open.oneWay("storeBlobEnd", oid, Values.bytes(serial), data, id);
    }

    private static byte @Nullable [] data(DataRecord entry) {
        return entry.data().orElse(null);
    }

    private static byte @Nullable [] origin(DataRecord entry) {
        return entry.content() instanceof Content.Link link ? Values.bytes(link.origin()) : null;
    }
}
