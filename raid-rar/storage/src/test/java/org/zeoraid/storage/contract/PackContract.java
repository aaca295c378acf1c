package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.zeoraid.storage.contract.Pickles.referencing;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.blobRecord;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.commit;
import static org.zeoraid.storage.contract.Steps.content;
import static org.zeoraid.storage.contract.Steps.currentText;
import static org.zeoraid.storage.contract.Steps.entry;
import static org.zeoraid.storage.contract.Steps.failure;
import static org.zeoraid.storage.contract.Steps.isDone;
import static org.zeoraid.storage.contract.Steps.oid;
import static org.zeoraid.storage.contract.Steps.store;
import static org.zeoraid.storage.contract.Steps.undo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.UndoException;

/** Packs. */
interface PackContract extends StorageHarness {

    /** Whether a pack does anything. */
    boolean hasPack();

    private PackResult pack(Tid upTo, PackRequest.Garbage garbage) {
        return await(storage().pack(new PackRequest(upTo, garbage)));
    }

    private void assumePack() {
        assumeTrue(hasPack(), "this kind does not pack");
    }

    @Test
    default void aPackForgetsWhatWasNotCurrentAndKeepsAllElse() throws Exception {
        assumePack();
        Storage storage = storage();
        Tid first = store(storage, oid(1), "first");
        Tid second = store(storage, oid(1), "second");
        Tid other = store(storage, oid(2), "other");
        Tid packed = store(storage, oid(3), "three");
        Tid third = store(storage, oid(1), "third");
        Tid fourth = store(storage, oid(1), "fourth");

        PackResult result = pack(packed, PackRequest.Garbage.KEEP);

        assertThat(result.recordsDropped()).isEqualTo(1);
        assertThat(result.bytesAfter()).isLessThan(result.bytesBefore());
        for (int round = 0; round < 2; round++) {
            Storage now = round == 0 ? storage : reopen();
            failure(ObjectNotFoundException.class, now.loadSerial(oid(1), first));
            assertThat(await(now.loadBefore(oid(1), second))).isEmpty();
            assertThat(await(now.loadBefore(oid(1), packed.after())))
                    .contains(new Revision(bytes("second"), second, third));
            assertThat(await(now.loadBefore(oid(1), fourth))).contains(new Revision(bytes("third"), third, fourth));
            assertThat(currentText(now, oid(1))).isEqualTo("fourth");
            assertThat(Steps.current(now, oid(2)).serial()).isEqualTo(other);
            assertThat(await(now.lastTid())).isEqualTo(fourth);
            assertThat(Steps.transactions(now))
                    .extracting(CommittedTransaction::tid)
                    .containsExactly(second, other, packed, third, fourth);
            assertThat(Steps.transactions(now))
                    .extracting(transaction -> transaction.header().status())
                    .containsExactly(
                            TransactionStatus.PACKED,
                            TransactionStatus.PACKED,
                            TransactionStatus.PACKED,
                            TransactionStatus.COMMITTED,
                            TransactionStatus.COMMITTED);
            assertThat(await(now.history(oid(1), 10)))
                    .extracting(entry -> entry.tid())
                    .containsExactly(fourth, third, second);
        }
        assertThat(store(storage(), oid(1), "fifth")).isGreaterThan(fourth);
    }

    @Test
    default void whatWasPackedCannotBeUndone() throws Exception {
        assumePack();
        store(storage(), oid(1), "first");
        Tid second = store(storage(), oid(1), "second");
        Tid third = store(storage(), oid(2), "third");
        pack(second, PackRequest.Garbage.KEEP);

        for (int round = 0; round < 2; round++) {
            Storage now = round == 0 ? storage() : reopen();
            StorageTransaction transaction = now.begin(TransactionMeta.EMPTY);
            transaction.undo(second);
            failure(UndoException.class, transaction.vote());
            await(transaction.abort());
            assertThat(await(now.undoLog(0, 10)))
                    .extracting(header -> header.tid())
                    .containsExactly(third);
        }
    }

