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
import org.zeoraid.storage.seam.Environment;
import org.zeoraid.storage.seam.SystemEnvironment;

/** Two-phase commit over a log whose answers come later, on another thread; every transaction's changes on disk. */
class LateStorageContractTest extends StorageContract {

    private final SystemEnvironment environment = new SystemEnvironment("test");
    private final Environment.Worker thread = environment.worker("log");
    private final Map<Path, MemoryMember> members = new HashMap<>();

    @AfterEach
    void closeEnvironment() {
        environment.close();
    }

    @Override
    protected Storage open(Path folder) {
        return open(folder, CommitOptions.spillingTo(folder).withSpillThreshold(0));
    }

    @Override
    protected Optional<Storage> openReadOnly(Path folder) {
        return Optional.of(open(folder, CommitOptions.spillingTo(folder).withMode(CommitOptions.Mode.READ_ONLY)));
    }

    private Storage open(Path folder, CommitOptions options) {
        MemoryMember member = members.computeIfAbsent(folder, key -> MemoryMember.named("memory"));
        return new TransactionalStorage(
                "late", new AnsweringLater(Steps.await(member.open()), thread), environment, options, WriteGate.OPEN);
    }
}
