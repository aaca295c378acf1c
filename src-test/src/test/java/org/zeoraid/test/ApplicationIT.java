package org.zeoraid.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An application of one's own on a Payara Micro that the delivered command files have set up. */
class ApplicationIT {
    private static PayaraMicro server;
    private static final ExecutorService CLIENTS = Executors.newCachedThreadPool();

    @BeforeAll
    static void start() {
        server = PayaraMicro.inFreshFolder("application")
                .withCommandFiles(Path.of(System.getProperty("raid.payara.commands")))
                .withApplication(TestApplication.war())
                .start();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
        CLIENTS.shutdown();
    }

    @Test
    void aContainerManagedTransactionCommits() {
        HttpResponse<String> commit = server.post("/app/commit?objects=3&size=1000&seed=7");

        assertThat(commit.statusCode()).describedAs(commit.body()).isEqualTo(200);
        String[] words = commit.body().split(" ");
        assertThat(words).hasSize(4);
        for (int i = 1; i < words.length; i++) {
            HttpResponse<String> read = server.get("/app/read?oid=" + words[i]);
            assertThat(read.body()).isEqualTo(words[0] + " 7 1000 sound");
        }
    }

    @Test
    void aContainerManagedTransactionRollsBack() {
        String oid = newObject();

        server.post("/app/update?seed=99&end=ROLLBACK&oids=" + oid);

        assertThat(server.get("/app/read?oid=" + oid).body()).contains(" 0 100 sound");
    }

    /** How long it takes is only said, for docs/performance.md. */
    @Test
    void aTransactionThatReadsIsMeasuredBesideTheArraysOwnLoads() {
        String[] micros = server.get("/app/transactions?rounds=3000").body().split(" ");

        assertThat(micros).hasSize(2);
        System.out.printf(
                "100 loads in a transaction of the server's: %s µs, the array's own: %s µs%n", (Object[]) micros);
    }

    @Test
    void aConflictAtTheCommitIsToldByTheOutcome() throws Exception {
        HttpResponse<String> loser = loserOfConflict("COMMIT");

        assertThat(loser.statusCode()).describedAs(loser.body()).isEqualTo(409);
        assertThat(loser.body())
                .startsWith("outcome: org.zeoraid.storage.ConflictException")
                .contains("jakarta.transaction.RollbackException");
    }

    @Test
    void aConflictAtAVoteIsAnExceptionThatTheApplicationSees() throws Exception {
        HttpResponse<String> loser = loserOfConflict("VOTE_AND_COMMIT");

        assertThat(loser.statusCode()).describedAs(loser.body()).isEqualTo(409);
        assertThat(loser.body()).contains("ConflictException");
    }

    @Test
    void whatWasAcknowledgedIsThereAfterAStopAndAfterAKill() {
        String stopped = newObject();
        assertThat(server.stop()).isEqualTo(143);
        assertThat(server.logText()).doesNotContain("did not close in time");
        server.start();
        assertThat(server.get("/app/read?oid=" + stopped).body()).endsWith("sound");

        String killed =
                server.post("/app/commit?objects=1&size=5000&seed=3").body().split(" ")[1];
        server.kill();
        server.start();

        HttpResponse<String> verified = server.post("/app/verify", stopped + " 0\n" + killed + " 3\n");
        assertThat(verified.body()).isEqualTo("2");
    }

    private HttpResponse<String> loserOfConflict(String end) throws Exception {
        String oid = newObject();
        String update = "/app/update?end=" + end + "&oids=" + oid + "&barrier=" + end + oid + "&seed=";
        CompletableFuture<HttpResponse<String>> one =
                CompletableFuture.supplyAsync(() -> server.post(update + 1), CLIENTS);
        CompletableFuture<HttpResponse<String>> other =
                CompletableFuture.supplyAsync(() -> server.post(update + 2), CLIENTS);
        HttpResponse<String> first = one.get();
        HttpResponse<String> second = other.get();
        assertThat(Stream.of(first, second).filter(answer -> answer.statusCode() == 200))
                .describedAs(first.body() + "\n--\n" + second.body())
                .hasSize(1);
        return first.statusCode() == 200 ? second : first;
    }

    private static String newObject() {
        return server.post("/app/commit").body().split(" ")[1];
    }
}
