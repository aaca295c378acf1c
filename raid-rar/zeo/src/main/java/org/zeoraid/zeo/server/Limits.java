package org.zeoraid.zeo.server;

import java.time.Duration;

/**
 * What a peer may cost. Whoever goes beyond is disconnected, with the reason in the log, or gets an error.
 *
 * @param messageBytes the largest message
 * @param queuedBytes how much may wait to be sent to a client that does not read
 * @param iterators how many iterators a connection may hold open
 * @param pendingRequests how many requests of a connection may wait for their answers; more are not read
 * @param connections how many connections the server accepts
 * @param timeToRegister how long a connection may take until it has registered
 */
public record Limits(
        int messageBytes,
        int queuedBytes,
        int iterators,
        int pendingRequests,
        int connections,
        Duration timeToRegister) {

    public static final Limits DEFAULT = new Limits(256 << 20, 64 << 20, 1000, 1000, 10_000, Duration.ofSeconds(30));
}
