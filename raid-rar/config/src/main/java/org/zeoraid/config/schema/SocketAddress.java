package org.zeoraid.config.schema;

import java.nio.file.Path;

/** Where to listen or to connect to. */
public sealed interface SocketAddress {

    /**
     * A TCP address.
     *
     * @param host a name or a number, IPv6 without its brackets; empty for all interfaces, or for this machine when
     *     connecting
     * @param port 0 to 65535
     */
    record Internet(String host, int port) implements SocketAddress {
        @Override
        public String toString() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /** A Unix domain socket. */
    record Unix(Path path) implements SocketAddress {
        @Override
        public String toString() {
            return path.toString();
        }
    }
}
