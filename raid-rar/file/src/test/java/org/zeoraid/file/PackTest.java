package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.zeoraid.file.Logs.data;
import static org.zeoraid.file.Logs.fixture;
import static org.zeoraid.file.Logs.link;
import static org.zeoraid.file.Logs.tid;
import static org.zeoraid.file.Logs.transaction;
import static org.zeoraid.storage.contract.Pickles.referencing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.logging.Level;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackRequest.Garbage;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.VerifyResult;
import org.zeoraid.storage.seam.DiskFile;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;

class PackTest {

    private static final Path FILE = Path.of("/data/Data.fs");
    private static final FileOptions OPTIONS = FileOptions.of("m", FILE);

    private final FaultDisk disk = new FaultDisk();
    private SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);

    private FileLog open(byte[] content) {
        disk.put(FILE, content);
        return FileLog.open(OPTIONS, environment);
    }

    private FileLog openEmpty() {
        return FileLog.open(OPTIONS, environment);
    }

    private PackResult pack(FileLog log, Tid upTo, Garbage garbage) {
        return environment.await(log.pack(new PackRequest(upTo, garbage)));
    }

    private Tid append(FileLog log, long number, DataRecord... records) {
        environment.await(log.append(Logs.last(log), transaction(tid(number), records)));
        return tid(number);
    }

    private static List<TransactionDigest> digestsAfter(FileLog log, Tid tid) {
        return Logs.all(log.digests(tid.after(), Tid.MAX));
    }

    @Test
    void aRealDatabasePackedToItsEndHasTheSameBytesAsPackedByPython() throws IOException {
        FileLog log = open(fixture("history.fs"));

        PackResult result = pack(log, Tid.MAX, Garbage.COLLECT);
        log.close();

        assertThat(disk.contents(FILE)).isEqualTo(fixture("packed.fs"));
        assertThat(disk.contents(Path.of("/data/Data.fs.old"))).startsWith(fixture("history.fs"));
        assertThat(result.bytesBefore()).isEqualTo(fixture("history.fs").length);
        assertThat(result.bytesAfter()).isEqualTo(fixture("packed.fs").length);
        assertThat(disk.list(FILE.getParent()))
                .containsExactly("Data.fs", "Data.fs.crc", "Data.fs.idx", "Data.fs.old", "Data.fs.raidlock");
    }

    @Test
    void aPackIntoTheMiddleKeepsAllLaterHistoryAndEveryObjectsStateThen() {
        FileLog whole = FileLog.open(OPTIONS, withFixture(new SimulatedEnvironment(2)));
        List<CommittedTransaction> before = Logs.transactions(whole);
        for (int at = 10; at < before.size(); at += 50) {
            Tid upTo = before.get(at).tid();
            SimulatedEnvironment fresh = withFixture(new SimulatedEnvironment(at));
            FileLog log = FileLog.open(OPTIONS, fresh);
            fresh.await(log.pack(new PackRequest(upTo, Garbage.KEEP)));

            assertThat(digestsAfter(log, upTo)).isEqualTo(digestsAfter(whole, upTo));
            for (CommittedTransaction transaction : Logs.transactions(log)) {
                boolean packed = !transaction.tid().isAfter(upTo);
                assertThat(transaction.header().status())
                        .isEqualTo(packed ? TransactionStatus.PACKED : TransactionStatus.COMMITTED);
            }
            Logs.all(whole.currentRecords(Oid.ROOT)).forEach(current -> {
                var then = load(whole, current.oid(), upTo.after());
                assertThat(load(log, current.oid(), upTo.after())).isEqualTo(then);
            });
            assertThat(Logs.get(log.undoLog(0, 1000)))
                    .hasSize(before.size() - at - 1)
                    .allMatch(header -> header.tid().isAfter(upTo));
            assertThat(Logs.get(log.packedTo())).isEqualTo(upTo);
            log.close();
        }
    }

    private static SimulatedEnvironment withFixture(SimulatedEnvironment environment) {
        ((FaultDisk) environment.disk()).put(FILE, fixture("history.fs"));
        return environment;
    }

    /** The text of what there was of an object, the end of the revision left out. */
    private static String load(FileLog log, Oid oid, Tid before) {
        try {
            return Logs.get(log.loadBefore(oid, before))
                    .map(revision -> revision.serial() + " " + Logs.sha256(revision.data()))
                    .orElse("nothing yet");
        } catch (ObjectNotFoundException e) {
            return "gone";
        }
    }

    @Test
    void whatIsAppendedDuringAPackIsThereAfterwardsWhateverTheInterleaving() {
        for (long seed = 0; seed < 60; seed++) {
            environment = withFixture(new SimulatedEnvironment(seed));
            FileLog log = FileLog.open(OPTIONS, environment);
            Tid upTo = Logs.last(log);
            List<CompletionStage<Void>> appends = new ArrayList<>();
            CompletionStage<PackResult> pack = log.pack(new PackRequest(upTo, Garbage.COLLECT));
            Tid last = upTo;
            for (int i = 0; i < 10; i++) {
                Tid next = new Tid(last.value() + 1000);
                appends.add(log.append(last, transaction(next, data(0x100000 + i, referencing("new " + i)))));
                last = next;
                environment.advance(Duration.ofNanos(300_000));
            }
            appends.forEach(environment::await);
            environment.await(pack);

            Tid end = last;
            assertThat(Logs.last(log)).isEqualTo(end);
            assertThat(digestsAfter(log, upTo)).hasSize(10);
            log.close();
            FileLog again = FileLog.open(OPTIONS, environment);
            assertThat(digestsAfter(again, upTo)).hasSize(10);
            assertThat(Logs.last(again)).isEqualTo(end);
            assertThat(verify(again).isSound()).isTrue();
            again.close();
        }
    }

    private VerifyResult verify(FileLog log) {
        return environment.await(log.verify(progress -> {}));
    }

    @Test
    void objectsThatAreReferencedAgainDuringAPackSurviveIt() throws IOException {
        int during = 0;
        for (long seed = 0; seed < 60; seed++) {
            environment = new SimulatedEnvironment(seed);
            FileLog log = openEmpty();
            append(log, 1, data(0, referencing("root", new Oid(1))), data(1, referencing("one", new Oid(2))));
            append(log, 2, data(2, referencing("two")), data(3, referencing("garbage")));
            append(log, 3, data(0, referencing("root without one")));

            CompletionStage<PackResult> pack = log.pack(new PackRequest(Tid.MAX, Garbage.COLLECT));
            environment.advance(Duration.ofNanos(seed * 20_000));
            append(log, 4, data(0, referencing("root again", new Oid(1))));
            environment.await(pack);

            // What is referenced only after the file has been replaced was garbage when it was dropped.
            byte[] former = ((FaultDisk) environment.disk()).contents(Path.of("/data/Data.fs.old"));
            if (new String(former, StandardCharsets.ISO_8859_1).contains("root again")) {
                during++;
                assertThat(Logs.get(log.loadBefore(new Oid(1), Tid.MAX))).isPresent();
                assertThat(Logs.get(log.loadBefore(new Oid(2), Tid.MAX))).isPresent();
            }
            log.close();
        }
        assertThat(during).isGreaterThan(10);
    }

    @Test
    void whatWasDecidedToCountCountsAlsoIfItIsWrittenDuringThePack() throws IOException {
        int during = 0;
        for (long seed = 0; seed < 60; seed++) {
            environment = new SimulatedEnvironment(seed);
            FileLog log = openEmpty();
            append(log, 1, data(0, referencing("root", new Oid(1))), data(1, referencing("one")));
            append(log, 2, data(0, referencing("root without one")), data(3, referencing("garbage")));

            // The log that was packed first had been ahead.
            CompletionStage<PackResult> pack = log.pack(new PackRequest(tid(2), Garbage.COLLECT, tid(3)));
            environment.advance(Duration.ofNanos(seed * 20_000));
            append(log, 3, data(0, referencing("root again", new Oid(1))));
            append(log, 4, data(0, referencing("too late", new Oid(3))));
            PackResult result = environment.await(pack);

            assertThat(result.decided()).contains(new PackRequest(tid(2), Garbage.COLLECT, tid(3)));
            assertThat(Logs.get(log.serial(new Oid(3)))).isEqualTo(Tid.NONE);
            byte[] former = ((FaultDisk) environment.disk()).contents(Path.of("/data/Data.fs.old"));
            if (new String(former, StandardCharsets.ISO_8859_1).contains("root again")) {
                during++;
                assertThat(Logs.get(log.loadBefore(new Oid(1), Tid.MAX))).isPresent();
            }
            log.close();
        }
        assertThat(during).isGreaterThan(10);
    }

    @Test
    void aPackThatDropsNothingTellsWhatItDecidedToo() {
        FileLog log = openEmpty();
        append(log, 1, data(0, referencing("root")), data(1, "no pickle, and nothing references it"));

        PackResult result = pack(log, tid(1), Garbage.COLLECT);

        assertThat(result.note()).isNotEmpty();
        assertThat(result.decided()).contains(new PackRequest(tid(1), Garbage.KEEP, tid(1)));
        log.close();
    }

    @Test
    void aLinkToARevisionThatWasPackedAwayMeanwhileGetsItsDataItself() {
        for (long seed = 0; seed < 60; seed++) {
            environment = new SimulatedEnvironment(seed);
            FileLog log = openEmpty();
            Tid first = append(log, 1, data(0, referencing("first")));
            append(log, 2, data(0, referencing("second")));

            CompletionStage<PackResult> pack = log.pack(new PackRequest(Tid.MAX, Garbage.COLLECT));
            environment.advance(Duration.ofNanos(seed * 50_000));
            append(log, 3, new DataRecord(Oid.ROOT, new Content.Link(first, referencing("first"))));
            environment.await(pack);

            assertThat(Logs.get(log.loadBefore(Oid.ROOT, Tid.MAX)).orElseThrow().data())
                    .isEqualTo(referencing("first"));
            log.close();
        }
    }

    @Test
    void linksIntoTheTimeBeforeThePackStayLinksToARevisionThatIsKept() {
        FileLog log = openEmpty();
        Tid first = append(log, 1, data(0, "first"));
        append(log, 2, data(0, "second"));
        append(log, 3, link(0, first, "first"));

        PackResult result = pack(log, tid(2), Garbage.KEEP);

        assertThat(result.recordsDropped()).isZero();
        DataRecord undone = Logs.transactions(log).get(2).records().iterator().next();
        assertThat(undone.content()).isInstanceOf(Content.Link.class);
        assertThat(undone.data()).contains(Logs.bytes("first"));
        log.close();
    }

    @Test
    void garbageStaysWhereThereIsNoRootOrARecordCannotBeRead() {
        FileLog log = openEmpty();
        append(log, 1, data(5, referencing("nothing references me")));
        append(log, 2, data(5, referencing("nothing references me still")));
        assertThat(pack(log, Tid.MAX, Garbage.COLLECT).note()).contains("root");
        assertThat(Logs.get(log.loadBefore(new Oid(5), Tid.MAX))).isPresent();

        append(log, 3, data(0, referencing("root")));
        append(log, 4, data(6, "an unreachable object, which is no pickle"));
        append(log, 5, data(0, referencing("root once more")));
        assertThat(pack(log, Tid.MAX, Garbage.COLLECT).note()).contains("0000000000000006");
        assertThat(Logs.get(log.loadBefore(new Oid(5), Tid.MAX))).isPresent();

        append(log, 6, data(6, referencing("a pickle")), data(0, referencing("root for the last time")));
        assertThat(pack(log, Tid.MAX, Garbage.COLLECT).note()).isEmpty();
        assertThatThrownBy(() -> Logs.get(log.loadBefore(new Oid(5), Tid.MAX)))
                .isInstanceOf(ObjectNotFoundException.class);
        log.close();
    }

    @Test
    void aFullDiskFailsThePackAndLeavesNothingBehind() throws IOException {
        FileLog log = open(fixture("history.fs"));
        disk.limitTo(disk.usedBytes() + 20_000);

        assertThatThrownBy(() -> pack(log, Tid.MAX, Garbage.COLLECT))
                .hasRootCauseInstanceOf(IOException.class)
                .hasCauseInstanceOf(DiskFullException.class);

        assertThat(disk.list(FILE.getParent())).doesNotContain("Data.fs.raidpack", "Data.fs.raidpack.crc");
        disk.limitTo(Long.MAX_VALUE);
        pack(log, Tid.MAX, Garbage.COLLECT);
        log.close();
        assertThat(disk.contents(FILE)).isEqualTo(fixture("packed.fs"));
    }

    @Test
    void onlyOnePackRunsAndClosingStopsIt() {
        FileLog log = open(fixture("history.fs"));
        CompletionStage<PackResult> first = log.pack(new PackRequest(Tid.MAX, Garbage.COLLECT));
        CompletionStage<PackResult> second = log.pack(new PackRequest(Tid.MAX, Garbage.COLLECT));

        assertThatThrownBy(() -> environment.await(second)).hasCauseInstanceOf(StorageUnavailableException.class);
        log.close();

        assertThat(first.toCompletableFuture()).isDone();
        FileLog again = FileLog.open(OPTIONS, environment);
        assertThat(verify(again).isSound()).isTrue();
        again.close();
    }

    @Test
    void aPackThatHadNothingToDropIsAnsweredWhenItsTimeIsNotedForGood() throws Exception {
        for (long seed = 0; seed < 20; seed++) {
            environment = new SimulatedEnvironment(seed);
            FileLog log = openEmpty();
            append(log, 1, data(0, referencing("root")));

            pack(log, Tid.MAX, Garbage.KEEP);
            append(log, 2, data(0, referencing("root again")));

            assertThat(Logs.get(log.packedTo())).isEqualTo(tid(1));
            log.close();
        }
    }

    @Test
    void aPackedFileIsOpenedWithoutItsIndexAndNothingIsWarnedOf() throws Exception {
        try (FileLog log = openEmpty()) {
            append(log, 1, data(0, referencing("root")));
            append(log, 2, data(0, referencing("root again")));
            pack(log, Tid.MAX, Garbage.KEEP);
        }
        disk.delete(Path.of("/data/Data.fs.idx"));

        Told told = new Told(Level.WARNING);
        try (told;
                FileLog log = openEmpty()) {
            append(log, 3, data(0, referencing("and on")));
        }

        assertThat(told.lines()).isEmpty();
    }

    @Test
    void aPackWhoseTimeCannotBeNotedHasFailed() throws Exception {
        FileLog log = openEmpty();
        append(log, 1, data(0, referencing("root")));
        append(log, 2, data(1, referencing("one")));
        try (AutoCloseable rule = disk.rule(operation -> {
            if (operation.kind() == FaultDisk.Kind.SYNC && operation.path().equals(Path.of("/data/Data.fs.crc"))) {
                throw new IOException("input/output error");
            }
        })) {
            assertThatThrownBy(() -> pack(log, Tid.MAX, Garbage.KEEP))
                    .hasCauseInstanceOf(StorageUnavailableException.class);
        }
        append(log, 3, data(1, referencing("another one")));
        assertThat(Logs.get(log.packedTo())).isEqualTo(Tid.NONE);
        assertThat(pack(log, tid(2), Garbage.KEEP).recordsDropped()).isZero();
        assertThat(Logs.get(log.packedTo())).isEqualTo(tid(2));
        log.close();
    }

    @Test
    void anUnforeseenErrorEndsThePackAndNoOther() throws Exception {
        FileLog log = open(fixture("history.fs"));
        try (AutoCloseable rule = disk.rule(operation -> {
            if (operation.kind() == FaultDisk.Kind.RENAME
                    && operation.path().toString().endsWith(".raidpack.crc")) {
                throw new StackOverflowError("from a test");
            }
        })) {
            assertThatThrownBy(() -> pack(log, Tid.MAX, Garbage.KEEP)).hasRootCauseInstanceOf(StackOverflowError.class);
        }
        pack(log, Tid.MAX, Garbage.COLLECT);
        log.close();
        assertThat(disk.contents(FILE)).isEqualTo(fixture("packed.fs"));
    }

    @Test
    void aPackIsRefusedBeforeItExhaustsTheMemory() throws IOException {
        FileLog log = open(fixture("history.fs"));
        long objects = Logs.get(log.stats()).objects();
        environment.memoryLeft(48 * objects);

        assertThatThrownBy(() -> pack(log, Tid.MAX, Garbage.COLLECT))
                .hasCauseInstanceOf(StorageUnavailableException.class)
                .hasMessageContaining("not enough memory to pack the " + objects + " objects of " + FILE);

        environment.memoryLeft(48 * objects + (16 << 20));
        pack(log, Tid.MAX, Garbage.COLLECT);
        log.close();
        assertThat(disk.contents(FILE)).isEqualTo(fixture("packed.fs"));
    }

    @Test
    void damageStopsThePackAndNothingIsThrownAway() throws IOException {
        FileLog log = openEmpty();
        append(log, 1, data(0, referencing("root", new Oid(1))));
        append(log, 2, data(1, referencing("a text that will be damaged")));
        append(log, 3, data(0, referencing("root", new Oid(1), new Oid(1))));
        log.close();
        byte[] content = disk.contents(FILE);
        int place = new String(content, StandardCharsets.ISO_8859_1).indexOf("damaged");
        try (DiskFile file = disk.open(FILE)) {
            file.write(ByteBuffer.wrap(new byte[] {'D'}), place);
        }
        byte[] damaged = disk.contents(FILE);
        FileLog again = FileLog.open(OPTIONS, environment);

        assertThatThrownBy(() -> pack(again, Tid.MAX, Garbage.COLLECT)).hasCauseInstanceOf(CorruptedException.class);

        again.close();
        assertThat(disk.contents(FILE)).isEqualTo(damaged);
    }

    @Test
    void checksumsComeAlongAndNoneIsMadeForWhatHadNone() {
        FileLog log = open(fixture("history.fs"));
        assertThat(verify(log).unverified()).isEqualTo(verify(log).records());
        Tid last = Logs.last(log);
        Tid ours = new Tid(last.value() + 1000);
        environment.await(log.append(last, transaction(ours, data(0x100000, referencing("ours")))));
        long before = verify(log).records() - verify(log).unverified();

        pack(log, last, Garbage.KEEP);

        VerifyResult packed = verify(log);
        assertThat(packed.isSound()).isTrue();
        assertThat(packed.records() - packed.unverified()).isEqualTo(before).isEqualTo(1);
        pack(log, Tid.MAX, Garbage.KEEP);
        log.close();
        FileLog again = FileLog.open(OPTIONS, environment);
        assertThat(verify(again).records() - verify(again).unverified()).isEqualTo(1);
        again.close();
    }
}