    @Test
    default void whatIsPackedWhileItsUndoWaitsForALockIsNotUndone() {
        assumePack();
        Tid first = store(storage(), oid(1), "first");
        Tid second = store(storage(), oid(1), "second");
        StorageTransaction holder = storage().begin(TransactionMeta.EMPTY);
        holder.store(oid(1), second, bytes("third"));
        await(holder.vote());
        StorageTransaction undo = storage().begin(TransactionMeta.EMPTY);
        undo.undo(second);
        CompletionStage<List<Oid>> vote = undo.vote();
        assertThat(isDone(vote)).isFalse();
        pack(second, PackRequest.Garbage.KEEP);

        await(holder.abort());

        failure(UndoException.class, vote);
        await(undo.abort());
        assertThat(currentText(storage(), oid(1))).isEqualTo("second");
        failure(ObjectNotFoundException.class, storage().loadSerial(oid(1), first));
    }

    @Test
    default void whatCameAfterThePackCanStillBeUndone() {
        assumePack();
        Tid first = store(storage(), oid(1), "first");
        Tid second = store(storage(), oid(1), "second");
        pack(first, PackRequest.Garbage.KEEP);

        undo(storage(), second);

        assertThat(currentText(storage(), oid(1))).isEqualTo("first");
    }

    @Test
    default void deletedObjectsAreForgotten() throws Exception {
        assumePack();
        Tid created = store(storage(), oid(1), "one");
        commit(storage(), transaction -> transaction.delete(oid(1), created));
        Tid other = store(storage(), oid(2), "other");
        pack(other, PackRequest.Garbage.KEEP);

        for (int round = 0; round < 2; round++) {
            Storage now = round == 0 ? storage() : reopen();
            failure(ObjectNotFoundException.class, now.loadBefore(oid(1), Tid.MAX));
            failure(ObjectNotFoundException.class, now.history(oid(1), 1));
            assertThat(await(now.serial(oid(1)))).isEqualTo(Tid.NONE);
        }
    }

    @Test
    default void aPackNeverMovesTheLastTid() throws Exception {
        assumePack();
        store(storage(), oid(2), "other");
        Tid created = store(storage(), oid(1), "one");
        Tid deleted = commit(storage(), transaction -> transaction.delete(oid(1), created));

        pack(Tid.MAX, PackRequest.Garbage.KEEP);

        assertThat(await(storage().lastTid())).isEqualTo(deleted);
        assertThat(await(reopen().lastTid())).isEqualTo(deleted);
        assertThat(store(storage(), oid(1), "again")).isGreaterThan(deleted);
    }

    @Test
    default void linksKeepTheirDataOverAPack() throws Exception {
        assumePack();
        Tid first = store(storage(), oid(1), "first");
        Tid second = store(storage(), oid(1), "second");
        Tid undone = undo(storage(), second);
        Tid redone = undo(storage(), undone);
        pack(undone, PackRequest.Garbage.KEEP);

        for (int round = 0; round < 2; round++) {
            Storage now = round == 0 ? storage() : reopen();
            assertThat(Steps.text(await(now.loadSerial(oid(1), undone)))).isEqualTo("first");
            assertThat(Steps.text(await(now.loadSerial(oid(1), redone)))).isEqualTo("second");
            assertThat(currentText(now, oid(1))).isEqualTo("second");
            Content content = entry(now, undone, oid(1)).content();
            if (content instanceof Content.Link link) {
                assertThat(link.origin()).isEqualTo(first);
                assertThat(await(now.loadSerial(oid(1), first))).isEqualTo(bytes("first"));
            }
        }
    }

    @Test
    default void whatWasDeletedAtThePackTidAndCameBackLaterWasGoneInBetween() throws Exception {
        assumePack();
        Tid first = store(storage(), oid(1), "first");
        Tid deleted = commit(storage(), transaction -> transaction.delete(oid(1), first));
        Tid packed = store(storage(), oid(2), "other");
        Tid between = store(storage(), oid(2), "other again");
        Tid back = undo(storage(), deleted);
        pack(packed, PackRequest.Garbage.KEEP);

        for (int round = 0; round < 2; round++) {
            Storage now = round == 0 ? storage() : reopen();
            assertThat(currentText(now, oid(1))).isEqualTo("first");
            assertThat(Steps.current(now, oid(1)).serial()).isEqualTo(back);
            for (Tid before : List.of(between, between.after(), back)) {
                assertThat(isThere(now, before)).as("object before " + before).isFalse();
            }
        }
    }

