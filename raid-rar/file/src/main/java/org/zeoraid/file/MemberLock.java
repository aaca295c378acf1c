package org.zeoraid.file;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.DiskFile;
import org.zeoraid.storage.seam.DiskLock;
import org.zeoraid.storage.seam.Environment;

/**
 * Keeps a second opener away. Our own lock does so for Java; Python's file storage locks {@code Data.fs.lock} in a way
 * that Java does not see, but writes its process id there, and while that process lives the file is taken to be in use.
 * Python in turn does not see our lock, which nothing but care can help.
 */
final class MemberLock implements AutoCloseable {

    private static final Logger LOG = System.getLogger("org.zeoraid.file");

    private final DiskLock lock;

    private MemberLock(DiskLock lock) {
        this.lock = lock;
    }

    /** @throws StorageUnavailableException if somebody has the file open; the message says who and what to do */
    static MemberLock take(Environment environment, Files files) throws IOException {
        Disk disk = environment.disk();
        Optional<DiskLock> lock = disk.tryLock(files.lock());
        if (lock.isEmpty()) {
            throw new StorageUnavailableException(files.data() + " is open already, in this process or another one"
                    + " (it holds " + files.lock() + "): close it there first");
        }
        try {
            Optional<Long> python = pythonProcess(disk, files);
            if (python.isPresent()
                    && python.get() != ProcessHandle.current().pid()
                    && environment.isProcessAlive(python.get())) {
                throw new StorageUnavailableException(files.pythonLock() + " names process " + python.get()
                        + ", which is running: if that is a Zope or ZEO server that has " + files.data()
                        + " open, stop it first; if it is something else, delete " + files.pythonLock());
            }
            return new MemberLock(lock.get());
        } catch (IOException | StorageUnavailableException e) {
            lock.get().close();
            throw e;
        }
    }

    private static Optional<Long> pythonProcess(Disk disk, Files files) throws IOException {
        if (!disk.exists(files.pythonLock())) {
            return Optional.empty();
        }
        ByteBuffer text = ByteBuffer.allocate(64);
        try (DiskFile file = disk.openForReading(files.pythonLock())) {
            file.read(text, 0);
        }
        String[] words = new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII)
                .trim()
                .split("\\s+", 2);
        try {
            return Optional.of(Long.parseLong(words[0]));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "a lock could not be given back", e);
        }
    }
}
