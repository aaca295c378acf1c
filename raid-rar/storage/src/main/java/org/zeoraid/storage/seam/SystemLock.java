package org.zeoraid.storage.seam;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A lock by the system's record locks. These belong to the process, and closing any descriptor of the file drops them:
 * so a second attempt in this process must be turned away before it opens the file. The system properties serve as the
 * one table that all class loaders share; only text is put there, so nothing is held in memory by it.
 */
final class SystemLock implements DiskLock {

    private static final String PREFIX = "org.zeoraid.lock.";

    private final String key;
    private final FileChannel channel;
    private final AtomicBoolean open = new AtomicBoolean(true);

    private SystemLock(String key, FileChannel channel) {
        this.key = key;
        this.channel = channel;
    }

    static Optional<DiskLock> tryLock(Path lockFile) throws IOException {
        try {
            Files.createFile(lockFile);
        } catch (FileAlreadyExistsException e) {
            // Left by whoever locked before, or in use.
        }
        String key = key("", lockFile);
        if (System.getProperties().putIfAbsent(key, lockFile.toString()) != null) {
            return Optional.empty();
        }
        // An interrupted thread's channel would be closed at once.
        boolean interrupted = Thread.interrupted();
        boolean locked = false;
        try {
            FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE);
            try {
                FileLock lock = channel.tryLock();
                locked = lock != null;
            } catch (OverlappingFileLockException e) {
                // Somebody in this process who does not use the table; closing the channel would drop his lock.
                return Optional.empty();
            } finally {
                if (!locked) {
                    channel.close();
                }
            }
            return locked ? Optional.of(new SystemLock(key, channel)) : Optional.empty();
        } finally {
            if (!locked) {
                System.getProperties().remove(key);
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Of an existing file in the table that all of this process see, under whatever class loader: the same for all its names. */
    static String key(String use, Path file) throws IOException {
        Object fileKey = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        return PREFIX + use + (fileKey != null ? fileKey : file.toRealPath());
    }

    @Override
    public void close() throws IOException {
        if (open.compareAndSet(true, false)) {
            try {
                channel.close();
            } finally {
                System.getProperties().remove(key);
            }
        }
    }
}
