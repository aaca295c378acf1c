package org.zeoraid.web.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackRequest.Garbage;
import org.zeoraid.storage.Tid;
import org.zeoraid.web.Scenes;

class BodyTest {

    @Test
    void aPackKeepsADayOfHistoryUnlessToldOtherwise() {
        assertThat(Body.pack("", Scenes.NOW))
                .isEqualTo(new PackRequest(Tid.at(Scenes.NOW.minus(Duration.ofDays(1))), Garbage.KEEP));
        assertThat(Body.pack("{\"days\": 0.5, \"garbage\": \"collect\"}", Scenes.NOW))
                .isEqualTo(new PackRequest(Tid.at(Scenes.NOW.minus(Duration.ofHours(12))), Garbage.COLLECT));
    }

    @Test
    void aPackGoesUpToAMomentOrATransaction() {
        assertThat(Body.pack("{\"before\": \"2026-01-31T00:00:00Z\"}", Scenes.NOW)
                        .upTo()
                        .instant())
                .hasToString("2026-01-31T00:00:00Z");
        assertThat(Body.pack("{\"tid\": \"03e9f0a2b3c4d5e6\"}", Scenes.NOW).upTo())
                .isEqualTo(Tid.parse("03e9f0a2b3c4d5e6"));
    }

    @Test
    void whatIsTooDeepOrTooLongIsNotUnderstood() {
        String deep = "{\"days\": " + "[".repeat(5_000) + "]".repeat(5_000) + "}";
        String digits = "{\"days\": " + "9".repeat(5_000) + "}";

        assertThatThrownBy(() -> Body.pack(deep, Scenes.NOW)).isInstanceOf(BadRequest.class);
        assertThatThrownBy(() -> Body.pack(digits, Scenes.NOW)).isInstanceOf(BadRequest.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"days\": 1, \"tid\": \"03e9f0a2b3c4d5e6\"}",
                "{\"days\": -1}",
                "{\"days\": 1e9}",
                "{\"days\": \"1\"}",
                "{\"before\": \"2027-01-01T00:00:00Z\"}",
                "{\"before\": \"0001-01-01T00:00:00Z\"}",
                "{\"before\": \"yesterday\"}",
                "{\"tid\": \"xyz\"}",
                "{\"garbage\": \"burn\"}",
                "{\"dayz\": 1}",
                "[1]",
                "{\"days\"",
                "days=1"
            })
    void aPackThatIsNotUnderstoodIsRefused(String body) {
        assertThatThrownBy(() -> Body.pack(body, Scenes.NOW))
                .isInstanceOf(BadRequest.class)
                .hasMessageMatching(".{15,}");
    }

    @Test
    void aThrottleNeedsARate() {
        assertThat(Body.bytesPerSecond("{\"bytesPerSecond\": 5000000}")).isEqualTo(5_000_000);
        assertThat(Body.bytesPerSecond("{\"bytesPerSecond\": 0}")).isZero();
        assertThatThrownBy(() -> Body.bytesPerSecond("")).isInstanceOf(BadRequest.class);
        assertThatThrownBy(() -> Body.bytesPerSecond("{\"bytesPerSecond\": -1}"))
                .isInstanceOf(BadRequest.class);
    }

    @Test
    void whatWouldBeIgnoredIsRefused() {
        Body.none("");
        Body.none("{}");
        assertThatThrownBy(() -> Body.none("{\"force\": true}"))
                .isInstanceOf(BadRequest.class)
                .hasMessageContaining("force");
        Body.force("{\"force\": true}", "it hurts");
        assertThatThrownBy(() -> Body.force("{\"force\": false}", "it hurts")).isInstanceOf(BadRequest.class);
        assertThatThrownBy(() -> Body.force("", "it hurts"))
                .isInstanceOf(BadRequest.class)
                .hasMessageContaining("it hurts: send {\"force\": true}");
    }
}
