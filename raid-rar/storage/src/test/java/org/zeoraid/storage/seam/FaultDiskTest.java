package org.zeoraid.storage.seam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FaultDiskTest {

    private static final Path FOLDER = Path.of("/data");
    private static final Path FILE = FOLDER.resolve("file");
    private static final int MIXTURES = 200;

    private final FaultDisk disk = new FaultDisk();

    @Test
    void whatWasSyncedSurvivesEveryCrash() throws IOException {
        disk.put(FILE, bytes("old"));
        try (DiskFile file = disk.open(FILE)) {
            file.write(ByteBuffer.wrap(bytes("newer")), 0);
            file.sync();
        }

        for (long seed = 0; seed < MIXTURES; seed++) {
            assertThat(text(disk.afterCrash(seed), FILE)).isEqualTo("newer");
        }
    }

    @Test
    void anUnsyncedWriteIsFoundWholeTornOrNotAtAll() throws IOException {
        disk.put(FILE, bytes("old"));
        try (DiskFile file = disk.open(FILE)) {
            file.write(ByteBuffer.wrap(bytes("new")), 0);
        }

        Set<String> found = new HashSet<>();
        for (long seed = 2; seed < MIXTURES; seed++) {
            found.add(text(disk.afterCrash(seed), FILE));
        }

        assertThat(found).contains("old", "new", "nld", "ned");
        assertThat(text(disk.afterCrash(FaultDisk.NOTHING_SURVIVES), FILE)).isEqualTo("old");
        assertThat(text(disk.afterCrash(FaultDisk.ALL_SURVIVES), FILE)).isEqualTo("new");
    }

    @Test
    void laterUnsyncedWritesMaySurviveWithoutEarlierOnesAndTheGapHoldsZerosOrGarbage() throws IOException {
        disk.put(FILE, bytes(""));
        try (DiskFile file = disk.open(FILE)) {
            file.write(ByteBuffer.wrap(bytes("aaaa")), 0);
            file.write(ByteBuffer.wrap(bytes("bbbb")), 4);
        }

        Set<String> found = new HashSet<>();
        for (long seed = 2; seed < MIXTURES; seed++) {
            found.add(text(disk.afterCrash(seed), FILE));
        }

        assertThat(found)
                .contains("\0\0\0\0bbbb", "aaaabbbb", "\0\0\0\0\0\0\0\0", "aaaa", "")
                .anyMatch(each -> each.endsWith("bbbb") && !each.startsWith("a") && !each.startsWith("\0"));
    }

    @Test
    void largeWritesAreTornAtSectorBorders() throws IOException {
        disk.put(FILE, new byte[4096]);
        byte[] ones = new byte[4096];
        java.util.Arrays.fill(ones, (byte) 1);
        try (DiskFile file = disk.open(FILE)) {
            file.write(ByteBuffer.wrap(ones), 0);
        }

        boolean holes = false;
        for (long seed = 2; seed < MIXTURES; seed++) {
            byte[] found = disk.afterCrash(seed).contents(FILE);
            holes |= found.length == 4096 && found[0] == 0 && found[511] == 0 && found[512] == 1;
        }
        assertThat(holes).isTrue();
    }

    @Test
    void namesSurviveForSureOnlyWhenTheirFolderWasSynced() throws IOException {
        disk.put(FILE, bytes("old"));
        Path other = FOLDER.resolve("other");
        disk.open(other).close();
        disk.rename(other, FILE);

        Set<String> found = new HashSet<>();
        for (long seed = 0; seed < MIXTURES; seed++) {
            FaultDisk after = disk.afterCrash(seed);
            found.add(text(after, FILE) + after.exists(other));
        }
        assertThat(found).containsExactlyInAnyOrder("oldfalse", "oldtrue", "false");

        disk.syncFolder(FOLDER);
        for (long seed = 0; seed < MIXTURES; seed++) {
            assertThat(disk.afterCrash(seed).exists(other)).isFalse();
            assertThat(text(disk.afterCrash(seed), FILE)).isEmpty();
        }
    }

    @Test
    void aFileMovedToAnotherFolderIsNeverLost() throws IOException {
        disk.put(FILE, bytes("x"));
        disk.createFolders(Path.of("/other"));
        disk.syncFolder(Path.of("/"));
        Path there = Path.of("/other/file");
        disk.rename(FILE, there);
        disk.syncFolder(FOLDER);

        for (long seed = 0; seed < MIXTURES; seed++) {
            FaultDisk after = disk.afterCrash(seed);
            assertThat(after.exists(FILE) || after.exists(there)).isTrue();
        }
    }

    @Test
    void aFileIsLostWithTheFolderThatWasNotSyncedIntoItsParent() throws IOException {
        Path deep = Path.of("/a/b/file");
        disk.createFolders(deep.getParent());
        disk.open(deep).close();
        disk.syncFolder(Path.of("/a/b"));
        disk.syncFolder(Path.of("/"));

        assertThat(disk.afterCrash(FaultDisk.NOTHING_SURVIVES).exists(deep)).isFalse();

        disk.syncFolder(Path.of("/a"));

        assertThat(disk.afterCrash(FaultDisk.NOTHING_SURVIVES).exists(deep)).isTrue();
    }

    @Test
    void afterAFailedSyncALaterOneDoesNotSaveWhatTheFirstLost() throws IOException {
        boolean lost = false;
        for (int seed = 0; seed < 50; seed++) {
            FaultDisk failing = new FaultDisk(seed);
            failing.put(FILE, bytes("old"));
            try (DiskFile file = failing.open(FILE)) {
                file.write(ByteBuffer.wrap(bytes("new")), 0);
                failing.failAt(failing.steps() + 1);
                assertThatThrownBy(file::sync).isInstanceOf(IOException.class);
                assertThat(text(failing, FILE)).isEqualTo("new");
                file.write(ByteBuffer.wrap(bytes("er")), 3);
                file.sync();
            }
            assertThat(text(failing, FILE)).isEqualTo("newer");
            lost |= text(failing.afterCrash(FaultDisk.NOTHING_SURVIVES), FILE).equals("older");
        }
        assertThat(lost).isTrue();
    }

    @Test
    void aFullDiskTakesWhatFitsAndWorksAgainOnceThereIsRoom() throws IOException {
        disk.put(FILE, bytes("12"));
        disk.limitTo(4);
        try (DiskFile file = disk.open(FILE)) {
            assertThatThrownBy(() -> file.write(ByteBuffer.wrap(bytes("3456")), 2))
                    .isInstanceOf(DiskFullIOException.class);
            assertThat(text(disk, FILE)).isEqualTo("1234");
            file.write(ByteBuffer.wrap(bytes("4321")), 0);
            assertThatThrownBy(() -> disk.open(FOLDER.resolve("more"))).isInstanceOf(DiskFullIOException.class);

            disk.limitTo(6);
            file.write(ByteBuffer.wrap(bytes("56")), 4);
        }
        assertThat(text(disk, FILE)).isEqualTo("432156");
        disk.delete(FILE);
        assertThat(disk.usedBytes()).isZero();
    }

    @Test
    void hangsUntilReleasedWhileOthersGoOn() throws Exception {
        disk.put(FILE, bytes("x"));
        DiskFile file = disk.open(FILE);
        FaultDisk.Gate gate = disk.hang(operation -> operation.kind() == FaultDisk.Kind.SYNC);

        CompletableFuture<Void> sync = CompletableFuture.runAsync(() -> {
            try {
                file.sync();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        gate.awaitArrival();

        assertThat(text(disk, FILE)).isEqualTo("x");
        assertThat(sync).isNotDone();
        gate.release();
        sync.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aLockIsHeldByOneAndFreeAfterACrash() throws IOException {
        disk.put(FILE, bytes(""));
        DiskLock lock = disk.tryLock(FILE).orElseThrow();

        assertThat(disk.tryLock(FILE)).isEmpty();
        assertThat(disk.afterCrash(1).tryLock(FILE)).isPresent();
        lock.close();
        assertThat(disk.tryLock(FILE)).isPresent();
    }

    @Test
    void theWalkCrashesWithinEveryStepAndFindsAMissingSync() throws IOException {
        CrashWalk<boolean[]> careful = walk(true);
        CrashWalk<boolean[]> careless = walk(false);
        CrashWalk.Check<boolean[]> acknowledgedIsThere = (after, acknowledged) -> {
            if (acknowledged[0]) {
                assertThat(text(after, FILE)).isEqualTo("new");
            }
        };

        assertThat(careful.walk(20, acknowledgedIsThere)).isEqualTo(4);
        assertThatThrownBy(() -> careless.walk(20, acknowledgedIsThere))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("seed");
    }

    private static CrashWalk<boolean[]> walk(boolean careful) {
        return new CrashWalk<>(
                () -> {
                    FaultDisk start = new FaultDisk();
                    start.put(FOLDER.resolve("there"), new byte[0]);
                    return start;
                },
                () -> new boolean[1],
                (disk, acknowledged) -> {
                    try (DiskFile file = disk.open(FILE)) {
                        file.write(ByteBuffer.wrap(bytes("new")), 0);
                        file.sync();
                    }
                    if (careful) {
                        disk.syncFolder(FOLDER);
                    }
                    acknowledged[0] = true;
                });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(FaultDisk disk, Path file) throws IOException {
        return new String(disk.contents(file), StandardCharsets.ISO_8859_1);
    }
}
