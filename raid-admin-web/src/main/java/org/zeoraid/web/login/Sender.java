package org.zeoraid.web.login;

import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;

/**
 * Where a request comes from. Behind a proxy that is the proxy, for everybody; one that the property {@code raid.proxies}
 * names (addresses, with commas) is believed what it adds to {@code X-Forwarded-For}.
 */
final class Sender {

    private static final String PROXIES = "raid.proxies";

    private Sender() {}

    static String address(HttpServletRequest request) {
        List<String> proxies = ConfigProvider.getConfig()
                .getOptionalValues(PROXIES, String.class)
                .orElse(List.of());
        return address(request.getRemoteAddr(), request.getHeader("X-Forwarded-For"), proxies);
    }

    /** The last address is the proxy's word, those before it are anybody's. */
    static String address(String peer, @Nullable String forwarded, List<String> proxies) {
        if (forwarded == null
                || proxies.stream().noneMatch(proxy -> proxy.strip().equals(peer))) {
            return peer;
        }
        String last = forwarded.substring(forwarded.lastIndexOf(',') + 1).strip();
        return last.isEmpty() ? peer : last;
    }

    /** Whom guesses from an address are counted against: a network of IPv6 has addresses without end. */
    static String network(String address) {
        return ipv6(address)
                .map(bytes -> {
                    StringBuilder network = new StringBuilder();
                    for (int i = 0; i < 8; i += 2) {
                        network.append(Integer.toHexString((bytes[i] & 0xFF) << 8 | bytes[i + 1] & 0xFF))
                                .append(':');
                    }
                    return network.append(":/64").toString();
                })
                .orElse(address);
    }

    private static Optional<byte[]> ipv6(String address) {
        if (address.indexOf(':') < 0
                || !address.chars().allMatch(c -> Character.digit(c, 16) >= 0 || c == ':' || c == '.')) {
            return Optional.empty();
        }
        try {
            byte[] bytes = InetAddress.getByName(address).getAddress();
            return bytes.length == 16 ? Optional.of(bytes) : Optional.empty();
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }
}
