package org.zeoraid.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.zeoraid.file.Logs.data;
import static org.zeoraid.file.Logs.tid;
import static org.zeoraid.file.Logs.transaction;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.VerifyResult;
import org.zeoraid.storage.seam.FaultDisk;
import org.zeoraid.storage.seam.FaultDisk.Kind;
import org.zeoraid.storage.seam.SimulatedEnvironment;

/** Checksums and indexes that cannot be saved when it is their time. */
class HousekeepingTest {

    private static final Path FILE = Path.of("/data/Data.fs");
    private static final Path CHECKSUMS = Path.of("/data/Data.fs.crc");
    private static final Path INDEX = Path.of("/data/Data.fs.idx");

    private FaultDisk disk = new FaultDisk();
    private SimulatedEnvironment environment = new SimulatedEnvironment(1, disk);
    private FileLog log = open();

    private FileLog open() {
        return FileLog.open(FileOptions.of("a", FILE), environment);
    }

    private void append(long number, byte[] bytes) {
        environment.await(log.append(Logs.last(log), transaction(tid(number), data(number, bytes))));
    }

    private void appendAndRest(long number) {
        append(number, new byte[300]);
        environment.advance(Duration.ofSeconds(10));
    }

    private AutoCloseable failing(Kind kind, Path path) {
        return disk.rule(operation -> {
            if (operation.kind() == kind && operation.path().equals(path)) {
                throw new IOException("input/output error");
            }
        });
    }

    private VerifyResult verifyAfterCrash(long seed) {
        disk.crash();
        disk = disk.afterCrash(seed);
        environment = new SimulatedEnvironment(2, disk);
        log = open();
        return environment.await(log.verify(progress -> {}));
    }

    @Test
    void whatAFailedSyncOfChecksumsLostIsWrittenAgain() throws Exception {
        for (Kind kind : new Kind[] {Kind.SYNC, Kind.WRITE}) {
            for (long seed = 0; seed < 8; seed++) {
                disk = new FaultDisk(seed);
                environment = new SimulatedEnvironment(seed, disk);
                log = open();
                appendAndRest(1);
                try (AutoCloseable rule = failing(kind, CHECKSUMS)) {
                    appendAndRest(2);
                    appendAndRest(3);
                }
                for (int i = 4; i < 7; i++) {
                    appendAndRest(i);
                }

                VerifyResult result = verifyAfterCrash(seed);

                assertThat(result.records()).isEqualTo(6);
                assertThat(result.damages()).isEmpty();
                assertThat(result.unverified()).as("%s, seed %d", kind, seed).isZero();
                log.close();
            }
        }
    }

    @Test
    void recordsAreCheckedWhileTheirChecksumsAreInMemoryOnly() throws Exception {
        int before = disk.contents(CHECKSUMS).length;
        append(1, Logs.bytes("a text"));
        append(2, Logs.bytes("another text"));

        VerifyResult result = environment.await(log.verify(progress -> {}));

        assertThat(disk.contents(CHECKSUMS)).hasSize(before);
        assertThat(result.unverified()).isZero();
        log.close();
        assertThat(disk.contents(CHECKSUMS)).hasSizeGreaterThan(before);
    }

    @Test
    void anIndexThatCouldNotBeSavedIsSavedLaterAndLeavesNothing() throws Exception {
        append(1, new byte[300]);
        try (AutoCloseable rule = failing(Kind.SYNC, Path.of("/data/Data.fs.idx.new"))) {
            environment.await(log.append(tid(1), transaction(tid(2), data(1, "newer"))));
            environment.await(log.pack(new PackRequest(tid(2), PackRequest.Garbage.KEEP)));
            environment.advance(Duration.ofSeconds(10));
        }
        assertThat(disk.list(FILE.getParent())).doesNotContain("Data.fs.idx", "Data.fs.idx.new");

        append(3, new byte[33 << 20]);
        environment.advance(Duration.ofSeconds(10));

        assertThat(disk.exists(INDEX)).isTrue();
        log.close();
    }

    @Test
    void theNoteThatTheChecksumsAreCompleteSurvivesFailedSyncsOfItself() throws Exception {
        for (long seed = 0; seed < 60; seed++) {
            disk = new FaultDisk(seed);
            environment = new SimulatedEnvironment(seed, disk);
            log = open();
            appendAndRest(1);
            appendAndRest(2);
            appendAndRest(3);
            try (AutoCloseable rule = failing(Kind.SYNC, CHECKSUMS)) {
                appendAndRest(4);
            }
            appendAndRest(5);

            VerifyResult result = verifyAfterCrash(seed);

            assertThat(result.records()).isEqualTo(5);
            assertThat(result.unverified()).as("seed %d", seed).isZero();
            assertThat(Logs.last(log)).isNotEqualTo(Tid.NONE);
            log.close();
        }
    }
}
