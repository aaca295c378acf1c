package org.zeoraid.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.zeoraid.config.schema.Key;
import org.zeoraid.config.schema.SectionType;
import org.zeoraid.config.schema.SocketAddress;
import org.zeoraid.config.schema.Values;

/** The keys of {@code <zeo>}, after ZEO's own {@code server.xml}: where and how arrays are served to ZEO clients. */
public final class ServerSection {

    public static final Key<SocketAddress> ADDRESS = Key.required("address", Values.ADDRESS);
    public static final Key<Boolean> READ_ONLY = Key.withDefault("read-only", Values.SWITCH, false);
    public static final Key<Integer> INVALIDATION_QUEUE_SIZE =
            Key.withDefault("invalidation-queue-size", Values.number(0, 1_000_000), 100);
    public static final Key<Duration> INVALIDATION_AGE = Key.optional("invalidation-age", Values.TIME);
    public static final Key<Duration> TRANSACTION_TIMEOUT = Key.optional("transaction-timeout", Values.TIME);
    public static final Key<Boolean> CLIENT_CONFLICT_RESOLUTION =
            Key.withDefault("client-conflict-resolution", Values.SWITCH, false);
    public static final Key<Boolean> MSGPACK = Key.withDefault("msgpack", Values.SWITCH, false);
    public static final Key<Path> PID_FILENAME = Key.optional("pid-filename", Values.PATH);

    /** In {@code <ssl>}: a file with the server's certificate. */
    public static final Key<Path> CERTIFICATE = Key.required("certificate", Values.PATH);
    /** In {@code <ssl>}: a file with the certificate's key, where it is not in the same file. */
    public static final Key<Path> KEY = Key.optional("key", Values.PATH);
    /** In {@code <ssl>}: a file or folder of the certificates that clients must have, or {@code SIGNED}. */
    public static final Key<String> AUTHENTICATE = Key.required("authenticate", Values.TEXT);

    public static final SectionType SSL = SectionType.of(
            "ssl",
            List.of(
                    CERTIFICATE,
                    KEY,
                    AUTHENTICATE,
                    Key.meaningless("password-function", "it names a function in Python")));

    public static final SectionType TYPE = SectionType.of(
            "zeo",
            List.of(
                    ADDRESS,
                    READ_ONLY,
                    INVALIDATION_QUEUE_SIZE,
                    INVALIDATION_AGE,
                    TRANSACTION_TIMEOUT,
                    CLIENT_CONFLICT_RESOLUTION,
                    MSGPACK,
                    PID_FILENAME,
                    Key.meaningless("monitor-address", "ZEO dropped it, and every array has its own status page"),
                    Key.meaningless("authentication-protocol", "ZEO dropped it; <ssl> authenticates clients"),
                    Key.meaningless("authentication-database", "ZEO dropped it; <ssl> authenticates clients"),
                    Key.meaningless("authentication-realm", "ZEO dropped it; <ssl> authenticates clients")),
            List.of(SSL));

    private ServerSection() {}
}
