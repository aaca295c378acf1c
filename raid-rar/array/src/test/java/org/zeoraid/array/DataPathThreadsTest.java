package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.commit.CommitOptions;
import org.zeoraid.storage.commit.TransactionalStorage;
import org.zeoraid.storage.seam.SystemEnvironment;

/** Real threads commit and read while members fail and are recovered, one after another. */
class DataPathThreadsTest {

    private static final int CLIENTS = 4;
    private static final int ROUNDS = Integer.getInteger("raid.threads.rounds", 12);

    private final AtomicBoolean stop = new AtomicBoolean();
    private final Map<Tid, Long> acknowledged = new ConcurrentHashMap<>();

    @TempDir
    Path folder;

    @Test
    void membersComeAndGoUnderLoadAndNothingIsLostOrDoubled() {
        try (SystemEnvironment environment = new SystemEnvironment("threads")) {
            Rig rig = new Rig(
                    environment, List.of("a", "b", "c"), List.of(), source -> WorkerMember.of(source, environment));
            Storage storage = TransactionalStorage.open("main", rig.log, environment, CommitOptions.spillingTo(folder))
                    .toCompletableFuture()
                    .join();
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                long oid = 1 + i;
                clients.add(CompletableFuture.runAsync(
                        () -> work(storage, oid), task -> new Thread(task, "client-" + oid).start()));
            }
            try {
                Random random = new Random(5);
                for (int round = 0; round < ROUNDS; round++) {
                    failAndRecover(environment, rig, random.nextInt(3), random);
                }
            } finally {
                stop.set(true);
            }
            clients.forEach(CompletableFuture::join);

            assertThat(rig.keeper.current().optimal()).hasSize(3);
            List<TransactionDigest> first = digests(rig, 0);
            assertThat(digests(rig, 1)).isEqualTo(first);
            assertThat(digests(rig, 2)).isEqualTo(first);
            Set<Tid> tids = new HashSet<>();
            first.forEach(digest -> assertThat(tids.add(digest.tid())).isTrue());
            assertThat(tids.containsAll(acknowledged.keySet())).isTrue();
            assertThat(acknowledged).hasSizeGreaterThan(100);
            rig.log.close();
        }
    }

    private static List<TransactionDigest> digests(Rig rig, int member) {
        TransactionLog log = rig.keeper.current().members().get(member).log().orElseThrow();
        return log.transactions(Tid.NONE, Tid.MAX).next(Long.MAX_VALUE).toCompletableFuture().join().stream()
                .map((CommittedTransaction t) -> TransactionDigest.of(t))
                .toList();
    }

    private void failAndRecover(SystemEnvironment environment, Rig rig, int which, Random random) {
        Faults.Append[] faults = {
            Faults.Append.REFUSE, Faults.Append.UNKNOWN_DONE, Faults.Append.UNKNOWN_LOST, Faults.Append.THROW
        };
        Member member = rig.members.get(which);
        String name = member.name();
        if (random.nextInt(4) == 0) {
            rig.faults(which).reads(Faults.Read.DAMAGED);
        } else {
            rig.faults(which).appendsAfter(random.nextInt(5), faults[random.nextInt(faults.length)]);
        }
        await().until(() -> rig.keeper.state(name) == MemberState.DEGRADED);
        rig.keeper.current().of(member).orElseThrow().log().orElseThrow().close();
        rig.faults(which).release();
        rig.keeper.put(
                member,
                MemberState.RECOVERING,
                rig.sources.get(which).open().toCompletableFuture().join());
        Recovery recovery =
                Resync.create(environment, Rig.OPTIONS, rig.log, rig.keeper, member, Superblock.RecoveryNote.NONE);
        recovery.start().toCompletableFuture().join();
        assertThat(rig.keeper.state(name)).as(rig.keeper.reason(name)).isEqualTo(MemberState.OPTIMAL);
    }

    /** Counts up an object of its own, and one that all share. */
    private void work(Storage storage, long oid) {
        long count = 0;
        while (!stop.get()) {
            try {
                StorageTransaction transaction = storage.begin(TransactionMeta.EMPTY);
                count++;
                Oid own = Rig.oid(oid);
                Oid shared = Rig.oid(100);
                Tid ownSerial = storage.serial(own).toCompletableFuture().join();
                Tid sharedSerial = storage.serial(shared).toCompletableFuture().join();
                transaction.store(own, ownSerial, Long.toString(count).getBytes(StandardCharsets.UTF_8));
                if (count % 8 == 0) {
                    transaction.store(shared, sharedSerial, Long.toString(count).getBytes(StandardCharsets.UTF_8));
                }
                try {
                    transaction.vote().toCompletableFuture().join();
                } catch (CompletionException e) {
                    transaction.abort();
                    if (e.getCause() instanceof ConflictException) {
                        count--;
                        continue;
                    }
                    throw e;
                }
                Tid tid = transaction.finish().toCompletableFuture().join();
                acknowledged.put(tid, oid);
                String now = new String(
                        storage.loadBefore(own, Tid.MAX)
                                .toCompletableFuture()
                                .join()
                                .orElseThrow()
                                .data(),
                        StandardCharsets.UTF_8);
                assertThat(now).isEqualTo(Long.toString(count));
            } catch (RuntimeException | Error e) {
                throw new AssertionError("client " + oid + " at " + count, e);
            }
        }
    }
}
