package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.commitAt;
import static org.zeoraid.storage.contract.Steps.currentText;
import static org.zeoraid.storage.contract.Steps.failure;
import static org.zeoraid.storage.contract.Steps.isDone;
import static org.zeoraid.storage.contract.Steps.oid;
import static org.zeoraid.storage.contract.Steps.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.Appended;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;

/** Transactions that bring their tids along, as copies do. */
interface OwnTidContract extends StorageHarness {

    Tid EARLY = Tid.at(Instant.parse("2011-11-11T11:11:11Z"));

    @Test
    default void aTransactionKeepsItsOwnTidAndStatus() throws Exception {
        StorageTransaction transaction = storage().begin(TransactionMeta.EMPTY, EARLY, TransactionStatus.PACKED);
        transaction.restore(new DataRecord(oid(1), new Content.Data(bytes("one"))));
        await(transaction.vote());

        assertThat(await(transaction.finish())).isEqualTo(EARLY);

        TransactionHeader header = Steps.transaction(reopen(), EARLY).header();
        assertThat(header.status()).isEqualTo(TransactionStatus.PACKED);
        assertThat(await(storage().lastTid())).isEqualTo(EARLY);
        assertThat(Steps.current(storage(), oid(1)).serial()).isEqualTo(EARLY);
    }

    @Test
    default void anOwnTidMustBeLaterThanTheLast() {
        commitAt(storage(), EARLY, transaction -> transaction.store(oid(1), Tid.NONE, bytes("one")));
        for (Tid tid : List.of(EARLY, EARLY.before())) {
            StorageTransaction transaction = storage().begin(TransactionMeta.EMPTY, tid, TransactionStatus.COMMITTED);
            transaction.store(oid(2), Tid.NONE, bytes("two"));
            failure(ProtocolException.class, transaction.vote());
            await(transaction.abort());
        }

        assertThat(await(storage().lastTid())).isEqualTo(EARLY);
        assertThat(store(storage(), oid(2), "two")).isGreaterThan(EARLY);
    }

    @Test
    default void anOwnTidFarAheadOfTheClockIsRefused() {
        Tid future = Tid.at(Instant.now().plusSeconds(1_000_000));
        StorageTransaction transaction = storage().begin(TransactionMeta.EMPTY, future, TransactionStatus.COMMITTED);
        transaction.store(oid(1), Tid.NONE, bytes("one"));

        failure(ProtocolException.class, transaction.vote());
        await(transaction.abort());

        assertThat(store(storage(), oid(1), "one")).isLessThan(future);
    }

    @Test
    default void afterAnOwnTidJustAheadOfTheClockTidsGoOnBehindIt() {
        Tid ahead = Tid.at(Instant.now().plusSeconds(30));
        commitAt(storage(), ahead, transaction -> transaction.store(oid(1), Tid.NONE, bytes("one")));

        assertThat(store(storage(), oid(1), "two")).isGreaterThan(ahead);
    }

    @Test
    default void whileAnOwnTidIsVotedOthersWaitForTheirTurn() {
        Storage storage = storage();
        StorageTransaction copy = storage.begin(TransactionMeta.EMPTY, EARLY, TransactionStatus.COMMITTED);
        copy.store(oid(1), Tid.NONE, bytes("one"));
        await(copy.vote());
        StorageTransaction other = storage.begin(TransactionMeta.EMPTY);
        other.store(oid(2), Tid.NONE, bytes("two"));
        await(other.vote());
        CompletionStage<Tid> waiting = other.finish();
        assertThat(isDone(waiting)).isFalse();

        await(copy.finish());

        assertThat(await(waiting)).isGreaterThan(EARLY);
        assertThat(Steps.transactions(storage))
                .extracting(CommittedTransaction::tid)
                .hasSize(2)
                .startsWith(EARLY);
    }

    @Test
    default void anAbortedOwnTidLetsOthersGoOn() {
        StorageTransaction copy = storage().begin(TransactionMeta.EMPTY, EARLY, TransactionStatus.COMMITTED);
        copy.store(oid(1), Tid.NONE, bytes("one"));
        await(copy.vote());
        StorageTransaction other = storage().begin(TransactionMeta.EMPTY);
        other.store(oid(2), Tid.NONE, bytes("two"));
        await(other.vote());
        CompletionStage<Tid> waiting = other.finish();

        await(copy.abort());

        await(waiting);
        failure(ObjectNotFoundException.class, storage().loadBefore(oid(1), Tid.MAX));
    }

