package org.zeoraid.storage.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.storage.contract.Steps.await;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.commit;
import static org.zeoraid.storage.contract.Steps.currentText;
import static org.zeoraid.storage.contract.Steps.failure;
import static org.zeoraid.storage.contract.Steps.isDone;
import static org.zeoraid.storage.contract.Steps.oid;
import static org.zeoraid.storage.contract.Steps.store;
import static org.zeoraid.storage.contract.Steps.text;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.Conflict;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;

/** Several transactions over the same objects. */
interface ConflictContract extends StorageHarness {

    private StorageTransaction begin() {
        return storage().begin(TransactionMeta.EMPTY);
    }

    private StorageTransaction storing(Oid oid, Tid based, String data) {
        StorageTransaction transaction = begin();
        transaction.store(oid, based, bytes(data));
        return transaction;
    }

    @Test
    default void aChangeOfSomethingThatChangedIsAConflict() {
        Tid first = store(storage(), oid(1), "first");
        Tid second = store(storage(), oid(1), "second");
        StorageTransaction late = storing(oid(1), first, "mine");

        ConflictException conflict = failure(ConflictException.class, late.vote());
        await(late.abort());

        assertThat(conflict.retry()).isEqualTo(StorageException.Retry.NOW);
        assertThat(conflict.isReadConflict()).isFalse();
        assertThat(conflict.conflicts()).hasSize(1);
        Conflict one = conflict.conflicts().get(0);
        assertThat(one.oid()).isEqualTo(oid(1));
        assertThat(one.committed()).isEqualTo(second);
        assertThat(one.based()).isEqualTo(first);
        assertThat(text(one.data())).isEqualTo("mine");
        assertThat(one.kind()).isEqualTo(Conflict.Kind.WRITE);
        assertThat(currentText(storage(), oid(1))).isEqualTo("second");
    }

    @Test
    default void allConflictsAreToldAtOnce() {
        Tid old = commit(storage(), transaction -> {
            for (int i = 1; i <= 4; i++) {
                transaction.store(oid(i), Tid.NONE, bytes("old"));
            }
        });
        Tid changed = store(storage(), oid(1), "changed");
        store(storage(), oid(3), "changed");
        StorageTransaction late = begin();
        for (int i = 4; i >= 1; i--) {
            late.store(oid(i), old, bytes("mine"));
        }
        late.store(oid(5), changed, bytes("never was"));

        ConflictException conflict = failure(ConflictException.class, late.vote());
        await(late.abort());

        assertThat(conflict.conflicts()).extracting(Conflict::oid).containsExactly(oid(1), oid(3), oid(5));
        assertThat(conflict.conflicts().get(2).committed()).isEqualTo(Tid.NONE);
    }

    @Test
    default void anObjectIsCreatedOnlyOnce() {
        store(storage(), oid(1), "first");
        StorageTransaction late = storing(oid(1), Tid.NONE, "second");

        failure(ConflictException.class, late.vote());
        await(late.abort());
    }

    @Test
    default void aCheckedObjectThatChangedIsAReadConflict() {
        Tid first = store(storage(), oid(1), "first");
        Tid second = store(storage(), oid(1), "second");
        StorageTransaction late = storing(oid(2), Tid.NONE, "two");
        late.checkCurrent(oid(1), first);

        ConflictException conflict = failure(ConflictException.class, late.vote());
        await(late.abort());

        assertThat(conflict.isReadConflict()).isTrue();
        assertThat(conflict.conflicts().get(0).committed()).isEqualTo(second);
        assertThat(commit(storage(), transaction -> {
                    transaction.store(oid(2), Tid.NONE, bytes("two"));
                    transaction.checkCurrent(oid(1), second);
                }))
                .isGreaterThan(second);
    }

    @Test
    default void transactionsOfDifferentObjectsDoNotWaitForEachOther() {
        StorageTransaction first = storing(oid(1), Tid.NONE, "one");
        await(first.vote());
        StorageTransaction second = storing(oid(2), Tid.NONE, "two");

        await(second.vote());
        Tid tid = await(second.finish());

        assertThat(await(first.finish())).isGreaterThan(tid);
    }

    @Test
    default void transactionsThatRelyOnTheSameObjectDoNotWaitForEachOther() {
        Tid tid = store(storage(), oid(1), "one");
        StorageTransaction first = storing(oid(2), Tid.NONE, "two");
        first.checkCurrent(oid(1), tid);
        StorageTransaction second = storing(oid(3), Tid.NONE, "three");
        second.checkCurrent(oid(1), tid);
        await(first.vote());
        await(second.vote());

        await(second.finish());
        await(first.finish());
    }

    @Test
    default void aVoteWaitsForWhoeverVotedBeforeAndThenSeesTheConflict() {
        Tid old = store(storage(), oid(1), "old");
        StorageTransaction first = storing(oid(1), old, "first");
        await(first.vote());
        StorageTransaction second = storing(oid(1), old, "second");
        CompletionStage<List<Oid>> vote = second.vote();
        assertThat(isDone(vote)).isFalse();

        Tid tid = await(first.finish());

        assertThat(failure(ConflictException.class, vote).conflicts().get(0).committed())
                .isEqualTo(tid);
        await(second.abort());
        assertThat(currentText(storage(), oid(1))).isEqualTo("first");
    }

