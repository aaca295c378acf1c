package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.LogHarness.data;
import static org.zeoraid.storage.contract.LogHarness.later;
import static org.zeoraid.storage.contract.LogHarness.transaction;
import static org.zeoraid.storage.contract.Steps.all;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.failure;
import static org.zeoraid.storage.contract.Steps.oid;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Progress;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.VerifyResult;

/** Reads of a member. */
interface LogReadContract extends LogHarness {

    @Test
    default void loadsGiveTheRevisionOfTheirTime() {
        Tid other = append(FIRST, data(9, "other"));
        Tid first = append(later(FIRST, 1), data(1, "first"));
        Tid second = append(later(FIRST, 2), data(1, "second"));
        Tid deleted = append(later(FIRST, 3), new DataRecord(oid(1), Content.ABSENT));
        Tid again = append(later(FIRST, 4), data(1, "again"));

        assertThat(await(log().loadBefore(oid(1), other.after()))).isEmpty();
        assertThat(await(log().loadBefore(oid(1), first))).isEmpty();
        assertThat(await(log().loadBefore(oid(1), second))).contains(new Revision(bytes("first"), first, second));
        assertThat(await(log().loadBefore(oid(1), deleted))).contains(new Revision(bytes("second"), second, deleted));
        failure(ObjectNotFoundException.class, log().loadBefore(oid(1), again));
        assertThat(await(log().loadBefore(oid(1), Tid.MAX))).contains(new Revision(bytes("again"), again, Tid.MAX));
        failure(ObjectNotFoundException.class, log().loadBefore(oid(2), Tid.MAX));
        failure(ObjectNotFoundException.class, log().loadSerial(oid(1), deleted));
        assertThat(await(log().history(oid(1), 10)))
                .extracting(entry -> entry.tid() + " " + entry.size())
                .containsExactly(again + " 5", deleted + " 0", second + " 6", first + " 5");
    }

    @Test
    default void walksAreBoundedAndResumable() {
        List<Tid> tids = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            tids.add(append(later(FIRST, i), data(i, "x".repeat(1000))));
        }

        assertThat(all(log().transactions(tids.get(3), tids.get(12)), 2_500))
                .extracting(CommittedTransaction::tid)
                .isEqualTo(tids.subList(3, 13));
        assertThat(all(log().headers(tids.get(3).after(), Tid.MAX), 100))
                .extracting(TransactionHeader::tid)
                .isEqualTo(tids.subList(4, 20));
        try (var cursor = log().transactions(Tid.NONE, Tid.MAX)) {
            assertThat(await(cursor.next(1))).hasSize(1);
            assertThat(await(cursor.next(2_500))).hasSizeBetween(2, 3);
        }
        try (var cursor = log().currentRecords(oid(7))) {
            List<CurrentRecord> batch = await(cursor.next(1));
            assertThat(batch).extracting(CurrentRecord::oid).containsExactly(oid(7));
        }
        assertThat(await(log().undoLog(5, 3)))
                .extracting(TransactionHeader::tid)
                .containsExactly(tids.get(14), tids.get(13), tids.get(12));
    }

    @Test
    default void aWalkMayGoOnWhileOthersAppend() {
        for (int i = 0; i < 10; i++) {
            append(later(FIRST, i), data(i, "x".repeat(100)));
        }
        List<Tid> seen = new ArrayList<>();
        try (var cursor = log().transactions(Tid.NONE, later(FIRST, 9))) {
            for (int i = 10; i < 30; i++) {
                append(later(FIRST, i), data(i % 10, "later"));
                await(cursor.next(1)).forEach(transaction -> seen.add(transaction.tid()));
            }
        }

        assertThat(seen).hasSize(10).isSorted();
    }

    @Test
    default void readersSeeWholeTransactionsWhileOthersAreAppended() throws Exception {
        append(FIRST, data(1, "0"), data(2, "0"));
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> readers = new ArrayList<>();
            for (int reader = 0; reader < 2; reader++) {
                readers.add(threads.submit(() -> {
                    while (!over.get()) {
                        Tid at = await(log().lastTid()).after();
                        Revision one = await(log().loadBefore(oid(1), at)).orElseThrow();
                        Revision two = await(log().loadBefore(oid(2), at)).orElseThrow();
                        assertThat(one.data()).isEqualTo(two.data());
                        assertThat(one.serial()).isEqualTo(two.serial());
                    }
                }));
            }
            Tid previous = FIRST;
            for (int i = 1; i < 300; i++) {
                Tid tid = later(FIRST, i);
                await(log().append(previous, transaction(tid, data(1, "" + i), data(2, "" + i))));
                previous = tid;
            }
            over.set(true);
            for (Future<?> reader : readers) {
                reader.get();
            }
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
    }

    @Test
    default void aSoundLogIsFoundSound() {
        append(FIRST, data(1, "one"), data(2, "two"));
        append(later(FIRST, 1), new DataRecord(oid(1), Content.ABSENT));
        List<Progress> told = new ArrayList<>();

        VerifyResult result = await(log().verify(progress -> {
            synchronized (told) {
                told.add(progress);
            }
        }));

        assertThat(result.damages()).isEmpty();
        assertThat(result.isSound()).isTrue();
        assertThat(result.transactions()).isEqualTo(2);
        assertThat(result.records()).isEqualTo(3);
    }

    @Test
    default void sizesAndCountsAreTold() {
        append(FIRST, data(1, "one"), data(2, "two"));
        append(later(FIRST, 1), data(700, "x".repeat(5_000)));

        var stats = await(log().stats());

        assertThat(stats.objects()).isEqualTo(3);
        assertThat(stats.bytes()).isGreaterThanOrEqualTo(5_006);
        assertThat(stats.largestOid()).isEqualTo(oid(700));
        assertThat(await(reopen().stats()).largestOid()).isEqualTo(oid(700));
        assertThat(all(log().currentRecords(Oid.ROOT), 100)).hasSize(3);
    }
}
