package org.zeoraid.zeo.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.zeoraid.storage.PackRequest.Garbage;

/**
 * How a server serves; named after the keys of {@code <zeo>} in a {@code zeo.conf}.
 *
 * @param encoding how messages are written; clients follow
 * @param access whether clients may write, where the storage lets them
 * @param invalidationQueueSize for how many transactions a client that was away is told what changed
 * @param invalidationAge for how long, beyond the queue, what changed is found by iterating; zero for not at all
 * @param transactionTimeout how long a client may take from vote to finish before it is disconnected; zero for no bound
 * @param conflicts whether a conflict on changed data is the client's to resolve or an error; resolving it here would
 *     need the application's Python classes
 * @param packGarbage what a client's {@code pack} does with garbage
 * @param tls how TCP connections are encrypted; none if they are not. Unix sockets never are
 * @param spool a folder for blobs that clients are sending; created when needed
 */
public record ServerOptions(
        Encoding encoding,
        Access access,
        int invalidationQueueSize,
        Duration invalidationAge,
        Duration transactionTimeout,
        Conflicts conflicts,
        Garbage packGarbage,
        Optional<Tls> tls,
        Path spool,
        Limits limits) {

    /** The protocol's two encodings. */
    public enum Encoding {
        MSGPACK('M'),
        PICKLE('Z');

        private final char letter;

        Encoding(char letter) {
            this.letter = letter;
        }

        /** The byte that announces it. */
        char letter() {
            return letter;
        }
    }

    /** What clients may do. */
    public enum Access {
        READ_WRITE,
        READ_ONLY
    }

    /** Who deals with conflicts. */
    public enum Conflicts {
        RESOLVED_BY_CLIENTS,
        ERRORS
    }

    /** msgpack, writing, conflicts resolved by clients, no TLS, and otherwise what Python's server has by default. */
    public static ServerOptions defaults(Path spool) {
        return new ServerOptions(
                Encoding.MSGPACK,
                Access.READ_WRITE,
                100,
                Duration.ZERO,
                Duration.ZERO,
                Conflicts.RESOLVED_BY_CLIENTS,
                Garbage.COLLECT,
                Optional.empty(),
                spool,
                Limits.DEFAULT);
    }

    public ServerOptions withEncoding(Encoding other) {
        return new ServerOptions(
                other,
                access,
                invalidationQueueSize,
                invalidationAge,
                transactionTimeout,
                conflicts,
                packGarbage,
                tls,
                spool,
                limits);
    }

    public ServerOptions withAccess(Access other) {
        return new ServerOptions(
                encoding,
                other,
                invalidationQueueSize,
                invalidationAge,
                transactionTimeout,
                conflicts,
                packGarbage,
                tls,
                spool,
                limits);
    }

    /**
     * What clients that were away are told of.
     *
     * @param queueSize in transactions
     * @param age beyond the queue
     */
    public ServerOptions withInvalidations(int queueSize, Duration age) {
        return new ServerOptions(
                encoding, access, queueSize, age, transactionTimeout, conflicts, packGarbage, tls, spool, limits);
    }

    public ServerOptions withTransactionTimeout(Duration timeout) {
        return new ServerOptions(
                encoding,
                access,
                invalidationQueueSize,
                invalidationAge,
                timeout,
                conflicts,
                packGarbage,
                tls,
                spool,
                limits);
    }

    public ServerOptions withConflicts(Conflicts other) {
        return new ServerOptions(
                encoding,
                access,
                invalidationQueueSize,
                invalidationAge,
                transactionTimeout,
                other,
                packGarbage,
                tls,
                spool,
                limits);
    }

    public ServerOptions withPackGarbage(Garbage garbage) {
        return new ServerOptions(
                encoding,
                access,
                invalidationQueueSize,
                invalidationAge,
                transactionTimeout,
                conflicts,
                garbage,
                tls,
                spool,
                limits);
    }

    public ServerOptions withTls(Tls encryption) {
        return new ServerOptions(
                encoding,
                access,
                invalidationQueueSize,
                invalidationAge,
                transactionTimeout,
                conflicts,
                packGarbage,
                Optional.of(encryption),
                spool,
                limits);
    }

    public ServerOptions withLimits(Limits other) {
        return new ServerOptions(
                encoding,
                access,
                invalidationQueueSize,
                invalidationAge,
                transactionTimeout,
                conflicts,
                packGarbage,
                tls,
                spool,
                other);
    }
}
