package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.all;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.commit;
import static org.zeoraid.storage.contract.Steps.oid;
import static org.zeoraid.storage.contract.Steps.store;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;

/** History, and walks over transactions and objects. */
interface IterationContract extends StorageHarness {

    private List<Tid> tenTransactions() {
        return IntStream.range(0, 10)
                .mapToObj(i -> commit(storage(), transaction -> {
                    transaction.store(oid(i + 10), Tid.NONE, bytes("x".repeat(1000)));
                    transaction.store(oid(i), Tid.NONE, bytes("object " + i));
                }))
                .toList();
    }

    @Test
    default void theHistoryOfAnObjectGoesBackOverItsDeletions() {
        Storage storage = storage();
        Tid first = store(storage, oid(1), "one");
        store(storage, oid(2), "other");
        Tid second = store(storage, oid(1), "second");
        Tid deleted = commit(storage, transaction -> transaction.delete(oid(1), second));
        Tid again = store(storage, oid(1), "again");

        List<HistoryEntry> history = await(storage.history(oid(1), 10));

        assertThat(history).extracting(HistoryEntry::tid).containsExactly(again, deleted, second, first);
        assertThat(history).extracting(HistoryEntry::size).containsExactly(5L, 0L, 6L, 3L);
        assertThat(await(storage.history(oid(1), 2)))
                .extracting(HistoryEntry::tid)
                .containsExactly(again, deleted);
    }

    @Test
    default void transactionsComeInOrderWithBothEndsIncluded() {
        List<Tid> tids = tenTransactions();

        assertThat(all(storage().transactions(Tid.NONE, Tid.MAX), 1 << 20))
                .extracting(CommittedTransaction::tid)
                .isEqualTo(tids);
        assertThat(all(storage().transactions(tids.get(3), tids.get(5)), 1 << 20))
                .extracting(CommittedTransaction::tid)
                .isEqualTo(tids.subList(3, 6));
        assertThat(all(storage().transactions(tids.get(3).after(), tids.get(5).before()), 1 << 20))
                .extracting(CommittedTransaction::tid)
                .isEqualTo(tids.subList(4, 5));
        assertThat(all(storage().transactions(tids.get(9).after(), Tid.MAX), 1 << 20))
                .isEmpty();
        assertThat(all(storage().headers(tids.get(3), tids.get(5)), 1 << 20))
                .extracting(TransactionHeader::tid)
                .isEqualTo(tids.subList(3, 6));
    }

    @Test
    default void recordsComeInTheOrderTheyWereWritten() throws Exception {
        Tid tid = commit(storage(), transaction -> {
            for (int i : new int[] {5, 3, 9, 1}) {
                transaction.store(oid(i), Tid.NONE, bytes("object " + i));
            }
        });

        CommittedTransaction transaction = Steps.transaction(reopen(), tid);

        assertThat(Steps.records(transaction))
                .extracting(DataRecord::oid)
                .containsExactly(oid(5), oid(3), oid(9), oid(1));
        assertThat(Steps.records(transaction)).hasSize(transaction.recordCount());
        assertThat(transaction.dataBytes()).isEqualTo(32);
    }

    @Test
    default void aBatchIsBoundedAndAWalkGoesOnBehindTheLastSeen() {
        List<Tid> tids = tenTransactions();
        List<Tid> seen = new ArrayList<>();
        try (Cursor<CommittedTransaction> cursor = storage().transactions(Tid.NONE, Tid.MAX)) {
            List<CommittedTransaction> batch = await(cursor.next(1));
            assertThat(batch).hasSize(1);
            seen.add(batch.get(0).tid());
            batch = await(cursor.next(2_500));
            assertThat(batch).hasSizeBetween(2, 3);
            batch.forEach(transaction -> seen.add(transaction.tid()));
        }
        all(storage().transactions(seen.get(seen.size() - 1).after(), Tid.MAX), 3_000)
                .forEach(transaction -> seen.add(transaction.tid()));

        assertThat(seen).isEqualTo(tids);
    }

    @Test
    default void theEndOfAWalkStaysTheEnd() {
        tenTransactions();
        try (Cursor<TransactionHeader> cursor = storage().headers(Tid.NONE, Tid.MAX)) {
            while (!await(cursor.next(100)).isEmpty()) {
                continue;
            }
            assertThat(await(cursor.next(100))).isEmpty();
        }
    }

    @Test
    default void currentRecordsComeInTheOrderOfTheirOids() {
        Storage storage = storage();
        tenTransactions();
        Tid changed = store(storage, oid(4), "changed");
        commit(storage, transaction -> transaction.delete(oid(5), await(storage.serial(oid(5)))));

        List<CurrentRecord> all = all(storage.currentRecords(Oid.ROOT), 1_500);

        assertThat(all)
                .extracting(CurrentRecord::oid)
                .isEqualTo(IntStream.range(0, 20)
                        .filter(i -> i != 5)
                        .mapToObj(Steps::oid)
                        .toList());
        assertThat(all.get(4)).isEqualTo(new CurrentRecord(oid(4), changed, bytes("changed")));
        assertThat(all(storage.currentRecords(oid(12)), 1))
                .extracting(CurrentRecord::oid)
                .startsWith(oid(12))
                .hasSize(8);
        try (Cursor<CurrentRecord> cursor = storage.currentRecords(oid(10))) {
            assertThat(await(cursor.next(1))).hasSize(1);
        }
    }

    @Test
    default void aTransactionOfAWalkCanBeReadTwice() {
        Tid tid = tenTransactions().get(4);
        CommittedTransaction transaction = Steps.transaction(storage(), tid);

        assertThat(Steps.records(transaction))
                .isEqualTo(Steps.records(transaction))
                .hasSize(2);
    }
}
