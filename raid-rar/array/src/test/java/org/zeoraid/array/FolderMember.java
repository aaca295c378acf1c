package org.zeoraid.array;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.memory.MemoryMember;
import org.zeoraid.storage.seam.Disk;

/**
 * A member in memory that has a folder, as a file member has: there a superblock can lie. Without the folder it does not
 * open. A locked one is open once at a time, as a file member is; one with nothing beside it is like a remote one.
 */
final class FolderMember implements MemberSource {

    private final MemoryMember member;
    private final Disk disk;
    private final Path folder;
    private final Optional<Set<String>> locks;
    private final boolean takesCopy;

    FolderMember(Disk disk, Path folder, MemoryMember member) {
        this(disk, folder, member, Optional.empty(), true);
    }

    /**
     * @param locks the names of the locked members that are open; empty if there are no locks
     * @param takesCopy whether a superblock can lie beside it
     */
    FolderMember(Disk disk, Path folder, MemoryMember member, Optional<Set<String>> locks, boolean takesCopy) {
        this.disk = disk;
        this.folder = folder;
        this.member = member;
        this.locks = locks;
        this.takesCopy = takesCopy;
    }

    @Override
    public String name() {
        return member.name();
    }

    @Override
    public String kind() {
        return "filestorage";
    }

    @Override
    public String location() {
        return folder.toString();
    }

    @Override
    public Optional<Path> folder() {
        return takesCopy ? Optional.of(folder) : Optional.empty();
    }

    @Override
    public boolean isWriteMostly() {
        return false;
    }

    @Override
    public CompletionStage<TransactionLog> open() {
        if (!disk.isFolder(folder)) {
            throw new StorageUnavailableException("there is no folder " + folder);
        }
        if (locks.isPresent() && !locks.get().add(name())) {
            throw new StorageUnavailableException(folder + " is open already");
        }
        return locks.isEmpty() ? member.open() : member.open().thenApply(log -> locked(log, locks.get()));
    }

    private TransactionLog locked(TransactionLog log, Set<String> held) {
        return Otherwise.answering(log, "close", none -> {
            held.remove(name());
            log.close();
            return null;
        });
    }
}
