package org.zeoraid.test.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.zeoraid.test.PayaraMicro;
import org.zeoraid.test.RemoteArray;

/**
 * Clients that commit new objects, in every fourth transaction one with a blob, through the test application and read that
 * back, each transaction container-managed, until they are closed or the server is gone. What was acknowledged is
 * remembered, and so is every failure.
 */
final class Load implements AutoCloseable {

    private static final int OBJECTS = 3;
    private static final int TRANSACTIONS_A_BLOB = 4;

    private final PayaraMicro server;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong seeds;
    private final AtomicInteger commits = new AtomicInteger();
    private final Queue<String> acknowledged = new ConcurrentLinkedQueue<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean running = true;

    private Load(PayaraMicro server, int clients, long firstSeed) {
        this.server = server;
        this.seeds = new AtomicLong(firstSeed);
        for (int i = 0; i < clients; i++) {
            Thread thread = new Thread(this::work, "client-" + i);
            threads.add(thread);
            thread.start();
        }
    }

    /** @param firstSeed what the contents are made from counts from here */
    static Load of(PayaraMicro server, int clients, long firstSeed) {
        return new Load(server, clients, firstSeed);
    }

    private void work() {
        while (running) {
            long seed = seeds.incrementAndGet();
            try {
                int blobs = seed % TRANSACTIONS_A_BLOB == 0 ? 1 : 0;
                HttpResponse<String> commit =
                        server.post("/app/commit?objects=" + OBJECTS + "&blobs=" + blobs + "&size=500&seed=" + seed);
                if (commit.statusCode() != 200) {
                    failures.add(commit.statusCode() + " " + commit.body());
                    continue;
                }
                String[] words = commit.body().split(" ");
                for (int i = 1; i < words.length; i++) {
                    acknowledged.add(words[i] + " " + seed);
                }
                commits.incrementAndGet();
                HttpResponse<String> read = server.get("/app/read?oid=" + words[1]);
                if (!read.body().equals(words[0] + " " + seed + " 500 sound")) {
                    failures.add("read back: " + read.statusCode() + " " + read.body());
                }
            } catch (UncheckedIOException e) {
                if (running) {
                    failures.add(String.valueOf(e));
                }
                return;
            }
        }
    }

    /** Waits until this many more transactions have been acknowledged. */
    void awaitCommits(int more) {
        int wanted = commits.get() + more;
        await().atMost(RemoteArray.PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .failFast(() -> assertThat(threads).as("failures: " + failures).anyMatch(Thread::isAlive))
                .untilAsserted(() -> assertThat(commits.get())
                        .as("commits; failures: " + failures)
                        .isGreaterThanOrEqualTo(wanted));
    }

    /** Everything that was acknowledged is in the array as it was committed. */
    static void assertAllThere(String when, PayaraMicro server, List<String> acknowledged) {
        HttpResponse<String> answer = server.post("/app/verify", String.join("\n", acknowledged));
        assertThat(answer.statusCode()).as(when + ": " + answer.body()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(Integer.toString(acknowledged.size()));
    }

    int commits() {
        return commits.get();
    }

    List<String> acknowledged() {
        return List.copyOf(acknowledged);
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    /** From now on a server that is gone is no failure. */
    void expectTheEnd() {
        running = false;
    }

    @Override
    public void close() {
        running = false;
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }
}
