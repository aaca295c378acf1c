package org.zeoraid.file;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.contract.TransactionLogContract;
import org.zeoraid.storage.seam.SystemEnvironment;

/** A {@code Data.fs} as a member. */
class FileLogContractTest extends TransactionLogContract {

    private static final SystemEnvironment ENVIRONMENT = new SystemEnvironment("test");

    @AfterAll
    static void closeEnvironment() {
        ENVIRONMENT.close();
    }

    @Override
    protected MemberSource member(Path folder) {
        return new FileMember(
                FileOptions.of("a", folder.resolve("Data.fs")).withBlobFolder(folder.resolve("blobs")), ENVIRONMENT);
    }
}
