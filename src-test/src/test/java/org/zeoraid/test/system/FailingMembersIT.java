package org.zeoraid.test.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.zeoraid.test.Mount;
import org.zeoraid.test.PayaraMicro;
import org.zeoraid.test.RemoteArray;
import org.zeoraid.test.TestApplication;

/** Members fail in turn under load; no operation fails, and they come back while the array works. */
class FailingMembersIT {

    @Test
    void membersWhoseFileIsDestroyedOneAfterTheOtherDisturbNoOne() throws Exception {
        try (PayaraMicro server = server("destroyed").start()) {
            RemoteArray array = RemoteArray.mainOf(server);
            try (Load load = new Load(server, 4, 0)) {
                for (String member : new String[] {"b", "c"}) {
                    load.awaitCommits(30);
                    overwrite(server.data().resolve(member).resolve("Data.fs"));
                    load.awaitCommits(5);
                    array.verifyUnlessFoundOut(member);
                    array.awaitMember(member, "degraded");
                    load.awaitCommits(20);
                    array.post("members/" + member + "/rebuild");
                    array.awaitMember(member, "optimal");
                }
                load.awaitCommits(20);
                load.close();
                assertThat(load.failures()).isEmpty();
            }
            assertEqualFiles(server);
        }
    }

    @Test
    void aFullAndAHangingDiskDisturbNoOne() throws Exception {
        Optional<String> obstacle = Mount.obstacle();
        assumeTrue(obstacle.isEmpty(), () -> obstacle.orElse(""));
        PayaraMicro server = server("disks");
        try (Mount b = Mount.at(server.data().resolve("b"), 64);
                Mount c = Mount.at(server.data().resolve("c"), 64);
                server) {
            server.start();
            RemoteArray array = RemoteArray.mainOf(server);
            try (Load load = new Load(server, 4, 0)) {
                load.awaitCommits(30);
                b.fill();
                array.awaitMember("b", "degraded");
                load.awaitCommits(20);
                c.freeze();
                array.awaitMember("c", "degraded");
                load.awaitCommits(20);
                b.makeRoom();
                array.post("members/b/recover");
                array.awaitMember("b", "optimal");
                c.thaw();
                array.post("members/c/recover");
                array.awaitMember("c", "optimal");
                load.awaitCommits(20);
                load.close();
                assertThat(load.failures()).isEmpty();
            }
            assertEqualFiles(server);
        }
    }

    private static PayaraMicro server(String name) {
        return PayaraMicro.inFreshFolder(name).withAdminPage().withApplication(TestApplication.war());
    }

    /** Everything behind the first page becomes noise. */
    private static void overwrite(Path file) throws Exception {
        try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] noise = new byte[(int) raw.length() - 4096];
            new java.util.Random(1).nextBytes(noise);
            raw.seek(4096);
            raw.write(noise);
        }
    }

    private static void assertEqualFiles(PayaraMicro server) {
        RemoteArray.mainOf(server).awaitState("optimal");
        server.stop();
        var a = DataFiles.lines(server.data().resolve("a/Data.fs"));
        assertThat(DataFiles.lines(server.data().resolve("b/Data.fs"))).isEqualTo(a);
        assertThat(DataFiles.lines(server.data().resolve("c/Data.fs"))).isEqualTo(a);
    }
}
