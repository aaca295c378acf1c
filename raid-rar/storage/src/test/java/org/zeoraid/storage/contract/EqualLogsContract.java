package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.all;
import static org.zeoraid.storage.contract.Steps.await;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.memory.MemoryLog;

/** Members of different kinds that were given the same answer the same. The one in memory is the model. */
interface EqualLogsContract extends LogHarness {

    @Test
    default void equalHistoriesHaveEqualDigests() {
        List<CommittedTransaction> history = RandomHistory.of(RandomHistory.seed(), 80);
        TransactionLog model = new MemoryLog();
        await(LogHarness.appendAll(model, Tid.NONE, history));
        await(LogHarness.appendAll(log(), Tid.NONE, history));

        List<TransactionDigest> expected = all(model.digests(Tid.NONE, Tid.MAX), 1_000);

        assertThat(all(log().digests(Tid.NONE, Tid.MAX), 1_000)).isEqualTo(expected);
        assertThat(all(reopen().digests(Tid.NONE, Tid.MAX), 1_000_000)).isEqualTo(expected);
        Tid from = history.get(20).tid();
        Tid to = history.get(50).tid();
        assertThat(all(log().digests(from, to), 100)).isEqualTo(expected.subList(20, 51));
    }

    @Test
    default void aHistoryIsAnsweredAsTheModelAnswersIt() {
        long seed = RandomHistory.seed();
        Random random = new Random(seed);
        TransactionLog model = new MemoryLog();
        Tid last = Tid.NONE;
        for (int round = 0; round < 6; round++) {
            List<CommittedTransaction> history =
                    last.equals(Tid.NONE) ? RandomHistory.of(seed, 40) : RandomHistory.after(seed + round, last, 40);
            await(LogHarness.appendAll(model, last, history));
            await(LogHarness.appendAll(log(), last, history));
            last = history.get(history.size() - 1).tid();
            List<Tid> tids = all(model.headers(Tid.NONE, Tid.MAX), 1_000_000).stream()
                    .map(TransactionHeader::tid)
                    .toList();
            if (round == 2 && canBeCut()) {
                Tid keep = tids.get(tids.size() - 10);
                await(model.cutTail(keep));
                await(log().cutTail(keep));
                last = keep;
            }
            if (round == 4 && hasPack()) {
                PackRequest request = new PackRequest(tids.get(random.nextInt(tids.size())), PackRequest.Garbage.KEEP);
                await(model.pack(request));
                await(log().pack(request));
            }
            if (round % 2 == 1) {
                reopen();
            }
            compare(model, "seed " + seed + ", round " + round);
        }
    }

    private void compare(TransactionLog model, String when) {
        TransactionLog log = log();
        assertThat(await(log.lastTid())).as(when).isEqualTo(await(model.lastTid()));
        assertThat(await(log.packedTo())).as(when).isEqualTo(await(model.packedTo()));
        List<Tid> tids = all(model.headers(Tid.NONE, Tid.MAX), 1_000_000).stream()
                .map(TransactionHeader::tid)
                .toList();
        Tid packedTo = await(model.packedTo());
        for (int i = 0; i < 31; i++) {
            Oid oid = new Oid(i);
            assertThat(await(log.serial(oid))).as(when).isEqualTo(await(model.serial(oid)));
            assertThat(history(log, oid, packedTo)).as(when).isEqualTo(history(model, oid, packedTo));
            for (int t = 0; t < tids.size(); t += 3) {
                if (tids.get(t).isAfter(packedTo)) {
                    assertThat(RandomStorageContract.known(load(log, oid, tids.get(t)), packedTo))
                            .as(when + ", object " + oid + " before " + tids.get(t))
                            .isEqualTo(RandomStorageContract.known(load(model, oid, tids.get(t)), packedTo));
                }
            }
            assertThat(load(log, oid, Tid.MAX)).as(when).isEqualTo(load(model, oid, Tid.MAX));
        }
        assertThat(all(log.currentRecords(Oid.ROOT), 500)).as(when).isEqualTo(all(model.currentRecords(Oid.ROOT), 1));
        assertThat(await(log.undoLog(3, 20)))
                .as(when)
                .extracting(TransactionHeader::tid)
                .isEqualTo(await(model.undoLog(3, 20)).stream()
                        .map(TransactionHeader::tid)
                        .toList());
        assertThat(all(log.digests(packedTo.after(), Tid.MAX), 1_000))
                .as(when)
                .isEqualTo(all(model.digests(packedTo.after(), Tid.MAX), 1_000));
        assertThat(await(log.verify(progress -> {})).isSound()).as(when).isTrue();
    }

    private static String load(TransactionLog log, Oid oid, Tid before) {
        try {
            return await(log.loadBefore(oid, before)).map(Model::text).orElse("nothing yet");
        } catch (ObjectNotFoundException e) {
            return "not found";
        }
    }

    /** Down to the pack tid; what is left from before it is each kind's own affair. */
    private static List<HistoryEntry> history(TransactionLog log, Oid oid, Tid packedTo) {
        try {
            return await(log.history(oid, 100)).stream()
                    .filter(entry -> entry.tid().isAfter(packedTo))
                    .toList();
        } catch (ObjectNotFoundException e) {
            return List.of();
        }
    }
}
