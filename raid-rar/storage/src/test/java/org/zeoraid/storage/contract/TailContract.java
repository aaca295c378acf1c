package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.zeoraid.storage.contract.LogHarness.data;
import static org.zeoraid.storage.contract.LogHarness.later;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.blobRecord;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.content;
import static org.zeoraid.storage.contract.Steps.currentText;
import static org.zeoraid.storage.contract.Steps.failure;
import static org.zeoraid.storage.contract.Steps.oid;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;

/** Tails that are cut off, and contents that are set aside. */
interface TailContract extends LogHarness {

    @Test
    default void whatCannotBeCutSaysSo() {
        assumeTrue(!canBeCut(), "this kind can be cut");
        append(FIRST, data(1, "one"));

        failure(ReadOnlyException.class, log().cutTail(Tid.NONE));
        failure(ReadOnlyException.class, log().setAside());
        assertThat(currentText(log(), oid(1))).isEqualTo("one");
    }

    @Test
    default void aCutTailIsGoneAndAllBeforeItIsThere() {
        assumeTrue(canBeCut(), "this kind cannot be cut");
        append(FIRST, data(1, "one"), data(2, "two"));
        Tid kept = append(later(FIRST, 1), data(2, "two again"));
        append(later(FIRST, 2), data(1, "cut"), data(3, "cut"), new DataRecord(oid(2), Content.ABSENT));
        append(later(FIRST, 3), data(1, "cut too"));

        String place = await(log().cutTail(kept));

        assertThat(place).isNotBlank();
        for (int round = 0; round < 2; round++) {
            TransactionLog now = round == 0 ? log() : reopen();
            assertThat(await(now.lastTid())).isEqualTo(kept);
            assertThat(currentText(now, oid(1))).isEqualTo("one");
            assertThat(currentText(now, oid(2))).isEqualTo("two again");
            assertThat(Steps.current(now, oid(1)).end()).isEqualTo(Tid.MAX);
            assertThat(await(now.serial(oid(2)))).isEqualTo(kept);
            failure(ObjectNotFoundException.class, now.loadBefore(oid(3), Tid.MAX));
            assertThat(await(now.serial(oid(3)))).isEqualTo(Tid.NONE);
            assertThat(Steps.transactions(now))
                    .extracting(CommittedTransaction::tid)
                    .containsExactly(FIRST, kept);
            assertThat(await(now.undoLog(0, 10))).hasSize(2);
        }
        append(later(FIRST, 2), data(1, "after the cut"));
        assertThat(currentText(reopen(), oid(1))).isEqualTo("after the cut");
    }

    @Test
    default void aCutBehindTheEndCutsNothing() {
        assumeTrue(canBeCut(), "this kind cannot be cut");
        Tid last = append(FIRST, data(1, "one"));

        await(log().cutTail(last));
        await(log().cutTail(Tid.MAX));

        assertThat(await(reopen().lastTid())).isEqualTo(last);
        assertThat(currentText(log(), oid(1))).isEqualTo("one");
    }

    @Test
    default void aCutMayBeBetweenTransactionsOrTakeAll() {
        assumeTrue(canBeCut(), "this kind cannot be cut");
        append(FIRST, data(1, "one"));
        append(later(FIRST, 2), data(1, "two"));

        await(log().cutTail(later(FIRST, 1)));
        assertThat(await(log().lastTid())).isEqualTo(FIRST);
        await(log().cutTail(Tid.NONE));

        assertThat(await(log().lastTid())).isEqualTo(Tid.NONE);
        append(FIRST, data(1, "anew"));
        assertThat(currentText(reopen(), oid(1))).isEqualTo("anew");
    }

    @Test
    default void theBlobsOfACutTailAreGoneToo() {
        assumeTrue(canBeCut() && hasBlobs(), "this kind cannot be cut, or keeps no blobs");
        append(FIRST, blob("kept"));
        Tid cut = append(later(FIRST, 1), blob("cut"));

        await(log().cutTail(FIRST));

        TransactionLog again = reopen();
        assertThat(content(await(again.blob(oid(1), FIRST)))).isEqualTo(bytes("kept"));
        failure(ObjectNotFoundException.class, again.blob(oid(1), cut));
        append(cut, blob("another"));
        assertThat(content(await(reopen().blob(oid(1), cut)))).isEqualTo(bytes("another"));
    }

    private static DataRecord blob(String text) {
        return new DataRecord(oid(1), new Content.Data(blobRecord()), Optional.of(Steps.blob(bytes(text))));
    }

    @Test
    default void severalCutsAreKeptApart() {
        assumeTrue(canBeCut(), "this kind cannot be cut");
        append(FIRST, data(1, "one"));
        append(later(FIRST, 1), data(1, "first tail"));
        String first = await(log().cutTail(FIRST));
        append(later(FIRST, 1), data(1, "second tail"));
        String second = await(log().cutTail(FIRST));

        assertThat(first).isNotEqualTo(second);
    }

    @Test
    default void whatIsSetAsideLeavesAnEmptyLog() {
        assumeTrue(canBeCut(), "this kind cannot be emptied");
        append(FIRST, data(1, "one"));
        append(later(FIRST, 1), data(2, "two"));

        String place = await(log().setAside());

        assertThat(place).isNotBlank();
        for (int round = 0; round < 2; round++) {
            TransactionLog now = round == 0 ? log() : reopen();
            assertThat(await(now.lastTid())).isEqualTo(Tid.NONE);
            assertThat(await(now.packedTo())).isEqualTo(Tid.NONE);
            failure(ObjectNotFoundException.class, now.loadBefore(oid(1), Tid.MAX));
            assertThat(Steps.transactions(now)).isEmpty();
            assertThat(Steps.all(now.currentRecords(Oid.ROOT), 10)).isEqualTo(List.of());
        }
        append(FIRST, data(1, "anew"));
        assertThat(currentText(reopen(), oid(1))).isEqualTo("anew");
        assertThat(await(log().setAside())).isNotEqualTo(place);
    }
}
