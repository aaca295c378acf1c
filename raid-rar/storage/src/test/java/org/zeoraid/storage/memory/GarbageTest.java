package org.zeoraid.storage.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Pickles.referencing;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.oid;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.pickle.References;

class GarbageTest {

    private static void append(MemoryLog log, long tid, DataRecord... records) {
        TransactionHeader header =
                new TransactionHeader(new Tid(tid), TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0);
        await(log.append(await(log.lastTid()), CommittedTransaction.of(header, List.of(records))));
    }

    private static DataRecord entry(Oid oid, String text, Oid... references) {
        return new DataRecord(oid, new Content.Data(referencing(text, references)));
    }

    @Test
    void theRecordsOfTheseTestsAreWhatTheScannerReads() {
        assertThat(References.of(referencing("text", oid(1), oid(7))))
                .isEqualTo(new References.Found(List.of(oid(1), oid(7))));
    }

    @Test
    void whatATransactionAfterThePackTidChangesKeepsTheRevisionThatItsUndoNeeds() {
        MemoryLog log = new MemoryLog();
        append(log, 10, entry(Oid.ROOT, "root"), entry(oid(1), "unreachable"), entry(oid(2), "garbage"));
        append(log, 20, entry(oid(1), "changed later"));

        await(log.pack(new PackRequest(new Tid(10), PackRequest.Garbage.COLLECT)));

        assertThat(await(log.loadBefore(oid(1), new Tid(20))).orElseThrow().data())
                .isEqualTo(referencing("unreachable"));
        assertThat(await(log.serial(oid(2)))).isEqualTo(Tid.NONE);
    }

    @Test
    void withoutARootNothingIsGarbage() {
        MemoryLog log = new MemoryLog();
        append(log, 10, entry(oid(1), "one"));

        var result = await(log.pack(new PackRequest(Tid.MAX, PackRequest.Garbage.COLLECT)));

        assertThat(result.note()).contains("root");
        assertThat(await(log.serial(oid(1)))).isEqualTo(new Tid(10));
    }
}
