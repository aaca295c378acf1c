package org.zeoraid.zeo.server;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The folder for blobs that are being sent. Safe for any number of threads. */
final class Spool {

    private static final String MINE = ProcessHandle.current().pid() + "-"
            + Long.toHexString(ProcessHandle.current()
                    .info()
                    .startInstant()
                    .map(java.time.Instant::toEpochMilli)
                    .orElse(0L));
    private static final Pattern NAME = Pattern.compile("blob-((\\d+)-[0-9a-f]+)-.*\\.incoming");

    private final Path folder;
    private boolean swept;

    Spool(Path folder) {
        this.folder = folder;
    }

    /** A new, empty file. The first time what processes left behind that are no more is deleted. */
    synchronized Path newFile() throws IOException {
        if (!swept) {
            Files.createDirectories(folder);
            sweep();
            swept = true;
        }
        return Files.createTempFile(folder, "blob-" + MINE + "-", ".incoming");
    }

    private void sweep() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "blob-*.incoming")) {
            for (Path file : files) {
                Matcher name = NAME.matcher(file.getFileName().toString());
                if (name.matches()
                        && !name.group(1).equals(MINE)
                        && ProcessHandle.of(Long.parseLong(name.group(2)))
                                .filter(process ->
                                        process.pid() != ProcessHandle.current().pid())
                                .isEmpty()) {
                    delete(file);
                }
            }
        }
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
