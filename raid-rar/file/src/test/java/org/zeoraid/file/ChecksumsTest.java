package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.VerifyResult;
import org.zeoraid.storage.seam.FaultDisk;

/** Bytes that change by themselves. */
class ChecksumsTest {

    private static final Path FILE = Path.of("/data/Data.fs");
    /** Coprime to all lengths in the format, so that every field has its turn. */
    private static final int STEP = Integer.getInteger("zeoraid.rot.step", 3);

    private static FileLog open(FaultDisk disk) {
        return FileLog.open(FileOptions.of("a", FILE), new InlineEnvironment(disk));
    }

    private static FaultDisk some() {
        FaultDisk disk = new FaultDisk();
        try (FileLog log = open(disk)) {
            for (int i = 1; i < 12; i++) {
                DataRecord undo = i > 6 ? Logs.link(2, Logs.tid(3), "two 3") : Logs.data(2, "two " + i);
                Logs.get(log.append(
                        Logs.last(log),
                        Logs.transaction(Logs.tid(i), Logs.data(1, "one " + i), undo, Logs.data(100 + i, "x"))));
            }
        }
        return disk;
    }

    @Test
    void noChangedByteIsServedAsData() throws Exception {
        // given
        FaultDisk sound = some();
        byte[] whole = sound.contents(FILE);
        List<TransactionDigest> expected;
        try (FileLog log = open(sound)) {
            expected = Logs.digests(log);
            assertThat(Logs.get(log.verify(progress -> {})).unverified()).isZero();
        }
        int found = 0;
        for (int at = 0; at < whole.length; at += STEP) {
            // when a bit of the file flips
            byte[] rotten = whole.clone();
            rotten[at] ^= (byte) (1 << at % 8);
            FaultDisk disk = sound.copy();
            disk.put(FILE, rotten);
            // then nobody gets anything but what was written
            List<TransactionDigest> read = new ArrayList<>();
            boolean noticed = false;
            try (FileLog log = open(disk)) {
                VerifyResult result = Logs.get(log.verify(progress -> {}));
                noticed = !result.isSound();
                try {
                    for (CommittedTransaction each : Logs.all(log.transactions(Tid.NONE, Tid.MAX), 1)) {
                        read.add(TransactionDigest.of(each));
                    }
                    assertThat(read).as("byte %d", at).isEqualTo(expected);
                } catch (CorruptedException e) {
                    noticed = true;
                }
                for (int i = 1; i < 12; i++) {
                    for (long oid = 1; oid < 3; oid++) {
                        String text = oid == 1 ? "one " + i : i > 6 ? "two 3" : "two " + i;
                        try {
                            assertThat(Logs.get(log.loadBefore(
                                                    new Oid(oid), Logs.tid(i).after()))
                                            .orElseThrow()
                                            .data())
                                    .as("byte %d", at)
                                    .isEqualTo(Logs.bytes(text));
                        } catch (CorruptedException e) {
                            noticed = true;
                        }
                    }
                }
            } catch (CorruptedException e) {
                noticed = true;
            }
            assertThat(noticed).as("byte %d", at).isTrue();
            found++;
        }
        assertThat(found).isGreaterThan(500);
    }

    @Test
    void damageIsTakenForDamageAfterACrashToo() throws Exception {
        // given a log that was killed, whose earlier records have their checksums on the disk
        FaultDisk disk = some();
        FileLog log = open(disk);
        Logs.get(log.append(Logs.last(log), Logs.transaction(Logs.tid(50), Logs.data(9, "last"))));
        FaultDisk killed = disk.afterCrash(FaultDisk.ALL_SURVIVES);
        byte[] bytes = killed.contents(FILE);
        int place = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf("one 7");
        bytes[place] ^= 1;
        killed.put(FILE, bytes);
        // when, then
        try (FileLog again = open(killed)) {
            assertThat(Logs.last(again)).isEqualTo(Logs.tid(50));
            assertThatThrownBy(() -> Logs.get(again.loadSerial(new Oid(1), Logs.tid(7))))
                    .isInstanceOf(CorruptedException.class);
            assertThat(Logs.get(again.verify(progress -> {})).damages()).hasSize(1);
        }
    }

    @Test
    void aRottenSideFileMakesNoFalseDamage() throws Exception {
        // given
        FaultDisk sound = some();
        Path side = Path.of("/data/Data.fs.crc");
        byte[] whole = sound.contents(side);
        for (int at = 0; at < whole.length; at += at < 8192 ? 97 : 1) {
            byte[] rotten = whole.clone();
            rotten[at] ^= 4;
            FaultDisk disk = sound.copy();
            disk.put(side, rotten);
            // when, then
            try (FileLog log = open(disk)) {
                assertThat(Logs.get(log.verify(progress -> {})).damages())
                        .as("byte %d", at)
                        .isEmpty();
            }
        }
    }
}
