package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.commit;
import static org.zeoraid.storage.contract.Steps.current;
import static org.zeoraid.storage.contract.Steps.currentText;
import static org.zeoraid.storage.contract.Steps.failure;
import static org.zeoraid.storage.contract.Steps.oid;
import static org.zeoraid.storage.contract.Steps.store;
import static org.zeoraid.storage.contract.Steps.text;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.Tid;

/** Loads: current, before a tid, at a serial; and what deletions do to them. */
interface LoadContract extends StorageHarness {

    @Test
    default void anEmptyStorageKnowsNothing() {
        Storage storage = storage();

        assertThat(await(storage.lastTid())).isEqualTo(Tid.NONE);
        assertThat(await(storage.serial(oid(1)))).isEqualTo(Tid.NONE);
        assertThat(failure(ObjectNotFoundException.class, storage.loadBefore(oid(1), Tid.MAX))
                        .oid())
                .isEqualTo(oid(1));
        failure(ObjectNotFoundException.class, storage.loadSerial(oid(1), new Tid(7)));
        failure(ObjectNotFoundException.class, storage.history(oid(1), 5));
        assertThat(Steps.transactions(storage)).isEmpty();
        assertThat(Steps.all(storage.currentRecords(Oid.ROOT), 100)).isEmpty();
        assertThat(await(storage.undoLog(0, 10))).isEmpty();
        assertThat(await(storage.stats()).objects()).isZero();
    }

    @Test
    default void aLoadGivesWhatWasCommittedAndSince() {
        Tid tid = store(storage(), oid(1), "one");

        Revision revision = current(storage(), oid(1));

        assertThat(text(revision.data())).isEqualTo("one");
        assertThat(revision.serial()).isEqualTo(tid);
        assertThat(revision.end()).isEqualTo(Tid.MAX);
        assertThat(await(storage().serial(oid(1)))).isEqualTo(tid);
        assertThat(await(storage().lastTid())).isEqualTo(tid);
    }

    @Test
    default void aLoadBeforeATidGivesTheRevisionOfThatTime() {
        Storage storage = storage();
        Tid other = store(storage, oid(9), "other");
        Tid first = store(storage, oid(1), "first");
        Tid second = store(storage, oid(1), "second");
        Tid later = store(storage, oid(9), "other again");

        assertThat(await(storage.loadBefore(oid(1), other))).isEmpty();
        assertThat(await(storage.loadBefore(oid(1), first))).isEmpty();
        assertThat(await(storage.loadBefore(oid(1), first.after())))
                .contains(new Revision(bytes("first"), first, second));
        assertThat(await(storage.loadBefore(oid(1), second))).contains(new Revision(bytes("first"), first, second));
        assertThat(await(storage.loadBefore(oid(1), later))).contains(new Revision(bytes("second"), second, Tid.MAX));
        assertThat(await(storage.loadBefore(oid(1), Tid.MAX))).contains(new Revision(bytes("second"), second, Tid.MAX));
    }

    @Test
    default void aLoadAtASerialGivesExactlyThatRevision() {
        Tid first = store(storage(), oid(1), "first");
        Tid second = store(storage(), oid(1), "second");
        Tid other = store(storage(), oid(2), "other");

        assertThat(text(await(storage().loadSerial(oid(1), first)))).isEqualTo("first");
        assertThat(text(await(storage().loadSerial(oid(1), second)))).isEqualTo("second");
        failure(ObjectNotFoundException.class, storage().loadSerial(oid(1), other));
        failure(ObjectNotFoundException.class, storage().loadSerial(oid(1), Tid.MAX));
    }

    @Test
    default void aDeletedObjectIsGoneFromThenOnAndOnlyFromThenOn() {
        Storage storage = storage();
        Tid created = store(storage, oid(1), "here");
        Tid deleted = commit(storage, transaction -> transaction.delete(oid(1), created));
        Tid later = store(storage, oid(2), "other");

        failure(ObjectNotFoundException.class, storage.loadBefore(oid(1), Tid.MAX));
        failure(ObjectNotFoundException.class, storage.loadBefore(oid(1), later));
        failure(ObjectNotFoundException.class, storage.loadSerial(oid(1), deleted));
        assertThat(await(storage.serial(oid(1)))).isEqualTo(deleted);
        assertThat(await(storage.loadBefore(oid(1), deleted))).contains(new Revision(bytes("here"), created, deleted));
        assertThat(await(storage.loadBefore(oid(1), created))).isEmpty();
        assertThat(text(await(storage.loadSerial(oid(1), created)))).isEqualTo("here");
    }

    @Test
    default void aDeletedObjectCanComeBack() {
        Storage storage = storage();
        Tid created = store(storage, oid(1), "here");
        Tid deleted = commit(storage, transaction -> transaction.delete(oid(1), created));
        Tid again = commit(storage, transaction -> transaction.store(oid(1), deleted, bytes("back")));

        assertThat(currentText(storage, oid(1))).isEqualTo("back");
        failure(ObjectNotFoundException.class, storage.loadBefore(oid(1), again));
        assertThat(await(storage.loadBefore(oid(1), deleted))).contains(new Revision(bytes("here"), created, deleted));
    }

    @Test
    default void largeRecordsAndExtremeOidsAreKept() throws Exception {
        byte[] large = new byte[5_000_000];
        new Random(1).nextBytes(large);
        Oid high = new Oid(0xFFFF_FFFF_FFFF_0000L);
        Tid tid = commit(storage(), transaction -> {
            transaction.store(high, Tid.NONE, bytes("high"));
            transaction.store(oid(1), Tid.NONE, large);
            transaction.store(Oid.ROOT, Tid.NONE, bytes("root"));
        });

        Storage storage = reopen();

        assertThat(current(storage, oid(1)).data()).isEqualTo(large);
        assertThat(currentText(storage, high)).isEqualTo("high");
        assertThat(Steps.all(storage.currentRecords(Oid.ROOT), 1))
                .extracting(CurrentRecord::oid)
                .isEqualTo(List.of(Oid.ROOT, oid(1), high));
        assertThat(await(storage.stats()).largestOid()).isEqualTo(high);
        assertThat(await(storage.lastTid())).isEqualTo(tid);
    }

    @Test
    default void whatWasAcknowledgedIsThereWhenOpenedAgain() throws Exception {
        Tid first = store(storage(), oid(1), "first");
        Tid second = store(storage(), oid(1), "second");
        Tid deleted = commit(storage(), transaction -> {
            transaction.delete(oid(1), second);
            transaction.store(oid(2), Tid.NONE, bytes("two"));
        });

        Storage storage = reopen();

        assertThat(await(storage.lastTid())).isEqualTo(deleted);
        assertThat(currentText(storage, oid(2))).isEqualTo("two");
        failure(ObjectNotFoundException.class, storage.loadBefore(oid(1), Tid.MAX));
        assertThat(await(storage.loadBefore(oid(1), second))).contains(new Revision(bytes("first"), first, second));
        assertThat(store(storage, oid(3), "more")).isGreaterThan(deleted);
    }
}
