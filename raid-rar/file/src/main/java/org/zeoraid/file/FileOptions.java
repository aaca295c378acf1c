package org.zeoraid.file;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How a file member is kept.
 *
 * @param name the member's name, unique in its array
 * @param path its {@code Data.fs}
 * @param blobFolder where its blobs are; without one it takes none
 * @param access whether it may be written
 * @param packGarbage what a pack that is told to collect garbage does here
 * @param packFormer what becomes of the file from before a pack, and of the blobs that only it knows
 * @param quota the largest size in bytes of {@code Data.fs}; 0 for no bound but the disk's
 * @param preference whether reads go here only when no other member can answer
 */
public record FileOptions(
        String name,
        Path path,
        Optional<Path> blobFolder,
        Access access,
        PackGarbage packGarbage,
        PackFormer packFormer,
        long quota,
        Preference preference) {

    /** Whether a file may be written. */
    public enum Access {
        READ_WRITE,
        /** Nothing is changed, created or locked. */
        READ_ONLY
    }

    /** What becomes of unreachable objects in a pack that is told to collect them. */
    public enum PackGarbage {
        COLLECT,
        KEEP
    }

    /** What becomes of the file from before a pack. */
    public enum PackFormer {
        /** It stays as {@code Data.fs.old} until the next pack, as ZODB does it; takes room for the whole file once more. */
        KEEP,
        DELETE
    }

    /** When an array reads here. */
    public enum Preference {
        NORMAL,
        WRITE_MOSTLY
    }

    /** @throws IllegalArgumentException if the quota is negative */
    public FileOptions {
        if (quota < 0) {
            throw new IllegalArgumentException("the quota of " + name + " is negative: " + quota);
        }
    }

    /** A writable file without blobs, garbage collected by packs, no quota. */
    public static FileOptions of(String name, Path path) {
        return new FileOptions(
                name,
                path,
                Optional.empty(),
                Access.READ_WRITE,
                PackGarbage.COLLECT,
                PackFormer.KEEP,
                0,
                Preference.NORMAL);
    }

    public FileOptions withBlobFolder(Path folder) {
        return new FileOptions(name, path, Optional.of(folder), access, packGarbage, packFormer, quota, preference);
    }

    public FileOptions withAccess(Access other) {
        return new FileOptions(name, path, blobFolder, other, packGarbage, packFormer, quota, preference);
    }

    public FileOptions withPackGarbage(PackGarbage other) {
        return new FileOptions(name, path, blobFolder, access, other, packFormer, quota, preference);
    }

    public FileOptions withPackFormer(PackFormer other) {
        return new FileOptions(name, path, blobFolder, access, packGarbage, other, quota, preference);
    }

    public FileOptions withQuota(long bytes) {
        return new FileOptions(name, path, blobFolder, access, packGarbage, packFormer, bytes, preference);
    }

    public FileOptions withPreference(Preference other) {
        return new FileOptions(name, path, blobFolder, access, packGarbage, packFormer, quota, other);
    }

    boolean isReadOnly() {
        return access == Access.READ_ONLY;
    }
}
