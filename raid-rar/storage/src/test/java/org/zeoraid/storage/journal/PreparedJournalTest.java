package org.zeoraid.storage.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.content;
import static org.zeoraid.storage.contract.Steps.oid;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PreparedTransactions.Fate;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.seam.CrashWalk;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;

/** What the journal knows after a restart, whatever happened to its files. */
class PreparedJournalTest {

    private static final Path STATE = Path.of("/array/state");
    private static final Path A = Path.of("/array/a");
    private static final Path B = Path.of("/array/b");
    private static final List<Path> FOLDERS = List.of(STATE, A, B);

    private final List<String> notes = new ArrayList<>();
    private FaultDisk disk = fresh();
    private SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);

    private static FaultDisk fresh() {
        FaultDisk disk = new FaultDisk();
        FOLDERS.forEach(folder -> disk.put(folder.resolve("something"), bytes("there")));
        return disk;
    }

    private JournalOptions options() {
        return JournalOptions.in(FOLDERS, (level, text) -> notes.add(text))
                .withRoom(4096)
                .withInline(500);
    }

    private PreparedJournal open() {
        return PreparedJournal.open("main", environment, options());
    }

    /** What comes back after the process was killed, and maybe the machine. */
    private PreparedJournal reopen(long seed) {
        disk = disk.afterCrash(seed);
        environment = new SimulatedEnvironment(seed, disk);
        return open();
    }

    private static BranchId id(String name) {
        return new BranchId(7, bytes(name), bytes("node-1"));
    }

    private static CommittedTransaction changes(DataRecord... records) {
        return CommittedTransaction.of(
                new TransactionHeader(Tid.NONE, TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0),
                List.of(records));
    }

    private static DataRecord data(long oid, String text) {
        return new DataRecord(oid(oid), new Content.Data(bytes(text)));
    }

    private PreparedJournal.Branch branch(String name, int changes) {
        return new PreparedJournal.Branch(
                id(name),
                environment.clock().instant(),
                new Tid(5),
                TransactionMeta.of("me", name),
                List.of(oid(100), oid(101)),
                changes,
                42);
    }

    private Map<Oid, BlobSource> prepare(PreparedJournal journal, String name, DataRecord... records) {
        return environment.await(journal.prepare(branch(name, records.length), changes(records)));
    }

    private static List<DataRecord> read(PreparedJournal journal, String name) {
        List<DataRecord> records = new ArrayList<>();
        journal.readChanges(id(name), records::add);
        return records;
    }

    private static List<String> inDoubt(PreparedJournal journal) {
        return journal.inDoubt().stream()
                .map(branch -> branch.meta().descriptionText())
                .toList();
    }

    @Test
    void nothingIsWrittenBeforeThereIsSomething() {
        open().close();
        assertThat(disk.steps()).isZero();
    }

    @Test
    void aPreparedBranchIsThereAfterThePowerFailed() {
        PreparedJournal journal = open();
        DataRecord link = new DataRecord(oid(2), new Content.Link(new Tid(3), bytes("before")));
        DataRecord gone = new DataRecord(oid(3), Content.ABSENT);
        prepare(journal, "one", data(1, "new"), link, gone);
        PreparedJournal.Branch before = journal.inDoubt().get(0);

        PreparedJournal after = reopen(FaultDisk.NOTHING_SURVIVES);

        assertThat(after.inDoubt().get(0))
                .usingRecursiveComparison()
                .ignoringFields("since")
                .isEqualTo(before);
        assertThat(read(after, "one")).containsExactly(data(1, "new"), link, gone);
    }

    @Test
    void largeOnesAndBlobsAreThereToo() {
        PreparedJournal journal = open();
        byte[] content = bytes("blob ".repeat(40_000));
        DataRecord blob =
                new DataRecord(oid(2), new Content.Data(Steps.blobRecord()), Optional.of(Steps.blob(content)));
        Map<Oid, BlobSource> kept = prepare(journal, "large", data(1, "x".repeat(5000)), blob, data(3, "end"));
        assertThat(content(kept.get(oid(2)))).isEqualTo(content);

        PreparedJournal after = reopen(FaultDisk.NOTHING_SURVIVES);

        List<DataRecord> records = read(after, "large");
        assertThat(records.get(0)).isEqualTo(data(1, "x".repeat(5000)));
        assertThat(content(records.get(1).blob().orElseThrow())).isEqualTo(content);
        assertThat(records.get(2)).isEqualTo(data(3, "end"));
    }

    @Test
    void anEndIsRememberedAndTheBranchsFilesGo() {
        PreparedJournal journal = open();
        prepare(journal, "large", data(1, "x".repeat(5000)));
        assertThat(disk.files()).anyMatch(file -> file.toString().endsWith(".branch"));
        environment.await(journal.end(id("large"), Fate.COMMITTED, new Tid(9)));
        environment.advance(Duration.ofSeconds(1));

        assertThat(disk.files()).noneMatch(file -> file.toString().endsWith(".branch"));
        PreparedJournal after = reopen(FaultDisk.NOTHING_SURVIVES);
        assertThat(after.inDoubt()).isEmpty();
        assertThat(after.end(id("large")).orElseThrow().tid()).isEqualTo(new Tid(9));

        environment.await(after.forget(id("large")));
        assertThat(reopen(FaultDisk.NOTHING_SURVIVES).ends()).isEmpty();
    }

    @Test
    void oldEndsAreForgottenButNotWhatAnAdminDecided() {
        PreparedJournal journal =
                PreparedJournal.open("main", environment, options().withRemembered(3));
        prepare(journal, "forced", data(1, "x"));
        environment.await(journal.end(id("forced"), Fate.ROLLED_BACK_BY_ADMIN, Tid.NONE));
        for (int i = 0; i < 10; i++) {
            prepare(journal, "t" + i, data(1, "x"));
            journal.endSoon(id("t" + i), Fate.COMMITTED, new Tid(10 + i));
        }
        environment.await(journal.flush());

        assertThat(journal.ends())
                .extracting(PreparedJournal.End::id)
                .containsExactly(id("forced"), id("t8"), id("t9"));
    }

    @Test
    void itIsLaidDownAnewWhenItIsFull() throws Exception {
        PreparedJournal journal = open();
        prepare(journal, "stays", data(1, "x".repeat(5000)));
        for (int i = 0; i < 200; i++) {
            prepare(journal, "t" + i, data(2, "y".repeat(100)));
            journal.endSoon(id("t" + i), Fate.COMMITTED, new Tid(10 + i));
        }
        environment.await(journal.flush());

        assertThat(disk.contents(STATE.resolve("raid.prepared")).length).isLessThan(60_000);
        PreparedJournal after = reopen(FaultDisk.NOTHING_SURVIVES);
        assertThat(inDoubt(after)).containsExactly("stays");
        assertThat(after.ends()).hasSize(200);
        assertThat(read(after, "stays")).containsExactly(data(1, "x".repeat(5000)));
    }

    @Test
    void anyOneFolderIsEnough() {
        for (Path only : FOLDERS) {
            disk = fresh();
            environment = new SimulatedEnvironment(1, disk);
            PreparedJournal journal = open();
            prepare(journal, "small", data(1, "x"));
            prepare(journal, "large", data(2, "x".repeat(5000)));

            FaultDisk left = new FaultDisk();
            copy(disk.afterCrash(FaultDisk.NOTHING_SURVIVES), only, left);
            disk = left;
            environment = new SimulatedEnvironment(2, disk);
            PreparedJournal after = open();

            assertThat(inDoubt(after)).containsExactly("small", "large");
            assertThat(read(after, "large")).containsExactly(data(2, "x".repeat(5000)));

            // It goes on, and once the folders are there again they have everything.
            FOLDERS.forEach(folder -> left.put(folder.resolve("something"), bytes("there")));
            prepare(after, "next", data(3, "x"));
            PreparedJournal healed = reopen(FaultDisk.NOTHING_SURVIVES);
            assertThat(inDoubt(healed)).containsExactly("small", "large", "next");
            for (Path folder : FOLDERS) {
                assertThat(disk.files())
                        .anyMatch(file ->
                                file.startsWith(folder) && file.toString().endsWith(".branch"));
            }
        }
    }

    private static void copy(FaultDisk from, Path folder, FaultDisk to) {
        for (Path file : from.files()) {
            if (file.startsWith(folder)) {
                try {
                    to.put(file, from.contents(file));
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        }
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
        environment.await(journal.end(id("before"), Fate.COMMITTED, new Tid(9)));
        prepare(journal, "after", data(1, "y"));

        assertThat(notes).singleElement().asString().contains("/array/a").contains("any more");
        FaultDisk left = new FaultDisk();
        copy(disk, A, left);
        copy(disk, B, left);
        assertThat(inDoubt(PreparedJournal.open("main", new SimulatedEnvironment(1, left), options())))
                .containsExactly("after");
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
                .hasCauseInstanceOf(StorageUnavailableException.class);
        assertThat(inDoubt(journal)).containsExactly("before");
        failing.close();
        prepare(journal, "after", data(2, "x"));
        assertThat(inDoubt(reopen(FaultDisk.NOTHING_SURVIVES))).containsExactly("before", "after");
    }

    @Test
    void otherFoldersAreNotEvenLookedAtWhileTheFirstIsWhole() {
        PreparedJournal journal = open();
        prepare(journal, "one", data(1, "x"));
        disk = disk.afterCrash(FaultDisk.NOTHING_SURVIVES);
        disk.rule(operation -> {
            if (!operation.path().startsWith(STATE)) {
                throw new IOException("a disk that hangs");
            }
        });
        environment = new SimulatedEnvironment(2, disk);
        assertThat(inDoubt(open())).containsExactly("one");
        assertThat(notes).isEmpty();
    }

    @Test
    void aFolderThatHangsDoesNotHoldUpTheOthersForLong() throws Exception {
        PreparedJournal journal = open();
        prepare(journal, "before", data(1, "x"));
        AutoCloseable failing = disk.rule(operation -> {
            if (operation.kind() != FaultDisk.Kind.READ && operation.path().startsWith(B)) {
                throw new IOException("input/output error");
            }
        });
        prepare(journal, "meanwhile", data(2, "x"));
        failing.close();
        environment.advance(Duration.ofMinutes(1));
        prepare(journal, "later", data(3, "x"));

        assertThat(notes).hasSize(2);
        assertThat(notes.get(1)).contains("/array/b again");
    }

    @Test
    void withoutAnyFolderNothingIsPreparedAndItSaysWhy() {
        PreparedJournal journal = open();
        disk.limitTo(disk.usedBytes());

        assertThatThrownBy(() -> prepare(journal, "one", data(1, "x"))).hasCauseInstanceOf(DiskFullException.class);
        assertThat(journal.inDoubt()).isEmpty();

        disk.limitTo(Long.MAX_VALUE);
        prepare(journal, "two", data(1, "x"));
        assertThat(inDoubt(reopen(FaultDisk.NOTHING_SURVIVES))).containsExactly("two");
    }

    @Test
    void aDamagedCopyIsMadeUpForByAnother() throws Exception {
        PreparedJournal journal = open();
        prepare(journal, "one", data(1, "x"));
        prepare(journal, "two", data(2, "x"));
        environment.await(journal.end(id("one"), Fate.COMMITTED, new Tid(9)));
        for (int at : List.of(3, 70, 200)) {
            FaultDisk damaged = disk.afterCrash(FaultDisk.ALL_SURVIVES);
            byte[] bytes = damaged.contents(STATE.resolve("raid.prepared"));
            bytes[at] ^= 1;
            damaged.put(STATE.resolve("raid.prepared"), bytes);

            assertThat(inDoubt(PreparedJournal.open("main", new SimulatedEnvironment(1, damaged), options())))
                    .containsExactly("two");
        }
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
        PreparedJournal foreign =
                PreparedJournal.open("other", environment, JournalOptions.in(List.of(B), (level, text) -> {}));
        prepare(foreign, "theirs", data(1, "x"));
        byte[] before = disk.contents(B.resolve("raid.prepared"));
        PreparedJournal journal =
                PreparedJournal.open("main", environment, JournalOptions.in(List.of(STATE, A), (level, text) -> {}));
        prepare(journal, "ours", data(2, "x"));

        PreparedJournal after = reopen(FaultDisk.NOTHING_SURVIVES);

        assertThat(inDoubt(after)).containsExactly("ours");
        prepare(after, "next", data(3, "x"));
        assertThat(disk.contents(B.resolve("raid.prepared"))).isEqualTo(before);
        assertThat(notes).anyMatch(note -> note.contains("another array"));
    }

    @Test
    void withItsFirstFolderLostItDoesNotGuessBetweenTwoJournals() {
        prepare(
                PreparedJournal.open("other", environment, JournalOptions.in(List.of(B), (level, text) -> {})),
                "theirs",
                data(1, "x"));
        prepare(
                PreparedJournal.open("main", environment, JournalOptions.in(List.of(A), (level, text) -> {})),
                "ours",
                data(1, "x"));
        assertThatThrownBy(this::open).isInstanceOf(StorageUnavailableException.class);
    }

    @Test
    void foldersCanComeAndGo() {
        PreparedJournal journal = open();
        prepare(journal, "large", data(1, "x".repeat(5000)));
        journal.moveTo(List.of(STATE, A));
        prepare(journal, "one", data(2, "x"));
        journal.moveTo(FOLDERS);
        prepare(journal, "two", data(3, "x"));
        environment.await(journal.flush());

        FaultDisk left = new FaultDisk();
        copy(disk.afterCrash(FaultDisk.NOTHING_SURVIVES), B, left);
        PreparedJournal after = PreparedJournal.open("main", new SimulatedEnvironment(1, left), options());
        assertThat(inDoubt(after)).containsExactly("large", "one", "two");
        assertThat(read(after, "large")).hasSize(1);
    }

    /** What was acknowledged before the crash. */
    private static final class Notes {
        final Map<String, String> prepared = new LinkedHashMap<>();
        final Map<String, Fate> ended = new LinkedHashMap<>();
        final List<String> asked = new ArrayList<>();
    }

    @Test
    void whateverStepTheCrashComesInNothingAcknowledgedIsLost() {
        long steps = new CrashWalk<>(PreparedJournalTest::fresh, Notes::new, this::scenario).walk(6, (left, noted) -> {
            check(left.copy(), noted);
            // One disk is lost on top of that.
            for (Path lost : FOLDERS) {
                FaultDisk rest = new FaultDisk();
                FOLDERS.stream().filter(folder -> !folder.equals(lost)).forEach(folder -> copy(left, folder, rest));
                rest.put(lost.resolve("something"), bytes("a new disk"));
                check(rest, noted);
            }
        });
        assertThat(steps).isGreaterThan(60);
    }

    private void scenario(FaultDisk crashing, Notes noted) {
        disk = crashing;
        environment = new SimulatedEnvironment(3, crashing);
        PreparedJournal journal = open();
        for (int i = 0; i < 6; i++) {
            String name = "t" + i;
            String text = (i % 3 == 2 ? "large " : "small ").repeat(i % 3 == 2 ? 200 : 2) + i;
            noted.asked.add(name);
            prepare(journal, name, data(i, text));
            refuseToRunOn(crashing);
            noted.prepared.put(name, text);
            if (i % 2 == 0) {
                Fate fate = i % 4 == 0 ? Fate.COMMITTED : Fate.ROLLED_BACK;
                String ending = "t" + i / 2;
                noted.prepared.remove(ending);
                environment.await(journal.end(id(ending), fate, new Tid(50 + i)));
                refuseToRunOn(crashing);
                noted.ended.put(ending, fate);
            }
        }
        journal.close();
    }

    /** A machine that has crashed acknowledges nothing, though the process in this test goes on. */
    private static void refuseToRunOn(FaultDisk crashing) {
        if (crashing.hasCrashed()) {
            throw new IllegalStateException("crashed");
        }
    }

    private void check(FaultDisk left, Notes noted) {
        disk = left;
        environment = new SimulatedEnvironment(4, left);
        PreparedJournal journal = open();
        assertThat(noted.asked).containsAll(inDoubt(journal));
        assertThat(inDoubt(journal)).containsAll(noted.prepared.keySet());
        noted.prepared.forEach((name, text) -> assertThat(
                        Steps.text(read(journal, name).get(0).data().orElseThrow()))
                .isEqualTo(text));
        noted.ended.forEach((name, fate) -> {
            assertThat(inDoubt(journal)).doesNotContain(name);
            assertThat(journal.end(id(name)).orElseThrow().fate()).isEqualTo(fate);
        });
        List<String> before = inDoubt(journal);
        prepare(journal, "next", data(99, "x"));
        assertThat(inDoubt(reopen(FaultDisk.NOTHING_SURVIVES)))
                .containsAll(before)
                .contains("next");
    }
}
