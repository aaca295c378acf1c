package org.zeoraid.storage.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.storage.contract.Steps.bytes;
import static org.zeoraid.storage.contract.Steps.content;
import static org.zeoraid.storage.contract.Steps.oid;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PreparedTransactions.Fate;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.seam.CrashWalk;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;
import org.zeoraid.storage.seam.StallingEnvironment;

/** What the journal knows after a restart, whatever happened to its files. */
class PreparedJournalTest {

    private static final Path STATE = Path.of("/array/state");
    private static final Path A = Path.of("/array/a");
    private static final Path B = Path.of("/array/b");
    private static final List<Path> FOLDERS = List.of(STATE, A, B);

    private final List<String> notes = new ArrayList<>();
    private FaultDisk disk = fresh();
    private SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);
    private StallingEnvironment stalls = new StallingEnvironment(environment);

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
        return open(options());
    }

    private PreparedJournal open(JournalOptions options) {
        return open(options, PreparedJournal.Unseen.HAS_NONE);
    }

    private PreparedJournal open(JournalOptions options, PreparedJournal.Unseen unseen) {
        return await(PreparedJournal.open("main", stalls, options, unseen));
    }

    private <T> T await(CompletionStage<T> stage) {
        try {
            return environment.await(stage);
        } catch (CompletionException e) {
            if (e.getCause() instanceof StorageException cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** A new process with this disk. */
    private void start(FaultDisk found) {
        disk = found;
        environment = new SimulatedEnvironment(found.steps() + 2, found);
        stalls = new StallingEnvironment(environment);
    }

    /** A new process with nothing but what lies in these folders; the state directory is there, as an array makes it. */
    private PreparedJournal startWith(FaultDisk found, Path... folders) {
        FaultDisk left = new FaultDisk();
        left.put(STATE.resolve("something"), bytes("there"));
        for (Path folder : folders) {
            copy(found, folder, left);
        }
        start(left);
        return open();
    }

    /** What comes back after the process was killed, and maybe the machine. */
    private PreparedJournal reopen(long seed) {
        start(disk.afterCrash(seed));
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
        return await(prepareLater(journal, name, records));
    }

    private CompletionStage<Map<Oid, BlobSource>> prepareLater(
            PreparedJournal journal, String name, DataRecord... records) {
        return journal.prepare(branch(name, records.length), changes(records));
    }

    private List<DataRecord> read(PreparedJournal journal, String name) {
        List<DataRecord> records = new ArrayList<>();
        await(journal.readChanges(id(name), records::add));
        return records;
    }

    private static List<String> inDoubt(PreparedJournal journal) {
        return journal.inDoubt().stream()
                .map(branch -> branch.meta().descriptionText())
                .toList();
    }

    @Test
    void nothingIsWrittenBeforeThereIsSomething() {
        await(open().close());
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
        await(journal.end(id("large"), Fate.COMMITTED, new Tid(9)));
        environment.advance(Duration.ofSeconds(1));

        assertThat(disk.files()).noneMatch(file -> file.toString().endsWith(".branch"));
        PreparedJournal after = reopen(FaultDisk.NOTHING_SURVIVES);
        assertThat(after.inDoubt()).isEmpty();
        assertThat(after.end(id("large")).orElseThrow().tid()).isEqualTo(new Tid(9));

        await(after.forget(id("large")));
        assertThat(reopen(FaultDisk.NOTHING_SURVIVES).ends()).isEmpty();
    }

    @Test
    void oldEndsAreForgottenButNotWhatAnAdminDecided() {
        PreparedJournal journal = open(options().withRemembered(3));
        prepare(journal, "forced", data(1, "x"));
        await(journal.end(id("forced"), Fate.ROLLED_BACK_BY_ADMIN, Tid.NONE));
        for (int i = 0; i < 10; i++) {
            prepare(journal, "t" + i, data(1, "x"));
            journal.endSoon(id("t" + i), Fate.COMMITTED, new Tid(10 + i));
        }
        await(journal.flush());

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
        await(journal.flush());

        assertThat(disk.contents(STATE.resolve("raid.prepared")).length).isLessThan(60_000);
        PreparedJournal after = reopen(FaultDisk.NOTHING_SURVIVES);
        assertThat(inDoubt(after)).containsExactly("stays");
        assertThat(after.ends()).hasSize(200);
        assertThat(read(after, "stays")).containsExactly(data(1, "x".repeat(5000)));
    }

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
    void whileItIsFilledTheFileInWhichItIsLaidDownNextIsMadeBeside() {
        PreparedJournal journal = open();
        prepare(journal, "stays", data(1, "x"));
        environment.advance(Duration.ofSeconds(1));
        long made = 0;
        for (int i = 0; i < 40; i++) {
            prepare(journal, "t" + i, data(2, "y".repeat(100)));
            journal.endSoon(id("t" + i), Fate.COMMITTED, new Tid(10 + i));
            environment.advance(Duration.ofSeconds(1));
            made = disk.journal().stream()
                    .filter(operation -> operation.kind() == FaultDisk.Kind.CREATE)
                    .filter(operation -> operation.path().endsWith("raid.prepared.new"))
                    .count();
        }
        // Each folder's first one only.
        assertThat(made).isEqualTo(3);
        assertThat(disk.journal())
                .anyMatch(operation -> operation.kind() == FaultDisk.Kind.CREATE
                        && operation.path().endsWith("raid.prepared.spare"));
        assertThat(inDoubt(reopen(FaultDisk.NOTHING_SURVIVES))).containsExactly("stays");
    }

    @Test
    void withoutAnyFolderNothingIsPreparedAndItSaysWhy() {
        PreparedJournal journal = open();
        disk.limitTo(disk.usedBytes());

        assertThatThrownBy(() -> prepare(journal, "one", data(1, "x"))).isInstanceOf(DiskFullException.class);
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
        start(crashing);
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
                await(journal.end(id(ending), fate, new Tid(50 + i)));
                refuseToRunOn(crashing);
                noted.ended.put(ending, fate);
            }
        }
        await(journal.close());
    }

    /** A machine that has crashed acknowledges nothing, though the process in this test goes on. */
    private static void refuseToRunOn(FaultDisk crashing) {
        if (crashing.hasCrashed()) {
            throw new IllegalStateException("crashed");
        }
    }

    private void check(FaultDisk left, Notes noted) {
        start(left);
        open();
        // What was found is there the next time too, without the other folders.
        FaultDisk found = disk.copy();
        check(startWith(found, STATE), noted);
        start(found);
        PreparedJournal journal = open();
        check(journal, noted);
        List<String> before = inDoubt(journal);
        prepare(journal, "next", data(99, "x"));
        assertThat(inDoubt(reopen(FaultDisk.NOTHING_SURVIVES)))
                .containsAll(before)
                .contains("next");
    }

    private void check(PreparedJournal journal, Notes noted) {
        assertThat(noted.asked).containsAll(inDoubt(journal));
        assertThat(inDoubt(journal)).containsAll(noted.prepared.keySet());
        noted.prepared.forEach((name, text) -> assertThat(
                        Steps.text(read(journal, name).get(0).data().orElseThrow()))
                .isEqualTo(text));
        noted.ended.forEach((name, fate) -> {
            assertThat(inDoubt(journal)).doesNotContain(name);
            assertThat(journal.end(id(name)).orElseThrow().fate()).isEqualTo(fate);
        });
    }
}
