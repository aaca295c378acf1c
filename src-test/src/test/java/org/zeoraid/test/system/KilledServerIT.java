package org.zeoraid.test.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.zeoraid.test.Folders;
import org.zeoraid.test.Mount;
import org.zeoraid.test.PayaraMicro;
import org.zeoraid.test.RemoteArray;
import org.zeoraid.test.TestApplication;

/** The whole server is killed with SIGKILL under load and started again: what was acknowledged is there. */
class KilledServerIT {

    /** How often; {@code -Draid.kills=50} (as the profile {@code long}) for a long run. */
    private static final int KILLS = Integer.getInteger("raid.kills", 5);

    @Test
    void everyAcknowledgedCommitSurvivesKillsAtRandomMoments() {
        long seed = Long.getLong("raid.seed", System.nanoTime());
        Random random = new Random(seed);
        List<String> acknowledged = new ArrayList<>();
        int commits = 0;
        try (PayaraMicro server = server("killed")) {
            RealDatabase.layDown(server);
            server.start();
            RemoteArray array = RemoteArray.mainOf(server);
            array.makeOptimal();
            for (int kill = 0; kill < KILLS; kill++) {
                String round = "kill " + kill + " of seed " + seed;
                try (Load load = Load.of(server, 4, kill * 1_000_000L)) {
                    load.awaitCommits(1 + random.nextInt(200));
                    load.expectTheEnd();
                    server.kill();
                    load.close();
                    acknowledged.addAll(load.acknowledged());
                    commits += load.commits();
                    assertThat(load.failures()).as(round).isEmpty();
                }
                server.start();
                array.awaitState("optimal");
                Load.assertAllThere(round, server, acknowledged);
            }
            RealDatabase.assertOnAllMembers(server, commits);
        }
    }

    @Test
    void aMemberThatMissedCommitsIsNeverTheTruthAlsoIfOnlyItIsLeft() throws Exception {
        List<String> acknowledged = new ArrayList<>();
        try (PayaraMicro server = server("stale").withoutRecovery().start()) {
            RemoteArray array = RemoteArray.mainOf(server);
            try (Load load = Load.of(server, 2, 0)) {
                load.awaitCommits(5);
                array.post("members/b/disable");
                load.awaitCommits(20);
                load.close();
                assertThat(load.failures()).isEmpty();
                acknowledged.addAll(load.acknowledged());
            }
            server.kill();

            assertNeverTheTruth(server, array, "disabled", acknowledged);
        }
    }

    @Test
    void aMemberWhoseFullDiskMadeItMissCommitsIsNeverTheTruthAlsoWithoutTheStateDirectory() throws Exception {
        Optional<String> obstacle = Mount.obstacle();
        assumeTrue(obstacle.isEmpty(), () -> obstacle.orElse(""));
        List<String> acknowledged = new ArrayList<>();
        PayaraMicro server = server("stale-by-fault").withoutRecovery();
        try (Mount disk = Mount.at(server.data().resolve("b"), 64);
                server) {
            server.start();
            RemoteArray array = RemoteArray.mainOf(server);
            try (Load load = Load.of(server, 2, 0)) {
                load.awaitCommits(5);
                disk.fill();
                array.awaitMember("b", "degraded");
                load.awaitCommits(20);
                load.close();
                assertThat(load.failures()).isEmpty();
                acknowledged.addAll(load.acknowledged());
            }
            server.kill();

            disk.makeRoom();
            Folders.delete(server.data().resolve("main.state"));
            assertNeverTheTruth(server, array, "degraded", acknowledged);
        }
    }

    private static PayaraMicro server(String name) {
        return PayaraMicro.inFreshFolder(name).withAdminPage().withApplication(TestApplication.war());
    }

    /** Member b, which missed commits, is not served alone, and gets what it missed when the others are back. */
    private static void assertNeverTheTruth(
            PayaraMicro server, RemoteArray array, String state, List<String> acknowledged) throws Exception {
        hide(server, "a");
        hide(server, "c");
        server.start();
        assertThat(array.state()).as(array.status().toString()).isEqualTo("failed");
        assertThat(server.post("/app/commit").statusCode()).isEqualTo(503);
        server.kill();

        show(server, "a");
        show(server, "c");
        server.start();
        array.awaitState("degraded");
        assertThat(array.members()).containsEntry("b", state);
        Load.assertAllThere("after the others came back", server, acknowledged);
        array.post("members/b/recover");
        array.awaitState("optimal");
    }

    private static void hide(PayaraMicro server, String member) throws Exception {
        Path folder = server.data().resolve(member);
        Files.move(folder, server.data().resolve(member + ".hidden"));
        // A file where the folder was: the member cannot be created anew either.
        Files.createFile(folder);
    }

    private static void show(PayaraMicro server, String member) throws Exception {
        Path folder = server.data().resolve(member);
        Files.delete(folder);
        Files.move(server.data().resolve(member + ".hidden"), folder);
    }
}
