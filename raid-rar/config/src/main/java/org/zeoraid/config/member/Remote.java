package org.zeoraid.config.member;

import org.zeoraid.config.schema.SocketAddress;

/**
 * A storage at a server. Two that are {@link #isSame the same} cannot be two members.
 *
 * @param server where the server is reached
 * @param storage what the server calls it
 */
public record Remote(SocketAddress server, String storage) {

    /** Whether both are known to be the same, without asking anybody: two names of one machine are not seen through. */
    public boolean isSame(Remote other) {
        return storage.equals(other.storage) && reaches(server, other.server);
    }

    /** Whether a server that listens at one address can be the one that is reached at the other. */
    public static boolean reaches(SocketAddress one, SocketAddress other) {
        if (one instanceof SocketAddress.Internet here && other instanceof SocketAddress.Internet there) {
            return here.port() == there.port() && host(here.host()).equals(host(there.host()));
        }
        return one.equals(other);
    }

    private static String host(String host) {
        boolean isHere = host.isEmpty()
                || host.equals("localhost")
                || host.equals("::1")
                || host.equals("::")
                || host.equals("0.0.0.0")
                || host.startsWith("127.");
        return isHere ? "localhost" : host;
    }

    @Override
    public String toString() {
        return "storage " + storage + " at " + server;
    }
}
