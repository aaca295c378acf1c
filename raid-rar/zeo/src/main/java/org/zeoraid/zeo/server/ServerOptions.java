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
        return builder(spool).build();
    }

    /** Begins with {@link #defaults}. */
    public static Builder builder(Path spool) {
        return new Builder(spool);
    }

    /** Options that are being put together. One thread at a time. */
    public static final class Builder {
        private final Path spool;
        private Encoding encoding = Encoding.MSGPACK;
        private Access access = Access.READ_WRITE;
        private int invalidationQueueSize = 100;
        private Duration invalidationAge = Duration.ZERO;
        private Duration transactionTimeout = Duration.ZERO;
        private Conflicts conflicts = Conflicts.RESOLVED_BY_CLIENTS;
        private Garbage packGarbage = Garbage.COLLECT;
        private Optional<Tls> tls = Optional.empty();
        private Limits limits = Limits.DEFAULT;

        private Builder(Path spool) {
            this.spool = spool;
        }

        public Builder encoding(Encoding other) {
            encoding = other;
            return this;
        }

        public Builder access(Access other) {
            access = other;
            return this;
        }

        /**
         * What clients that were away are told of.
         *
         * @param queueSize in transactions
         * @param age beyond the queue
         */
        public Builder invalidations(int queueSize, Duration age) {
            invalidationQueueSize = queueSize;
            invalidationAge = age;
            return this;
        }

        public Builder transactionTimeout(Duration timeout) {
            transactionTimeout = timeout;
            return this;
        }

        public Builder conflicts(Conflicts other) {
            conflicts = other;
            return this;
        }

        public Builder packGarbage(Garbage other) {
            packGarbage = other;
            return this;
        }

        public Builder tls(Optional<Tls> encryption) {
            tls = encryption;
            return this;
        }

        public Builder limits(Limits other) {
            limits = other;
            return this;
        }

        public ServerOptions build() {
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
                    limits);
        }
    }
}
