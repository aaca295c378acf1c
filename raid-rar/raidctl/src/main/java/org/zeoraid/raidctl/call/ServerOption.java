package org.zeoraid.raidctl.call;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.zeoraid.raidctl.Refusal;
import picocli.CommandLine.Option;

/** Which server, and which of its arrays. */
public final class ServerOption {

    /** What ZEO calls a storage without a name. */
    private static final String NAMELESS = "1";

    @Option(
            names = {"-H", "--host"},
            paramLabel = "HOST",
            description =
                    "The server's host; ${DEFAULT-VALUE} unless given. With a / in it, the path of its Unix socket.")
    private String host = "localhost";

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            description = "The port of its ZEO listener; ${DEFAULT-VALUE} unless given.")
    private int port = 8100;

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            description = "The server's Unix socket, in place of host and port.")
    private @Nullable Path socket;

    @Option(
            names = {"-S", "--storage"},
            paramLabel = "ARRAY",
            description = "The array's name; unless given, the server's only one, or '1'.")
    private @Nullable String storage;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "How long the server may take to answer; ${DEFAULT-VALUE} unless given.")
    private int timeout = 10;

    /** Where the server listens. */
    public SocketAddress address() {
        if (socket != null) {
            return UnixDomainSocketAddress.of(socket);
        }
        if (host.contains("/")) {
            return UnixDomainSocketAddress.of(host);
        }
        if (port < 1 || port > 65535) {
            throw Refusal.wrongUse("there is no port " + port + "; expected 1 to 65535");
        }
        return new InetSocketAddress(host.replaceAll("^\\[|\\]$", ""), port);
    }

    /** The array that was named. */
    public Optional<String> namedStorage() {
        return Optional.ofNullable(storage);
    }

    /** The array that was named, or the one that is meant where none was; asks the server then. */
    public String storage() {
        if (storage != null) {
            return storage;
        }
        List<String> all = Caller.storages(address(), timeout());
        if (all.size() == 1) {
            return all.get(0);
        }
        if (all.contains(NAMELESS)) {
            return NAMELESS;
        }
        throw Refusal.wrongUse("which array? Name one of the server's with -S: " + String.join(", ", all));
    }

    public Duration timeout() {
        return Duration.ofSeconds(Math.max(1, timeout));
    }

    /** A connection to the array. */
    public Caller connect() {
        return Caller.register(address(), storage(), timeout());
    }
}
