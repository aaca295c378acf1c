package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.commit;
import static org.zeoraid.storage.contract.Steps.currentText;
import static org.zeoraid.storage.contract.Steps.entry;
import static org.zeoraid.storage.contract.Steps.failure;
import static org.zeoraid.storage.contract.Steps.isDone;
import static org.zeoraid.storage.contract.Steps.oid;
import static org.zeoraid.storage.contract.Steps.store;
import static org.zeoraid.storage.contract.Steps.undo;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.UndoException;

/** Undo. */
interface UndoContract extends StorageHarness {

    private void refused(Tid... undone) {
        StorageTransaction transaction = storage().begin(TransactionMeta.EMPTY);
        List.of(undone).forEach(transaction::undo);
        failure(UndoException.class, transaction.vote());
        await(transaction.abort());
    }

    @Test
    default void undoBringsTheDataBackAndPointsAtWhereItCameFrom() throws Exception {
        Tid first = store(storage(), oid(1), "first");
        Tid second = store(storage(), oid(1), "second");
        StorageTransaction undo = storage().begin(TransactionMeta.EMPTY);
        undo.undo(second);

        assertThat(await(undo.vote())).containsExactly(oid(1));
        Tid undone = await(undo.finish());

        Storage storage = reopen();
        assertThat(currentText(storage, oid(1))).isEqualTo("first");
        assertThat(Steps.current(storage, oid(1)).serial()).isEqualTo(undone);
        assertThat(entry(storage, undone, oid(1)).content()).isEqualTo(new Content.Link(first, bytes("first")));
        assertThat(Steps.text(await(storage.loadSerial(oid(1), second)))).isEqualTo("second");
    }

    @Test
    default void undoneCreationsAreGoneAndComeBackWhenThatIsUndone() throws Exception {
        Tid created = store(storage(), oid(1), "one");
        Tid undone = undo(storage(), created);
        failure(ObjectNotFoundException.class, reopen().loadBefore(oid(1), Tid.MAX));
        assertThat(await(storage().serial(oid(1)))).isEqualTo(undone);
        assertThat(entry(storage(), undone, oid(1)).content()).isEqualTo(Content.ABSENT);

        Tid redone = undo(storage(), undone);

        assertThat(currentText(storage(), oid(1))).isEqualTo("one");
        assertThat(entry(storage(), redone, oid(1)).content()).isEqualTo(new Content.Link(created, bytes("one")));
    }

    @Test
    default void undoneDeletionsComeBack() {
        Tid created = store(storage(), oid(1), "one");
        Tid deleted = commit(storage(), transaction -> transaction.delete(oid(1), created));

        Tid undone = undo(storage(), deleted);

        assertThat(currentText(storage(), oid(1))).isEqualTo("one");
        assertThat(entry(storage(), undone, oid(1)).content()).isEqualTo(new Content.Link(created, bytes("one")));
    }

    @Test
    default void linksNeverPointAtLinks() {
        Tid first = store(storage(), oid(1), "first");
        Tid second = store(storage(), oid(1), "second");
        Tid undone = undo(storage(), second);
        Tid redone = undo(storage(), undone);
        Tid undoneAgain = undo(storage(), redone);
        store(storage(), oid(1), "third");
        Tid last = undo(storage(), await(storage().lastTid()));

        assertThat(entry(storage(), redone, oid(1)).content()).isEqualTo(new Content.Link(second, bytes("second")));
        assertThat(entry(storage(), undoneAgain, oid(1)).content()).isEqualTo(new Content.Link(first, bytes("first")));
        assertThat(entry(storage(), last, oid(1)).content()).isEqualTo(new Content.Link(first, bytes("first")));
    }

    @Test
    default void whatALaterTransactionChangedCannotBeUndone() {
        Tid both = commit(storage(), transaction -> {
            transaction.store(oid(1), Tid.NONE, bytes("one"));
            transaction.store(oid(2), Tid.NONE, bytes("two"));
        });
        Tid last = store(storage(), oid(2), "changed");

        refused(both);

        assertThat(currentText(storage(), oid(1))).isEqualTo("one");
        assertThat(await(storage().lastTid())).isEqualTo(last);
    }

    @Test
    default void whatALaterTransactionSetToTheSameDataCanBeUndone() {
        store(storage(), oid(1), "first");
        Tid second = store(storage(), oid(1), "second");
        store(storage(), oid(1), "third");
        store(storage(), oid(1), "second");

        undo(storage(), second);

        assertThat(currentText(storage(), oid(1))).isEqualTo("first");
    }

