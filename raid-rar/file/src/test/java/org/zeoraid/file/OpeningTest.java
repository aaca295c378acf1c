package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.VerifyResult;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.SimulatedEnvironment;
import org.zeoraid.storage.seam.SystemEnvironment;

/** Files that somebody else wrote, or that were left in some state. */
class OpeningTest {

    private static final Path FILE = Path.of("/data/Data.fs");
    private static final Path FIRST_ASIDE = Path.of("/data/Data.fs.tr0");

    private final FaultDisk disk = new FaultDisk();

    private FileLog open() {
        return open(FileOptions.of("a", FILE));
    }

    private FileLog open(FileOptions options) {
        return FileLog.open(options, new InlineEnvironment(disk));
    }

    private static FileLog open(FaultDisk disk) {
        return FileLog.open(FileOptions.of("a", FILE), new InlineEnvironment(disk));
    }

    private static VerifyResult verify(FileLog log) {
        return Logs.get(log.verify(progress -> {}));
    }

    /** Where the last transaction of a plain file begins. */
    private static int lastStart(byte[] file) {
        return file.length - 8 - (int) ByteBuffer.wrap(file).getLong(file.length - 8);
    }

    /** A transaction as somebody else would write it, with an object's record, or more than one. */
    private static byte[] raw(long position, Tid tid, char status, long oid, long previous, String... texts) {
        TransactionMeta meta = TransactionMeta.of("somebody", "else");
        int length = Format.headLength(meta);
        for (String text : texts) {
            length += Format.RECORD_HEAD + Logs.bytes(text).length;
        }
        ByteBuffer out = ByteBuffer.allocate(length + 8);
        Format.putTransactionHead(out, tid.value(), length, (byte) status, meta);
        for (String text : texts) {
            byte[] data = Logs.bytes(text);
            Format.putRecordHead(out, oid, tid.value(), previous, position, data.length);
            out.put(data);
        }
        return out.putLong(length).array();
    }

    /** A transaction that stores an object, and once more as it is to be. */
    private static byte[] twice(long position, Tid tid, long oid, long previous, String text) {
        byte[] data = Logs.bytes(text);
        TransactionMeta meta = TransactionMeta.of("somebody", "else");
        int length = Format.headLength(meta) + 2 * (Format.RECORD_HEAD + data.length);
        ByteBuffer out = ByteBuffer.allocate(length + 8);
        Format.putTransactionHead(out, tid.value(), length, (byte) ' ', meta);
        Format.putRecordHead(out, oid, tid.value(), previous, position, data.length);
        out.put(new byte[data.length]);
        Format.putRecordHead(out, oid, tid.value(), previous, position, data.length);
        return out.put(data).putLong(length).array();
    }

