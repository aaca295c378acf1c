package org.zeoraid.zeo.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.commit.CommitOptions;
import org.zeoraid.storage.commit.TransactionalStorage;
import org.zeoraid.storage.memory.MemoryLog;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.codec.Ids;

/** Clients of a storage that is not served yet, as an array that is being assembled. */
@Timeout(60)
class BeginningTest {

    @TempDir
    Path folder;

    private final SystemEnvironment environment = new SystemEnvironment();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile boolean assembled;
    private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private TransactionalStorage storage;
    private ZeoServer server;

    @BeforeEach
    void open() {
        storage = TransactionalStorage.open("1", new MemoryLog(), environment, CommitOptions.spillingTo(folder))
                .toCompletableFuture()
                .join();
        Offering offering = Offering.of(Intercepted.storage(storage, (method, arguments, call) -> {
            if (!method.equals("lastTid") || assembled) {
                return call.go();
            }
            asked.incrementAndGet();
            return CompletableFuture.failedFuture(new ArrayFailedException("array 1 is being assembled"));
        }));
        server = new ZeoServer(
                Map.of("1", offering),
                ServerOptions.builder(folder.resolve("spool")).build(),
                ((InstantSource) () -> now).withZone(ZoneOffset.UTC));
    }

    @AfterEach
    void close() {
        server.close();
        storage.close();
        environment.close();
    }

    @Test
    void whoComesBeforeItIsServedWaitsForIt() throws IOException {
        try (Peer peer = Peer.connect(server.listen(Served.loopback()), 'M').shakeHands()) {
            long id = peer.request("register", "1", false);
            await().until(() -> asked.get() > 3);

            assembled = true;

            assertThat(peer.reply(id).arguments()).isEqualTo(Ids.bytes(Tid.NONE));
        }
    }

    @Test
    void whatStillDoesNotServeAfterAWhileIsRefusedWithItsReason() throws IOException {
        try (Peer peer = Peer.connect(server.listen(Served.loopback()), 'M').shakeHands()) {
            long id = peer.request("register", "1", false);
            await().until(() -> asked.get() > 3);

            now = now.plus(Duration.ofSeconds(31));

            assertThat(String.valueOf(peer.reply(id).arguments())).contains("array 1 is being assembled");
        }
    }
}
