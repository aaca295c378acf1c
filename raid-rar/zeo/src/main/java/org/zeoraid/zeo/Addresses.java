package org.zeoraid.zeo.client;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Addresses for people. */
final class Addresses {

    private Addresses() {}

    static String shown(SocketAddress address) {
        if (address instanceof InetSocketAddress inet) {
            String host = inet.getHostString();
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + inet.getPort();
        }
        return address.toString();
    }
}
