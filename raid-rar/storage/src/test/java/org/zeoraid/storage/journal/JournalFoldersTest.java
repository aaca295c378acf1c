package org.zeoraid.storage.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.storage.contract.Steps.bytes;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.PreparedTransactions.Fate;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.seam.FaultDisk;

/** A journal whose folders are lost, old, late, slow, or hang. */
class JournalFoldersTest extends JournalRig {

    @Test
    void anyOneFolderIsEnough() {
        for (Path only : FOLDERS) {
            start(fresh());
            PreparedJournal journal = open();
            prepare(journal, "small", data(1, "x"));
            prepare(journal, "large", data(2, "x".repeat(5000)));
            await(journal.close());

            PreparedJournal after = startWith(disk.afterCrash(FaultDisk.NOTHING_SURVIVES), only);

            assertThat(inDoubt(after)).containsExactly("small", "large");
            assertThat(read(after, "large")).containsExactly(data(2, "x".repeat(5000)));

            // It goes on, and once the folders are there again they have everything.
            FOLDERS.forEach(folder -> disk.put(folder.resolve("something"), bytes("there")));
            after.spread();
            environment.advance(Duration.ofMinutes(1));
            PreparedJournal healed = reopen(FaultDisk.NOTHING_SURVIVES);
            assertThat(inDoubt(healed)).containsExactly("small", "large");
            for (Path folder : FOLDERS) {
                assertThat(disk.files())
                        .anyMatch(file ->
                                file.startsWith(folder) && file.toString().endsWith(".branch"));
            }
        }
    }

    @Test
    void whatWasReadFromAnotherFolderIsInTheFirstBeforeItCounts() {
        PreparedJournal journal = open();
        prepare(journal, "small", data(1, "x"));
        prepare(journal, "large", data(2, "x".repeat(5000)));
        await(journal.close());
        startWith(disk.afterCrash(FaultDisk.NOTHING_SURVIVES), A);

        // Nothing is noted before the second start, and this time the copy is away.
        PreparedJournal second = startWith(disk.afterCrash(FaultDisk.NOTHING_SURVIVES), STATE);

        assertThat(inDoubt(second)).containsExactly("small", "large");
        assertThat(read(second, "large")).containsExactly(data(2, "x".repeat(5000)));
    }

    @Test
    void theFileThatAloneIsMissingIsMadeUpForToo() throws Exception {
        PreparedJournal journal = open();
        prepare(journal, "one", data(1, "x"));
        await(journal.close());
        disk.delete(STATE.resolve("raid.prepared"));
        disk.syncFolder(STATE);

        assertThat(inDoubt(reopen(FaultDisk.NOTHING_SURVIVES))).containsExactly("one");
    }

    @Test
    void withTheFirstLostAFolderThatIsNotThereMayHaveTheNewestCopy() {
        PreparedJournal journal = open();
        prepare(journal, "old", data(1, "x"));
        await(journal.close());
        FaultDisk early = disk.afterCrash(FaultDisk.NOTHING_SURVIVES);
        start(early.copy());
        prepare(open(), "new", data(2, "x"));
        environment.advance(Duration.ofSeconds(1));
        FaultDisk late = disk.afterCrash(FaultDisk.NOTHING_SURVIVES);

        // A has an old copy, and the disk of B is mounted later.
        FaultDisk left = new FaultDisk();
        left.put(STATE.resolve("something"), bytes("there"));
        copy(early, A, left);
        start(left);
        assertThatThrownBy(() -> open(options(), PreparedJournal.Unseen.MAY_HAVE_A_COPY))
                .isInstanceOf(StorageUnavailableException.class)
                .hasMessageContaining("/array/b");
        copy(late, B, left);
        assertThat(inDoubt(open(options(), PreparedJournal.Unseen.MAY_HAVE_A_COPY)))
                .containsExactly("old", "new");
    }

