package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.commit;
import static org.zeoraid.storage.contract.Steps.currentText;
import static org.zeoraid.storage.contract.Steps.failure;
import static org.zeoraid.storage.contract.Steps.oid;
import static org.zeoraid.storage.contract.Steps.store;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;

/** Two-phase commit, as far as one transaction goes. */
interface CommitContract extends StorageHarness {

    @Test
    default void nothingOfATransactionShowsBeforeItsFinish() {
        Storage storage = storage();
        Tid before = store(storage, oid(1), "old");
        StorageTransaction transaction = storage.begin(TransactionMeta.EMPTY);
        transaction.store(oid(1), before, bytes("new"));
        transaction.store(oid(2), Tid.NONE, bytes("two"));
        await(transaction.vote());

        assertThat(currentText(storage, oid(1))).isEqualTo("old");
        failure(ObjectNotFoundException.class, storage.loadBefore(oid(2), Tid.MAX));
        assertThat(await(storage.lastTid())).isEqualTo(before);

        Tid tid = await(transaction.finish());
        assertThat(tid).isGreaterThan(before);
        assertThat(currentText(storage, oid(1))).isEqualTo("new");
        assertThat(await(storage.lastTid())).isEqualTo(tid);
    }

    @Test
    default void anAbortedTransactionLeavesNoTrace() {
        Storage storage = storage();
        Tid before = store(storage, oid(1), "old");
        StorageTransaction collecting = storage.begin(TransactionMeta.EMPTY);
        collecting.store(oid(1), before, bytes("new"));
        StorageTransaction voted = storage.begin(TransactionMeta.EMPTY);
        voted.store(oid(1), before, bytes("new"));
        await(voted.vote());

        await(collecting.abort());
        await(voted.abort());
        await(voted.abort());

        assertThat(currentText(storage, oid(1))).isEqualTo("old");
        assertThat(await(storage.lastTid())).isEqualTo(before);
        store(storage, oid(1), "by somebody else");
    }

    @Test
    default void aTransactionWithoutChangesLeavesNoTrace() {
        Tid before = store(storage(), oid(1), "one");

        Tid tid = commit(storage(), transaction -> transaction.checkCurrent(oid(1), before));

        assertThat(tid).isEqualTo(before);
        assertThat(await(storage().lastTid())).isEqualTo(before);
        assertThat(Steps.transactions(storage())).hasSize(1);
    }

    @Test
    default void theLastStoreOfAnObjectCounts() {
        Storage storage = storage();
        Tid tid = commit(storage, transaction -> {
            transaction.store(oid(1), Tid.NONE, bytes("first"));
            transaction.store(oid(2), Tid.NONE, bytes("two"));
            transaction.store(oid(1), Tid.NONE, bytes("second"));
        });

        assertThat(currentText(storage, oid(1))).isEqualTo("second");
        assertThat(Steps.records(Steps.transaction(storage, tid)))
                .extracting(DataRecord::oid)
                .containsExactlyInAnyOrder(oid(1), oid(2));
    }

    @Test
    default void aTransactionTellsWhatItHasWritten() {
        Tid before = store(storage(), oid(1), "old");
        StorageTransaction transaction = storage().begin(TransactionMeta.EMPTY);
        transaction.store(oid(1), before, bytes("new"));
        transaction.delete(oid(1), before);
        transaction.store(oid(2), Tid.NONE, bytes("two"));

        assertThat(transaction.written(oid(1))).contains(Content.ABSENT);
        assertThat(transaction.written(oid(2))).contains(new Content.Data(bytes("two")));
        assertThat(transaction.written(oid(3))).isEmpty();
        assertThat(transaction.writtenBlob(oid(2))).isEmpty();
        await(transaction.abort());
    }

    @Test
    default void whoAndWhyIsKeptAsItCame() throws Exception {
        TransactionMeta meta =
                new TransactionMeta(bytes("Grüße"), bytes("warum nicht"), new byte[] {'}', 'q', 0, '.', (byte) 0xFF});
        Tid tid = commit(storage(), meta, transaction -> transaction.store(oid(1), Tid.NONE, bytes("one")));

        Storage storage = reopen();

        TransactionHeader header =
                Steps.all(storage.headers(Tid.NONE, Tid.MAX), 100).get(0);
        assertThat(header.tid()).isEqualTo(tid);
        assertThat(header.meta()).isEqualTo(meta);
        assertThat(header.status()).isEqualTo(TransactionStatus.COMMITTED);
        assertThat(await(storage.history(oid(1), 1)).get(0).meta()).isEqualTo(meta);
    }

