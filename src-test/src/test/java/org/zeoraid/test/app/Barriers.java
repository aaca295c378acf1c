package org.zeoraid.test.app;

import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Lets two requests meet, where each waits until the other has come as far; and lets one wait for a gate to be opened. */
final class Barriers {
    private static final ConcurrentMap<String, CyclicBarrier> BARRIERS = new ConcurrentHashMap<>();

    private static final ConcurrentMap<String, CountDownLatch> GATES = new ConcurrentHashMap<>();

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

    static void waitAt(String gate) {
        try {
            if (!gate(gate).await(10, TimeUnit.MINUTES)) {
                throw new IllegalStateException("nobody has opened " + gate);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("waiting at " + gate, e);
        }
    }

    static void open(String gate) {
        gate(gate).countDown();
    }

    private static CountDownLatch gate(String name) {
        return GATES.computeIfAbsent(name, n -> new CountDownLatch(1));
    }
}
