package org.zeoraid.storage.seam;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A file system, reduced to what a storage that survives crashes needs. What was written is on stable storage only
 * after {@link DiskFile#sync}; that a name was created, renamed or deleted only after {@link #syncFolder}.
 */
public interface Disk {

    /** Opens an existing file for reading. */
    DiskFile openForReading(Path file) throws IOException;

    /** Opens a file for reading and writing, creating it empty where there is none. */
    DiskFile open(Path file) throws IOException;

    /**
     * Opens a file as {@link #open} does, for one at a time in this process, whatever names it has: a second name, as a hard
     * link is one, would have two write into one file.
     *
     * @throws IOException that names the other one, if it is open
     */
    default DiskFile openAlone(Path file) throws IOException {
        return open(file);
    }

    boolean exists(Path file);

    /** Names of the entries of a folder, sorted; empty if there is no such folder. */
    List<String> list(Path folder) throws IOException;

    boolean isFolder(Path path);

    /** On what a folder lies: equal for two of them if one lost disk loses both, as far as the system can tell. */
    Object device(Path folder) throws IOException;

    /** Creates a folder and those above it; each new name still has to be synced. */
    void createFolders(Path folder) throws IOException;

    /** Renames a file within a file system, replacing the target, in one step. */
    void rename(Path from, Path to) throws IOException;

    /** Makes a second name for a file. */
    void link(Path existing, Path name) throws IOException;

    /** Deletes a file or an empty folder; no error if there is none. */
    void delete(Path file) throws IOException;

    /** Puts the names in a folder on stable storage. */
    void syncFolder(Path folder) throws IOException;

    /**
     * Takes the lock of a file that exists for nothing else, creating it where there is none. It keeps out every other
     * process and everybody else in this one, under whatever class loader, and ends with the process. It is not seen by
     * programs that lock with {@code flock}. The file must not be opened by other means meanwhile, or the system may
     * drop the lock.
     *
     * @return empty if somebody else holds it
     */
    Optional<DiskLock> tryLock(Path lockFile) throws IOException;
}