    private static byte[] plus(byte[] one, byte[] other) {
        byte[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    @Test
    void aTornTailIsCutOffAndKeptAside() throws Exception {
        // given a file that ends within its last transaction
        byte[] whole = Logs.fixture("undo-restore-delete.fs");
        int last = lastStart(whole);
        for (int length = last + 1; length < whole.length; length++) {
            FaultDisk torn = new FaultDisk();
            torn.put(FILE, Arrays.copyOf(whole, length));
            // when
            try (FileLog log = open(torn)) {
                // then
                assertThat(Logs.transactions(log)).as("%d bytes", length).hasSize(10);
            }
            assertThat(torn.contents(FILE)).isEqualTo(Arrays.copyOf(whole, last));
            assertThat(torn.contents(FIRST_ASIDE)).isEqualTo(Arrays.copyOfRange(whole, last, length));
        }
    }

    @Test
    void asidesAreNumbered() throws Exception {
        byte[] whole = Logs.fixture("undo-restore-delete.fs");
        disk.put(FILE, Arrays.copyOf(whole, whole.length - 1));
        disk.put(FIRST_ASIDE, Logs.bytes("from an earlier time"));
        open().close();
        assertThat(disk.contents(FIRST_ASIDE)).isEqualTo(Logs.bytes("from an earlier time"));
        assertThat(disk.exists(Path.of("/data/Data.fs.tr1"))).isTrue();
    }

    @Test
    void aTransactionThatWasOnlyVotedIsCutOff() throws Exception {
        byte[] whole = Logs.fixture("history.fs");
        whole[lastStart(whole) + Format.STATUS_OFFSET] = 'c';
        disk.put(FILE, whole);
        try (FileLog log = open()) {
            assertThat(Logs.transactions(log)).hasSize(258);
        }
        assertThat(disk.exists(FIRST_ASIDE)).isTrue();
    }

    @Test
    void damageInTheMiddleIsReportedWithItsPlaceAndNothingIsThrownAway() throws Exception {
        byte[] whole = Logs.fixture("undo-restore-delete.fs");
        // Lengths in heads and trailers, statuses, and where records say their transactions are.
        int third = 377;
        for (int at :
                new int[] {third + 9, third + 15, third + 16, third + 20, third + 23 + 25, third + 23 + 36, 376}) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x21;
            FaultDisk found = new FaultDisk();
            found.put(FILE, damaged);
            assertThatThrownBy(() -> open(found))
                    .as("byte %d", at)
                    .isInstanceOf(CorruptedException.class)
                    .hasMessageContaining("Data.fs, byte ");
            assertThat(found.contents(FILE)).isEqualTo(damaged);
            assertThat(found.exists(FIRST_ASIDE)).isFalse();
        }
    }

    @Test
    void aTransactionInTheMiddleThatLooksUnfinishedIsDamage() throws Exception {
        // Whoever writes a transaction after another one has finished that.
        byte[] damaged = Logs.fixture("undo-restore-delete.fs");
        damaged[377 + Format.STATUS_OFFSET] = Format.PENDING;
        disk.put(FILE, damaged);
        assertThatThrownBy(this::open).isInstanceOf(CorruptedException.class).hasMessageContaining("Data.fs, byte 377");
        assertThat(disk.contents(FILE)).isEqualTo(damaged);
        assertThat(disk.exists(FIRST_ASIDE)).isFalse();
    }

    @Test
    void whatWasWholeOnceIsNotTakenForATornTail() throws Exception {
        // given a file whose checksums reach its end
        try (FileLog log = open()) {
            append(log, 1, "one");
            append(log, 2, "two");
        }
        byte[] whole = disk.contents(FILE);
        byte[] damaged = whole.clone();
        damaged[lastStart(whole) + 15] ^= 1;
        disk.put(FILE, damaged);
        disk.put(Path.of("/data/Data.fs.idx"), new byte[0]);
        // when, then: cut off in a file of unknown origin, but not here
        assertThatThrownBy(this::open).isInstanceOf(CorruptedException.class);
        assertThat(disk.contents(FILE)).isEqualTo(damaged);
    }

    private void append(FileLog log, long number, String text) {
        Logs.get(log.append(Logs.last(log), Logs.transaction(Logs.tid(number), Logs.data(1, text))));
    }

    @Test
    void otherFormatsAreRefused() throws Exception {
        disk.put(FILE, Logs.bytes("FS21 and whatever follows"));
        assertThatThrownBy(this::open).isInstanceOf(CorruptedException.class).hasMessageContaining("FS21");
        disk.put(FILE, Logs.bytes("PK\3\4 something else"));
        assertThatThrownBy(this::open)
                .isInstanceOf(CorruptedException.class)
                .hasMessageContaining("no ZODB file storage");
        assertThat(disk.contents(FILE)).startsWith('P', 'K');
    }

    @Test
    void anEmptyFileIsAnEmptyLog() {
        disk.put(FILE, new byte[0]);
        try (FileLog log = open()) {
            assertThat(Logs.last(log)).isEqualTo(Tid.NONE);
            append(log, 1, "first");
            assertThat(Logs.text(log, 1)).hasValue("first");
        }
    }

    @Test
    void timeThatStepsBackIsTolerated() throws Exception {
        // given
        byte[] file = ByteBuffer.allocate(4).putInt(Format.MAGIC).array();
        long previous = 0;
        for (int number : new int[] {5, 9, 3, 4, 7}) {
            long position = file.length;
            byte[] next = raw(position, Logs.tid(number), ' ', 1, previous, "number " + number);
            previous = position + Format.headLength(TransactionMeta.of("somebody", "else"));
            file = plus(file, next);
        }
        disk.put(FILE, file);
        // when
        try (FileLog log = open()) {
            // then
            assertThat(Logs.transactions(log))
                    .extracting(CommittedTransaction::tid)
                    .containsExactly(Logs.tid(5), Logs.tid(9), Logs.tid(3), Logs.tid(4), Logs.tid(7));
            assertThat(Logs.all(log.headers(Logs.tid(4), Logs.tid(7))))
                    .extracting(header -> header.tid())
                    .containsExactly(Logs.tid(5), Logs.tid(4), Logs.tid(7));
            assertThat(Logs.last(log)).isEqualTo(Logs.tid(9));
            assertThat(Logs.text(log, 1)).hasValue("number 7");
            append(log, 10, "number 10");
        }
        try (FileLog log = open()) {
            assertThat(Logs.transactions(log)).hasSize(6);
        }
    }

    @Test
    void anOldMarkOfAnUndoneTransactionIsSkipped() throws Exception {
        byte[] file = ByteBuffer.allocate(4).putInt(Format.MAGIC).array();
        file = plus(file, raw(file.length, Logs.tid(1), ' ', 1, 0, "one"));
        file = plus(file, raw(file.length, Logs.tid(2), 'u', 2, 0, "undone"));
        disk.put(FILE, file);
        for (int round = 0; round < 2; round++) {
            try (FileLog log = open()) {
                assertThat(Logs.last(log)).isEqualTo(Logs.tid(1 + 2 * round));
                assertThat(Logs.get(log.serial(new Oid(2)))).isEqualTo(Tid.NONE);
                append(log, 3 + 2 * round, "after");
                assertThat(Logs.transactions(log)).hasSize(2 + round);
            }
        }
    }

    @Test
    void anIndexThatIsMissingStaleOrDamagedMakesNoDifference() throws Exception {
        // given
        Path index = Path.of("/data/Data.fs.idx");
        try (FileLog log = open()) {
            append(log, 1, "one");
        }
        byte[] stale = disk.contents(index);
        try (FileLog log = open()) {
            for (int i = 2; i < 40; i++) {
                append(log, i, "number " + i);
            }
        }
        byte[] fresh = disk.contents(index);
        List<TransactionDigest> expected;
        try (FileLog log = open()) {
            expected = Logs.digests(log);
        }
        // when
        for (int round = 0; round < fresh.length + 4; round++) {
            byte[] found = fresh.clone();
            if (round < fresh.length) {
                found[round] ^= 0x10;
            } else {
                found = switch (round - fresh.length) {
                    case 0 -> stale;
                    case 1 -> new byte[0];
                    case 2 -> Arrays.copyOf(fresh, fresh.length - 20);
                    default -> Arrays.copyOf(fresh, fresh.length + 20);
                };
            }
            FaultDisk other = disk.copy();
            other.put(index, found);
            // then
            try (FileLog log = open(other)) {
                assertThat(Logs.text(log, 1)).hasValue("number 39");
                assertThat(Logs.digests(log)).isEqualTo(expected);
                assertThat(Logs.get(log.packedTo())).isEqualTo(Tid.NONE);
            }
        }
    }

    @Test
    void whatSomebodyElseAppendedIsServedUnverified() throws Exception {
        // given
        try (FileLog log = open()) {
            append(log, 1, "ours");
        }
        byte[] file = disk.contents(FILE);
        long previous = Format.START + Format.headLength(TransactionMeta.of("tester", "number " + Logs.tid(1)));
        disk.put(FILE, plus(file, raw(file.length, Logs.tid(2), ' ', 1, previous, "theirs")));
        // when
        try (FileLog log = open()) {
            append(log, 3, "ours again");
        }
        // then
        try (FileLog log = open()) {
            assertThat(Logs.transactions(log)).hasSize(3);
            VerifyResult result = verify(log);
            assertThat(result.isSound()).isTrue();
            assertThat(result.records()).isEqualTo(3);
            assertThat(result.unverified()).isEqualTo(1);
        }
    }

    @Test
    void aFileThatSomebodyElsePackedHasNoChecksumsAndNoFalseDamage() throws Exception {
        // given
        copyHistory();
        disk.put(FILE, Logs.fixture("packed.fs"));
        // when
        try (FileLog log = open()) {
            // then
            assertThat(Logs.transactions(log)).hasSize(86);
            VerifyResult result = verify(log);
            assertThat(result.damages()).isEmpty();
            assertThat(result.unverified()).isEqualTo(result.records());
        }
        try (FileLog log = open()) {
            assertThat(verify(log).unverified()).isPositive();
        }
    }

    private void copyHistory() {
        FaultDisk source = new FaultDisk();
        source.put(FILE, Logs.fixture("history.fs"));
        try (FileLog from = open(source);
                FileLog to = open()) {
            for (CommittedTransaction transaction : Logs.transactions(from)) {
                Logs.get(to.append(Logs.last(to), transaction));
            }
        }
    }

    @Test
    void lostChecksumsAreNotMadeAnew() throws Exception {
        // given
        copyHistory();
        disk.delete(Path.of("/data/Data.fs.crc"));
        // when
        for (int round = 0; round < 2; round++) {
            try (FileLog log = open()) {
                // then
                VerifyResult result = verify(log);
                assertThat(result.damages()).isEmpty();
                assertThat(result.unverified()).isEqualTo(result.records());
            }
        }
    }

    @Test
    void lostChecksumsOfAFileThatWasNotClosedAreNotMadeAnewEither() throws Exception {
        // given
        FileLog log = open();
        append(log, 1, "one");
        append(log, 2, "two");
        FaultDisk killed = disk.afterCrash(FaultDisk.ALL_SURVIVES);
        killed.delete(Path.of("/data/Data.fs.crc"));
        // when
        try (FileLog again = open(killed)) {
            // then the last batch has a checksum of its own; the others might hide rot
            VerifyResult result = verify(again);
            assertThat(result.records()).isEqualTo(2);
            assertThat(result.unverified()).isEqualTo(1);
        }
    }

    @Test
    void aSecondOpenerIsKeptAway() {
        try (FileLog log = open()) {
            assertThatThrownBy(this::open)
                    .isInstanceOf(StorageUnavailableException.class)
                    .hasMessageContaining("open already");
            append(log, 1, "unharmed");
        }
        open().close();
    }

    @Test
    void aFileThatPythonHasOpenIsLeftAlone() {
        disk.put(FILE, Logs.fixture("packed.fs"));
        disk.put(Path.of("/data/Data.fs.lock"), Logs.bytes(" 4711\n"));
        SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);
        environment.addProcess(4711);
        assertThatThrownBy(() -> FileLog.open(FileOptions.of("a", FILE), environment))
                .isInstanceOf(StorageUnavailableException.class)
                .hasMessageContaining("4711")
                .hasMessageContaining("delete");
        // A process that has ended does not matter.
        open().close();
    }

