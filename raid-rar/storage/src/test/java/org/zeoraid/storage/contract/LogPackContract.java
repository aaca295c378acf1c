package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.zeoraid.storage.contract.LogHarness.data;
import static org.zeoraid.storage.contract.LogHarness.later;
import static org.zeoraid.storage.contract.LogHarness.transaction;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.currentText;
import static org.zeoraid.storage.contract.Steps.oid;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.memory.MemoryLog;

/** Packs of a member; what clients see of them is in the contract of a storage. */
interface LogPackContract extends LogHarness {

    private CompletionStage<PackResult> pack(Tid upTo) {
        return log().pack(new PackRequest(upTo, PackRequest.Garbage.KEEP));
    }

    @Test
    default void aPackIsRememberedByItsNewestTransaction() {
        assumeTrue(hasPack(), "this kind does not pack");
        append(FIRST, data(1, "one"));
        Tid second = append(later(FIRST, 1), data(1, "two"));
        append(later(FIRST, 5), data(1, "three"));

        await(pack(later(FIRST, 3)));

        assertThat(await(log().packedTo())).isEqualTo(second);
        assertThat(await(reopen().packedTo())).isEqualTo(second);
        assertThat(Steps.transactions(log()))
                .extracting(CommittedTransaction::tid)
                .containsExactly(second, later(FIRST, 5));
    }

    @Test
    default void aPackUpToTheEndIsRememberedEvenIfNothingOfTheLastTransactionIsKept() {
        assumeTrue(hasPack(), "this kind does not pack");
        append(FIRST, data(1, "one"), data(2, "two"));
        Tid last = append(later(FIRST, 1), new DataRecord(oid(1), Content.ABSENT));

        await(pack(Tid.MAX));

        for (int round = 0; round < 2; round++) {
            TransactionLog now = round == 0 ? log() : reopen();
            assertThat(await(now.packedTo())).isEqualTo(last);
            assertThat(await(now.lastTid())).isEqualTo(last);
            assertThat(currentText(now, oid(2))).isEqualTo("two");
        }
        append(later(FIRST, 2), data(1, "again"));
        assertThat(currentText(reopen(), oid(1))).isEqualTo("again");
    }

    @Test
    default void anEarlierPackAfterALaterOneDoesNothing() {
        assumeTrue(hasPack(), "this kind does not pack");
        append(FIRST, data(1, "one"));
        append(later(FIRST, 1), data(1, "two"));
        Tid third = append(later(FIRST, 2), data(1, "three"));
        await(pack(third));

        PackResult result = await(pack(FIRST));

        assertThat(result.recordsDropped()).isZero();
        assertThat(await(log().packedTo())).isEqualTo(third);
    }

    @Test
    default void appendsGoOnWhileAPackRuns() {
        assumeTrue(hasPack(), "this kind does not pack");
        for (int i = 0; i < 100; i++) {
            append(later(FIRST, i), data(i % 10, "change " + i + " " + "x".repeat(2_000)));
        }
        CompletionStage<PackResult> pack = pack(later(FIRST, 79));
        List<CompletionStage<Void>> appends = new ArrayList<>();
        for (int i = 100; i < 300; i++) {
            appends.add(log().append(later(FIRST, i - 1), transaction(later(FIRST, i), data(i % 10, "change " + i))));
        }
        appends.forEach(Steps::await);
        await(pack);

        for (int round = 0; round < 2; round++) {
            TransactionLog now = round == 0 ? log() : reopen();
            assertThat(await(now.lastTid())).isEqualTo(later(FIRST, 299));
            assertThat(Steps.transactions(now)).hasSize(10 + 20 + 200);
            for (int i = 0; i < 10; i++) {
                assertThat(currentText(now, oid(i))).isEqualTo("change " + (290 + i));
            }
            Revision revision = await(now.loadBefore(oid(3), later(FIRST, 83))).orElseThrow();
            assertThat(Steps.text(revision.data())).startsWith("change 73 ");
            assertThat(revision.end()).isEqualTo(later(FIRST, 83));
        }
    }

