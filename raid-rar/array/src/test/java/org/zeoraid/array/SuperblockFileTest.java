package org.zeoraid.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.admin.MemberState;
import org.zeoraid.storage.seam.CrashWalk;
import org.zeoraid.storage.seam.FaultDisk;

class SuperblockFileTest {

    private static final Path FOLDER = Path.of("/state");
    private static final UUID OWNER = new UUID(7, 8);

    @ParameterizedTest
    @EnumSource(MemberState.class)
    void whatIsWrittenIsReadAgain(MemberState state) throws IOException {
        FaultDisk disk = disk();
        SuperblockFile file = new SuperblockFile(disk, FOLDER);
        Superblock written = rich(state);

        file.write(OWNER, written);

        assertThat(new SuperblockFile(disk, FOLDER).read()).isEqualTo(new SuperblockFile.Found.Copy(OWNER, written));
    }

    @Test
    void aPlaceWithoutAFileHoldsNothing() {
        assertThat(new SuperblockFile(disk(), FOLDER).read()).isEqualTo(SuperblockFile.Found.NOTHING);
    }

    @Test
    void aCrashAnywhereLeavesTheLastGenerationThatWasWrittenOrTheNext() {
        CrashWalk<AtomicLong> walk = new CrashWalk<>(SuperblockFileTest::disk, AtomicLong::new, (disk, written) -> {
            SuperblockFile file = new SuperblockFile(disk, FOLDER);
            for (int generation = 1; generation <= 4; generation++) {
                file.write(OWNER, generation(generation));
                written.set(generation);
            }
        });

        long steps = walk.walk(12, (disk, written) -> {
            SuperblockFile.Found found = new SuperblockFile(disk, FOLDER).read();
            if (written.get() == 0 && found.equals(SuperblockFile.Found.NOTHING)) {
                return;
            }
            assertThat(generation(found)).isBetween(Math.max(1, written.get()), written.get() + 1);
        });

        assertThat(steps).isGreaterThan(10);
    }

    @Test
    void aWriteThatIsTornAtAnyByteLeavesTheGenerationBefore() throws IOException {
        FaultDisk disk = disk();
        SuperblockFile file = new SuperblockFile(disk, FOLDER);
        file.write(OWNER, generation(1));
        file.write(OWNER, generation(2));
        byte[] before = disk.contents(file.path());
        file.write(OWNER, generation(3));
        byte[] after = disk.contents(file.path());
        int length = SuperblockCodec.encode(new SuperblockCodec.Slot(3, OWNER, generation(3)))
                .remaining();

        for (int torn = 0; torn <= length; torn++) {
            byte[] mixed = before.clone();
            System.arraycopy(after, 0, mixed, 0, torn);
            disk.put(file.path(), mixed);
            long found = generation(new SuperblockFile(disk, FOLDER).read());
            // The last bytes may be the same in both; what counts is that nothing else is ever read.
            assertThat(found).as("torn after %d bytes", torn).isIn(2L, 3L);
            if (!Arrays.equals(mixed, after)) {
                assertThat(found).as("torn after %d bytes", torn).isEqualTo(2);
            }
        }
    }

    @Test
    void aByteThatRotsAnywhereIsNoticed() throws IOException {
        FaultDisk disk = disk();
        SuperblockFile file = new SuperblockFile(disk, FOLDER);
        file.write(OWNER, generation(1));
        file.write(OWNER, generation(2));
        byte[] good = disk.contents(file.path());
        int length = SuperblockCodec.encode(new SuperblockCodec.Slot(2, OWNER, generation(2)))
                .remaining();

        for (int at = SuperblockCodec.SLOT; at < SuperblockCodec.SLOT + length; at++) {
            byte[] rotten = good.clone();
            rotten[at] ^= 0x10;
            disk.put(file.path(), rotten);
            assertThat(generation(new SuperblockFile(disk, FOLDER).read()))
                    .as("byte %d", at)
                    .isEqualTo(1);
        }
    }

    @Test
    void aFullDiskDoesNotStopTheNextGeneration() throws IOException {
        FaultDisk disk = disk();
        SuperblockFile file = new SuperblockFile(disk, FOLDER);
        file.write(OWNER, generation(1));
        disk.limitTo(disk.usedBytes());

        for (int generation = 2; generation <= 5; generation++) {
            file.write(OWNER, rich(MemberState.DEGRADED, generation));
        }

        assertThat(generation(new SuperblockFile(disk, FOLDER).read())).isEqualTo(5);
    }

    @Test
    void afterASyncThatFailedTheGoodSlotIsLeftAloneUntilTheOtherIsOnDisk() throws IOException {
        for (long seed = 0; seed < 20; seed++) {
            FaultDisk disk = new FaultDisk(seed);
            disk.createFolders(FOLDER);
            disk.syncFolder(Path.of("/"));
            SuperblockFile file = new SuperblockFile(disk, FOLDER);
            file.write(OWNER, generation(1));
            disk.failAt(disk.steps() + 2); // the sync
            assertThatThrownBy(() -> file.write(OWNER, generation(2))).isInstanceOf(IOException.class);
            disk.crashAt(disk.steps() + 1); // within the write
            assertThatThrownBy(() -> file.write(OWNER, generation(3))).isInstanceOf(IOException.class);

            long found = generation(new SuperblockFile(disk.afterCrash(seed), FOLDER).read());

            assertThat(found).as("seed %d", seed).isIn(1L, 2L, 3L);
        }
    }

