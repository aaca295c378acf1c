package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.memory.MemoryMember;
import org.zeoraid.storage.pickle.BlobRecords;
import org.zeoraid.storage.seam.Environment;
import org.zeoraid.storage.seam.SimulatedEnvironment;
import org.zeoraid.storage.seam.SystemEnvironment;

class LogCopyTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final MemoryMember sourceContent = MemoryMember.named("a");
    private final MemoryMember targetContent = MemoryMember.named("b");
    private final TransactionLog source =
            sourceContent.open().toCompletableFuture().join();
    private Tid last = Tid.NONE;

    private void sourceHas(DataRecord entry) {
        Tid next = new Tid(last.value() + 1);
        TransactionHeader header = new TransactionHeader(next, TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0);
        source.append(last, CommittedTransaction.of(header, List.of(entry)))
                .toCompletableFuture()
                .join();
        last = next;
    }

    private static DataRecord text(long oid) {
        return new DataRecord(new Oid(oid), new Content.Data(("v" + oid).getBytes(StandardCharsets.UTF_8)));
    }

    private LogCopy copy(Environment environment, TransactionLog target) {
        return copy(environment, environment.worker("recovery"), source, target);
    }

    private LogCopy copy(Environment environment, Executor worker, TransactionLog from, TransactionLog target) {
        Reach reach = new MemberDoor(environment, "main", targetContent, Rig.OPTIONS).reach(target);
        return new LogCopy(
                worker,
                environment,
                Rig.OPTIONS.openDeadline(),
                from,
                reach,
                new CopyPace(environment, new CommitMeter()),
                Tid.NONE,
                new LogCopy.Listener() {
                    @Override
                    public void copied(int transactions, long bytes, Tid to) {}

                    @Override
                    public void halfDone(int transactions, long weight) {}
                });
    }

    private CompletionStage<Void> all(LogCopy copy) {
        return copy.sendTo(last).thenCompose(count -> copy.finish());
    }

    private TransactionLog target() {
        return targetContent.open().toCompletableFuture().join();
    }

    /** A log whose transactions hold a blob, and come by a thread of their own. */
    private static TransactionLog withBlob(TransactionLog log, BlobSource file, Executor thread) {
        return Otherwise.answering(log, "transactions", arguments -> {
            Cursor<CommittedTransaction> cursor = log.transactions((Tid) arguments[0], (Tid) arguments[1]);
            return new Cursor<CommittedTransaction>() {
                @Override
                public CompletionStage<List<CommittedTransaction>> next(long maxBytes) {
                    return CompletableFuture.supplyAsync(() -> cursor.next(maxBytes), thread)
                            .thenCompose(next -> next)
                            .thenApply(batch -> batch.stream()
                                    .map(transaction -> CommittedTransaction.of(
                                            transaction.header(),
                                            List.of(new DataRecord(
                                                    new Oid(7),
                                                    new Content.Data(BlobRecords.record()),
                                                    Optional.of(file)))))
                                    .toList());
                }

                @Override
                public void close() {
                    cursor.close();
                }
            };
        });
    }

    private List<Tid> copied() {
        return Rig.tids(target());
    }

    @Test
    void aTargetThatTakesOneTransactionAfterAnotherIsWaitedForAsLongAsItGoesOn() {
        SimulatedEnvironment environment = new SimulatedEnvironment(1);
        for (int i = 0; i < 200; i++) {
            sourceHas(text(i));
        }

        environment.await(all(copy(environment, Otherwise.slow(target(), environment, SECOND))));

        assertThat(environment.elapsed())
                .isGreaterThan(Rig.OPTIONS.openDeadline().multipliedBy(3));
        assertThat(copied()).hasSize(200);
    }

    @Test
    void aTargetThatSaysNothingIsNot() {
        SimulatedEnvironment environment = new SimulatedEnvironment(2);
        for (int i = 0; i < 200; i++) {
            sourceHas(text(i));
        }

        CompletionStage<Void> copied =
                all(copy(environment, Otherwise.slow(target(), environment, Duration.ofHours(1))));

        assertThatThrownBy(() -> environment.await(copied)).hasMessageContaining("did not take transactions up to");
        assertThat(environment.elapsed()).isLessThan(Rig.OPTIONS.openDeadline().plus(SECOND.multipliedBy(5)));
    }

    @Test
    void whatIsLargeMayTakeItsTime() {
        SimulatedEnvironment environment = new SimulatedEnvironment(3);
        sourceHas(text(7));
        BlobSource large = new Blob(1L << 30, ConcurrentHashMap.newKeySet());
        TransactionLog target =
                Otherwise.slow(target(), environment, Rig.OPTIONS.openDeadline().multipliedBy(4));

        environment.await(all(copy(
                environment,
                environment.worker("recovery"),
                withBlob(source, large, Runnable::run),
                withBlob(target, large, Runnable::run))));

        assertThat(copied()).hasSize(1);
    }

    /** An empty file that tells who reads it, and calls itself larger. */
    private record Blob(long size, Set<String> readers) implements BlobSource {
        @Override
        public InputStream open() {
            readers.add(Thread.currentThread().getName());
            return InputStream.nullInputStream();
        }

        @Override
        public Optional<Path> file() {
            return Optional.empty();
        }
    }

    /** Connections live by their threads: these wait for no disk, however large a blob is. */
    @Test
    void blobsAreComparedOnTheRecoverysOwnThreadAlsoIfANetworksThreadAnswers() {
        sourceHas(text(7));
        Set<String> readers = ConcurrentHashMap.newKeySet();
        BlobSource ours = new Blob(0, ConcurrentHashMap.newKeySet());
        BlobSource its = new Blob(0, readers);
        try (SystemEnvironment environment = new SystemEnvironment("copy")) {
            Environment.Worker recovery = environment.worker("recovery");
            Environment.Worker network = environment.worker("network");
            // It answers when the recovery waits already, so that what follows from the answer begins there.
            Executor later = answer -> recovery.execute(() -> network.execute(answer));

            all(copy(environment, recovery, withBlob(source, ours, Runnable::run), withBlob(target(), its, later)))
                    .toCompletableFuture()
                    .join();
        }

        assertThat(readers).containsExactly("copy-recovery");
    }
}
