package org.zeoraid.adapter;

import java.nio.file.Path;
import java.util.Optional;

/** Where a resource adapter finds its arrays. */
record Settings(Optional<Path> configFile, Optional<Path> dataDirectory) {
    /** @param configFile blank for none, as a server's properties have it; the same for {@code dataDirectory} */
    Settings(String configFile, String dataDirectory) {
        this(path(configFile), path(dataDirectory));
    }

    /** The folder for the adapter's own files. */
    Path ownFolder() {
        Path base = dataDirectory.orElseGet(() -> configFile
                .map(file -> file.toAbsolutePath().getParent())
                .orElseThrow(() -> new IllegalArgumentException("neither configFile nor dataDirectory is set")));
        return base.resolve("adapter");
    }

    private static Optional<Path> path(String text) {
        return text.isBlank() ? Optional.empty() : Optional.of(Path.of(text).toAbsolutePath());
    }
}
