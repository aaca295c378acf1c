package org.zeoraid.array;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.memory.MemoryMember;
import org.zeoraid.storage.seam.Disk;

/** A member in memory that has a folder, as a file member has: there a superblock can lie. Without the folder it does not open. */
final class FolderMember implements MemberSource {

    private final MemoryMember member;
    private final Disk disk;
    private final Path folder;

    FolderMember(Disk disk, Path folder, MemoryMember member) {
        this.disk = disk;
        this.folder = folder;
        this.member = member;
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
        return Optional.of(folder);
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
        return member.open();
    }
}
