package org.zeoraid.raidctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {

    @ParameterizedTest
    @CsvSource({"0,0", "1000,1000", "512KB,524288", "5mb,5242880", "2 GiB,2147483648", "1T,1099511627776", "7B,7"})
    void readsNumbersOfBytes(String text, long bytes) {
        assertThat(Units.bytes(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fast", "-1", "1.5MB", "5XB", "999999999999999T"})
    void refusesWhatIsNoNumberOfBytes(String text) {
        assertThatThrownBy(() -> Units.bytes(text)).isInstanceOf(Refusal.class);
    }

    @Test
    void writesNumbersForPeople() {
        assertThat(Units.bytes(1023)).isEqualTo("1023 B");
        assertThat(Units.bytes(1536)).isEqualTo("1.5 KiB");
        assertThat(Units.time(Duration.ofSeconds(59))).isEqualTo("59 s");
        assertThat(Units.time(Duration.ofSeconds(61))).isEqualTo("1 min 01 s");
        assertThat(Units.time(Duration.ofMinutes(65))).isEqualTo("1 h 05 min");
        assertThat(Units.time(Duration.ofHours(50))).isEqualTo("2 d 2 h");
        assertThat(Units.percent(421, 1000)).isEqualTo("42.1 %");
        assertThat(Units.percent(1, 0)).isEmpty();
    }

    @Test
    void writesJson() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("text", "a \"b\"\n\u0001\\ü");
        map.put("list", Arrays.asList(1L, 2.5, true, null, Double.NaN));
        map.put("empty", List.of());
        map.put("map", Map.of());

        assertThat(Json.of(map))
                .isEqualTo(
                        "{\n  \"text\": \"a \\\"b\\\"\\n\\u0001\\\\ü\",\n  \"list\": [\n    1,\n    2.5,\n    true,\n"
                                + "    null,\n    null\n  ],\n  \"empty\": [],\n  \"map\": {}\n}");
    }
}
