package org.zeoraid.file;

import java.io.IOException;
import java.nio.file.Path;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.seam.Disk;

/** Sets all files of a member aside and begins with an empty one. Runs while nothing else changes them. */
final class SettingAside {

    private SettingAside() {}

    /** @param aside the name that {@code Data.fs} gets; the others get theirs accordingly */
    static Generation run(Disk disk, Files files, Generation old, Blobs blobs, Path aside, Appender appender)
            throws IOException {
        old.coverNow(old.tail(), old.checksums().count());
        appender.dropReserve();
        disk.delete(files.index());
        disk.syncFolder(files.folder());
        try {
            // The file itself goes last: while it is there it is complete, and what tells about it is believed only if
            // it
            // fits.
            blobs.setAside(aside.resolveSibling(aside.getFileName() + "-blobs"));
            disk.rename(files.checksums(), aside.resolveSibling(aside.getFileName() + ".crc"));
            disk.rename(files.data(), aside);
            disk.syncFolder(files.folder());
            return Opening.open(disk, files, FileOptions.Access.READ_WRITE);
        } catch (IOException | StorageException e) {
            appender.breakDown(new StorageUnavailableException(
                    "some files of " + files.data()
                            + " are set aside and some are not; nothing more is written before it"
                            + " is opened again: " + e.getMessage(),
                    e));
            throw e;
        }
    }
}