    @Test
    default void aVoteThatWaitedForAnAbortedTransactionGoesOn() {
        Tid old = store(storage(), oid(1), "old");
        StorageTransaction first = storing(oid(1), old, "first");
        await(first.vote());
        StorageTransaction second = storing(oid(1), old, "second");
        CompletionStage<List<Oid>> vote = second.vote();

        await(first.abort());
        await(vote);
        await(second.finish());

        assertThat(currentText(storage(), oid(1))).isEqualTo("second");
    }

    @Test
    default void anAbortEndsAVoteThatWaits() {
        Tid old = store(storage(), oid(1), "old");
        StorageTransaction first = storing(oid(1), old, "first");
        await(first.vote());
        StorageTransaction second = storing(oid(1), old, "second");
        CompletionStage<List<Oid>> vote = second.vote();

        await(second.abort());

        failure(StorageClosedException.class, vote);
        await(first.finish());
        store(storage(), oid(1), "third");
    }

    @Test
    default void twoThatReadWhatTheOtherWritesCannotBothCommit() {
        Tid old = commit(storage(), transaction -> {
            transaction.store(oid(1), Tid.NONE, bytes("on call"));
            transaction.store(oid(2), Tid.NONE, bytes("on call"));
        });
        StorageTransaction first = storing(oid(1), old, "off");
        first.checkCurrent(oid(2), old);
        StorageTransaction second = storing(oid(2), old, "off");
        second.checkCurrent(oid(1), old);
        await(first.vote());
        CompletionStage<List<Oid>> vote = second.vote();

        await(first.finish());

        assertThat(failure(ConflictException.class, vote).isReadConflict()).isTrue();
        await(second.abort());
        assertThat(currentText(storage(), oid(2))).isEqualTo("on call");
    }

    @Test
    default void aResolvedConflictIsCommittedByASecondVoteAndNobodyComesBetween() {
        Tid old = store(storage(), oid(1), "old");
        Tid theirs = store(storage(), oid(1), "theirs");
        StorageTransaction late = storing(oid(1), old, "mine");
        late.store(oid(2), Tid.NONE, bytes("two"));
        failure(ConflictException.class, late.vote());
        StorageTransaction other = storing(oid(1), theirs, "between");
        CompletionStage<List<Oid>> othersVote = other.vote();
        assertThat(isDone(othersVote)).isFalse();

        late.store(oid(1), theirs, bytes("theirs and mine"));
        late.store(oid(3), Tid.NONE, bytes("three"));
        await(late.vote());
        Tid resolved = await(late.finish());

        failure(ConflictException.class, othersVote);
        await(other.abort());
        assertThat(currentText(storage(), oid(1))).isEqualTo("theirs and mine");
        assertThat(Steps.current(storage(), oid(3)).serial()).isEqualTo(resolved);
    }

    @Test
    default void anAbortAfterAConflictLetsOthersGoOn() {
        Tid old = store(storage(), oid(1), "old");
        Tid theirs = store(storage(), oid(1), "theirs");
        StorageTransaction late = storing(oid(1), old, "mine");
        failure(ConflictException.class, late.vote());
        StorageTransaction other = storing(oid(1), theirs, "other");
        CompletionStage<List<Oid>> vote = other.vote();

        await(late.abort());

        await(vote);
        await(other.finish());
    }

    @Test
    default void deletionsAreCheckedLikeChanges() {
        Storage storage = storage();
        Tid first = store(storage, oid(1), "first");
        store(storage, oid(1), "second");
        StorageTransaction stale = begin();
        stale.delete(oid(1), first);
        failure(ConflictException.class, stale.vote());
        await(stale.abort());

        StorageTransaction ofNothing = begin();
        ofNothing.delete(oid(7), Tid.NONE);
        failure(ObjectNotFoundException.class, ofNothing.vote());
        await(ofNothing.abort());

        Tid deleted = commit(storage, transaction -> transaction.delete(oid(1), await(storage.serial(oid(1)))));
        StorageTransaction creation = storing(oid(1), Tid.NONE, "again");
        assertThat(failure(ConflictException.class, creation.vote())
                        .conflicts()
                        .get(0)
                        .committed())
                .isEqualTo(deleted);
        await(creation.abort());
    }

    @Test
    default void aRestoreDoesNotLookForConflictsButWaitsForThem() {
        Tid old = store(storage(), oid(1), "old");
        StorageTransaction first = storing(oid(1), old, "first");
        await(first.vote());
        StorageTransaction copy = begin();
        copy.restore(
                new org.zeoraid.storage.DataRecord(oid(1), new org.zeoraid.storage.Content.Data(bytes("restored"))));
        CompletionStage<List<Oid>> vote = copy.vote();
        assertThat(isDone(vote)).isFalse();

        await(first.finish());
        await(vote);
        await(copy.finish());

        assertThat(currentText(storage(), oid(1))).isEqualTo("restored");
    }
}
