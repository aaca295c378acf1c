package org.zeoraid.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.zeoraid.storage.seam.Disk;

/** Where the files of a member are: all beside its {@code Data.fs}. */
record Files(Path data) {

    /** @param data any path; made absolute */
    Files {
        data = data.toAbsolutePath().normalize();
    }

    Path folder() {
        Path parent = data.getParent();
        return parent == null ? data : parent;
    }

    Path checksums() {
        return beside(".crc");
    }

    Path index() {
        return beside(".idx");
    }

    Path indexBeingWritten() {
        return beside(".idx.new");
    }

    /** Our own lock, which ends with the process. */
    Path lock() {
        return beside(".raidlock");
    }

    /** Where Python's file storage locks, and writes its process id. */
    Path pythonLock() {
        return beside(".lock");
    }

    Path beside(String suffix) {
        return data.resolveSibling(data.getFileName() + suffix);
    }

    /** The first name {@code Data.fs<stem>0}, {@code Data.fs<stem>1} … that is free. */
    Path free(Disk disk, String stem) {
        for (int i = 0; ; i++) {
            Path path = beside(stem + i);
            if (!disk.exists(path)) {
                return path;
            }
        }
    }

    /** Creates a folder with all above it, their names on stable storage. */
    static void createFolders(Disk disk, Path folder) throws IOException {
        for (Path parent : makeFolders(disk, folder)) {
            disk.syncFolder(parent);
        }
    }

    /**
     * Creates a folder with all above it.
     *
     * @return the folders to be synced so that the new names last, from the top
     */
    static List<Path> makeFolders(Disk disk, Path folder) throws IOException {
        Deque<Path> parents = new ArrayDeque<>();
        for (Path at = folder; at != null && !disk.isFolder(at); at = at.getParent()) {
            if (at.getParent() != null) {
                parents.push(at.getParent());
            }
        }
        if (!parents.isEmpty()) {
            disk.createFolders(folder);
        }
        return List.copyOf(parents);
    }
}
