package org.zeoraid.storage.commit;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.contract.StorageContract;
import org.zeoraid.storage.memory.MemoryMember;
import org.zeoraid.storage.seam.SystemEnvironment;

/** Two-phase commit over a log in memory. */
class MemoryStorageContractTest extends StorageContract {

    private final SystemEnvironment environment = new SystemEnvironment("test");
    private final Map<Path, MemoryMember> members = new HashMap<>();

    @AfterEach
    void closeEnvironment() {
        environment.close();
    }

    @Override
    protected Storage open(Path folder) {
        return open(folder, CommitOptions.spillingTo(folder));
    }

    @Override
    protected Optional<Storage> openReadOnly(Path folder) {
        return Optional.of(open(folder, CommitOptions.spillingTo(folder).withMode(CommitOptions.Mode.READ_ONLY)));
    }

    private Storage open(Path folder, CommitOptions options) {
        MemoryMember member = members.computeIfAbsent(folder, key -> MemoryMember.named("memory"));
        return Steps.await(TransactionalStorage.open("memory", Steps.await(member.open()), environment, options));
    }
}
