package org.zeoraid.file;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.commit.CommitOptions;
import org.zeoraid.storage.commit.TransactionalStorage;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.contract.StorageContract;
import org.zeoraid.storage.seam.SystemEnvironment;

/** Two-phase commit over a {@code Data.fs}. */
class FileStorageContractTest extends StorageContract {

    private static final SystemEnvironment ENVIRONMENT = new SystemEnvironment("test");

    @AfterAll
    static void closeEnvironment() {
        ENVIRONMENT.close();
    }

    @Override
    protected Storage open(Path folder) {
        return open(folder, CommitOptions.spillingTo(folder.resolve("spill")));
    }

    @Override
    protected Optional<Storage> openReadOnly(Path folder) {
        return Optional.of(
                open(folder, CommitOptions.spillingTo(folder.resolve("spill")).withMode(CommitOptions.Mode.READ_ONLY)));
    }

    private Storage open(Path folder, CommitOptions options) {
        FileOptions file = FileOptions.of("a", folder.resolve("Data.fs")).withBlobFolder(folder.resolve("blobs"));
        return Steps.await(TransactionalStorage.open(
                "file", Steps.await(new FileMember(file, ENVIRONMENT).open()), ENVIRONMENT, options));
    }
}
