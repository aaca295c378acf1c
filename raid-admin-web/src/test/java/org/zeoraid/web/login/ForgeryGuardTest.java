package org.zeoraid.web.login;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ForgeryGuardTest {

    @Test
    void aBrowserOnOurPageMayAndAProgramMay() {
        assertThat(ForgeryGuard.isFromElsewhere("same-origin", "http://raid.example:8080", "raid.example:8080"))
                .isFalse();
        assertThat(ForgeryGuard.isFromElsewhere(null, "https://raid.example", "raid.example"))
                .isFalse();
        assertThat(ForgeryGuard.isFromElsewhere(null, null, "raid.example")).isFalse();
        assertThat(ForgeryGuard.isFromElsewhere("none", null, "raid.example")).isFalse();
    }

    @Test
    void aBrowserOnAnotherPageMayNot() {
        assertThat(ForgeryGuard.isFromElsewhere("cross-site", null, "raid.example"))
                .isTrue();
        assertThat(ForgeryGuard.isFromElsewhere("same-site", null, "raid.example"))
                .isTrue();
        assertThat(ForgeryGuard.isFromElsewhere(null, "http://evil.example", "raid.example"))
                .isTrue();
        assertThat(ForgeryGuard.isFromElsewhere(null, "http://raid.example:81", "raid.example:80"))
                .isTrue();
        assertThat(ForgeryGuard.isFromElsewhere(null, "null", "raid.example")).isTrue();
        assertThat(ForgeryGuard.isFromElsewhere(null, "http://raid.example", null))
                .isTrue();
        assertThat(ForgeryGuard.isFromElsewhere(null, "not a uri", "raid.example"))
                .isTrue();
    }

    @Test
    void aLoginLeadsNowhereElse() {
        assertThat(LoginServlet.target("/raid/events/main?x=1", "/raid")).isEqualTo("/raid/events/main?x=1");
        for (String bad : new String[] {
            "//evil.example/raid/",
            "https://evil.example",
            "/raidx/",
            "/raid/\\evil",
            "/raid/ x",
            "/raid/\r\nX: y",
            "/raid/login",
            "",
            "javascript:alert(1)"
        }) {
            assertThat(LoginServlet.target(bad, "/raid")).isEqualTo("/raid/");
        }
        assertThat(LoginServlet.target(null, "/raid")).isEqualTo("/raid/");
    }
}
