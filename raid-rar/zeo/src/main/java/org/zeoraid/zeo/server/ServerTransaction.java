package org.zeoraid.zeo.server;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.zeo.FileBlob;

/** The transaction that a client has begun, with the blobs that it has sent so far. */
final class ServerTransaction {

    /** What has become of it. */
    enum State {
        BEGUN,
        VOTED,
        FINISHING
    }

    private final Object id;
    private final StorageTransaction transaction;
    private final List<Path> blobs = new ArrayList<>();
    private @Nullable Path incoming;
    private @Nullable OutputStream incomingStream;
    State state = State.BEGUN;

    ServerTransaction(Object id, StorageTransaction transaction) {
        this.id = id;
        this.transaction = transaction;
    }

    Object id() {
        return id;
    }

    StorageTransaction transaction() {
        return transaction;
    }

    void blobStart(Path spool) {
        if (incomingStream != null) {
            throw new PythonException("ZODB.POSException.StorageTransactionError", "one blob at a time");
        }
        try {
            Path file = Files.createTempFile(spool, "incoming", ".blob");
            blobs.add(file);
            incoming = file;
            incomingStream = Files.newOutputStream(file);
        } catch (IOException e) {
            throw noRoom(e);
        }
    }

    void blobChunk(byte[] chunk) {
        if (incomingStream == null) {
            throw new PythonException("ZODB.POSException.StorageTransactionError", "no blob was started");
        }
        try {
            incomingStream.write(chunk);
        } catch (IOException e) {
            throw noRoom(e);
        }
    }

    BlobSource blobEnd() {
        if (incomingStream == null || incoming == null) {
            throw new PythonException("ZODB.POSException.StorageTransactionError", "no blob was started");
        }
        try {
            incomingStream.close();
            incomingStream = null;
            return new FileBlob(incoming, Files.size(incoming));
        } catch (IOException e) {
            throw noRoom(e);
        }
    }

    private static PythonException noRoom(IOException e) {
        return new PythonException("ZODB.POSException.StorageError", "the blob cannot be kept: " + e);
    }

    /** Deletes what the transaction no longer needs. */
    void discard() {
        try {
            if (incomingStream != null) {
                incomingStream.close();
                incomingStream = null;
            }
            for (Path blob : blobs) {
                Files.deleteIfExists(blob);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot clean up " + blobs, e);
        }
    }
}
