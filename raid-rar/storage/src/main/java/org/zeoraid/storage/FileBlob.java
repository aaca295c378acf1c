package org.zeoraid.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A blob that lies whole in a file of its own.
 *
 * @param size the file's length in bytes
 */
public record FileBlob(Path path, long size) implements BlobSource {

    @Override
    public InputStream open() throws IOException {
        return Files.newInputStream(path);
    }

    @Override
    public Optional<Path> file() {
        return Optional.of(path);
    }
}