    private static boolean isThere(Storage storage, Tid before) {
        try {
            return await(storage.loadBefore(oid(1), before)).isPresent();
        } catch (ObjectNotFoundException e) {
            return false;
        }
    }

    @Test
    default void aSecondPackHasNothingToDo() {
        assumePack();
        store(storage(), oid(1), "first");
        store(storage(), oid(1), "second");
        pack(Tid.MAX, PackRequest.Garbage.KEEP);

        PackResult again = pack(Tid.MAX, PackRequest.Garbage.KEEP);

        assertThat(again.recordsDropped()).isZero();
        assertThat(again.note()).isNotBlank();
        assertThat(currentText(storage(), oid(1))).isEqualTo("second");
    }

    @Test
    default void aPackOfNothingIsFine() {
        assumePack();
        assertThat(pack(Tid.MAX, PackRequest.Garbage.COLLECT).recordsDropped()).isZero();
        Tid tid = store(storage(), oid(1), "one");
        assertThat(pack(tid.before(), PackRequest.Garbage.KEEP).recordsDropped())
                .isZero();
        assertThat(currentText(storage(), oid(1))).isEqualTo("one");
    }

    @Test
    default void garbageIsCollectedWhenAskedFor() throws Exception {
        assumePack();
        commit(storage(), transaction -> {
            transaction.store(Oid.ROOT, Tid.NONE, referencing("root", oid(1)));
            transaction.store(oid(1), Tid.NONE, referencing("reachable", oid(2)));
            transaction.store(oid(2), Tid.NONE, referencing("reachable too", oid(1)));
            transaction.store(oid(3), Tid.NONE, referencing("garbage", oid(4), oid(1)));
            transaction.store(oid(4), Tid.NONE, referencing("garbage of garbage", oid(3)));
        });
        pack(Tid.MAX, PackRequest.Garbage.KEEP);
        assertThat(Steps.current(storage(), oid(3)).data()).isEqualTo(referencing("garbage", oid(4), oid(1)));
        Tid last = commit(
                storage(),
                transaction ->
                        transaction.store(oid(2), await(storage().serial(oid(2))), referencing("changed", oid(1))));

        PackResult result = pack(Tid.MAX, PackRequest.Garbage.COLLECT);

        assertThat(result.recordsDropped()).isEqualTo(3);
        reopen();
        failure(ObjectNotFoundException.class, storage().loadBefore(oid(3), Tid.MAX));
        failure(ObjectNotFoundException.class, storage().loadBefore(oid(4), Tid.MAX));
        assertThat(Steps.current(storage(), oid(1)).data()).isEqualTo(referencing("reachable", oid(2)));
        assertThat(Steps.current(storage(), oid(2)).serial()).isEqualTo(last);
    }

    @Test
    default void garbageIsKeptWhileAnyLiveRecordCannotBeRead() {
        assumePack();
        commit(storage(), transaction -> {
            transaction.store(Oid.ROOT, Tid.NONE, referencing("root"));
            transaction.store(oid(1), Tid.NONE, bytes("\u0000 an object that Java wrote, and no pickle"));
            transaction.store(oid(2), Tid.NONE, referencing("unreachable"));
        });
        store(storage(), oid(3), "another one");

        PackResult result = pack(Tid.MAX, PackRequest.Garbage.COLLECT);

        assertThat(result.note()).isNotBlank();
        assertThat(currentText(storage(), oid(1))).contains("Java");
        assertThat(Steps.current(storage(), oid(2)).data()).isEqualTo(referencing("unreachable"));
    }

    @Test
    default void whatIsLinkedAgainAfterThePackTidIsNoGarbage() {
        assumePack();
        Tid root = commit(storage(), transaction -> {
            transaction.store(Oid.ROOT, Tid.NONE, referencing("root"));
            transaction.store(oid(1), Tid.NONE, referencing("for now unreachable", oid(2)));
            transaction.store(oid(2), Tid.NONE, referencing("behind it"));
        });
        Tid packed = store(storage(), oid(5), "x");
        commit(storage(), transaction -> transaction.delete(oid(5), packed));
        Tid unlinked = await(storage().lastTid());
        commit(storage(), transaction -> transaction.store(Oid.ROOT, root, referencing("root", oid(1))));

        pack(unlinked, PackRequest.Garbage.COLLECT);

        assertThat(Steps.current(storage(), oid(1)).data()).isEqualTo(referencing("for now unreachable", oid(2)));
        assertThat(Steps.current(storage(), oid(2)).data()).isEqualTo(referencing("behind it"));
    }

