package org.zeoraid.storage.seam;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The machine's own file system. Needs one whose folders can be synced, as those of Linux can. */
public final class SystemDisk implements Disk {

    private static final List<String> FULL_WORDS = List.of("no space left", "quota exceeded");

    /** The open files, told of their new names so that they can be opened once more after an interruption. */
    private final Set<SystemFile> files = ConcurrentHashMap.newKeySet();

    @Override
    public DiskFile openForReading(Path file) throws IOException {
        return open(file, "r", () -> {});
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        return open(file, "rw", () -> {});
    }

    @Override
    public DiskFile openAlone(Path file) throws IOException {
        if (!exists(file)) {
            open(file).close();
        }
        String key = SystemLock.key("open ", file);
        Object other = System.getProperties().putIfAbsent(key, file.toString());
        if (other != null) {
            throw new IOException("it is the same file as " + other + ", which is open");
        }
        boolean done = false;
        try {
            DiskFile open = open(file, "rw", () -> System.getProperties().remove(key));
            done = true;
            return open;
        } finally {
            if (!done) {
                System.getProperties().remove(key);
            }
        }
    }

    private DiskFile open(Path file, String mode, Runnable whenClosed) throws IOException {
        if (mode.equals("r") && !Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        try {
            SystemFile open = new SystemFile(file.toAbsolutePath(), mode, closed -> {
                files.remove(closed);
                whenClosed.run();
            });
            files.add(open);
            return open;
        } catch (IOException e) {
            throw failure(e, file, "open", 1);
        }
    }

    @Override
    public boolean exists(Path file) {
        return Files.exists(file);
    }

    @Override
    public List<String> list(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        }
    }

    @Override
    public boolean isFolder(Path path) {
        return Files.isDirectory(path);
    }

    @Override
    public Object device(Path folder) throws IOException {
        return Files.getFileStore(folder);
    }

    @Override
    public void createFolders(Path folder) throws IOException {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw failure(e, folder, "create", 1);
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw failure(e, to, "rename", 1);
        }
        for (SystemFile file : files) {
            file.renamed(from.toAbsolutePath(), to.toAbsolutePath());
        }
    }

    @Override
    public void link(Path existing, Path name) throws IOException {
        try {
            Files.createLink(name, existing);
        } catch (IOException e) {
            throw failure(e, name, "link", 1);
        }
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public void syncFolder(Path folder) throws IOException {
        // An interruption closes the channel in the middle of the sync and hides its outcome: once more, without it.
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                    channel.force(true);
                    return;
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                }
            }
        } catch (IOException e) {
            throw failure(e, folder, "sync", 0);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public Optional<DiskLock> tryLock(Path lockFile) throws IOException {
        return SystemLock.tryLock(lockFile);
    }

    /**
     * The error to throw for one of the system's, which tells a full disk only by a text in the machine's language: the
     * room that is left is looked at too.
     *
     * @param needed bytes that were to be written; 0 to go by the text alone
     */
    static IOException failure(IOException e, Path file, String what, long needed) {
        if (e instanceof DiskFullIOException || e instanceof java.nio.file.NoSuchFileException) {
            return e;
        }
        String text = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        boolean full = FULL_WORDS.stream().anyMatch(text::contains);
        if (!full && needed > 0) {
            full = usable(file) < needed;
        }
        return full ? new DiskFullIOException("cannot " + what + " " + file + ": the disk is full", e) : e;
    }

    private static long usable(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            return Long.MAX_VALUE;
        }
        try {
            FileStore store = Files.getFileStore(folder);
            return store.getTotalSpace() == 0 ? Long.MAX_VALUE : store.getUsableSpace();
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }
}
