package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.pickle.BlobRecords;
import org.zeoraid.storage.seam.SimulatedEnvironment;

/** Members that have lost the files of blobs: their walks give the records alone, as those of blobs that never had a file. */
class MissingBlobsTest {

    private static final String CONTENT = "the blob's bytes";

    private final SimulatedEnvironment environment = new SimulatedEnvironment(5);

    private Rig rig(Set<String> withoutFiles) {
        return new Rig(
                environment,
                List.of("a", "b", "c"),
                List.of("c"),
                source -> withoutFiles.contains(source.name()) ? withoutFiles(source) : source);
    }

    private static MemberSource withoutFiles(MemberSource source) {
        return Otherwise.member(source, MissingBlobsTest::withoutFiles);
    }

    private static TransactionLog withoutFiles(TransactionLog log) {
        TransactionLog walks = Otherwise.answering(
                log,
                "transactions",
                arguments -> withoutFiles(log.transactions((Tid) arguments[0], (Tid) arguments[1])));
        return Otherwise.answering(
                walks,
                "blob",
                arguments -> CompletableFuture.failedFuture(
                        new ObjectNotFoundException((Oid) arguments[0], (Tid) arguments[1])));
    }

    private static Cursor<CommittedTransaction> withoutFiles(Cursor<CommittedTransaction> cursor) {
        return new Cursor<>() {
            @Override
            public CompletionStage<List<CommittedTransaction>> next(long maxBytes) {
                return cursor.next(maxBytes).thenApply(batch -> batch.stream()
                        .map(MissingBlobsTest::withoutFiles)
                        .toList());
            }

            @Override
            public void close() {
                cursor.close();
            }
        };
    }

    private static CommittedTransaction withoutFiles(CommittedTransaction transaction) {
        List<DataRecord> bare = new ArrayList<>();
        transaction.records().forEach(entry -> bare.add(new DataRecord(entry.oid(), entry.content())));
        return CommittedTransaction.of(transaction.header(), bare);
    }

    private static Tid commitBlob(Rig rig) {
        rig.commit("1=x");
        Tid previous = rig.last();
        Tid tid = rig.nextTid();
        BlobSource file = new BlobSource() {
            @Override
            public long size() {
                return CONTENT.length();
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(CONTENT.getBytes(StandardCharsets.UTF_8));
            }

            @Override
            public Optional<Path> file() {
                return Optional.empty();
            }
        };
        CommittedTransaction transaction = CommittedTransaction.of(
                new TransactionHeader(tid, TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0),
                List.of(
                        new DataRecord(new Oid(2), new Content.Data(new byte[] {1})),
                        new DataRecord(new Oid(7), new Content.Data(BlobRecords.record()), Optional.of(file))));
        rig.log.append(previous, transaction).toCompletableFuture().join();
        return tid;
    }

    private CompletableFuture<BlobSource> recoveredBlob(Rig rig, Tid tid) {
        environment.await(Resync.create(
                        environment, Rig.OPTIONS, rig.log, rig.keeper, rig.members.get(2), Superblock.RecoveryNote.NONE)
                .start());
        assertThat(rig.keeper.state("c")).as(rig.keeper.reason("c")).isEqualTo(MemberState.OPTIMAL);
        return rig.contents
                .get(2)
                .open()
                .thenCompose(log -> log.blob(new Oid(7), tid))
                .toCompletableFuture();
    }

    @Test
    void aBlobThatOneMemberHasLostIsCopiedFromAnother() throws Exception {
        for (String losing : List.of("a", "b")) {
            Rig rig = rig(Set.of(losing));
            Tid tid = commitBlob(rig);

            CompletableFuture<BlobSource> blob = recoveredBlob(rig, tid);

            try (InputStream in = blob.join().open()) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo(CONTENT);
            }
            assertThat(rig.keeper.events).noneMatch(event -> event.startsWith("blobs-missing"));
        }
    }

    @Test
    void ofABlobThatNobodyHasAnAdminIsTold() {
        Rig rig = rig(Set.of("a", "b"));
        Tid tid = commitBlob(rig);

        CompletableFuture<BlobSource> blob = recoveredBlob(rig, tid);

        assertThat(blob).isCompletedExceptionally();
        assertThat(rig.keeper.events)
                .anyMatch(event -> event.startsWith("blobs-missing c: the files of 1 blob were not copied")
                        && event.contains(tid.toString()));
    }
}
