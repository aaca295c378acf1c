package org.zeoraid.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A small real file system of a member's own, for real faults: full, frozen, dead. Needs to be root with the right to mount, a loop
 * device, {@code mkfs.ext4}, {@code fsfreeze} and {@code perl}.
 */
public final class Mount implements AutoCloseable {
    private static final Set<Mount> OPEN = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> OPEN.forEach(Mount::release), "release-mounts"));
    }

    private final Path folder;
    private final Path image;

    private Mount(Path folder) {
        this.folder = folder;
        this.image = folder.resolveSibling(folder.getFileName() + ".image");
    }

    /** Why there can be none here; empty if there can. It is tried. */
    public static Optional<String> obstacle() {
        Path folder = Folders.fresh("mount");
        try (Mount tried = at(folder.resolve("here"), 16)) {
            tried.freeze();
            tried.thaw();
            tried.die();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("no file system can be mounted here: " + e.getMessage());
        } finally {
            Folders.delete(folder);
        }
    }

    /** Makes a file system in an image beside the folder and mounts it there. */
    public static Mount at(Path folder, int megabytes) throws IOException {
        Files.createDirectories(folder);
        Mount mount = new Mount(folder.toRealPath());
        run("truncate", "-s", megabytes + "M", mount.image.toString());
        run("mkfs.ext4", "-q", "-F", "-m", "0", mount.image.toString());
        mount.attach();
        return mount;
    }

    /** On a loop device of its own: by itself {@code mount} would take the one of a file system that died and is still open. */
    private void attach() throws IOException {
        String device = run("losetup", "-f", "--show", image.toString());
        try {
            run("mount", device, folder.toString());
            OPEN.add(this);
        } finally {
            // It stays as long as the file system is used.
            run("losetup", "-d", device);
        }
    }

    /** From now on every write to it hangs, until {@link #thaw}. */
    public void freeze() throws IOException {
        run("fsfreeze", "-f", folder.toString());
    }

    public void thaw() throws IOException {
        run("fsfreeze", "-u", folder.toString());
    }

    /** Fills it up to the last block. */
    public void fill() throws IOException {
        run("sh", "-c", "cat /dev/zero > '" + filler() + "' 2>/dev/null; test -s '" + filler() + "'");
    }

    public void makeRoom() throws IOException {
        Files.delete(filler());
    }

    private Path filler() {
        return folder.resolve("filler");
    }

    /**
     * From now on everything fails with an I/O error, also for those who have files open; what was not synced is lost. Until {@link
     * #revive}.
     */
    public void die() throws IOException {
        // FS_IOC_SHUTDOWN with FS_SHUTDOWN_NOLOGFLUSH, as file systems do by themselves when their disk is gone
        run(
                "perl",
                "-e",
                "open(F, '<', $ARGV[0]) or die; my $how = pack('L', 2); ioctl(F, 0x8004587D, $how) or die $!",
                folder.toString());
    }

    /** The disk is back, with what was synced. Whoever has files open has to open them again. */
    public void revive() throws IOException {
        run("umount", "-l", folder.toString());
        attach();
    }

    @Override
    public void close() {
        release();
    }

    private void release() {
        OPEN.remove(this);
        releaseBelow(folder);
    }

    /** Thaws and unmounts what is mounted in a folder, also what an earlier run has left. */
    static void releaseBelow(Path folder) {
        try {
            Path real = folder.toRealPath();
            List<Path> mounted = mounted().stream()
                    .filter(point -> point.startsWith(real))
                    .sorted(Comparator.reverseOrder())
                    .toList();
            for (Path point : mounted) {
                run("sh", "-c", "fsfreeze -u \"$0\" 2>/dev/null; umount -l \"$0\"", point.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> mounted() throws IOException {
        Path table = Path.of("/proc/self/mounts");
        if (!Files.exists(table)) {
            return List.of();
        }
        return Files.readAllLines(table).stream()
                .map(line -> Path.of(line.split(" ")[1].replace("\\040", " ")))
                .toList();
    }

    private static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + ": " + output);
            }
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
