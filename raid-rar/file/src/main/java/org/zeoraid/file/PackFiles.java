package org.zeoraid.file;

import java.io.IOException;
import java.nio.file.Path;
import org.zeoraid.storage.seam.Disk;

/**
 * The files of a pack, and the order in which they take each other's place. While {@code Data.fs.raidpack} exists, the
 * pack has not taken effect, and whatever it made is dropped; once it has become {@code Data.fs} the rest follows. So
 * its renaming is the one step that decides, and each step before it is durable when it comes, as is that step before
 * any other follows.
 */
final class PackFiles {

    private final Disk disk;
    private final Files files;
    private final FileOptions.PackFormer old;

    PackFiles(Disk disk, Files files, FileOptions.PackFormer old) {
        this.disk = disk;
        this.files = files;
        this.old = old;
    }

    /** What will be {@code Data.fs}. */
    Path data() {
        return files.beside(".raidpack");
    }

    /** What will be its checksums. */
    Path checksums() {
        return files.beside(".raidpack.crc");
    }

    /** The former file, before it has its final name. */
    private Path former() {
        return files.beside(".raidold");
    }

    private void syncFolder() throws IOException {
        disk.syncFolder(files.folder());
    }

    /**
     * Finishes or drops what an earlier pack left, whenever it was interrupted. To be called before the file is opened.
     *
     * @return whether there was a pack that had not taken effect
     */
    boolean recover() throws IOException {
        boolean unfinished = disk.exists(data());
        if (unfinished) {
            drop();
        } else if (disk.exists(checksums()) || disk.exists(former())) {
            finish();
        }
        return unfinished;
    }

    /** Makes the data file, empty; the checksums may be made when this returns. */
    void begin() throws IOException {
        recover();
        disk.open(data()).close();
        syncFolder();
    }

    /** Drops what was made. Not after {@link #replace}. */
    void drop() throws IOException {
        if (disk.exists(checksums()) || disk.exists(former())) {
            disk.delete(checksums());
            disk.delete(former());
            syncFolder();
        }
        disk.delete(data());
        syncFolder();
    }

    /**
     * All that can be done before {@link #replace}.
     *
     * @return whether the former file is kept; not where the disk has no second names
     */
    boolean prepare() throws IOException {
        // Indexes are but caches, and these ones would tell of the former file.
        disk.delete(files.index());
        disk.delete(files.beside(".index"));
        boolean kept = old == FileOptions.PackFormer.KEEP;
        if (kept) {
            try {
                disk.link(files.data(), former());
            } catch (IOException | UnsupportedOperationException e) {
                System.getLogger("org.zeoraid.file")
                        .log(
                                System.Logger.Level.WARNING,
                                files.data()
                                        + " cannot get a second name, so the file from before the pack is not kept",
                                e);
                kept = false;
            }
        }
        syncFolder();
        return kept;
    }

    /** The step that decides. After an error nobody knows whether it was made. */
    void replace() throws IOException {
        disk.rename(data(), files.data());
        syncFolder();
    }

    /** What follows it; also done by the next {@link #recover}. */
    void finish() throws IOException {
        if (disk.exists(checksums())) {
            disk.rename(checksums(), files.checksums());
        }
        if (disk.exists(former())) {
            if (old == FileOptions.PackFormer.KEEP) {
                disk.rename(former(), files.beside(".old"));
            } else {
                disk.delete(former());
            }
        }
        syncFolder();
    }
}
