package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.memory.MemoryMember;
import org.zeoraid.storage.seam.SystemEnvironment;

/** A whole array on real threads, a real clock and a real disk. */
class RaidArrayThreadsTest {

    private static final int CLIENTS = 4;
    private static final Duration LONG = Duration.ofSeconds(60);

    @Test
    void clientsCommitWhileMembersComeAndGoAndNobodyNotices(@TempDir Path folder) throws Exception {
        List<MemoryMember> contents =
                List.of(MemoryMember.named("a"), MemoryMember.named("b"), MemoryMember.named("c"));
        AtomicBoolean over = new AtomicBoolean();
        long commits = 0;
        try (SystemEnvironment environment = new SystemEnvironment("array-test")) {
            RaidArray array = RaidArray.open(environment, () -> configuration(folder, contents));
            array.serving().toCompletableFuture().get(60, TimeUnit.SECONDS);
            ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
            List<Future<Long>> counts = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                long oid = client + 1;
                counts.add(clients.submit(() -> write(array.storage(), oid, over)));
            }

            for (String member : List.of("b", "a")) {
                array.disable(member).toCompletableFuture().get(60, TimeUnit.SECONDS);
                array.recover(member).toCompletableFuture().get(60, TimeUnit.SECONDS);
                await().atMost(LONG).until(() -> array.status().state() == ArrayState.OPTIMAL);
            }

            over.set(true);
            for (Future<Long> count : counts) {
                commits += count.get(60, TimeUnit.SECONDS);
            }
            clients.shutdown();
            array.close();
        }
        List<Tid> first = tids(contents.get(0));
        assertThat(first).hasSize((int) commits);
        assertThat(contents).allSatisfy(content -> assertThat(tids(content)).isEqualTo(first));
    }

    private static long write(Storage storage, long oid, AtomicBoolean over) {
        long written = 0;
        Tid based = Tid.NONE;
        while (!over.get()) {
            byte[] data = Long.toString(++written).getBytes(StandardCharsets.UTF_8);
            StorageTransaction transaction = storage.begin(TransactionMeta.EMPTY);
            transaction.store(Rig.oid(oid), based, data);
            CompletableFuture<Tid> commit =
                    transaction.vote().thenCompose(oids -> transaction.finish()).toCompletableFuture();
            based = commit.orTimeout(60, TimeUnit.SECONDS).join();
            byte[] read = storage.loadBefore(Rig.oid(oid), Tid.MAX)
                    .toCompletableFuture()
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join()
                    .orElseThrow()
                    .data();
            assertThat(read).isEqualTo(data);
        }
        return written;
    }

    private static ArrayConfiguration configuration(Path folder, List<MemoryMember> contents) {
        List<MemberSource> sources = List.copyOf(contents);
        return new ArrayConfiguration(
                "main", sources, folder.resolve("state"), FailMode.CLOSE, false, ArrayOptions.DEFAULT);
    }

    private static List<Tid> tids(MemoryMember member) {
        return member
                .open()
                .toCompletableFuture()
                .join()
                .headers(Tid.NONE, Tid.MAX)
                .next(Long.MAX_VALUE)
                .toCompletableFuture()
                .join()
                .stream()
                .map(TransactionHeader::tid)
                .toList();
    }
}
