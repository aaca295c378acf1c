package org.zeoraid.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.seam.DiskErrors;

/**
 * The data directory, held by one launcher at a time. Its file {@code launcher.lock} is locked as long, and says which
 * processes hold it: the launcher's and the server's.
 */
final class DataDirectory implements AutoCloseable {
    private final Path folder;
    private final FileChannel lockFile;

    private DataDirectory(Path folder, FileChannel lockFile) {
        this.folder = folder;
        this.lockFile = lockFile;
    }

    /** @throws LaunchException if another one holds it, or it cannot be written to */
    static DataDirectory hold(Path folder) {
        Path name = folder.resolve("launcher.lock");
        FileChannel file = null;
        try {
            Files.createDirectories(folder);
            file = FileChannel.open(name, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            FileLock lock = tryLock(file);
            String holders = read(file);
            if (lock == null) {
                throw inUse(folder, holders.lines().findFirst().orElse("unknown"));
            }
            refuseOrphan(folder, holders);
            DataDirectory held = new DataDirectory(folder, file);
            held.note(ProcessHandle.current().pid() + "\n");
            file = null;
            return held;
        } catch (IOException e) {
            throw new LaunchException("the data directory " + folder + " cannot be used: " + DiskErrors.text(e), e);
        } finally {
            closeQuietly(file);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    /** A server whose launcher was killed still has the arrays open. */
    private static void refuseOrphan(Path folder, String holders) {
        List<String> lines = holders.lines().toList();
        if (lines.size() < 2) {
            return;
        }
        ProcessHandle.of(Long.parseLong(lines.get(1)))
                .filter(process -> process.info().arguments().stream()
                        .flatMap(Arrays::stream)
                        .anyMatch(argument -> argument.contains(folder.toString())))
                .ifPresent(process -> {
                    throw inUse(folder, lines.get(1));
                });
    }

    private static LaunchException inUse(Path folder, String process) {
        return new LaunchException("the data directory " + folder + " is in use by process " + process
                + "; stop that one, or give another directory with -Draid.data=DIR");
    }

    /** Notes the server, so that the next launcher finds it should this one be killed. */
    synchronized void noteServer(long process) {
        try {
            note(ProcessHandle.current().pid() + "\n" + process + "\n");
        } catch (IOException e) {
            throw new LaunchException("cannot write to " + folder + ": " + DiskErrors.text(e), e);
        }
    }

    Path folder() {
        return folder;
    }

    /** A folder of this name, empty. */
    Path emptyFolder(String name) {
        Path inner = folder.resolve(name);
        try {
            if (Files.exists(inner)) {
                Files.walkFileTree(inner, new Deletion());
            }
            return Files.createDirectories(inner);
        } catch (IOException e) {
            throw new LaunchException("cannot make " + inner + ": " + DiskErrors.text(e), e);
        }
    }

    /** May be called again, in any thread. */
    @Override
    public synchronized void close() {
        try {
            note("");
        } catch (IOException e) {
            System.err.println("raid: cannot write to " + folder + ": " + DiskErrors.text(e));
        }
        closeQuietly(lockFile);
    }

    private void note(String holders) throws IOException {
        if (!lockFile.isOpen()) {
            // a signal came first
            return;
        }
        lockFile.truncate(0);
        lockFile.write(ByteBuffer.wrap(holders.getBytes(StandardCharsets.US_ASCII)), 0);
    }

    private static String read(FileChannel file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(64);
        file.read(bytes, 0);
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
    }

    private static void closeQuietly(@Nullable FileChannel file) {
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                System.err.println("raid: " + e.getMessage());
            }
        }
    }

    private static final class Deletion extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException problem) throws IOException {
            if (problem != null) {
                throw problem;
            }
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
        }
    }
}
