package org.zeoraid.web.login;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SenderTest {

    @Test
    void onlyAProxyThatIsNamedIsBelieved() {
        assertThat(Sender.address("192.0.2.1", "203.0.113.9", List.of())).isEqualTo("192.0.2.1");
        assertThat(Sender.address("192.0.2.1", "203.0.113.9", List.of("192.0.2.2")))
                .isEqualTo("192.0.2.1");
        assertThat(Sender.address("192.0.2.1", "203.0.113.9", List.of("::1", " 192.0.2.1")))
                .isEqualTo("203.0.113.9");
        assertThat(Sender.address("192.0.2.1", null, List.of("192.0.2.1"))).isEqualTo("192.0.2.1");
        assertThat(Sender.address("192.0.2.1", " ", List.of("192.0.2.1"))).isEqualTo("192.0.2.1");
    }

    @Test
    void ofWhatIsForwardedOnlyTheLastIsTheProxysWord() {
        assertThat(Sender.address("192.0.2.1", "10.0.0.1, 203.0.113.9", List.of("192.0.2.1")))
                .isEqualTo("203.0.113.9");
    }

    @Test
    void aNetworkOfIpv6CountsAsOneGuesser() {
        assertThat(Sender.network("2001:db8:0:7::1")).isEqualTo(Sender.network("2001:db8:0:7:ffff:1:2:3"));
        assertThat(Sender.network("2001:db8:0:7::1")).isNotEqualTo(Sender.network("2001:db8:0:8::1"));
        assertThat(Sender.network("192.0.2.1")).isEqualTo("192.0.2.1");
        assertThat(Sender.network("whatever:a proxy says")).isEqualTo("whatever:a proxy says");
    }
}