    @Test
    default void whatOnlyAnUnreachableObjectReferencesAfterThePackTidIsNoGarbage() {
        assumePack();
        Tid created = commit(storage(), transaction -> {
            transaction.store(Oid.ROOT, Tid.NONE, referencing("root"));
            transaction.store(oid(1), Tid.NONE, referencing("unreachable, and written later"));
            transaction.store(oid(2), Tid.NONE, referencing("unreachable, and referenced later"));
            transaction.store(oid(3), Tid.NONE, referencing("garbage"));
        });
        commit(storage(), transaction -> transaction.store(oid(1), created, referencing("written later", oid(2))));

        pack(created, PackRequest.Garbage.COLLECT);

        assertThat(Steps.current(storage(), oid(2)).data()).isEqualTo(referencing("unreachable, and referenced later"));
        failure(ObjectNotFoundException.class, storage().loadBefore(oid(3), Tid.MAX));
        assertThat(Steps.current(storage(), oid(1)).data()).isEqualTo(referencing("written later", oid(2)));
    }

    @Test
    default void blobsOfForgottenRevisionsGoAndOthersStay() throws Exception {
        assumePack();
        assumeTrue(((BlobContract) this).hasBlobs(), "this kind keeps no blobs");
        Tid first = commit(
                storage(),
                transaction -> transaction.storeBlob(oid(1), Tid.NONE, blobRecord(), Steps.blob(bytes("first"))));
        Tid second = commit(
                storage(), transaction -> transaction.storeBlob(oid(1), first, blobRecord(), Steps.blob(bytes("2nd"))));
        Tid third = commit(
                storage(),
                transaction -> transaction.storeBlob(oid(1), second, blobRecord(), Steps.blob(bytes("third"))));

        pack(second, PackRequest.Garbage.KEEP);

        for (int round = 0; round < 2; round++) {
            Storage now = round == 0 ? storage() : reopen();
            failure(ObjectNotFoundException.class, now.blob(oid(1), first));
            assertThat(content(await(now.blob(oid(1), second)))).isEqualTo(bytes("2nd"));
            assertThat(content(await(now.blob(oid(1), third)))).isEqualTo(bytes("third"));
        }
    }

    @Test
    default void othersReadAndWriteWhileAPackRuns() throws Exception {
        assumePack();
        Storage storage = storage();
        int objects = 200;
        for (int round = 0; round < 5; round++) {
            int number = round;
            commit(storage, transaction -> {
                for (int i = 0; i < objects; i++) {
                    transaction.store(
                            oid(i), await(storage.serial(oid(i))), bytes("round " + number + " " + "x".repeat(500)));
                }
            });
        }
        AtomicBoolean packed = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        Map<Oid, String> written = new HashMap<>();
        try {
            Future<?> reader = threads.submit(() -> {
                while (!packed.get()) {
                    for (int i = 0; i < objects; i++) {
                        assertThat(currentText(storage, oid(i))).startsWith("round ");
                    }
                }
            });
            Future<?> writer = threads.submit(() -> {
                for (int i = 0; i < 100 || !packed.get(); i++) {
                    Oid oid = oid(i % objects);
                    store(storage, oid, "round 6 " + i);
                    written.put(oid, "round 6 " + i);
                }
            });
            for (int i = 0; i < 3; i++) {
                pack(Tid.MAX, PackRequest.Garbage.KEEP);
            }
            packed.set(true);
            reader.get();
            writer.get();
        } finally {
            packed.set(true);
            threads.shutdownNow();
        }

        List<String> lost = new ArrayList<>();
        Storage now = reopen();
        written.forEach((oid, text) -> {
            if (!currentText(now, oid).equals(text)) {
                lost.add(oid + ": " + text);
            }
        });
        assertThat(lost).isEmpty();
        for (int i = 0; i < objects; i++) {
            assertThat(currentText(now, oid(i))).startsWith("round ");
        }
    }
}
