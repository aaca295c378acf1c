package org.zeoraid.array;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.DiskFile;

/**
 * One copy of the superblock: a file of two slots, laid down whole once and then written in turn, so that a write that is
 * torn leaves the one before it, and a full disk has nothing to refuse. One thread at a time.
 */
final class SuperblockFile {

    static final String NAME = "raid.superblock";

    /** The owner of the copy in the state directory. */
    static final UUID STATE_DIRECTORY = new UUID(0, 0);

    /** What is thought of a superblock that lay there and is gone. */
    private enum Loss {
        /** It is laid down again. */
        MADE_GOOD,
        /** The folder is not the one that it was: another disk was mounted, or its files were replaced. */
        REFUSED
    }

    private final Disk disk;
    private final Path folder;
    private final Path file;
    private final Loss loss;

    /** Who owns what lies there, as far as it was looked at or written. */
    private Optional<UUID> known = Optional.empty();

    /** The slot of a write that failed: its bytes may be in memory and not on disk, so it must be written again first. */
    private @Nullable Integer doubtful;

    /** The file's name may not be on stable storage yet. */
    private boolean nameless;

    /** The copy in the state directory. */
    SuperblockFile(Disk disk, Path folder) {
        this(disk, folder, Loss.MADE_GOOD);
    }

    private SuperblockFile(Disk disk, Path folder, Loss loss) {
        this.disk = disk;
        this.folder = folder;
        this.file = folder.resolve(NAME);
        this.loss = loss;
    }

    /** The copy beside a member: it is there as long as the member's files are, and tells when they no longer are. */
    static SuperblockFile besideMember(Disk disk, Path folder) {
        return new SuperblockFile(disk, folder, Loss.REFUSED);
    }

    /** What lies at a place where a superblock is looked for. */
    sealed interface Found {

        /** No file. */
        record Nothing() implements Found {}

        /** A file that cannot be read; the text says why. */
        record Damaged(String why) implements Found {}

        /** @param owner the member beside which the copy belongs */
        record Copy(UUID owner, Superblock superblock) implements Found {}

        Found NOTHING = new Nothing();
    }

    Path path() {
        return file;
    }

    /** Looks what is there. Never throws: what cannot be read is damaged. */
    Found read() {
        Found found = look();
        known = found instanceof Found.Copy copy ? Optional.of(copy.owner()) : Optional.empty();
        return found;
    }

    private Found look() {
        if (!disk.exists(file)) {
            return Found.NOTHING;
        }
        try (DiskFile open = disk.openForReading(file)) {
            return newest(readSlot(open, 0), readSlot(open, 1))
                    .<Found>map(slot -> new Found.Copy(slot.owner(), slot.superblock()))
                    .orElseGet(() -> new Found.Damaged(file + ": neither of its two slots is whole"));
        } catch (IOException | SuperblockCodec.UnknownVersionException e) {
            return new Found.Damaged(file + ": " + e.getMessage());
        }
    }

    /**
     * Puts a superblock on stable storage.
     *
     * @throws IOException if that failed, or a member's folder is no longer the one that it was; what was there before is
     *     whole then
     * @throws SuperblockCodec.UnknownVersionException if another version of this software wrote what is there
     */
    void write(UUID owner, Superblock superblock) throws IOException {
        if (!disk.exists(file)) {
            refuse(loss == Loss.REFUSED && known.isPresent());
            layDown(owner, superblock);
            known = Optional.of(owner);
            return;
        }
        try (DiskFile open = disk.open(file)) {
            Optional<SuperblockCodec.Slot> first = readSlot(open, 0);
            Optional<SuperblockCodec.Slot> second = readSlot(open, 1);
            Optional<UUID> there = newest(first, second).map(SuperblockCodec.Slot::owner);
            refuse(loss == Loss.REFUSED
                    && there.isPresent()
                    && !there.equals(known)
                    && !there.get().equals(owner));
            long sequence =
                    newest(first, second).map(SuperblockCodec.Slot::sequence).orElse(0L) + 1;
            int slot = doubtful != null ? doubtful : older(first, second);
            doubtful = slot;
            open.write(
                    SuperblockCodec.encode(new SuperblockCodec.Slot(sequence, owner, superblock)),
                    (long) slot * SuperblockCodec.SLOT);
            open.sync();
            doubtful = null;
            known = Optional.of(owner);
        }
        if (nameless) {
            disk.syncFolder(folder);
            nameless = false;
        }
    }

    private void refuse(boolean isAnother) throws IOException {
        if (isAnother) {
            throw new IOException(folder
                    + " is not the folder that it was: was another disk mounted there, or were its files replaced?");
        }
    }

    private void layDown(UUID owner, Superblock superblock) throws IOException {
        Path fresh = folder.resolve(NAME + ".new");
        disk.delete(fresh);
        try (DiskFile open = disk.open(fresh)) {
            open.write(ByteBuffer.allocate(2 * SuperblockCodec.SLOT), 0);
            open.write(SuperblockCodec.encode(new SuperblockCodec.Slot(1, owner, superblock)), 0);
            open.sync();
        }
        nameless = true;
        disk.rename(fresh, file);
        disk.syncFolder(folder);
        nameless = false;
    }

    private static int older(Optional<SuperblockCodec.Slot> first, Optional<SuperblockCodec.Slot> second) {
        if (first.isEmpty()) {
            return 0;
        }
        return second.isEmpty() || second.get().sequence() < first.get().sequence() ? 1 : 0;
    }

    private static Optional<SuperblockCodec.Slot> newest(
            Optional<SuperblockCodec.Slot> first, Optional<SuperblockCodec.Slot> second) {
        if (first.isEmpty() || second.isEmpty()) {
            return first.or(() -> second);
        }
        return second.get().sequence() > first.get().sequence() ? second : first;
    }

    private static Optional<SuperblockCodec.Slot> readSlot(DiskFile open, int slot) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(SuperblockCodec.SLOT);
        open.read(buffer, (long) slot * SuperblockCodec.SLOT);
        return SuperblockCodec.decode(buffer.flip());
    }
}
