package org.zeoraid.array;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.DiskErrors;
import org.zeoraid.storage.seam.DiskLock;

/** The folder in which an array keeps its superblock and its events; one process at a time. */
final class StateFolder {

    private static final String LOCK = "raid.lock";

    private StateFolder() {}

    /**
     * Takes possession of the folder, creating it where there is none.
     *
     * @throws StorageUnavailableException if somebody else has it, or it cannot be used
     */
    static DiskLock take(Disk disk, String array, Path folder) {
        try {
            List<Path> fresh = new ArrayList<>();
            for (Path at = folder.toAbsolutePath(); at != null && !disk.isFolder(at); at = at.getParent()) {
                fresh.add(at);
            }
            disk.createFolders(folder);
            for (Path each : fresh) {
                Path parent = each.getParent();
                if (parent != null) {
                    disk.syncFolder(parent);
                }
            }
            return disk.tryLock(folder.resolve(LOCK))
                    .orElseThrow(() -> new StorageUnavailableException("array " + array
                            + " is open already, here or in another process: its state directory " + folder
                            + " is locked"));
        } catch (IOException e) {
            throw new StorageUnavailableException(
                    "the state directory " + folder + " of array " + array + " cannot be used: " + DiskErrors.text(e),
                    e);
        }
    }
}
