package org.zeoraid.raidctl.process;

import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.zeoraid.raidctl.call.ZeoClient;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;

/** Clients that commit without a pause, each to objects of its own, and remember what was acknowledged. */
final class Load implements AutoCloseable {

    private static final int OBJECTS = 5;

    private final ExecutorService threads;
    private final List<Future<?>> clients = new ArrayList<>();
    private final Map<Tid, String> acknowledged = new ConcurrentSkipListMap<>();
    private final AtomicLong longest = new AtomicLong();
    private volatile boolean stopped;

    Load(int count, SocketAddress address, String storage) {
        threads = Executors.newFixedThreadPool(count);
        for (int i = 0; i < count; i++) {
            int number = i;
            clients.add(threads.submit(() -> run(number, address, storage)));
        }
    }

    private void run(int client, SocketAddress address, String storage) {
        try (ZeoClient zeo = ZeoClient.connect(address, storage)) {
            Map<Oid, Tid> objects = new LinkedHashMap<>();
            for (int i = 0; i < OBJECTS; i++) {
                objects.put(new Oid(1000L * (client + 1) + i), Tid.NONE);
            }
            for (int n = 0; !stopped; n++) {
                String text = "client " + client + ", transaction " + n;
                long start = System.nanoTime();
                Tid tid = zeo.commit(text, objects, (text + " ".repeat(1000)).getBytes(StandardCharsets.UTF_8));
                longest.accumulateAndGet(System.nanoTime() - start, Math::max);
                acknowledged.put(tid, text);
                objects.replaceAll((oid, serial) -> tid);
            }
        }
    }

    /** What was acknowledged so far. */
    Map<Tid, String> acknowledged() {
        return acknowledged;
    }

    int commits() {
        return acknowledged.size();
    }

    /** The longest commit. */
    Duration longest() {
        return Duration.ofNanos(longest.get());
    }

    /** Whether a client has failed. */
    boolean hasFailed() {
        return clients.stream().anyMatch(Future::isDone);
    }

    /** Lets each client finish its commit, and throws what one of them met. */
    void stop() throws InterruptedException, ExecutionException {
        stopped = true;
        for (Future<?> client : clients) {
            client.get();
        }
    }

    @Override
    public void close() {
        stopped = true;
        threads.shutdownNow();
        try {
            boolean ended = threads.awaitTermination(10, TimeUnit.SECONDS);
            if (!ended) {
                throw new AssertionError("a client does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