    @Test
    default void aPackTellsWhatItDecidedAndWhoeverIsAskedThatForgetsTheSameHoweverMuchWasWrittenSince() {
        assumeTrue(tellsPackDecisions(), "this kind decides on its own");
        TransactionLog other = new MemoryLog();
        Tid before = Tid.NONE;
        List<CommittedTransaction> history = List.of(
                transaction(FIRST, object(0, "root"), object(5, "garbage"), object(6, "old")),
                transaction(later(FIRST, 1), object(6, "new"), object(0, "root", 6)),
                transaction(later(FIRST, 2), object(0, "changed", 6)));
        for (CommittedTransaction each : history) {
            await(log().append(before, each));
            await(other.append(before, each));
            before = each.tid();
        }

        PackRequest asked = new PackRequest(later(FIRST, 1), PackRequest.Garbage.COLLECT);
        PackResult first = await(other.pack(asked));
        PackRequest decided = first.decided().orElseThrow();
        // It was garbage, and is referenced again; and an older revision is linked to.
        CommittedTransaction later = transaction(
                later(FIRST, 3),
                object(0, "again", 5, 6),
                new DataRecord(oid(6), new Content.Link(FIRST, Pickles.referencing("old"))));
        await(log().append(before, later));
        PackResult second = await(log().pack(decided));

        assertThat(decided).isEqualTo(new PackRequest(later(FIRST, 1), PackRequest.Garbage.COLLECT, later(FIRST, 2)));
        assertThat(second.recordsDropped()).isEqualTo(first.recordsDropped());
        assertThat(await(log().serial(oid(5)))).isEqualTo(Tid.NONE);
        assertThat(await(log().loadBefore(oid(6), later(FIRST, 1)))).isEmpty();
        assertThat(await(log().loadBefore(oid(6), Tid.MAX)).orElseThrow().data())
                .isEqualTo(Pickles.referencing("old"));
    }

    @Test
    default void aPackThatIsLeftToTheLogTellsWhatItDecided() {
        assumeTrue(tellsPackDecisions(), "this kind decides on its own");
        append(FIRST, object(0, "root"), object(5, "garbage"));
        append(later(FIRST, 1), object(0, "root", 6), object(6, "new"));

        PackResult result = await(log().pack(new PackRequest(FIRST, PackRequest.Garbage.COLLECT)));

        assertThat(result.decided()).contains(new PackRequest(FIRST, PackRequest.Garbage.COLLECT, later(FIRST, 1)));
    }

    private static DataRecord object(long number, String text, long... references) {
        Oid[] oids = Arrays.stream(references).mapToObj(Steps::oid).toArray(Oid[]::new);
        return new DataRecord(oid(number), new Content.Data(Pickles.referencing(text, oids)));
    }

    @Test
    default void onlyOnePackRunsAtATime() {
        assumeTrue(hasPack(), "this kind does not pack");
        for (int i = 0; i < 200; i++) {
            append(later(FIRST, i), data(i % 10, "x".repeat(1_000) + i));
        }
        CompletionStage<PackResult> first = pack(later(FIRST, 100));
        CompletionStage<PackResult> second = pack(later(FIRST, 150));
        int refused = 0;
        for (CompletionStage<PackResult> one : List.of(first, second)) {
            try {
                await(one);
            } catch (org.zeoraid.storage.StorageUnavailableException e) {
                refused++;
            }
        }

        assertThat(refused).isLessThanOrEqualTo(1);
        assertThat(await(log().loadBefore(oid(9), later(FIRST, 199))).map(revision -> revision.data().length))
                .contains(bytes("x".repeat(1_000) + 189).length);
        await(pack(Tid.MAX));
        assertThat(Steps.transactions(reopen())).hasSize(10);
    }
}
