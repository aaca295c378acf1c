package org.zeoraid.test.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.zeoraid.test.AdminPage;
import org.zeoraid.test.Mount;
import org.zeoraid.test.PayaraMicro;
import org.zeoraid.test.RemoteArray;
import org.zeoraid.test.TestApplication;

/** Members fail in turn under load; no operation fails, and they come back while the array works. */
class FailingMembersIT {

    /** What happens to a member's disk, and how it is put right. */
    private enum Fault {
        UNREADABLE(Mount::die, Mount::revive),
        FULL(Mount::fill, Mount::makeRoom),
        HANGING(Mount::freeze, Mount::thaw);

        private final Act begin;
        private final Act end;

        Fault(Act begin, Act end) {
            this.begin = begin;
            this.end = end;
        }
    }

    private interface Act {
        void on(Mount disk) throws IOException;
    }

    @Test
    void membersWhoseFileIsDestroyedOneAfterTheOtherDisturbNoOne() throws Exception {
        try (PayaraMicro server = server("destroyed").start()) {
            RemoteArray array = RemoteArray.mainOf(server);
            try (Load load = Load.of(server, 4, 0)) {
                array.makeOptimal();
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
                assertNothingFailed(server, load);
            }
        }
    }

    @Test
    void twoDisksThatFailInEachWayDisturbNoOneAndTheirMembersAreRecoveredFromThePage() throws Exception {
        Optional<String> obstacle = Mount.obstacle();
        assumeTrue(obstacle.isEmpty(), () -> obstacle.orElse(""));
        PayaraMicro prepared = server("disks");
        try (Mount b = Mount.at(prepared.data().resolve("b"), 64);
                Mount c = Mount.at(prepared.data().resolve("c"), 64);
                PayaraMicro server = prepared.start();
                AdminPage page = AdminPage.of(server)) {
            RemoteArray array = RemoteArray.mainOf(server);
            try (Load load = Load.of(server, 4, 0)) {
                array.makeOptimal();
                for (Fault fault : Fault.values()) {
                    load.awaitCommits(20);
                    fault.begin.on(b);
                    array.awaitMember("b", "degraded");
                    load.awaitCommits(20);
                    fault.begin.on(c);
                    array.awaitMember("c", "degraded");
                    load.awaitCommits(20);
                    fault.end.on(b);
                    page.recover("b");
                    fault.end.on(c);
                    page.recover("c");
                }
                assertNothingFailed(server, load);
            }
        }
    }

    private static PayaraMicro server(String name) {
        PayaraMicro server = PayaraMicro.inFreshFolder(name).withAdminPage().withApplication(TestApplication.war());
        RealDatabase.layDown(server);
        return server;
    }

    /** Everything behind the first page becomes noise. */
    private static void overwrite(Path file) throws IOException {
        try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
            byte[] noise = new byte[(int) raw.length() - 4096];
            new Random(1).nextBytes(noise);
            raw.seek(4096);
            raw.write(noise);
        }
    }

    private static void assertNothingFailed(PayaraMicro server, Load load) {
        load.awaitCommits(20);
        load.close();
        assertThat(load.failures()).isEmpty();
        RemoteArray.mainOf(server).awaitState("optimal");
        Load.assertAllThere("at the end", server, load.acknowledged());
        RealDatabase.assertOnAllMembers(server, load.commits());
    }
}
