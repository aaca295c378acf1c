package org.zeoraid.test.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
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
        try (PayaraMicro server = server("killed").start()) {
            RemoteArray array = RemoteArray.mainOf(server);
            for (int kill = 0; kill < KILLS; kill++) {
                String round = "kill " + kill + " of seed " + seed;
                try (Load load = new Load(server, 4, kill * 1_000_000L)) {
                    load.awaitCommits(1 + random.nextInt(200));
                    load.expectTheEnd();
                    server.kill();
                    load.close();
                    acknowledged.addAll(load.acknowledged());
                    assertThat(load.failures()).as(round).isEmpty();
                }
                server.start();
                array.awaitState("optimal");
                assertAllThere(round, server, acknowledged);
            }
            server.stop();
            List<String> a = DataFiles.lines(server.data().resolve("a/Data.fs"));
            assertThat(DataFiles.lines(server.data().resolve("b/Data.fs"))).isEqualTo(a);
            assertThat(DataFiles.lines(server.data().resolve("c/Data.fs"))).isEqualTo(a);
        }
    }

    @Test
    void aMemberThatMissedCommitsIsNeverTheTruthAlsoIfOnlyItIsLeft() throws Exception {
        List<String> acknowledged = new ArrayList<>();
        try (PayaraMicro server = server("stale").start()) {
            RemoteArray array = RemoteArray.mainOf(server);
            try (Load load = new Load(server, 2, 0)) {
                load.awaitCommits(5);
                array.post("members/b/disable");
                load.awaitCommits(20);
                load.close();
                assertThat(load.failures()).isEmpty();
                acknowledged.addAll(load.acknowledged());
            }
            server.kill();

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
            assertThat(array.members()).containsEntry("b", "disabled");
            assertAllThere("after the others came back", server, acknowledged);
            array.post("members/b/recover");
            array.awaitState("optimal");
        }
    }

    private static PayaraMicro server(String name) {
        return PayaraMicro.inFreshFolder(name).withAdminPage().withApplication(TestApplication.war());
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

    private static void assertAllThere(String when, PayaraMicro server, List<String> acknowledged) {
        HttpResponse<String> answer = server.post("/app/verify", String.join("\n", acknowledged));
        assertThat(answer.statusCode()).as(when + ": " + answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(Integer.toString(acknowledged.size()));
    }
}
