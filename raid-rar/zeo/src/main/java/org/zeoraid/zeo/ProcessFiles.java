package org.zeoraid.zeo;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Temporary files and folders that are called after their process, so that a later one finds and deletes what one that is no
 * more has left behind. Safe for any number of threads.
 */
public final class ProcessFiles {

    private static final System.Logger LOG = System.getLogger("org.zeoraid.zeo");
    private static final long PID = ProcessHandle.current().pid();
    private static final String MINE = PID + "-"
            + Long.toHexString(ProcessHandle.current()
                    .info()
                    .startInstant()
                    .map(Instant::toEpochMilli)
                    .orElse(0L));
    private static final Pattern OWNER = Pattern.compile("((\\d{1,18})-[0-9a-f]+)-.*");

    private ProcessFiles() {}

    /** A new, empty file. */
    public static Path file(Path folder, String kind, String ending) throws IOException {
        return Files.createTempFile(folder, kind + "-" + MINE + "-", ending);
    }

    /** A new folder. */
    public static Path folder(Path parent, String kind) throws IOException {
        return Files.createTempDirectory(parent, kind + "-" + MINE + "-");
    }

    /** A new file without a name, where the system has such: it is gone when nobody can use it any more. */
    public static FileChannel nameless(Path folder) throws IOException {
        return FileChannel.open(
                file(folder, "nameless", ".part"),
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
    }

    /** Deletes the files, and the folders with files, of a kind that belong to processes that are no more. */
    public static void sweep(Path folder, String kind) throws IOException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, kind + "-*")) {
            for (Path path : found) {
                Matcher owner = OWNER.matcher(String.valueOf(path.getFileName()).substring(kind.length() + 1));
                if (owner.matches()
                        && !owner.group(1).equals(MINE)
                        && (Long.parseLong(owner.group(2)) == PID || isGone(Long.parseLong(owner.group(2))))) {
                    delete(path);
                }
            }
        }
    }

    private static boolean isGone(long pid) {
        return ProcessHandle.of(pid).isEmpty();
    }

    private static void delete(Path path) {
        try {
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                try (DirectoryStream<Path> inside = Files.newDirectoryStream(path)) {
                    for (Path file : inside) {
                        Files.deleteIfExists(file);
                    }
                }
            }
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> "what another process left behind stays: " + e);
        }
    }
}
