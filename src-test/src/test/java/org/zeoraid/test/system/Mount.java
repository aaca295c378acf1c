package org.zeoraid.test.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A small real file system of a member's own, for real faults: full, frozen. Needs to be root, a loop device and
 * {@code mkfs.ext4}.
 */
final class Mount implements AutoCloseable {

    private final Path folder;

    private Mount(Path folder) {
        this.folder = folder;
    }

    /** Why there can be none here; blank if there can. */
    static String obstacle() {
        try {
            if (!"root".equals(System.getProperty("user.name"))) {
                return "mounting a file system needs root";
            }
            run("sh", "-c", "command -v mkfs.ext4 && command -v fsfreeze && losetup -f");
            return "";
        } catch (IOException e) {
            return "no file system can be mounted here: " + e.getMessage();
        }
    }

    /** Makes a file system in an image beside the folder and mounts it there. */
    static Mount at(Path folder, int megabytes) throws IOException {
        Files.createDirectories(folder);
        Path image = folder.resolveSibling(folder.getFileName() + ".image");
        run("truncate", "-s", megabytes + "M", image.toString());
        run("mkfs.ext4", "-q", "-F", "-m", "0", image.toString());
        run("mount", "-o", "loop", image.toString(), folder.toString());
        return new Mount(folder);
    }

    /** From now on every write to it hangs, until {@link #thaw}. */
    void freeze() throws IOException {
        run("fsfreeze", "-f", folder.toString());
    }

    void thaw() throws IOException {
        run("fsfreeze", "-u", folder.toString());
    }

    /** Fills it up to the last block. */
    void fill() throws IOException {
        run("sh", "-c", "cat /dev/zero > '" + filler() + "' 2>/dev/null; test -s '" + filler() + "'");
    }

    void makeRoom() throws IOException {
        Files.delete(filler());
    }

    private Path filler() {
        return folder.resolve("filler");
    }

    @Override
    public void close() throws IOException {
        run("sh", "-c", "fsfreeze -u '" + folder + "' 2>/dev/null; umount -l '" + folder + "'");
    }

    private static void run(String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.PIPE)
                .start();
        try {
            String output =
                    new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + ": " + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
