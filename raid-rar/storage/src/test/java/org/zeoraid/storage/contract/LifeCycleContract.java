package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.currentText;
import static org.zeoraid.storage.contract.Steps.failure;
import static org.zeoraid.storage.contract.Steps.oid;
import static org.zeoraid.storage.contract.Steps.store;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;

/** Open, read-only, closed. */
interface LifeCycleContract extends StorageHarness {

    /** The same storage, opened anew for reading only; empty if this kind cannot be opened so. */
    Optional<Storage> reopenReadOnly() throws Exception;

    @Test
    default void aReadOnlyStorageReadsAndRefusesToWrite() throws Exception {
        Tid tid = store(storage(), oid(1), "one");
        Optional<Storage> readOnly = reopenReadOnly();
        assumeTrue(readOnly.isPresent(), "this kind cannot be opened read-only");
        Storage storage = readOnly.orElseThrow();

        assertThat(storage.isReadOnly()).isTrue();
        assertThat(currentText(storage, oid(1))).isEqualTo("one");
        assertThat(await(storage.lastTid())).isEqualTo(tid);
        assertThatThrownBy(() -> storage.begin(TransactionMeta.EMPTY)).isInstanceOf(ReadOnlyException.class);
        assertThatThrownBy(() -> storage.begin(TransactionMeta.EMPTY, tid.after(), TransactionStatus.COMMITTED))
                .isInstanceOf(ReadOnlyException.class);
        failure(ReadOnlyException.class, storage.pack(new PackRequest(Tid.MAX, PackRequest.Garbage.KEEP)));
        failure(ReadOnlyException.class, storage.newOids(1));
    }

    @Test
    default void aWritableStorageSaysSo() {
        assertThat(storage().isReadOnly()).isFalse();
        assertThat(storage().name()).isNotBlank();
    }

    @Test
    default void aClosedStorageRefusesEverything() {
        Storage storage = storage();
        Tid tid = store(storage, oid(1), "one");
        StorageTransaction open = storage.begin(TransactionMeta.EMPTY);
        open.store(oid(1), tid, bytes("two"));

        storage.close();
        storage.close();

        assertThatThrownBy(() -> storage.begin(TransactionMeta.EMPTY)).isInstanceOf(StorageClosedException.class);
        assertThatThrownBy(open::vote).isInstanceOf(StorageClosedException.class);
        await(open.abort());
        failure(StorageClosedException.class, storage.loadBefore(oid(1), Tid.MAX));
        failure(StorageClosedException.class, storage.loadSerial(oid(1), tid));
        failure(StorageClosedException.class, storage.lastTid());
        failure(StorageClosedException.class, storage.serial(oid(1)));
        failure(StorageClosedException.class, storage.history(oid(1), 1));
        failure(StorageClosedException.class, storage.stats());
        failure(StorageClosedException.class, storage.pack(new PackRequest(Tid.MAX, PackRequest.Garbage.KEEP)));
    }

    @Test
    default void whatWasVotedAndNotFinishedIsNotThereAfterwards() throws Exception {
        Tid tid = store(storage(), oid(1), "one");
        StorageTransaction voted = storage().begin(TransactionMeta.EMPTY);
        voted.store(oid(1), tid, bytes("two"));
        voted.store(oid(2), Tid.NONE, bytes("new"));
        await(voted.vote());

        Storage again = reopen();

        assertThatThrownBy(voted::finish).isInstanceOf(StorageClosedException.class);
        assertThat(currentText(again, oid(1))).isEqualTo("one");
        failure(ObjectNotFoundException.class, again.loadBefore(oid(2), Tid.MAX));
        store(again, oid(1), "three");
    }
}