    @Test
    void aFirstCopyOutOfABackupIsNotBelieved() {
        PreparedJournal journal = open();
        prepare(journal, "one", data(1, "x"));
        await(journal.close());
        FaultDisk backup = disk.afterCrash(FaultDisk.NOTHING_SURVIVES);
        start(backup.copy());
        PreparedJournal next = open();
        await(next.end(id("one"), Fate.COMMITTED, new Tid(9)));
        prepare(next, "two", data(2, "x"));
        await(next.close());

        FaultDisk restored = new FaultDisk();
        copy(backup, STATE, restored);
        copy(disk, A, restored);
        start(restored);
        PreparedJournal after = open();

        assertThat(inDoubt(after)).containsExactly("two");
        assertThat(after.end(id("one"))).isPresent();
    }

    @Test
    void anotherFolderThatFailsIsLeftBehindAndItsOldCopyDoesNotCount() {
        PreparedJournal journal = open();
        prepare(journal, "before", data(1, "x"));
        disk.rule(operation -> {
            if (operation.kind() == FaultDisk.Kind.SYNC && operation.path().startsWith(A)) {
                throw new IOException("input/output error");
            }
        });
        await(journal.end(id("before"), Fate.COMMITTED, new Tid(9)));
        prepare(journal, "after", data(1, "y"));

        assertThat(notes).singleElement().asString().contains("/array/a").contains("any more");
        assertThat(inDoubt(startWith(disk, A, B))).containsExactly("after");
    }

    @Test
    void whatIsNotInTheFirstFolderDoesNotHold() throws Exception {
        PreparedJournal journal = open();
        prepare(journal, "before", data(1, "x"));
        AutoCloseable failing = disk.rule(operation -> {
            if (operation.kind() == FaultDisk.Kind.SYNC && operation.path().startsWith(STATE)) {
                throw new IOException("input/output error");
            }
        });
        assertThatThrownBy(() -> prepare(journal, "refused", data(2, "x")))
                .isInstanceOf(StorageUnavailableException.class);
        assertThat(inDoubt(journal)).containsExactly("before");
        failing.close();
        prepare(journal, "after", data(2, "x"));
        assertThat(inDoubt(reopen(FaultDisk.NOTHING_SURVIVES))).containsExactly("before", "after");
    }