    @Test
    default void stepsOutOfOrderAreRefused() {
        StorageTransaction transaction = storage().begin(TransactionMeta.EMPTY);
        assertThatThrownBy(transaction::finish).isInstanceOf(ProtocolException.class);
        transaction.store(oid(1), Tid.NONE, bytes("one"));
        await(transaction.vote());
        assertThatThrownBy(() -> transaction.store(oid(2), Tid.NONE, bytes("two")))
                .isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> transaction.undo(new Tid(1))).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(transaction::vote).isInstanceOf(ProtocolException.class);
        await(transaction.finish());
        assertThatThrownBy(() -> transaction.store(oid(2), Tid.NONE, bytes("two")))
                .isInstanceOf(StorageClosedException.class);
        assertThatThrownBy(transaction::finish).isInstanceOf(StorageClosedException.class);
        failure(StorageClosedException.class, transaction.abort());

        StorageTransaction aborted = storage().begin(TransactionMeta.EMPTY);
        await(aborted.abort());
        assertThatThrownBy(() -> aborted.store(oid(2), Tid.NONE, bytes("two")))
                .isInstanceOf(StorageClosedException.class);
        assertThatThrownBy(aborted::vote).isInstanceOf(StorageClosedException.class);
    }

    @Test
    default void tidsAscendAndTellTheTime() {
        Tid last = Tid.NONE;
        for (int i = 0; i < 50; i++) {
            Tid tid = store(storage(), oid(1), "change " + i);
            assertThat(tid).isGreaterThan(last);
            last = tid;
        }
    }

    @Test
    default void aTransactionLargerThanItsMemoryIsCommittedWhole() throws Exception {
        int objects = 600;
        Random random = new Random(5);
        byte[][] data = new byte[objects][];
        for (int i = 0; i < objects; i++) {
            data[i] = new byte[random.nextInt(1, 60_000)];
            random.nextBytes(data[i]);
        }
        StorageTransaction transaction = storage().begin(TransactionMeta.EMPTY);
        for (int i = 0; i < objects; i++) {
            transaction.store(oid(i), Tid.NONE, bytes("to be replaced"));
        }
        for (int i = 0; i < objects; i++) {
            transaction.store(oid(i), Tid.NONE, data[i]);
        }
        assertThat(transaction.written(oid(objects - 1))).contains(new Content.Data(data[objects - 1]));
        await(transaction.vote());
        Tid tid = await(transaction.finish());

        Storage storage = reopen();

        assertThat(Steps.transaction(storage, tid).recordCount()).isEqualTo(objects);
        for (int i = 0; i < objects; i++) {
            assertThat(Steps.current(storage, oid(i)).data()).isEqualTo(data[i]);
        }
    }

    @Test
    default void aTransactionOfManyObjectsIsCommittedWhole() {
        int objects = 10_000;
        Tid tid = commit(storage(), transaction -> {
            for (int i = 0; i < objects; i++) {
                transaction.store(oid(i), Tid.NONE, bytes("object " + i));
            }
        });

        assertThat(Steps.transaction(storage(), tid).recordCount()).isEqualTo(objects);
        assertThat(Steps.all(storage().currentRecords(Oid.ROOT), 10_000)).hasSize(objects);
        assertThat(await(storage().stats()).objects()).isEqualTo(objects);
    }

    @Test
    default void freshOidsAreFresh() throws Exception {
        store(storage(), oid(100), "here already");
        Set<Oid> fresh = new HashSet<>(await(storage().newOids(10)));
        store(storage(), oid(500), "chosen by the client");
        fresh.addAll(await(storage().newOids(10)));
        List<Oid> later = await(reopen().newOids(1));

        assertThat(fresh)
                .hasSize(20)
                .allMatch(oid -> oid.compareTo(oid(100)) > 0)
                .doesNotContain(oid(500));
        assertThat(later.get(0)).isGreaterThan(oid(500));
        failure(ProtocolException.class, storage().newOids(0));
    }

    @Test
    default void aNewDatabaseGivesTheFirstOids() {
        assertThat(await(storage().newOids(2))).containsExactly(new Oid(1), new Oid(2));
    }

    @Test
    default void oidsThatAClientKeepsAreNotGivenToAnotherAfterARestart() throws Exception {
        // given what a client took in advance and has used none of
        store(storage(), oid(1), "one");
        List<Oid> kept = await(storage().newOids(100));
        // when
        List<Oid> given = await(reopen().newOids(100));
        // then
        assertThat(given).doesNotContainAnyElementsOf(kept);
    }
}
