package org.zeoraid.zeo.server;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.FileBlob;

/** A blob that a client sends, as it is written to a file. In its transaction's lane. */
final class IncomingBlob {

    private final Spool spool;
    private long size;
    private @Nullable Path file;
    private @Nullable OutputStream stream;

    IncomingBlob(Spool spool) {
        this.spool = spool;
    }

    void create() {
        try {
            Path created = spool.newFile();
            file = created;
            stream = Files.newOutputStream(created);
        } catch (IOException e) {
            throw noRoom(e);
        }
    }

    void write(byte[] chunk) {
        if (stream == null) {
            throw new IllegalStateException("the blob has no file");
        }
        try {
            stream.write(chunk);
            size += chunk.length;
        } catch (IOException e) {
            throw noRoom(e);
        }
    }

    /** Nothing more comes. */
    FileBlob whole() {
        closeStream();
        if (file == null) {
            throw new IllegalStateException("the blob has no file");
        }
        return new FileBlob(file, size);
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

    void discard() {
        try {
            closeStream();
        } finally {
            if (file != null) {
                spool.delete(file);
            }
        }
    }

    private static PythonException noRoom(IOException e) {
        return new PythonException("ZODB.POSException.StorageError", "the blob cannot be kept: " + e);
    }
}
