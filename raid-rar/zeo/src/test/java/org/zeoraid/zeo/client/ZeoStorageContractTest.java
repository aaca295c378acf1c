package org.zeoraid.zeo.client;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.commit.CommitOptions;
import org.zeoraid.storage.commit.TransactionalStorage;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.contract.StorageContract;
import org.zeoraid.storage.memory.MemoryMember;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.server.ServerOptions;

/** A storage whose log is at a ZEO server. */
class ZeoStorageContractTest extends StorageContract {

    private static final int TESTS = 150;
    private static ServedMember served;
    private static int next;

    @TempDir
    static Path serverFolder;

    private final SystemEnvironment environment = new SystemEnvironment("client");
    private final Map<Path, MemberSource> members = new HashMap<>();

    @BeforeAll
    static void serve() {
        Map<String, MemberSource> below = new HashMap<>();
        for (int i = 0; i < TESTS; i++) {
            below.put("storage" + i, MemoryMember.named("below" + i));
        }
        served = new ServedMember(below, serverFolder, ServerOptions.defaults(serverFolder));
    }

    @AfterAll
    static void stop() {
        served.close();
    }

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
        MemberSource member = members.computeIfAbsent(
                folder, key -> new ZeoMember(ZeoOptions.of("a", "storage" + next++, served.address()), environment));
        return Steps.await(TransactionalStorage.open("zeo", Steps.await(member.open()), environment, options));
    }
}
