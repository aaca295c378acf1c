package org.zeoraid.zeo.server;

import java.time.Duration;

/**
 * What clients may cost. Whoever goes beyond is disconnected, with the reason in the log, or gets an error where a
 * request alone is too much.
 *
 * @param messageBytes the largest message of a registered client
 * @param unfinishedBytes how much of messages that have not come whole yet the server holds for all clients together
 * @param queuedBytes how much may wait to be sent to one client that does not read
 * @param iterators how many iterators a connection may hold open
 * @param blobsSent how many blobs a connection may be receiving at once
 * @param pendingRequests how many requests of a connection may wait for their answers; more are not read
 * @param transactionBytes how much one transaction may collect, most of it on disk
 * @param transactionChanges how many changes one transaction may collect
 * @param connections how many connections the server holds
 * @param timeToRegister how long a connection may take until it has registered
 * @param silence how long a client may send nothing; Python's clients send a keep-alive every minute
 * @param patience how long a client may be slower than {@code slowest}, in sending a message or in reading what waits
 * @param slowest bytes a second
 */
public record Limits(
        int messageBytes,
        long unfinishedBytes,
        int queuedBytes,
        int iterators,
        int blobsSent,
        int pendingRequests,
        long transactionBytes,
        int transactionChanges,
        int connections,
        Duration timeToRegister,
        Duration silence,
        Duration patience,
        int slowest) {

    /** Messages of 256 MiB, transactions of 64 GiB, 10,000 connections. */
    public static final Limits DEFAULT = new Limits(
            256 << 20,
            512L << 20,
            64 << 20,
            1000,
            100,
            1000,
            64L << 30,
            20_000_000,
            10_000,
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            Duration.ofMinutes(1),
            1 << 10);

    /** The same for other sizes of messages and of what waits to be sent. */
    public Limits withBytes(int message, long unfinished, int queued) {
        return new Limits(
                message,
                unfinished,
                queued,
                iterators,
                blobsSent,
                pendingRequests,
                transactionBytes,
                transactionChanges,
                connections,
                timeToRegister,
                silence,
                patience,
                slowest);
    }

    /** The same for other counts on a connection. */
    public Limits withCounts(int openIterators, int openBlobs, int requests) {
        return new Limits(
                messageBytes,
                unfinishedBytes,
                queuedBytes,
                openIterators,
                openBlobs,
                requests,
                transactionBytes,
                transactionChanges,
                connections,
                timeToRegister,
                silence,
                patience,
                slowest);
    }

    /** The same for transactions of another size. */
    public Limits withTransactions(long bytes, int changes) {
        return new Limits(
                messageBytes,
                unfinishedBytes,
                queuedBytes,
                iterators,
                blobsSent,
                pendingRequests,
                bytes,
                changes,
                connections,
                timeToRegister,
                silence,
                patience,
                slowest);
    }

    /** The same for another number of connections. */
    public Limits withConnections(int count) {
        return new Limits(
                messageBytes,
                unfinishedBytes,
                queuedBytes,
                iterators,
                blobsSent,
                pendingRequests,
                transactionBytes,
                transactionChanges,
                count,
                timeToRegister,
                silence,
                patience,
                slowest);
    }

    /** The same for clients that may take another time. */
    public Limits withTimes(Duration toRegister, Duration silent, Duration slow) {
        return new Limits(
                messageBytes,
                unfinishedBytes,
                queuedBytes,
                iterators,
                blobsSent,
                pendingRequests,
                transactionBytes,
                transactionChanges,
                connections,
                toRegister,
                silent,
                slow,
                slowest);
    }
}
