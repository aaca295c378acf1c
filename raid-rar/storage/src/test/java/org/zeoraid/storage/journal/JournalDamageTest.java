package org.zeoraid.storage.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.content;
import static org.zeoraid.storage.contract.Steps.oid;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.PreparedTransactions.Fate;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.seam.FaultDisk;

/** A journal whose files are damaged, or another one's. */
class JournalDamageTest extends JournalRig {

    @Test
    void aDamagedCopyIsMadeUpForByAnother() throws Exception {
        PreparedJournal journal = open();
        prepare(journal, "one", data(1, "x"));
        prepare(journal, "two", data(2, "x"));
        await(journal.end(id("one"), Fate.COMMITTED, new Tid(9)));
        FaultDisk found = disk.afterCrash(FaultDisk.NOTHING_SURVIVES);
        for (int at : List.of(3, 70, 200)) {
            FaultDisk damaged = found.copy();
            byte[] bytes = damaged.contents(STATE.resolve("raid.prepared"));
            bytes[at] ^= 1;
            damaged.put(STATE.resolve("raid.prepared"), bytes);

            start(damaged);
            assertThat(inDoubt(open())).containsExactly("two");
        }
    }

    @Test
    void damageInTheMiddleIsNoTornTail() throws Exception {
        PreparedJournal journal = open();
        for (String name : List.of("one", "two", "three")) {
            prepare(journal, name, data(1, "x"));
        }
        environment.advance(Duration.ofSeconds(1));
        FaultDisk damaged = disk.afterCrash(FaultDisk.NOTHING_SURVIVES);
        byte[] bytes = damaged.contents(STATE.resolve("raid.prepared"));
        damage(bytes, "two");
        damaged.put(STATE.resolve("raid.prepared"), bytes);

        assertThat(inDoubt(startWith(damaged, STATE, B))).containsExactly("one", "two", "three");
        assertThatThrownBy(() -> startWith(damaged, STATE))
                .isInstanceOf(StorageUnavailableException.class)
                .hasMessageContaining("/array/state is damaged");
    }

    /** Rot in the entry that prepares a branch. */
    private static void damage(byte[] bytes, String name) {
        bytes[new String(bytes, StandardCharsets.ISO_8859_1).indexOf(name)] ^= 1;
    }

    @Test
    void ofEntriesThatWereOnTheirWayTogetherAnyMayBeWhole() throws Exception {
        PreparedJournal journal = open();
        prepare(journal, "one", data(1, "x"));
        CompletionStage<?> two = prepareLater(journal, "two", data(2, "x"));
        prepareLater(journal, "three", data(3, "x"));
        prepareLater(journal, "four", data(4, "x"));
        await(two);
        environment.advance(Duration.ofSeconds(1));
        FaultDisk torn = disk.afterCrash(FaultDisk.NOTHING_SURVIVES);
        byte[] bytes = torn.contents(STATE.resolve("raid.prepared"));
        damage(bytes, "three");
        torn.put(STATE.resolve("raid.prepared"), bytes);

        assertThat(inDoubt(startWith(torn, STATE))).containsExactly("one", "two");
    }

    @Test
    void changesThatAreDamagedAreReadFromAnotherFolderAndNeverCopied() throws Exception {
        PreparedJournal journal = open();
        byte[] content = bytes("blob ".repeat(40_000));
        DataRecord blob =
                new DataRecord(oid(2), new Content.Data(Steps.blobRecord()), Optional.of(Steps.blob(content)));
        prepare(journal, "large", data(1, "x".repeat(5000)), blob);
        await(journal.close());
        FaultDisk damaged = disk.afterCrash(FaultDisk.NOTHING_SURVIVES);
        for (Path folder : List.of(STATE, A)) {
            Path file = branchFile(damaged, folder);
            byte[] bytes = damaged.contents(file);
            bytes[bytes.length - 100] ^= 1;
            damaged.put(file, bytes);
        }

        PreparedJournal after = startWith(damaged, STATE, A, B);
        List<DataRecord> records = read(after, "large");
        assertThat(records.get(0)).isEqualTo(data(1, "x".repeat(5000)));
        assertThat(content(records.get(1).blob().orElseThrow())).isEqualTo(content);
        after.spread();
        environment.advance(Duration.ofSeconds(1));
        byte[] good = damaged.contents(branchFile(damaged, B));
        for (Path folder : FOLDERS) {
            assertThat(disk.contents(branchFile(disk, folder))).isEqualTo(good);
        }

        assertThatThrownBy(() -> startWith(damaged, STATE, A))
                .isInstanceOf(StorageUnavailableException.class)
                .hasMessageContaining(id("large") + " are nowhere whole")
                .hasMessageContaining("wrong checksum");
    }

    private static Path branchFile(FaultDisk disk, Path folder) {
        return disk.files().stream()
                .filter(file -> file.startsWith(folder) && file.toString().endsWith(".branch"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aJournalThatNobodyCanReadKeepsTheStorageFromOpening() {
        FOLDERS.forEach(folder -> disk.put(folder.resolve("raid.prepared"), bytes("nonsense")));
        assertThatThrownBy(this::open)
                .isInstanceOf(StorageUnavailableException.class)
                .hasMessageContaining("away gives up the branches");
    }

    @Test
    void anotherArraysBranchesAreNeitherTakenNorOverwritten() throws Exception {
        PreparedJournal foreign = open(JournalOptions.in(List.of(B), (level, text) -> {}));
        prepare(foreign, "theirs", data(1, "x"));
        byte[] before = disk.contents(B.resolve("raid.prepared"));
        PreparedJournal journal = open(JournalOptions.in(List.of(STATE, A), (level, text) -> {}));
        prepare(journal, "ours", data(2, "x"));

        PreparedJournal after = reopen(FaultDisk.NOTHING_SURVIVES);

        assertThat(inDoubt(after)).containsExactly("ours");
        prepare(after, "next", data(3, "x"));
        environment.runUntil(() -> !notes.isEmpty());
        assertThat(disk.contents(B.resolve("raid.prepared"))).isEqualTo(before);
        assertThat(notes).anyMatch(note -> note.contains("another array"));
    }

    @Test
    void withItsFirstFolderLostItDoesNotGuessBetweenTwoJournals() {
        prepare(open(JournalOptions.in(List.of(B), (level, text) -> {})), "theirs", data(1, "x"));
        prepare(open(JournalOptions.in(List.of(A), (level, text) -> {})), "ours", data(1, "x"));
        assertThatThrownBy(this::open).isInstanceOf(StorageUnavailableException.class);
    }
}
