package org.zeoraid.test.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.zeoraid.test.PayaraMicro;
import org.zeoraid.test.RemoteArray;
import org.zeoraid.test.TestApplication;

/**
 * A database that Python's ZODB wrote is the first member's file; the others are empty. The array takes it as its truth
 * and recovers the others when told to, while an application commits.
 */
class RealDatabaseIT {

    @Test
    void pythonsDatabaseBecomesAnArrayWhileAnApplicationCommits() {
        try (PayaraMicro server =
                PayaraMicro.inFreshFolder("real-database").withAdminPage().withApplication(TestApplication.war())) {
            RealDatabase.layDown(server);
            server.start();
            RemoteArray array = RemoteArray.mainOf(server);
            array.awaitState("degraded");
            assertThat(array.members())
                    .containsEntry("a", "optimal")
                    .containsEntry("b", "degraded")
                    .containsEntry("c", "degraded");

            try (Load load = Load.of(server, 4, 0)) {
                load.awaitCommits(20);
                array.post("members/b/recover");
                array.post("members/c/recover");
                array.awaitMember("b", "optimal");
                array.awaitMember("c", "optimal");
                load.awaitCommits(20);
                load.close();
                assertThat(load.failures()).isEmpty();
                array.awaitState("optimal");
                Load.assertAllThere("at the end", server, load.acknowledged());
                RealDatabase.assertOnAllMembers(server, load.commits());
            }
        }
    }
}