    @Test
    void anotherFolderThatHangsHoldsUpTheStartForAMomentOnly() {
        PreparedJournal journal = open();
        prepare(journal, "one", data(1, "x"));
        start(disk.afterCrash(FaultDisk.NOTHING_SURVIVES));
        stalls.hang("prepared-main-2");
        PreparedJournal after = open();
        assertThat(inDoubt(after)).containsExactly("one");
        assertThat(environment.elapsed()).isLessThan(Duration.ofSeconds(15));

        Duration before = environment.elapsed();
        prepare(after, "two", data(2, "x"));
        assertThat(environment.elapsed().minus(before)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aFolderThatHangsDoesNotHoldUpTheOthersForLong() {
        for (boolean large : List.of(false, true)) {
            notes.clear();
            start(fresh());
            PreparedJournal journal = open(options().withFolders(List.of(STATE, A)));
            prepare(journal, "before", data(1, "x"));
            stalls.hang("prepared-main-2");

            prepare(journal, "meanwhile", data(2, "x".repeat(large ? 5000 : 1)));
            assertThat(environment.elapsed()).isLessThan(Duration.ofSeconds(15));
            Duration late = environment.elapsed();
            prepare(journal, "next", data(3, "x".repeat(large ? 5000 : 1)));
            assertThat(environment.elapsed().minus(late)).isLessThan(Duration.ofSeconds(1));
            assertThat(notes).singleElement().asString().contains("/array/a").contains("hangs");

            stalls.goOn("prepared-main-2");
            environment.advance(Duration.ofMinutes(1));
            assertThat(notes).hasSize(2);
            assertThat(notes.get(1)).contains("/array/a again");
            assertThat(inDoubt(startWith(disk.afterCrash(FaultDisk.NOTHING_SURVIVES), A)))
                    .containsExactly("before", "meanwhile", "next");
        }
    }

    @Test
    void ofSeveralDisksTheSlowestIsNotWaitedFor() {
        PreparedJournal journal = open();
        prepare(journal, "before", data(1, "x"));
        stalls.hang("prepared-main-2");
        Duration before = environment.elapsed();
        prepare(journal, "small", data(2, "x"));
        prepare(journal, "large", data(3, "x".repeat(5000)));
        assertThat(environment.elapsed().minus(before)).isLessThan(Duration.ofSeconds(1));
        assertThat(inDoubt(startWith(disk.afterCrash(FaultDisk.NOTHING_SURVIVES), B)))
                .containsExactly("before", "small", "large");
    }

    @Test
    void whileTheFirstFolderHangsNothingIsPreparedAndNobodyWaitsForEver() {
        for (boolean large : List.of(false, true)) {
            start(fresh());
            PreparedJournal journal = open();
            prepare(journal, "before", data(1, "x"));
            stalls.hang("prepared-main-1");
            DataRecord record = data(2, "x".repeat(large ? 5000 : 1));
            assertThatThrownBy(() -> prepare(journal, "refused", record))
                    .isInstanceOf(StorageUnavailableException.class)
                    .hasMessageContaining("/array/state hangs");
            assertThat(environment.elapsed()).isLessThan(Duration.ofSeconds(15));
            assertThat(inDoubt(journal)).containsExactly("before");

            stalls.goOn("prepared-main-1");
            environment.advance(Duration.ofSeconds(1));
            prepare(journal, "after", data(3, "x"));
            assertThat(disk.files()).noneMatch(file -> file.toString().endsWith(".branch"));
            assertThat(inDoubt(reopen(FaultDisk.NOTHING_SURVIVES))).containsExactly("before", "after");
        }
    }

    @Test
    void aFolderThatHangsHoldsUpNeitherAReloadNorTheEnd() {
        PreparedJournal journal = open();
        prepare(journal, "one", data(1, "x"));
        stalls.hang("prepared-main-2");
        prepare(journal, "two", data(2, "x"));

        journal.moveTo(List.of(STATE, B));
        prepare(journal, "three", data(3, "x"));
        stalls.hang("prepared-main-3");
        journal.endSoon(id("one"), Fate.COMMITTED, new Tid(9));
        await(journal.close());

        assertThat(environment.elapsed()).isLessThan(Duration.ofSeconds(15));
        assertThat(inDoubt(startWith(disk.afterCrash(FaultDisk.NOTHING_SURVIVES), STATE)))
                .containsExactly("two", "three");
    }

    @Test
    void onOneDiskOneSyncIsEnoughAndTheOtherFoldersFollow() {
        disk.isOneDisk(Path.of("/array"));
        PreparedJournal journal = open();
        prepare(journal, "first", data(1, "x"));
        environment.advance(Duration.ofSeconds(1));
        long before = disk.steps();
        prepare(journal, "one", data(2, "x"));
        prepare(journal, "two", data(3, "x"));

        assertThat(disk.journal().stream().skip(before).filter(operation -> operation.kind() == FaultDisk.Kind.SYNC))
                .hasSize(2);
        environment.advance(Duration.ofSeconds(1));
        for (Path folder : List.of(A, B)) {
            FaultDisk found = disk.afterCrash(FaultDisk.NOTHING_SURVIVES);
            PreparedJournal after = startWith(found, folder);
            assertThat(inDoubt(after)).containsExactly("first", "one", "two");
            disk = found;
        }
    }

    @Test
    void foldersCanComeAndGo() {
        PreparedJournal journal = open();
        prepare(journal, "large", data(1, "x".repeat(5000)));
        journal.moveTo(List.of(STATE, A));
        prepare(journal, "one", data(2, "x"));
        journal.moveTo(FOLDERS);
        prepare(journal, "two", data(3, "x"));
        await(journal.flush());

        environment.advance(Duration.ofSeconds(1));
        PreparedJournal after = startWith(disk.afterCrash(FaultDisk.NOTHING_SURVIVES), B);
        assertThat(inDoubt(after)).containsExactly("large", "one", "two");
        assertThat(read(after, "large")).hasSize(1);
    }
}