    @Test
    default void whatWasUndoneAlreadyCannotBeUndoneAgain() {
        store(storage(), oid(1), "first");
        Tid second = store(storage(), oid(1), "second");
        undo(storage(), second);

        refused(second);
    }

    @Test
    default void severalUndosInOneTransactionBuildOnEachOther() {
        Tid first = store(storage(), oid(1), "first");
        Tid second = store(storage(), oid(1), "second");
        Tid third = store(storage(), oid(1), "third");
        Tid other = store(storage(), oid(2), "other");
        refused(second, third);

        StorageTransaction undo = storage().begin(TransactionMeta.EMPTY);
        undo.undo(third);
        undo.undo(second);
        undo.undo(other);
        undo.store(oid(3), Tid.NONE, bytes("stored in the same"));
        assertThat(await(undo.vote())).containsExactlyInAnyOrder(oid(1), oid(2));
        Tid undone = await(undo.finish());

        assertThat(currentText(storage(), oid(1))).isEqualTo("first");
        assertThat(entry(storage(), undone, oid(1)).content()).isEqualTo(new Content.Link(first, bytes("first")));
        failure(ObjectNotFoundException.class, storage().loadBefore(oid(2), Tid.MAX));
        assertThat(currentText(storage(), oid(3))).isEqualTo("stored in the same");
    }

    @Test
    default void whatThisTransactionChangesCannotBeUndoneInIt() {
        Tid first = store(storage(), oid(1), "first");
        StorageTransaction transaction = storage().begin(TransactionMeta.EMPTY);
        transaction.undo(first);
        transaction.store(oid(1), first, bytes("mine"));

        failure(UndoException.class, transaction.vote());
        await(transaction.abort());
    }

    @Test
    default void unknownTransactionsCannotBeUndone() {
        Tid tid = store(storage(), oid(1), "one");

        refused(tid.before());
        refused(tid.after());
        refused(Tid.NONE);
        refused(Tid.MAX);
    }

    @Test
    default void anUndoWaitsForPendingCommitsOfItsObjects() {
        Tid first = store(storage(), oid(1), "first");
        StorageTransaction pending = storage().begin(TransactionMeta.EMPTY);
        pending.store(oid(1), first, bytes("second"));
        await(pending.vote());
        StorageTransaction undo = storage().begin(TransactionMeta.EMPTY);
        undo.undo(first);
        CompletionStage<List<Oid>> vote = undo.vote();
        assertThat(isDone(vote)).isFalse();

        await(pending.finish());

        failure(UndoException.class, vote);
        await(undo.abort());
        assertThat(currentText(storage(), oid(1))).isEqualTo("second");
    }

    @Test
    default void aVotedUndoKeepsOthersFromChangingItsObjects() {
        Tid first = store(storage(), oid(1), "first");
        StorageTransaction undo = storage().begin(TransactionMeta.EMPTY);
        undo.undo(first);
        await(undo.vote());
        StorageTransaction change = storage().begin(TransactionMeta.EMPTY);
        change.store(oid(1), first, bytes("second"));
        CompletionStage<List<Oid>> vote = change.vote();
        assertThat(isDone(vote)).isFalse();

        await(undo.finish());

        failure(org.zeoraid.storage.ConflictException.class, vote);
        await(change.abort());
    }

    @Test
    default void aLargeTransactionIsUndoneWhole() {
        int objects = 2_000;
        commit(storage(), transaction -> {
            for (int i = 0; i < objects; i++) {
                transaction.store(oid(i), Tid.NONE, bytes("first " + "x".repeat(1000) + i));
            }
        });
        Tid second = commit(storage(), transaction -> {
            for (int i = 0; i < objects; i++) {
                transaction.store(oid(i), await(storage().serial(oid(i))), bytes("second " + i));
            }
        });

        undo(storage(), second);

        for (int i = 0; i < objects; i++) {
            assertThat(currentText(storage(), oid(i))).startsWith("first ").endsWith("x" + i);
        }
    }

    @Test
    default void theUndoLogListsNewestFirst() {
        Tid first = store(storage(), oid(1), "first");
        Tid second = store(storage(), oid(1), "second");
        Tid third = store(storage(), oid(2), "third");

        assertThat(await(storage().undoLog(0, 10)))
                .extracting(header -> header.tid())
                .containsExactly(third, second, first);
        assertThat(await(storage().undoLog(1, 1)))
                .extracting(header -> header.tid())
                .containsExactly(second);
        assertThat(await(storage().undoLog(3, 10))).isEmpty();
        assertThat(await(storage().undoLog(0, 1)).get(0).meta().userText()).isEqualTo("tester");
    }
}
