package org.zeoraid.zeo;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Addresses for people. */
public final class Addresses {

    private Addresses() {}

    /** {@code host:port}, with {@code *} for all addresses of this machine, or the path of a Unix socket. */
    public static String shown(@Nullable SocketAddress address) {
        if (!(address instanceof InetSocketAddress inet)) {
            return String.valueOf(address);
        }
        InetAddress resolved = inet.getAddress();
        if (resolved != null && resolved.isAnyLocalAddress()) {
            return "*:" + inet.getPort();
        }
        String host = inet.getHostString();
        return (resolved == null || !host.contains(":") ? host : "[" + NetUtil.toAddressString(resolved) + "]") + ":"
                + inet.getPort();
    }
}
