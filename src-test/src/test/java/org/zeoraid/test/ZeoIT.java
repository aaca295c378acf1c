package org.zeoraid.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.Tid;
import org.zeoraid.test.app.Payload;

/** ZEO clients and the applications of a server work with the same array. */
class ZeoIT {
    private static PayaraMicro server;

    @BeforeAll
    static void start() {
        server = PayaraMicro.inFreshFolder("zeo")
                .withZeo()
                .withApplication(TestApplication.war())
                .start();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"main", "1"})
    void aZeoClientLoadsWhatABeanStored(String storage) {
        String[] stored =
                server.post("/app/commit?objects=2&size=1000&seed=7").body().split(" ");

        try (ZeoClient client = new ZeoClient(server.zeoPort(), storage)) {
            assertThat(client.last()).hasToString(stored[0]);
            for (String word : List.of(stored[1], stored[2])) {
                Oid oid = Oid.parse(word);
                Revision revision = client.load(oid);
                assertThat(revision.serial()).hasToString(stored[0]);
                assertThat(revision.data()).isEqualTo(Payload.of(oid, 7, 1000));
            }
        }
    }

    @Test
    void aBeanLoadsWhatAZeoClientStored() {
        String[] stored = server.post("/app/commit?objects=1&seed=1").body().split(" ");
        Oid oid = Oid.parse(stored[1]);
        Tid next;
        try (ZeoClient client = new ZeoClient(server.zeoPort(), "main")) {
            next = client.store(oid, Payload.of(oid, 2, 500));
        }

        assertThat(server.get("/app/read?oid=" + oid).body()).isEqualTo(next + " 2 500 sound");
        HttpResponse<String> update = server.post("/app/update?seed=3&oids=" + oid);
        assertThat(update.statusCode()).as(update.body()).isEqualTo(200);
    }

    @Test
    void aPortThatIsTakenKeepsNothingElseFromServing() throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                PayaraMicro second = PayaraMicro.inFreshFolder("zeo-port-taken")
                        .withZeoAt(other.getLocalPort())
                        .withApplication(TestApplication.war())
                        .withAdminPage()
                        .start()) {
            second.awaitLog(
                    Pattern.compile("WARNING.*ZEO clients are not served at localhost:" + other.getLocalPort()));
            assertThat(second.post("/app/commit").statusCode()).isEqualTo(200);
            RemoteArray.mainOf(second).awaitEvent(0, "zeo-not-serving -");

            other.close();

            second.awaitLog(Pattern.compile("ZEO server listens at .*:" + second.zeoPort()));
            assertThat(second.stop()).isEqualTo(143);
            assertThat(second.logText()).doesNotContain("did not close in time");
        }
    }
}
