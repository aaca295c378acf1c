package org.zeoraid.zeo.server;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.codec.Message;

/** Sends one blob in chunks, as fast as the client reads and no faster. On the event loop, but for reading the file. */
final class BlobSender {

    /** As much as Python's server puts into a chunk. */
    private static final int CHUNK = 59_000;

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
        this.oid = Python.bytes(oid);
        this.serial = Python.bytes(serial);
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
                byte[] chunk = blob.readNBytes(CHUNK);
                connection.onLoop(() -> {
                    busy = false;
                    write(chunk);
                });
            } catch (IOException e) {
                connection.onLoop(() -> stop(e));
            }
        });
    }

    private void write(byte[] chunk) {
        if (sent.isDone()) {
            return;
        }
        if (chunk.length > 0) {
            connection.write(Message.oneWay("receiveBlobChunk", oid, serial, chunk));
            proceed();
        } else {
            connection.write(Message.oneWay("receiveBlobStop", oid, serial));
            close();
            sent.complete(null);
        }
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
