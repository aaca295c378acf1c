package org.zeoraid.config;

import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.contract.StorageContract;
import org.zeoraid.storage.seam.SystemEnvironment;

/** The embedded default, an array of three file members, is a storage like every other. */
class ArrayContractTest extends StorageContract {

    private static final SystemEnvironment ENVIRONMENT = new SystemEnvironment("test");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @AfterAll
    static void closeEnvironment() {
        ENVIRONMENT.close();
    }

    @Override
    protected Storage open(Path folder) {
        return serving(RaidConfiguration.embedded(folder));
    }

    @Override
    protected Optional<Storage> openReadOnly(Path folder) throws Exception {
        Path file = folder.resolve("read-only.conf");
        Files.writeString(file, """
                <raidstorage main>
                  read-only true
                  state-dir main.state
                  <filestorage a>
                    path a/Data.fs
                    blob-dir a/blobs
                  </filestorage>
                  <filestorage b>
                    path b/Data.fs
                    blob-dir b/blobs
                  </filestorage>
                  <filestorage c>
                    path c/Data.fs
                    blob-dir c/blobs
                  </filestorage>
                </raidstorage>
                """);
        return Optional.of(serving(RaidConfiguration.parse(file)));
    }

    private static Storage serving(RaidConfiguration configuration) {
        ConfiguredArray array =
                ArraySet.open(configuration, ENVIRONMENT).arrays().get(0);
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(1))
                .pollDelay(Duration.ZERO)
                .until(() -> array.administration().status().state() == ArrayState.OPTIMAL);
        return array.storage();
    }
}
