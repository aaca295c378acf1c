package org.zeoraid.zeo.server;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Ids;
import org.zeoraid.zeo.codec.Message;

/** Sends one blob in chunks, as fast as the client reads and no faster. On the event loop, but for reading the file. */
final class BlobSender {

    /** As much as Python's server puts into a chunk. */
    private static final int CHUNK = 59_000;

    /** How many chunks are read from the disk at once. */
    private static final int AT_ONCE = 8;

    private final Connection connection;
    private final Executor reading;
    private final byte[] oid;
    private final byte[] serial;
    private final InputStream blob;
    private final CompletableFuture<Void> sent = new CompletableFuture<>();
    private boolean busy;

    BlobSender(Connection connection, Executor reading, Oid oid, Tid serial, BlobSource source) throws IOException {
        this.connection = connection;
        this.reading = reading;
        this.oid = Ids.bytes(oid);
        this.serial = Ids.bytes(serial);
        this.blob = source.open();
    }

    /** Completes when the last chunk has been written. */
    CompletionStage<Void> send() {
        connection.write(Message.oneWay("receiveBlobStart", oid, serial));
        proceed();
        return sent;
    }

    /** Reads and writes the next chunk if the client can take it; called again when it can. */
    void proceed() {
        if (busy || sent.isDone() || !connection.isWritable()) {
            return;
        }
        busy = true;
        reading.execute(() -> {
            try {
                List<byte[]> chunks = read();
                connection.onLoop(() -> {
                    busy = false;
                    write(chunks);
                });
            } catch (IOException e) {
                connection.onLoop(() -> stop(e));
            }
        });
    }

    private List<byte[]> read() throws IOException {
        List<byte[]> chunks = new ArrayList<>(AT_ONCE);
        byte[] chunk;
        do {
            chunk = blob.readNBytes(CHUNK);
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
            blob.close();
        } catch (IOException e) {
            // Closing a file that was only read has nothing to lose.
        }
    }
}