    @Test
    void readOnlyChangesNothing() throws Exception {
        byte[] torn = Arrays.copyOf(Logs.fixture("history.fs"), 400_000);
        disk.put(FILE, torn);
        long steps = disk.steps();
        try (FileLog log = open(FileOptions.of("a", FILE).withAccess(FileOptions.Access.READ_ONLY))) {
            assertThat(Logs.transactions(log)).hasSizeBetween(200, 258);
            assertThatThrownBy(() -> append(log, 1, "no")).isInstanceOf(ReadOnlyException.class);
        }
        assertThat(disk.steps()).isEqualTo(steps);
        assertThat(disk.list(FILE.getParent())).containsExactly("Data.fs");
    }

    @Test
    void aMissingFileIsNotCreatedForReadingOnly() throws IOException {
        assertThatThrownBy(() -> open(FileOptions.of("a", FILE).withAccess(FileOptions.Access.READ_ONLY)))
                .isInstanceOf(StorageUnavailableException.class);
        assertThat(disk.files()).isEmpty();
    }

    @Test
    void settingAsideBeginsAnew() throws Exception {
        disk.put(FILE, Logs.fixture("history.fs"));
        SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);
        try (FileLog log = FileLog.open(FileOptions.of("a", FILE), environment)) {
            String aside = environment.await(log.setAside());
            assertThat(Logs.last(log)).isEqualTo(Tid.NONE);
            assertThat(disk.contents(Path.of(aside))).isEqualTo(Logs.fixture("history.fs"));
            environment.await(log.append(Tid.NONE, Logs.transaction(Logs.tid(1), Logs.data(1, "new"))));
            assertThat(Logs.text(log, 1)).hasValue("new");
        }
        try (FileLog log = open()) {
            assertThat(Logs.transactions(log)).hasSize(1);
        }
    }

    @Test
    void anOpeningThatExhaustsTheMemoryLeavesNothingLocked() throws Exception {
        disk.put(FILE, Logs.fixture("history.fs"));
        try (AutoCloseable rule = disk.rule(operation -> {
            if (operation.kind() == FaultDisk.Kind.CREATE && operation.path().equals(Path.of("/data/Data.fs.crc"))) {
                throw new OutOfMemoryError("from a test");
            }
        })) {
            assertThatThrownBy(this::open).isInstanceOf(OutOfMemoryError.class);
        }

        FileLog log = open();
        assertThat(verify(log).isSound()).isTrue();
        log.close();
    }

    @Test
    void aLargeRecordIsVerifiedPieceByPieceWhereBlobsAreKeptToo() throws Exception {
        FileLog log = open(FileOptions.of("a", FILE).withBlobFolder(Path.of("/data/blobs")));
        Logs.get(log.append(Tid.NONE, Logs.transaction(Logs.tid(1), Logs.data(1, new byte[3 << 20]))));
        try (AutoCloseable rule = disk.rule(operation -> {
            if (operation.kind() == FaultDisk.Kind.READ) {
                assertThat(operation.length()).isLessThan(2 << 20);
            }
        })) {
            assertThat(verify(log).isSound()).isTrue();
        }
        log.close();
    }

    @Test
    void twoNamesOfOneFileAreNotTwoMembers(@TempDir Path folder) throws Exception {
        Path a = folder.resolve("a/Data.fs");
        Path b = folder.resolve("b/Data.fs");
        java.nio.file.Files.createDirectories(a.getParent());
        java.nio.file.Files.createDirectories(b.getParent());
        java.nio.file.Files.write(a, Logs.fixture("history.fs"));
        try (SystemEnvironment environment = new SystemEnvironment("test")) {
            FileLog log = FileLog.open(FileOptions.of("a", a), environment);
            java.nio.file.Files.createLink(b, a);

            assertThatThrownBy(() -> FileLog.open(FileOptions.of("b", b), environment))
                    .isInstanceOf(StorageUnavailableException.class)
                    .hasMessageContaining("cannot open " + b)
                    .hasMessageContaining("the same file as " + a);

            // Once it was packed it is another file, with all that goes with it.
            Logs.get(log.pack(new PackRequest(Tid.MAX, PackRequest.Garbage.KEEP)));
            java.nio.file.Files.delete(b);
            java.nio.file.Files.createLink(b, a);
            assertThatThrownBy(() -> FileLog.open(FileOptions.of("b", b), environment))
                    .hasMessageContaining("the same file as " + a);
            log.close();
            FileLog.open(FileOptions.of("b", b), environment).close();
        }
    }

    /** As a pack keeps a revision that is only linked to, and as ZEO has written records twice. */
    @Test
    void theShorterWayLeadsToWhatTheLongOneLeadsTo() throws Exception {
        for (int revisions : new int[] {10, 10_000}) {
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            file.writeBytes(new byte[] {'F', 'S', '3', '0'});
            file.writeBytes(raw(file.size(), Logs.tid(1), 'p', 1, 0, "linked"));
            file.writeBytes(raw(file.size(), Logs.tid(2), 'p', 1, 0, "packed"));
            long previous = lastRecord(file, "packed");
            for (int i = 3; i <= revisions; i++) {
                String[] texts = i == 5 ? new String[] {"first of", "revision"} : new String[] {"revision"};
                file.writeBytes(raw(file.size(), Logs.tid(i), ' ', 1, previous, texts));
                previous = lastRecord(file, "revision");
            }
            FaultDisk ours = new FaultDisk();
            ours.put(FILE, file.toByteArray());
            try (FileLog log = open(ours)) {
                assertThatThrownBy(() -> Logs.get(log.loadSerial(new Oid(1), Logs.tid(1))))
                        .as("%d revisions", revisions)
                        .isInstanceOf(ObjectNotFoundException.class);
                assertThat(Logs.get(log.loadSerial(new Oid(1), Logs.tid(2)))).isEqualTo(Logs.bytes("packed"));
                assertThat(Logs.get(log.loadSerial(new Oid(1), Logs.tid(5)))).isEqualTo(Logs.bytes("revision"));
            }
        }
    }

    /** Where the last record begins of a file that ends with it. */
    private static long lastRecord(ByteArrayOutputStream file, String text) {
        return file.size() - 8L - Logs.bytes(text).length - Format.RECORD_HEAD;
    }

    @Test
    void whatIsFarBackInAnObjectsHistoryIsFoundByAShorterWay() throws Exception {
        int revisions = 20_000;
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(new byte[] {'F', 'S', '3', '0'});
        long previous = 0;
        for (int i = 1; i <= revisions; i++) {
            long start = file.size();
            byte[] transaction = i % 997 == 1
                    ? twice(start, Logs.tid(i), 1, previous, "revision " + i)
                    : raw(start, Logs.tid(i), ' ', 1, previous, "revision " + i);
            previous = start + transaction.length - 8 - ("revision " + i).length() - Format.RECORD_HEAD;
            file.writeBytes(transaction);
        }
        disk.put(FILE, file.toByteArray());
        FileLog log = open();
        AtomicInteger reads = new AtomicInteger();
        try (AutoCloseable rule = disk.rule(operation -> reads.incrementAndGet())) {
            for (int i = 1; i <= revisions; i += 997) {
                reads.set(0);
                Revision found = Logs.get(log.loadBefore(new Oid(1), Logs.tid(i).after()))
                        .orElseThrow();

                assertThat(new String(found.data(), StandardCharsets.UTF_8)).isEqualTo("revision " + i);
                assertThat(found.serial()).isEqualTo(Logs.tid(i));
                assertThat(found.end()).isEqualTo(Logs.tid(i + 1));
                assertThat(Logs.get(log.loadSerial(new Oid(1), Logs.tid(i)))).isEqualTo(found.data());
                assertThat(reads).hasValueLessThan(10_000);
            }
            assertThat(Logs.get(log.loadBefore(new Oid(1), Logs.tid(1)))).isEmpty();
        }
        log.close();
    }
}
