package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.zeoraid.storage.contract.LogHarness.data;
import static org.zeoraid.storage.contract.LogHarness.later;
import static org.zeoraid.storage.contract.LogHarness.transaction;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.blobRecord;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.content;
import static org.zeoraid.storage.contract.Steps.currentText;
import static org.zeoraid.storage.contract.Steps.failure;
import static org.zeoraid.storage.contract.Steps.oid;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;

/** Appends, one behind the other. */
interface AppendContract extends LogHarness {

    @Test
    default void anEmptyLogHasNoLastTid() {
        assertThat(await(log().lastTid())).isEqualTo(Tid.NONE);
        assertThat(await(log().packedTo())).isEqualTo(Tid.NONE);
        assertThat(await(reopen().lastTid())).isEqualTo(Tid.NONE);
    }

    @Test
    default void whatWasAppendedIsThereNowAndLater() {
        Tid first = append(FIRST, data(1, "one"), data(2, "two"));
        Tid second = append(later(first, 1), data(1, "one again"));

        for (int round = 0; round < 2; round++) {
            TransactionLog log = round == 0 ? log() : reopen();
            assertThat(await(log.lastTid())).isEqualTo(second);
            assertThat(currentText(log, oid(1))).isEqualTo("one again");
            assertThat(currentText(log, oid(2))).isEqualTo("two");
            assertThat(Steps.transactions(log))
                    .extracting(CommittedTransaction::tid)
                    .containsExactly(first, second);
        }
    }

    @Test
    default void anAppendBehindTheWrongTransactionIsRefused() {
        failure(ProtocolException.class, log().append(FIRST.before(), transaction(FIRST, data(1, "one"))));
        assertThat(await(log().lastTid())).isEqualTo(Tid.NONE);
        append(FIRST, data(1, "one"));

        for (Tid wrong : List.of(Tid.NONE, FIRST.before(), FIRST.after())) {
            failure(ProtocolException.class, log().append(wrong, transaction(later(FIRST, 1), data(1, "two"))));
        }

        assertThat(await(log().lastTid())).isEqualTo(FIRST);
        assertThat(currentText(log(), oid(1))).isEqualTo("one");
        append(later(FIRST, 1), data(1, "two"));
        assertThat(await(reopen().lastTid())).isEqualTo(later(FIRST, 1));
    }

    @Test
    default void aTidThatIsNotLaterIsRefused() {
        append(FIRST, data(1, "one"));

        failure(ProtocolException.class, log().append(FIRST, transaction(FIRST, data(1, "two"))));
        failure(ProtocolException.class, log().append(FIRST, transaction(FIRST.before(), data(1, "two"))));

        assertThat(currentText(reopen(), oid(1))).isEqualTo("one");
    }

    @Test
    default void manyUnderWayAreAppendedInOrderAndCompleteInOrder() {
        List<Integer> completed = Collections.synchronizedList(new ArrayList<>());
        List<CompletionStage<Void>> stages = new ArrayList<>();
        Tid previous = Tid.NONE;
        for (int i = 0; i < 200; i++) {
            int number = i;
            Tid tid = later(FIRST, i);
            stages.add(log().append(previous, transaction(tid, data(i % 7, "change " + i), data(100 + i, "new")))
                    .thenRun(() -> completed.add(number)));
            previous = tid;
        }
        stages.forEach(Steps::await);

        assertThat(completed).isEqualTo(IntStream.range(0, 200).boxed().toList());
        TransactionLog again = reopen();
        assertThat(Steps.transactions(again))
                .extracting(CommittedTransaction::tid)
                .isEqualTo(
                        IntStream.range(0, 200).mapToObj(i -> later(FIRST, i)).toList());
        assertThat(currentText(again, oid(3))).isEqualTo("change 199");
    }

    @Test
    default void whatCountsOnAFailedAppendFailsToo() {
        append(FIRST, data(1, "one"));
        Tid wrong = later(FIRST, 1);
        Tid behindIt = later(FIRST, 2);
        CompletionStage<Void> first = log().append(Tid.NONE, transaction(wrong, data(1, "wrong")));
        CompletionStage<Void> second = log().append(wrong, transaction(behindIt, data(1, "behind it")));
        failure(ProtocolException.class, first);
        failure(StorageException.class, second);

        Tid right = later(FIRST, 3);
        await(log().append(FIRST, transaction(right, data(1, "right"))));

        TransactionLog again = reopen();
        assertThat(Steps.transactions(again))
                .extracting(CommittedTransaction::tid)
                .containsExactly(FIRST, right);
        assertThat(currentText(again, oid(1))).isEqualTo("right");
    }

