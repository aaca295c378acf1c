package org.zeoraid.zeo;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class AddressesTest {

    @Test
    void addressesAreShownAsTheyAreConfigured() throws UnknownHostException {
        InetAddress four = InetAddress.getByName("127.0.0.1");
        InetAddress six = InetAddress.getByName("::1");
        InetAddress all = InetAddress.getByName("::");

        assertThat(Addresses.shown(new InetSocketAddress(four, 8100))).isEqualTo("127.0.0.1:8100");
        assertThat(Addresses.shown(new InetSocketAddress(six, 8100))).isEqualTo("[::1]:8100");
        assertThat(Addresses.shown(new InetSocketAddress(all, 8100))).isEqualTo("*:8100");
        assertThat(Addresses.shown(InetSocketAddress.createUnresolved("zeo1.example", 8100)))
                .isEqualTo("zeo1.example:8100");
        assertThat(Addresses.shown(UnixDomainSocketAddress.of("/run/raid/zeo.sock")))
                .isEqualTo("/run/raid/zeo.sock");
    }
}
