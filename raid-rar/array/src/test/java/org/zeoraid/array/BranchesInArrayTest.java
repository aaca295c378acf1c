package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.PreparedBranch;
import org.zeoraid.storage.PreparedTransactions;
import org.zeoraid.storage.PreparedTransactions.Decider;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.admin.ArrayState;

/** Prepared branches of an array whose folders are lost, late, or do not answer. */
class BranchesInArrayTest {

    private static final BranchId ONE = branch("one");

    private final ArrayRig rig = new ArrayRig(7, "a", "b", "c");

    private static BranchId branch(String name) {
        return new BranchId(7, name.getBytes(StandardCharsets.UTF_8), "node-1".getBytes(StandardCharsets.UTF_8));
    }

    private void prepare(BranchId id, long oid, String text) {
        StorageTransaction transaction = rig.storage().begin(TransactionMeta.of("test", text));
        Tid based = rig.environment.await(rig.storage().serial(Rig.oid(oid)));
        transaction.store(Rig.oid(oid), based, text.getBytes(StandardCharsets.UTF_8));
        rig.environment.await(transaction.vote().thenCompose(nothing -> transaction.prepare(id)));
    }

    private PreparedTransactions prepared() {
        return rig.storage().prepared().orElseThrow();
    }

    /** All copies have what was prepared. */
    private void settle() {
        rig.environment.advance(Duration.ofSeconds(1));
    }

    private List<BranchId> inDoubt() {
        return rig.array.preparedBranches().stream().map(PreparedBranch::id).toList();
    }

    private void loseStateDirectory() throws IOException {
        for (String name : rig.disk.list(ArrayRig.STATE)) {
            rig.disk.delete(ArrayRig.STATE.resolve(name));
        }
        rig.disk.syncFolder(ArrayRig.STATE);
    }

    private void assertThatItHolds() {
        CompletableFuture<Tid> other = rig.commitLater(1, "other").toCompletableFuture();
        rig.environment.advance(Duration.ofMinutes(1));
        assertThat(other)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withCauseInstanceOf(ConflictException.class)
                .withMessageContaining(ONE.toString());
        rig.environment.await(prepared().commit(ONE, Decider.TRANSACTION_MANAGER));
        assertThat(rig.load(1)).isEqualTo("new");
    }

    @Test
    void aBranchOutlivesTheLossOfTheStateDirectoryAlsoOverTheSecondStart() throws Exception {
        rig.openServing();
        rig.commit(1, "old");
        prepare(ONE, 1, "new");
        rig.crash();
        loseStateDirectory();

        rig.openServing();
        assertThat(inDoubt()).containsExactly(ONE);
        rig.crash();
        rig.openServing();
        assertThat(inDoubt()).containsExactly(ONE);
        assertThatItHolds();
    }

    @Test
    void itIsSoonBesideAllMembersAgain() throws Exception {
        rig.openServing();
        rig.commit(1, "old");
        prepare(ONE, 1, "new");
        settle();
        rig.crash();
        loseStateDirectory();
        for (String name : List.of("a", "b")) {
            rig.disk.delete(ArrayRig.folder(name).resolve("raid.prepared"));
            rig.disk.syncFolder(ArrayRig.folder(name));
        }
        rig.openServing();
        settle();
        for (Path folder : List.of(ArrayRig.STATE, ArrayRig.folder("a"), ArrayRig.folder("b"))) {
            assertThat(rig.disk.files()).contains(folder.resolve("raid.prepared"));
        }
    }

    @Test
    void theJournalsFileThatAloneIsMissingIsReadBesideAMember() throws Exception {
        rig.openServing();
        rig.commit(1, "old");
        prepare(ONE, 1, "new");
        rig.crash();
        rig.disk.delete(ArrayRig.STATE.resolve("raid.prepared"));
        rig.disk.syncFolder(ArrayRig.STATE);
        rig.openServing();
        assertThatItHolds();
    }

    @Test
    void withTheStateDirectoryLostAFolderThatIsMountedLaterMayHaveTheBranch() throws Exception {
        rig.openServing();
        rig.commit(1, "old");
        rig.environment.await(rig.array.disable("a"));
        rig.environment.await(rig.array.disable("b"));
        prepare(ONE, 1, "new");
        settle();
        rig.crash();
        loseStateDirectory();
        for (String name : List.of("a", "b")) {
            rig.disk.delete(ArrayRig.folder(name).resolve("raid.prepared"));
            rig.disk.syncFolder(ArrayRig.folder(name));
        }
        Path mounted = ArrayRig.folder("c");
        Path away = Path.of("/away");
        rig.disk.rename(mounted, away);
        rig.open();
        rig.environment.advance(Duration.ofMinutes(1));
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);

        rig.disk.rename(away, mounted);
        rig.environment.await(rig.array.serving());
        assertThat(inDoubt()).containsExactly(ONE);
        assertThatItHolds();
    }

    @Test
    void aJournalThatNobodyCanReadIsSaidAndWaitedFor() throws Exception {
        rig.openServing();
        rig.commit(1, "old");
        prepare(ONE, 1, "new");
        settle();
        rig.crash();
        List<Path> copies = rig.disk.files().stream()
                .filter(file -> file.endsWith("raid.prepared"))
                .toList();
        assertThat(copies).hasSize(4);
        copies.forEach(copy -> rig.disk.put(copy, "nonsense".getBytes(StandardCharsets.UTF_8)));

        rig.open();
        rig.environment.advance(Duration.ofMinutes(5));
        assertThat(rig.array.status().state()).isEqualTo(ArrayState.FAILED);
        assertThat(rig.array.status().reason())
                .contains("gives up the branches")
                .contains("/state/raid.prepared");
        assertThat(rig.array.events(0, 1000).stream()
                        .filter(event -> event.text().contains("gives up the branches")))
                .hasSize(1);

        for (Path copy : copies) {
            rig.disk.delete(copy);
        }
        rig.environment.await(rig.array.serving());
        assertThat(inDoubt()).isEmpty();
        rig.commit(1, "free");
    }

    @Test
    void aDiskThatHangsBesideAMemberHoldsUpNeitherStartNorReloadNorEnd() {
        rig.openServing();
        rig.commit(1, "old");
        prepare(ONE, 1, "new");
        rig.crash();
        rig.open();
        rig.stalls.hang("prepared-main-2");
        rig.environment.await(rig.array.serving());
        assertThat(inDoubt()).containsExactly(ONE);
        assertThatItHolds();

        rig.stalls.hang("prepared-main-3");
        prepare(ONE, 1, "next");
        rig.names.remove("b");
        rig.environment.await(rig.array.reload());
        CompletableFuture<Void> closed = rig.array.closeAsync().toCompletableFuture();
        rig.environment.advance(Duration.ofMinutes(1));
        assertThat(closed).isCompleted();
    }

    @Test
    void aRecoveringTransactionManagerSeesBranchesBeforeTheArrayServes() {
        rig.openServing();
        rig.commit(1, "old");
        prepare(ONE, 1, "new");
        rig.crash();
        rig.faults.values().forEach(faults -> faults.opening(Faults.Open.UNAVAILABLE));
        rig.open();
        rig.environment.advance(Duration.ofSeconds(2));
        assertThat(inDoubt()).containsExactly(ONE);
    }
}
