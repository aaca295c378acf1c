package org.zeoraid.zeo.client;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.file.FileMember;
import org.zeoraid.file.FileOptions;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.contract.TransactionLogContract;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.server.ServerOptions;

/** A storage of a ZEO server of our own against the contract of every member; below the server, files. */
class ZeoLogOverFileContractTest extends TransactionLogContract {

    private static final int TESTS = 45;
    private static final SystemEnvironment BELOW = new SystemEnvironment("below");
    private static ServedMember served;
    private static int next;

    @TempDir
    static Path serverFolder;

    private final SystemEnvironment environment = new SystemEnvironment("client");

    @BeforeAll
    static void serve() {
        Map<String, MemberSource> members = new HashMap<>();
        for (int i = 0; i < TESTS; i++) {
            Path folder = serverFolder.resolve("storage" + i);
            FileOptions options =
                    FileOptions.of("below" + i, folder.resolve("Data.fs")).withBlobFolder(folder.resolve("blobs"));
            members.put("storage" + i, new FileMember(options, BELOW));
        }
        served = new ServedMember(members, serverFolder, ServerOptions.defaults(serverFolder));
    }

    @AfterAll
    static void stop() {
        served.close();
        BELOW.close();
    }

    @Override
    protected MemberSource member(Path folder) {
        return new ZeoMember(
                ZeoOptions.of("a", "storage" + next++, served.address()).withBlobFolder(folder), environment);
    }

    @AfterEach
    void closeEnvironment() {
        environment.close();
    }

    @Override
    public boolean canBeCut() {
        return false;
    }
}
