package org.zeoraid.adapter;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.FileBlob;

/**
 * Keeps the blobs of transactions in progress in files, each until its transaction ends. Safe for any number of threads.
 */
final class BlobSpool {
    private static final Logger LOG = System.getLogger("org.zeoraid.adapter");
    private static final String SUFFIX = ".spool";
    private static final int BUFFER = 64 * 1024;

    private final Path folder;
    private final Map<UnitOfWork, List<Path>> kept = new ConcurrentHashMap<>();

    private BlobSpool(Path folder) {
        this.folder = folder;
    }

    /** @param folder of this spool alone; created when the first blob comes */
    static BlobSpool open(Path folder) {
        return new BlobSpool(folder);
    }

    /**
     * Deletes what an earlier process left. To be called only when the array is this process's: until then the folder may
     * be another's, with transactions in progress.
     */
    synchronized void sweep() {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Set<Path> own = new HashSet<>();
        kept.values().forEach(own::addAll);
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            for (Path file : leftovers) {
                if (!own.contains(file)) {
                    delete(file);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            LOG.log(Level.WARNING, "blobs of unfinished transactions in " + folder + " could not be deleted", e);
        }
    }

    /** Reads a stream to its end into a file. */
    BlobSource keep(UnitOfWork owner, InputStream content) {
        Path file = newFile(owner);
        return new FileBlob(file, copy(content, file));
    }

    private synchronized Path newFile(UnitOfWork owner) {
        try {
            Files.createDirectories(folder);
            Path file = Files.createTempFile(folder, "blob-", SUFFIX);
            kept.computeIfAbsent(owner, o -> new CopyOnWriteArrayList<>()).add(file);
            return file;
        } catch (IOException e) {
            throw noRoom(e);
        }
    }

    private long copy(InputStream content, Path file) {
        byte[] buffer = new byte[BUFFER];
        long size = 0;
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int read = read(content, buffer); read >= 0; read = read(content, buffer)) {
                out.write(buffer, 0, read);
                size += read;
            }
        } catch (IOException e) {
            throw noRoom(e);
        }
        return size;
    }

    /** Apart from the writing, so that the caller's failing stream is not taken for a full disk. */
    private static int read(InputStream content, byte[] buffer) {
        try {
            return content.read(buffer);
        } catch (IOException e) {
            throw new UncheckedIOException("the blob could not be read from the application's stream", e);
        }
    }

    private DiskFullException noRoom(IOException e) {
        return new DiskFullException("a blob could not be kept in " + folder + ": " + e.getMessage(), e);
    }

    void drop(UnitOfWork owner) {
        List<Path> files = kept.remove(owner);
        if (files != null) {
            files.forEach(BlobSpool::delete);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the blob of an ended transaction could not be deleted: " + file, e);
        }
    }
}
