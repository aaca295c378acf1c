package org.zeoraid.zeo.server;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import org.zeoraid.zeo.ProcessFiles;

/** The folder for blobs that are being sent. Safe for any number of threads. */
final class Spool {

    private static final String KIND = "blob";

    private final Path folder;
    private boolean swept;

    Spool(Path folder) {
        this.folder = folder;
    }

    /** A new, empty file. The first time what processes left behind that are no more is deleted. */
    synchronized Path newFile() throws IOException {
        if (!swept) {
            Files.createDirectories(folder);
            ProcessFiles.sweep(folder, KIND);
            swept = true;
        }
        return ProcessFiles.file(folder, KIND, ".incoming");
    }

    void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            Connection.LOG.log(
                    Level.WARNING, () -> "a blob that is no longer needed cannot be deleted, it takes room: " + e);
        }
    }
}