    @Test
    default void aTransactionWhoseRecordsCannotBeReadIsNotThere() {
        append(FIRST, data(1, "one"));
        CommittedTransaction broken = new CommittedTransaction() {
            @Override
            public TransactionHeader header() {
                return transaction(later(FIRST, 1)).header();
            }

            @Override
            public Iterable<DataRecord> records() {
                throw new org.zeoraid.storage.StorageUnavailableException("its file is gone, on purpose");
            }

            @Override
            public int recordCount() {
                return 1;
            }

            @Override
            public long dataBytes() {
                return 3;
            }
        };

        failure(StorageException.class, log().append(FIRST, broken));

        assertThat(await(log().lastTid())).isEqualTo(FIRST);
        append(later(FIRST, 2), data(1, "two"));
        assertThat(Steps.transactions(reopen())).hasSize(2);
    }

    @Test
    default void metadataStatusAndEmptyTransactionsAreKept() {
        TransactionMeta meta = new TransactionMeta(bytes("Jürgen"), bytes(""), new byte[] {1, 0, (byte) 255});
        CommittedTransaction empty =
                CommittedTransaction.of(new TransactionHeader(FIRST, TransactionStatus.PACKED, meta, 0), List.of());
        await(log().append(Tid.NONE, empty));
        append(later(FIRST, 1), data(1, "one"));

        CommittedTransaction kept = Steps.transactions(reopen()).get(0);

        assertThat(kept.tid()).isEqualTo(FIRST);
        assertThat(kept.header().meta()).isEqualTo(meta);
        assertThat(kept.header().status()).isEqualTo(TransactionStatus.PACKED);
        assertThat(kept.recordCount()).isZero();
    }

    @Test
    default void linksAndDeletionsAreKept() {
        append(FIRST, data(1, "one"), data(2, "two"));
        Tid second = append(later(FIRST, 1), data(1, "changed"));
        Tid third = append(
                later(FIRST, 2),
                new DataRecord(oid(1), new Content.Link(FIRST, bytes("one"))),
                new DataRecord(oid(2), Content.ABSENT));

        TransactionLog again = reopen();

        assertThat(currentText(again, oid(1))).isEqualTo("one");
        assertThat(Steps.text(await(again.loadSerial(oid(1), second)))).isEqualTo("changed");
        failure(ObjectNotFoundException.class, again.loadBefore(oid(2), Tid.MAX));
        assertThat(await(again.serial(oid(2)))).isEqualTo(third);
        assertThat(Steps.entry(again, third, oid(2)).content()).isEqualTo(Content.ABSENT);
        if (keepsLinks()) {
            assertThat(Steps.entry(again, third, oid(1)).content()).isEqualTo(new Content.Link(FIRST, bytes("one")));
        }
    }

    @Test
    default void aLinkWhoseOriginIsNotHereBecomesData() {
        append(FIRST, new DataRecord(oid(1), new Content.Link(FIRST.before(), bytes("one"))));
        append(later(FIRST, 1), data(2, "two"));
        append(later(FIRST, 2), new DataRecord(oid(1), new Content.Link(later(FIRST, 1), bytes("three"))));

        TransactionLog again = reopen();

        assertThat(currentText(again, oid(1))).isEqualTo("three");
        assertThat(Steps.text(await(again.loadSerial(oid(1), FIRST)))).isEqualTo("one");
    }

    @Test
    default void blobsAreDurableWithTheirTransaction() {
        assumeTrue(hasBlobs(), "this kind keeps no blobs");
        byte[] large = new byte[2_000_000];
        large[1_999_999] = 7;
        append(
                FIRST,
                new DataRecord(oid(1), new Content.Data(blobRecord()), Optional.of(Steps.blob(large))),
                data(2, "no blob"));

        TransactionLog again = reopen();

        assertThat(content(await(again.blob(oid(1), FIRST)))).isEqualTo(large);
        assertThat(content(Steps.entry(again, FIRST, oid(1)).blob().orElseThrow()))
                .isEqualTo(large);
        failure(ObjectNotFoundException.class, again.blob(oid(2), FIRST));
    }

    @Test
    default void aClosedLogRefusesEverything() {
        append(FIRST, data(1, "one"));
        TransactionLog log = log();
        log.close();
        log.close();

        failure(StorageClosedException.class, log.append(FIRST, transaction(later(FIRST, 1), data(1, "two"))));
        failure(StorageClosedException.class, log.loadBefore(oid(1), Tid.MAX));
        failure(StorageClosedException.class, log.lastTid());
        failure(StorageClosedException.class, log.serial(oid(1)));
        failure(StorageClosedException.class, log.history(oid(1), 1));
        assertThat(currentText(reopen(), oid(1))).isEqualTo("one");
    }

    @Test
    default void aCloseWaitsForWhatIsUnderWay() {
        List<CompletableFuture<Void>> stages = new ArrayList<>();
        Tid previous = Tid.NONE;
        for (int i = 0; i < 50; i++) {
            Tid tid = later(FIRST, i);
            stages.add(Steps.future(log().append(previous, transaction(tid, data(i, "x".repeat(10_000))))));
            previous = tid;
        }

        TransactionLog again = reopen();

        long durable = stages.stream()
                .filter(stage -> !stage.isCompletedExceptionally())
                .count();
        assertThat(stages).allMatch(CompletableFuture::isDone);
        assertThat(Steps.transactions(again)).hasSize((int) durable);
    }
}
