package org.zeoraid.zeo.server;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;
import org.zeoraid.zeo.codec.Tuple;

/** Sends one blob in chunks, as fast as the client reads and no faster. On the event loop, but for what waits for the disk. */
final class BlobSender {

    /** As much as Python's server puts into a chunk. */
    private static final int CHUNK = 59_000;

    /** How many chunks are read from the disk at once. */
    private static final int AT_ONCE = 8;

    private final Connection connection;
    private final Executor workers;
    private final Supplier<CompletionStage<BlobSource>> source;
    private final byte[] oid;
    private final byte[] serial;
    private final CompletableFuture<Void> sent = new CompletableFuture<>();
    private @Nullable InputStream blob;
    private boolean busy;

    /** @param source asked on one of the workers */
    BlobSender(
            Connection connection,
            Executor workers,
            Oid oid,
            Tid serial,
            Supplier<CompletionStage<BlobSource>> source) {
        this.connection = connection;
        this.workers = workers;
        this.source = source;
        this.oid = Ids.bytes(oid);
        this.serial = Ids.bytes(serial);
    }

    /** Completes when the last chunk has been written. */
    CompletionStage<Void> sent() {
        return sent;
    }

    /** It is this one's turn. */
    void begin() {
        CompletableFuture.supplyAsync(source, workers)
                .thenCompose(found -> found)
                .thenApplyAsync(BlobSender::open, workers)
                .whenComplete((opened, failure) -> connection.onLoop(() -> {
                    blob = opened;
                    if (sent.isDone()) {
                        close();
                    } else if (opened == null) {
                        sent.completeExceptionally(noBlob(failure));
                    } else {
                        connection.write(Message.oneWay("receiveBlobStart", oid, serial));
                        proceed();
                    }
                }));
    }

    private static InputStream open(BlobSource source) {
        try {
            return source.open();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static PythonException unreadable(IOException e) {
        return new PythonException("ZODB.POSException.StorageError", "the blob cannot be read: " + e.getMessage());
    }

    private PythonException noBlob(@Nullable Throwable failure) {
        PythonException error = Python.error(failure == null ? new CompletionException(null) : failure);
        return error.className().endsWith("POSKeyError")
                ? new PythonException(error.className(), "no blob", Tuple.of("No blob file", oid, serial))
                : error;
    }

    /** Reads and writes the next chunks if the client can take them; called again when it can. */
    void proceed() {
        InputStream open = blob;
        if (busy || open == null || sent.isDone() || !connection.isWritable()) {
            return;
        }
        busy = true;
        workers.execute(() -> {
            try {
                List<byte[]> chunks = read(open);
                connection.onLoop(() -> {
                    busy = false;
                    write(chunks);
                });
            } catch (IOException e) {
                connection.onLoop(() -> stop(unreadable(e)));
            }
        });
    }

    private static List<byte[]> read(InputStream open) throws IOException {
        List<byte[]> chunks = new ArrayList<>(AT_ONCE);
        byte[] chunk;
        do {
            chunk = open.readNBytes(CHUNK);
            chunks.add(chunk);
        } while (chunk.length > 0 && chunks.size() < AT_ONCE);
        return chunks;
    }

    private void write(List<byte[]> chunks) {
        for (byte[] chunk : chunks) {
            if (sent.isDone()) {
                return;
            }
            if (chunk.length > 0) {
                connection.write(Message.oneWay("receiveBlobChunk", oid, serial, chunk));
            } else {
                connection.write(Message.oneWay("receiveBlobStop", oid, serial));
                close();
                sent.complete(null);
                return;
            }
        }
        proceed();
    }

    /** Gives up. */
    void stop(Throwable reason) {
        if (!sent.isDone()) {
            close();
            sent.completeExceptionally(reason);
        }
    }

    private void close() {
        try {
            if (blob != null) {
                blob.close();
            }
        } catch (IOException e) {
            // Closing a file that was only read has nothing to lose.
        }
    }
}
