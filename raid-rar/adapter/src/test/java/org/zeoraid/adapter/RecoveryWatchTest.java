package org.zeoraid.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.config.ArraySet;
import org.zeoraid.config.ConfiguredArray;
import org.zeoraid.config.RaidConfiguration;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PreparedTransactions.Decider;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.admin.ArrayEvent;
import org.zeoraid.storage.seam.SystemEnvironment;

class RecoveryWatchTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path folder;

    private final SystemEnvironment environment = new SystemEnvironment();
    private final RecoverySetup silent = new RecoverySetup(new RecoverySetup.Surroundings(name -> null, name -> null));
    private ArraySet arrays;
    private ConfiguredArray main;

    @BeforeEach
    void open() throws Exception {
        Path file = folder.resolve("raid.conf");
        Files.writeString(file, "<raidstorage main>\n<mappingstorage a/>\n<mappingstorage b/>\n</raidstorage>\n");
        arrays = ArraySet.open(RaidConfiguration.parse(file), environment);
        main = arrays.array("main").orElseThrow();
        main.serving().toCompletableFuture().join();
    }

    @AfterEach
    void close() {
        arrays.close();
        environment.close();
    }

    @Test
    void aBranchThatStaysInDoubtIsToldOnce() {
        RecoveryWatch watch = new RecoveryWatch(environment, arrays.arrays(), silent);
        BranchId stays = prepared("stays");
        BranchId decided = prepared("decided");

        watch.look(START);
        watch.look(START.plus(Duration.ofMinutes(10)));
        assertThat(told("branch-in-doubt")).isEmpty();
        Stages.await(main.storage().prepared().orElseThrow().commit(decided, Decider.TRANSACTION_MANAGER));
        watch.look(START.plus(Duration.ofMinutes(11)));
        watch.look(START.plus(Duration.ofMinutes(12)));

        assertThat(told("branch-in-doubt")).singleElement().satisfies(event -> assertThat(event.text())
                .contains(stays.toString())
                .contains("keeps its objects locked"));
    }

    @Test
    void aServerThatDoesNotRecoverIsToldOnce() throws Exception {
        Path config = Files.createDirectories(folder.resolve("rt/config"));
        Files.writeString(
                config.resolve("domain.xml"),
                "<domain><configs><config name='server-config'><transaction-service"
                        + " tx-log-dir='/var/x'/></config></configs></domain>");
        Map<String, String> properties =
                Map.of("com.sun.aas.instanceRoot", folder.resolve("rt").toString());
        RecoverySetup setup = new RecoverySetup(new RecoverySetup.Surroundings(properties::get, name -> null));
        RecoveryWatch watch = new RecoveryWatch(environment, arrays.arrays(), setup);

        watch.start();
        assertThat(told("recovery-setup")).singleElement().satisfies(event -> assertThat(event.text())
                .contains("xa-servername"));
        watch.look(START);
        watch.look(START.plus(Duration.ofMinutes(3)));
        // The command files may not be through.
        assertThat(told("recovery-setup")).hasSize(1);
        watch.look(START.plus(Duration.ofMinutes(4)));
        watch.look(START.plus(Duration.ofMinutes(5)));

        assertThat(told("recovery-setup")).hasSize(2).last().satisfies(event -> assertThat(event.text())
                .contains("automatic-recovery"));
    }

    private List<ArrayEvent> told(String kind) {
        return main.administration().events(0, 100).stream()
                .filter(event -> event.kind().equals(kind))
                .toList();
    }

    private BranchId prepared(String name) {
        StorageTransaction transaction = main.storage().begin(TransactionMeta.EMPTY);
        Oid oid = Stages.await(main.storage().newOids(1)).get(0);
        transaction.store(oid, Tid.NONE, name.getBytes(StandardCharsets.UTF_8));
        Stages.await(transaction.vote());
        BranchId id = new BranchId(7, name.getBytes(StandardCharsets.UTF_8), new byte[] {1});
        Stages.await(transaction.prepare(id));
        return id;
    }
}
