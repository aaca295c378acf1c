package org.zeoraid.zeo.server;

import java.time.Duration;

/**
 * What clients may cost. Whoever goes beyond is disconnected, with the reason in the log, or gets an error where a
 * request alone is too much.
 */
public record Limits(Bytes bytes, Counts counts, Times times) {

    /**
     * Of memory and disk.
     *
     * @param message the largest message of a registered client
     * @param queued how much may wait to be sent to one client that does not read
     * @param held how much memory all clients together may have the server hold: messages that have not come whole, what waits
     *     for the disk or to be sent, transactions and iterators
     * @param transaction how much one transaction may collect, most of it on disk
     */
    public record Bytes(int message, int queued, long held, long transaction) {}

    /**
     * On one connection, but for the first.
     *
     * @param connections how many connections the server holds
     * @param iterators how many iterators may be open
     * @param blobs how many blobs may be asked for at once
     * @param requests how many requests may wait for their answers; more are not read
     * @param changes how many changes one transaction may collect
     */
    public record Counts(int connections, int iterators, int blobs, int requests, int changes) {}

    /**
     * What a client may take.
     *
     * @param toRegister until it has registered
     * @param silence how long it may send nothing; Python's clients send a keep-alive every minute
     * @param patience how long it may be slower than {@code slowest}, in sending a message or in reading what waits
     * @param slowest bytes a second
     */
    public record Times(Duration toRegister, Duration silence, Duration patience, int slowest) {}

    /** Messages of 256 MiB, transactions of 64 GiB, half of the Java process's memory for all clients, 10,000 connections. */
    public static final Limits DEFAULT = new Limits(
            new Bytes(
                    256 << 20, 64 << 20, Math.max(64 << 20, Runtime.getRuntime().maxMemory() / 2), 64L << 30),
            new Counts(10_000, 1000, 100, 1000, 20_000_000),
            new Times(Duration.ofSeconds(30), Duration.ofMinutes(5), Duration.ofMinutes(1), 1 << 10));

    public Limits with(Bytes other) {
        return new Limits(other, counts, times);
    }

    public Limits with(Counts other) {
        return new Limits(bytes, other, times);
    }

    public Limits with(Times other) {
        return new Limits(bytes, counts, other);
    }
}