    @Test
    default void restoredRecordsAreWrittenAsTheyAre() throws Exception {
        Tid first = EARLY;
        Tid second = first.after();
        Tid third = second.after();
        Tid fourth = third.after();
        commitAt(
                storage(),
                first,
                transaction -> transaction.restore(new DataRecord(oid(1), new Content.Data(bytes("one")))));
        commitAt(
                storage(),
                second,
                transaction -> transaction.restore(new DataRecord(oid(1), new Content.Data(bytes("two")))));
        commitAt(
                storage(),
                third,
                transaction -> transaction.restore(new DataRecord(oid(1), new Content.Link(first, bytes("one")))));
        commitAt(storage(), fourth, transaction -> transaction.restore(new DataRecord(oid(1), Content.ABSENT)));

        Storage storage = reopen();

        assertThat(Steps.entry(storage, third, oid(1)).content()).isEqualTo(new Content.Link(first, bytes("one")));
        assertThat(Steps.text(await(storage.loadSerial(oid(1), third)))).isEqualTo("one");
        assertThat(Steps.entry(storage, fourth, oid(1)).content()).isEqualTo(Content.ABSENT);
        failure(ObjectNotFoundException.class, storage.loadBefore(oid(1), Tid.MAX));
    }

    @Test
    default void aRestoredLinkWhoseOriginIsNotHereStillHasItsData() throws Exception {
        commitAt(
                storage(),
                EARLY,
                transaction ->
                        transaction.restore(new DataRecord(oid(1), new Content.Link(EARLY.before(), bytes("one")))));

        assertThat(currentText(reopen(), oid(1))).isEqualTo("one");
    }

    @Test
    default void aWholeCopyIsEqualToItsOriginal() throws Exception {
        List<CommittedTransaction> original = RandomHistory.of(RandomHistory.seed(), 60);
        for (CommittedTransaction transaction : original) {
            TransactionHeader header = transaction.header();
            StorageTransaction copy = storage().begin(header.meta(), header.tid(), header.status());
            transaction.records().forEach(copy::restore);
            await(copy.vote());
            await(copy.finish());
        }

        List<CommittedTransaction> copied = Steps.transactions(reopen());

        assertThat(copied.stream().map(TransactionDigest::of))
                .isEqualTo(original.stream().map(TransactionDigest::of).toList());
        for (int i = 0; i < original.size(); i++) {
            assertThat(copied.get(i).header().meta())
                    .isEqualTo(original.get(i).header().meta());
            assertThat(contents(copied.get(i))).isEqualTo(contents(original.get(i)));
        }
    }

    private static List<String> contents(CommittedTransaction transaction) {
        return Steps.records(transaction).stream()
                .sorted(java.util.Comparator.comparing(DataRecord::oid))
                .map(entry -> entry.oid() + " " + entry.content() + " "
                        + entry.data().map(java.util.Arrays::hashCode).orElse(0))
                .toList();
    }

    @Test
    default void wholeTransactionsAreAppendedAsTheyAre() throws Exception {
        List<CommittedTransaction> history = RandomHistory.of(RandomHistory.seed(), 50);

        Appended first = await(storage().append(Tid.NONE, history.subList(0, 30)));
        Appended second = await(storage().append(history.get(29).tid(), history.subList(30, 50)));

        assertThat(first).isEqualTo(new Appended(30, Optional.empty()));
        assertThat(second).isEqualTo(new Appended(20, Optional.empty()));
        assertThat(Steps.transactions(reopen()))
                .extracting(TransactionDigest::of)
                .isEqualTo(history.stream().map(TransactionDigest::of).toList());
    }

    @Test
    default void wholeTransactionsBehindTheWrongOneAreNotAppended() {
        commitAt(storage(), EARLY, transaction -> transaction.store(oid(1), Tid.NONE, bytes("one")));

        for (Tid wrong : List.of(Tid.NONE, EARLY.before(), EARLY.after())) {
            Appended appended =
                    await(storage().append(wrong, List.of(changing(EARLY.after().after()))));
            assertThat(appended.count()).isZero();
            assertThat(appended.failure()).isPresent();
        }

        assertThat(await(storage().lastTid())).isEqualTo(EARLY);
        assertThat(await(storage().append(EARLY, List.of(changing(EARLY.after()))))
                        .count())
                .isEqualTo(1);
        assertThat(currentText(storage(), oid(1))).isEqualTo("two");
    }

    @Test
    default void noneIsAppendedBehindOneThatCannotBe() {
        Tid second = EARLY.after();

        Appended appended = await(storage()
                .append(
                        Tid.NONE,
                        List.of(changing(EARLY), changing(second), changing(second), changing(second.after()))));

        assertThat(appended.failure()).containsInstanceOf(ProtocolException.class);
        assertThat(Steps.transactions(storage())).hasSize(appended.count());
        assertThat(appended.count()).isLessThanOrEqualTo(2);
        assertThat(store(storage(), oid(2), "others go on")).isGreaterThan(second);
    }

    private static CommittedTransaction changing(Tid tid) {
        return CommittedTransaction.of(
                new TransactionHeader(tid, TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0),
                List.of(new DataRecord(oid(1), new Content.Data(bytes("two")))));
    }
}
