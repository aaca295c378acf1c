package org.zeoraid.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.admin.ArrayState;

/** Servers behind, an array over them in front, all of it from configuration files. */
@Timeout(60)
class ArrayOverZeoTest {

    @TempDir
    Path folder;

    @Test
    void whatIsCommittedToAnArrayOfZeoMembersIsOnAllServers() {
        RaidConfiguration servers = parse("servers.conf", """
                <zeo>
                  address ./zeo.sock
                </zeo>
                <raidstorage one>
                  <filestorage m>
                    path one/Data.fs
                  </filestorage>
                </raidstorage>
                <raidstorage two>
                  <filestorage m>
                    path two/Data.fs
                  </filestorage>
                </raidstorage>
                """);
        RaidConfiguration front = parse("front.conf", """
                <raidstorage main>
                  retry-pause 10ms
                  <zeoclient a>
                    server ./zeo.sock
                    storage one
                  </zeoclient>
                  <zeoclient b>
                    server ./zeo.sock
                    storage two
                  </zeoclient>
                </raidstorage>
                """);
        try (ArraySet behind = ArraySet.open(servers);
                ZeoListeners listeners = ZeoListeners.open(servers, behind)) {
            assertThat(listeners.failures()).isEmpty();
            serving(behind, "one");
            serving(behind, "two");
            try (ArraySet arrays = ArraySet.open(front)) {
                Storage main = serving(arrays, "main").storage();
                StorageTransaction transaction = main.begin(TransactionMeta.of("tester", "a test"));
                transaction.store(Oid.ROOT, Tid.NONE, "kept twice".getBytes(UTF_8));
                get(transaction.vote());
                Tid tid = get(transaction.finish());

                assertThat(get(main.loadSerial(Oid.ROOT, tid))).isEqualTo("kept twice".getBytes(UTF_8));
                for (ConfiguredArray array : behind.arrays()) {
                    assertThat(get(array.storage().loadSerial(Oid.ROOT, tid)))
                            .as(array.name())
                            .isEqualTo("kept twice".getBytes(UTF_8));
                }
            }
        }
    }

    private static ConfiguredArray serving(ArraySet arrays, String name) {
        ConfiguredArray array = arrays.array(name).orElseThrow();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> array.administration().status().state() == ArrayState.OPTIMAL);
        return array;
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private RaidConfiguration parse(String name, String text) {
        Path file = folder.resolve(name);
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return RaidConfiguration.parse(file);
    }
}
