package org.zeoraid.zeo.client;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.PackRequest.Garbage;
import org.zeoraid.storage.memory.MemoryMember;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.server.ServerOptions;
import org.zeoraid.zeo.server.ServerOptions.Encoding;

/** A server of our own that is asked for nothing but ZEO's own calls, in pickles. */
class PlainZeoLogContractTest extends PlainZeoLogContract {

    private static final int TESTS = 45;
    private static ServedMember served;
    private static int next;

    @TempDir
    static Path serverFolder;

    private final SystemEnvironment environment = new SystemEnvironment("client");

    @BeforeAll
    static void serve() {
        Map<String, MemberSource> members = new HashMap<>();
        for (int i = 0; i < TESTS; i++) {
            members.put("storage" + i, MemoryMember.named("below" + i));
        }
        ServerOptions options = ServerOptions.builder(serverFolder)
                .encoding(Encoding.PICKLE)
                .packGarbage(Garbage.KEEP)
                .build();
        served = new ServedMember(members, serverFolder, options);
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    @Override
    protected MemberSource member(Path folder) {
        ZeoOptions options =
                ZeoOptions.of("a", "storage" + next++, served.address()).withPackGarbage(ZeoOptions.PackGarbage.KEEP);
        return new ZeoMember(options, environment, "somebody");
    }

    @AfterEach
    void closeEnvironment() {
        environment.close();
    }
}
