package org.zeoraid.zeo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.zeoraid.storage.BlobSource;

/** A blob that came over the wire and lies whole in a file. */
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
