package org.zeoraid.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.zeoraid.config.schema.SocketAddress;
import org.zeoraid.config.syntax.Position;

/**
 * What a {@code <zeo>} says: where and how all arrays of a configuration are served to ZEO clients.
 *
 * @param position where its section begins
 * @param addresses at least one
 * @param readOnly whether clients may only read, whatever the array
 * @param invalidationQueueSize in transactions
 * @param invalidationAge how long clients may have been away; empty if only the queue counts
 * @param transactionTimeout how long a client may take from vote to finish; empty for any time
 * @param clientConflictResolution whether conflicts are returned to clients, or are errors
 * @param msgpack whether messages are in msgpack, or pickles
 * @param pidFile where the process id is written while it is served
 * @param administration from where arrays can be changed
 */
public record ZeoDefinition(
        Position position,
        List<SocketAddress> addresses,
        boolean readOnly,
        int invalidationQueueSize,
        Optional<Duration> invalidationAge,
        Optional<Duration> transactionTimeout,
        boolean clientConflictResolution,
        boolean msgpack,
        Optional<Path> pidFile,
        Administration administration,
        Optional<TlsDefinition> tls) {

    /** From where the calls of an admin that change something are accepted. */
    public enum Administration {
        /** From this machine: loopback addresses and Unix sockets. */
        LOCAL,
        EVERYWHERE
    }

    public ZeoDefinition {
        addresses = List.copyOf(addresses);
    }
}
