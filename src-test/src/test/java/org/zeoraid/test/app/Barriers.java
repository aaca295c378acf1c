package org.zeoraid.test.app;

import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Lets two requests meet: each waits until the other has come as far. */
final class Barriers {
    private static final ConcurrentMap<String, CyclicBarrier> BARRIERS = new ConcurrentHashMap<>();

    private Barriers() {}

    /** @param name of the meeting; blank for none */
    static void meet(String name) {
        if (name.isBlank()) {
            return;
        }
        try {
            BARRIERS.computeIfAbsent(name, n -> new CyclicBarrier(2)).await(30, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new IllegalStateException("nobody else came to " + name, e);
        }
    }
}
