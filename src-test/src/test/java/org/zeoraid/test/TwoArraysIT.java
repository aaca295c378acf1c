package org.zeoraid.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two arrays of one configuration file: each has its JNDI name, and one transaction can work with both. */
class TwoArraysIT {
    private static PayaraMicro server;

    @BeforeAll
    static void start() throws Exception {
        server = PayaraMicro.inFreshFolder("two-arrays");
        Path configuration = server.data().resolve("raid.conf");
        Files.createDirectories(server.data());
        Files.writeString(configuration, """
                <raidstorage first>
                  state-dir first.state
                  <filestorage a>
                    path first-a/Data.fs
                  </filestorage>
                  <filestorage b>
                    path first-b/Data.fs
                  </filestorage>
                </raidstorage>
                <raidstorage second>
                  state-dir second.state
                  <filestorage a>
                    path second-a/Data.fs
                  </filestorage>
                  <filestorage b>
                    path second-b/Data.fs
                  </filestorage>
                </raidstorage>
                """);
        server.withConfiguration(configuration, "first", "second")
                .withApplication(TestApplication.war())
                .start();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void oneTransactionCommitsInBothArrays() {
        HttpResponse<String> commit = server.post("/app/commit?arrays=first,second&objects=2&seed=5");

        assertThat(commit.statusCode()).describedAs(commit.body()).isEqualTo(200);
        String[] words = commit.body().split(" ");
        String[] tids = words[0].split(",");
        assertThat(read("first", words[2])).isEqualTo(tids[0] + " 5 100 sound");
        assertThat(read("second", words[4])).isEqualTo(tids[1] + " 5 100 sound");
    }

    @Test
    void aRollbackTakesBackBoth() {
        String before = last("first") + last("second");
        HttpResponse<String> rolledBack = server.post("/app/commit?arrays=first,second&end=ROLLBACK");
        assertThat(rolledBack.statusCode()).isNotEqualTo(200);
        assertThat(last("first") + last("second")).isEqualTo(before);
    }

    private static String read(String array, String oid) {
        return server.get("/app/read?array=" + array + "&oid=" + oid).body();
    }

    private static String last(String array) {
        return server.get("/app/last?array=" + array).body();
    }
}
