package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.file.Logs.data;
import static org.zeoraid.file.Logs.tid;
import static org.zeoraid.file.Logs.transaction;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.OutcomeUnknownException;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackRequest.Garbage;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.FaultDisk.Kind;
import org.zeoraid.storage.seam.SimulatedEnvironment;

/** In which order callers are told, and what follows a change that broke off in the middle. */
class AppenderTest {

    private static final Path FILE = Path.of("/data/Data.fs");
    private static final byte[] BLOB_RECORD = "cZODB.blob\nBlob\n.N.".getBytes(StandardCharsets.US_ASCII);

    private static final int LARGE = 2 << 20;

    private final FaultDisk disk = new FaultDisk();
    private final SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);

    private FileLog open() {
        return FileLog.open(FileOptions.of("a", FILE).withBlobFolder(Path.of("/data/blobs")), environment);
    }

    private void append(FileLog log, long number) {
        environment.await(log.append(Logs.last(log), transaction(tid(number), data(1, "number " + number))));
    }

    private static CommittedTransaction blob(long number, int size, Runnable whenCopied) {
        BlobSource source = new BlobSource() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public InputStream open() {
                whenCopied.run();
                return new ByteArrayInputStream(new byte[size]);
            }

            @Override
            public Optional<Path> file() {
                return Optional.empty();
            }
        };
        return transaction(tid(number), new DataRecord(new Oid(1), new Content.Data(BLOB_RECORD), Optional.of(source)));
    }

    @Test
    void whoIsAheadOfALargeBlobIsAnsweredBeforeItIsCopied() {
        FileLog log = open();
        List<CompletionStage<Void>> stages = new ArrayList<>();
        List<List<Boolean>> done = new ArrayList<>();
        Runnable note = () -> done.add(stages.stream()
                .map(stage -> stage.toCompletableFuture().isDone())
                .toList());

        stages.add(log.append(Tid.NONE, transaction(tid(1), data(1, "small"))));
        stages.add(log.append(tid(1), blob(2, LARGE, note)));
        stages.add(log.append(tid(2), transaction(tid(3), data(1, "between"))));
        stages.add(log.append(tid(3), blob(4, LARGE, note)));
        stages.forEach(environment::await);

        assertThat(done).containsExactly(List.of(true, false, false, false), List.of(true, true, true, false));
        assertThat(Logs.transactions(log)).hasSize(4);
        log.close();
    }

    @Test
    void manySmallBlobsShareTheSyncsOfTheirFolders() {
        FileLog log = open();
        append(log, 1);
        long before = syncs();
        List<CompletionStage<Void>> stages = new ArrayList<>();
        for (int i = 2; i < 66; i++) {
            stages.add(log.append(tid(i - 1), blob(i, 500, () -> {})));
        }
        stages.forEach(environment::await);

        // two batches of 32: for each a sync of tmp, of the object's folder and of the log, and one for each blob's
        // bytes;
        // for the first one those of eight new folders too
        assertThat(syncs() - before).isEqualTo(64 + 2 * 3 + 8);
        assertThat(Logs.transactions(log)).hasSize(65);
        log.close();
    }

    private long syncs() {
        return disk.journal().stream()
                .filter(operation -> operation.kind() == Kind.SYNC || operation.kind() == Kind.SYNC_FOLDER)
                .count();
    }

    @Test
    void whoseBlobCannotBeHadFailsAloneWithThoseBehind() {
        FileLog log = open();
        CompletionStage<Void> first = log.append(Tid.NONE, blob(1, 500, () -> {}));
        CompletionStage<Void> second = log.append(tid(1), blob(2, 500, () -> {
            throw new StorageUnavailableException("from a test");
        }));
        CompletionStage<Void> third = log.append(tid(2), blob(3, 500, () -> {}));

        environment.await(first);
        for (CompletionStage<Void> each : List.of(second, third)) {
            assertThatThrownBy(() -> environment.await(each))
                    .hasCauseInstanceOf(StorageUnavailableException.class)
                    .hasMessageContaining("from a test");
        }

        assertThat(Logs.transactions(log)).hasSize(1);
        append(log, 4);
        log.close();
    }

    @Test
    void anUnforeseenErrorWithinAChangeIsToldAndNothingMoreIsWritten() throws Exception {
        FileLog log = open();
        append(log, 1);
        append(log, 2);
        CompletionStage<String> cut;
        try (AutoCloseable rule = disk.rule(operation -> {
            if (operation.path().toString().contains(".tail-after")) {
                throw new StackOverflowError("from a test");
            }
        })) {
            cut = log.cutTail(tid(1));
            assertThatThrownBy(() -> environment.await(cut)).hasRootCauseInstanceOf(StackOverflowError.class);
        }
        assertThatThrownBy(() -> append(log, 3)).hasCauseInstanceOf(StorageUnavailableException.class);
        log.close();
        FileLog again = open();
        append(again, 3);
        assertThat(Logs.transactions(again)).hasSize(3);
        again.close();
    }

    @Test
    void theLastTransactionIsNotToldWhileNobodyKnowsWhetherItLasts() throws Exception {
        FileLog log = open();
        append(log, 1);
        append(log, 2);
        try (AutoCloseable rule = failing(Kind.SYNC, FILE)) {
            assertThatThrownBy(() -> append(log, 3)).hasCauseInstanceOf(OutcomeUnknownException.class);
        }

        assertThatThrownBy(() -> Logs.last(log))
                .isInstanceOf(StorageUnavailableException.class)
                .hasMessageContaining("opened again");
        assertThat(Logs.text(log, 1)).isPresent();
        log.close();
        FileLog again = open();
        assertThat(Logs.last(again)).isIn(tid(2), tid(3));
        again.close();
    }

    private AutoCloseable failing(Kind kind, Path path) {
        return disk.rule(operation -> {
            if (operation.kind() == kind && operation.path().equals(path)) {
                throw new IOException("input/output error");
            }
        });
    }

    @Test
    void aCutThatBreaksOffInASyncIsTheLastThatIsWritten() throws Exception {
        open().close();
        FileLog log = open();
        append(log, 1);
        log.close();
        FileLog again = open();
        try (AutoCloseable rule = failing(Kind.SYNC, FILE)) {
            assertThatThrownBy(() -> environment.await(again.cutTail(Tid.NONE)))
                    .hasCauseInstanceOf(StorageUnavailableException.class);
        }
        assertThatThrownBy(() -> append(again, 2)).hasCauseInstanceOf(StorageUnavailableException.class);
        again.close();
    }

    @Test
    void whoBreaksOffWhileItIsSetAsideWritesNothingMore() throws Exception {
        FileLog log = open();
        append(log, 1);
        try (AutoCloseable rule = disk.rule(operation -> {
            if (operation.kind() == Kind.SYNC_FOLDER && disk.exists(FILE.resolveSibling("Data.fs.aside-0"))) {
                throw new IOException("input/output error");
            }
        })) {
            assertThatThrownBy(() -> environment.await(log.setAside()))
                    .hasCauseInstanceOf(StorageUnavailableException.class);
        }
        assertThatThrownBy(() -> append(log, 2)).hasCauseInstanceOf(StorageUnavailableException.class);
        log.close();
        FileLog again = open();
        assertThat(Logs.last(again)).isEqualTo(Tid.NONE);
        again.close();
    }

    @Test
    void aPackNeedNotWaitUntilNobodyCommitsAnyMore() {
        FileLog log = open();
        append(log, 1);
        CompletionStage<PackResult> pack = log.pack(new PackRequest(tid(1), Garbage.KEEP));
        Clients clients = new Clients(log, () -> pack.toCompletableFuture().isDone());

        clients.commit();
        clients.commit();

        environment.await(pack);
        assertThat(clients.sent).isLessThan(Clients.MOST);
        log.close();
        assertThat(clients.answered).isEqualTo(clients.sent);
    }

    /** Each commits again as soon as it is told of its last commit, so that a batch always has another behind it. */
    private static final class Clients {

        private static final int MOST = 2_000;

        private final FileLog log;
        private final BooleanSupplier end;
        private long last = 1;
        private int sent;
        private int answered;

        Clients(FileLog log, BooleanSupplier end) {
            this.log = log;
            this.end = end;
        }

        void commit() {
            if (end.getAsBoolean() || sent == MOST) {
                return;
            }
            sent++;
            last++;
            log.append(tid(last - 1), transaction(tid(last), data(last, "from a client")))
                    .whenComplete((nothing, failure) -> {
                        answered += failure == null ? 1 : 0;
                        commit();
                    });
        }
    }
}