    @Test
    void aFileWithoutAWholeSlotIsDamagedAndAnotherVersionIsNotGuessedAt() throws IOException {
        FaultDisk disk = disk();
        Path file = FOLDER.resolve(SuperblockFile.NAME);
        disk.put(file, new byte[100]);
        assertThat(new SuperblockFile(disk, FOLDER).read()).isInstanceOf(SuperblockFile.Found.Damaged.class);

        ByteBuffer bytes = SuperblockCodec.encode(new SuperblockCodec.Slot(1, OWNER, generation(1)));
        int length = bytes.remaining();
        bytes.putShort(12, (short) 3);
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().position(12));
        bytes.putInt(8, (int) crc.getValue());
        byte[] slot = new byte[length];
        bytes.get(slot);
        disk.put(file, slot);

        assertThat(new SuperblockFile(disk, FOLDER).read())
                .isInstanceOfSatisfying(SuperblockFile.Found.Damaged.class, damaged -> assertThat(damaged.why())
                        .contains("version 3"));
        assertThatThrownBy(() -> new SuperblockFile(disk, FOLDER).write(OWNER, generation(2)))
                .isInstanceOf(SuperblockCodec.UnknownVersionException.class);
    }

    @Test
    void reasonsOfAnyLengthFitForSixteenMembers() throws IOException {
        FaultDisk disk = disk();
        List<Superblock.Entry> members = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            members.add(entry(i, MemberState.DEGRADED, "ä€".repeat(3000)));
        }
        Superblock block =
                new Superblock(new UUID(1, 2), 9, Superblock.Marks.NONE, Optional.empty(), "ß".repeat(5000), members);

        new SuperblockFile(disk, FOLDER).write(OWNER, block);

        SuperblockFile.Found found = new SuperblockFile(disk, FOLDER).read();
        assertThat(found).isInstanceOfSatisfying(SuperblockFile.Found.Copy.class, copy -> {
            assertThat(copy.superblock().members()).hasSize(16);
            assertThat(copy.superblock().members().get(15).reason())
                    .startsWith("ä€ä€")
                    .doesNotContain("\uFFFD");
        });
    }

    private static FaultDisk disk() {
        FaultDisk disk = new FaultDisk(1);
        disk.put(FOLDER.resolve("other"), new byte[1]);
        return disk;
    }

    private static long generation(SuperblockFile.Found found) {
        assertThat(found).isInstanceOf(SuperblockFile.Found.Copy.class);
        return ((SuperblockFile.Found.Copy) found).superblock().generation();
    }

    @Test
    void besideAMemberOneThatIsGoneTellsThatTheFolderIsAnotherNow() throws IOException {
        FaultDisk disk = disk();
        SuperblockFile file = SuperblockFile.besideMember(disk, FOLDER);
        file.write(OWNER, generation(1));
        disk.delete(file.path());

        assertThatThrownBy(() -> file.write(OWNER, generation(2)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("was another disk mounted there");

        // Who looks again, as a recovery does, takes the folder as it is.
        assertThat(file.read()).isEqualTo(SuperblockFile.Found.NOTHING);
        file.write(OWNER, generation(3));
        assertThat(generation(file.read())).isEqualTo(3);
    }

    @Test
    void besideAMemberAnotherMembersIsNotOverwrittenUnlessItWasSeenThere() throws IOException {
        FaultDisk disk = disk();
        SuperblockFile file = SuperblockFile.besideMember(disk, FOLDER);
        file.write(OWNER, generation(1));
        UUID another = new UUID(9, 9);
        disk.delete(file.path());
        new SuperblockFile(disk, FOLDER).write(another, generation(7));

        assertThatThrownBy(() -> file.write(OWNER, generation(2))).isInstanceOf(IOException.class);

        assertThat(file.read()).isEqualTo(new SuperblockFile.Found.Copy(another, generation(7)));
        file.write(OWNER, generation(8));
        assertThat(generation(file.read())).isEqualTo(8);
    }

    @Test
    void inTheStateDirectoryOneThatIsGoneIsLaidDownAgain() throws IOException {
        FaultDisk disk = disk();
        SuperblockFile file = new SuperblockFile(disk, FOLDER);
        file.write(OWNER, generation(1));
        disk.delete(file.path());

        file.write(OWNER, generation(2));

        assertThat(generation(file.read())).isEqualTo(2);
    }

    private static Superblock generation(long generation) {
        return new Superblock(
                new UUID(1, 2),
                generation,
                Superblock.Marks.NONE,
                Optional.empty(),
                "",
                List.of(entry(0, MemberState.OPTIMAL, ""), entry(1, MemberState.DEGRADED, "reason " + generation)));
    }

    private static Superblock rich(MemberState state) {
        return rich(state, 77);
    }

    private static Superblock rich(MemberState state, long generation) {
        return new Superblock(
                new UUID(-1, 2),
                generation,
                new Superblock.Marks(new Tid(30), new Tid(20), new Tid(40), true),
                Optional.of(new PackRequest(new Tid(10), PackRequest.Garbage.COLLECT)),
                "a tid that is not ours",
                List.of(entry(1, MemberState.OPTIMAL, ""), entry(2, state, "said no: ≠"), entry(3, state, "")));
    }

    private static Superblock.Entry entry(int number, MemberState state, String reason) {
        return new Superblock.Entry(
                new UUID(number, -number),
                "member" + number,
                "/data/" + number,
                state,
                reason,
                Instant.ofEpochMilli(1_700_000_000_123L + number),
                new Tid(number),
                new Tid(number + 5),
                number % 2 == 0,
                new Superblock.RecoveryNote(number % 2 == 1, number == 2, number * 1000L, number == 3, number == 1));
    }
}
