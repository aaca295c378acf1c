package org.zeoraid.zeo.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.zeoraid.zeo.FileBlob;

/**
 * A blob that a client sends. Its chunks are written one after the other by threads that may wait for the disk; what has
 * not been written yet is counted. Called on the event loop.
 */
final class IncomingBlob {

    private final Spool spool;
    private final Executor writing;
    private final Runnable caughtUp;
    private final AtomicLong unwritten = new AtomicLong();
    private CompletableFuture<Void> written;
    private long size;
    private @Nullable Path file;
    private @Nullable OutputStream stream;

    /** @param caughtUp run when all that came has been written, on whatever thread */
    IncomingBlob(Spool spool, Executor writing, Runnable caughtUp) {
        this.spool = spool;
        this.writing = writing;
        this.caughtUp = caughtUp;
        this.written = CompletableFuture.runAsync(this::create, writing);
    }

    private void create() {
        try {
            Path created = spool.newFile();
            file = created;
            stream = Files.newOutputStream(created);
        } catch (IOException e) {
            throw noRoom(e);
        }
    }

    void write(byte[] chunk) {
        size += chunk.length;
        unwritten.addAndGet(chunk.length);
        written = written.thenRunAsync(() -> append(chunk), writing).whenComplete((done, failure) -> {
            if (unwritten.addAndGet(-chunk.length) == 0) {
                caughtUp.run();
            }
        });
    }

    private void append(byte[] chunk) {
        try {
            if (stream != null) {
                stream.write(chunk);
            }
        } catch (IOException e) {
            throw noRoom(e);
        }
    }

    /** Nothing more comes. */
    void end() {
        written = written.thenRunAsync(this::closeStream, writing);
    }

    private void closeStream() {
        try {
            if (stream != null) {
                stream.close();
                stream = null;
            }
        } catch (IOException e) {
            throw noRoom(e);
        }
    }

    long unwritten() {
        return unwritten.get();
    }

    /** Completes with the blob when the disk has all of it. */
    CompletionStage<FileBlob> whole() {
        return written.thenApply(done -> blob());
    }

    /** The blob, which is there to be read when it is {@link #whole}. */
    private FileBlob blob() {
        if (file == null) {
            throw new IllegalStateException("the blob has no file");
        }
        return new FileBlob(file, size);
    }

    /** Deletes it when everything under way is done. */
    void discard() {
        written.whenCompleteAsync(
                (done, failure) -> {
                    try {
                        closeStream();
                    } finally {
                        if (file != null) {
                            spool.delete(file);
                        }
                    }
                },
                writing);
    }

    private static PythonException noRoom(IOException e) {
        return new PythonException("ZODB.POSException.StorageError", "the blob cannot be kept: " + e);
    }
}
