package org.zeoraid.zeo.server;

import java.net.SocketAddress;

/**
 * Where a server listens.
 *
 * @param address an {@link java.net.InetSocketAddress} or a {@link java.net.UnixDomainSocketAddress}
 * @param administration who may change the array there
 */
public record Listener(SocketAddress address, Administration administration) {

    /** From where the {@code raid_*} calls that change something are carried out; those that look always are. */
    public enum Administration {
        /** From this machine: over a loopback address or a Unix socket. */
        LOCAL,
        /** From everywhere. Whoever can connect can then disable members: to be used with client certificates. */
        EVERYWHERE
    }

    /** A listener at which the array can be changed from this machine alone. */
    public static Listener at(SocketAddress address) {
        return new Listener(address, Administration.LOCAL);
    }
}
