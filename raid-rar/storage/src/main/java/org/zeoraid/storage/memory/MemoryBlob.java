package org.zeoraid.storage.memory;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.zeoraid.storage.BlobSource;

/** A blob's bytes. */
record MemoryBlob(byte[] bytes) implements BlobSource {

    static MemoryBlob copyOf(BlobSource source) throws IOException {
        try (InputStream in = source.open()) {
            return new MemoryBlob(in.readAllBytes());
        }
    }

    @Override
    public long size() {
        return bytes.length;
    }

    @Override
    public InputStream open() {
        return new ByteArrayInputStream(bytes);
    }

    @Override
    public Optional<Path> file() {
        return Optional.empty();
    }
}
