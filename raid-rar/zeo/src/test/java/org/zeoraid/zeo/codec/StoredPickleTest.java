package org.zeoraid.zeo.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The expected bytes were written by zodbpickle, protocol 3. */
class StoredPickleTest {

    @Test
    void aDictionaryOfOneIsWrittenAsPythonDoes() {
        // {'request': '/doc/0'}
        assertThat(hex(Map.of("request", "/doc/0")))
                .isEqualTo("80037d71005807000000726571756573747101" + "58060000002f646f632f3071" + "02732e");
    }

    @Test
    void allKindsOfValuesAreWrittenAsPythonDoes() {
        Map<Object, Object> map = new LinkedHashMap<>();
        map.put("a", 1L);
        map.put("b", List.of("x", 70_000L));
        map.put("c", Tuple.of("y", new byte[] {1, 2}));
        map.put("d", true);
        map.put("e", 1.5);
        map.put("f", List.of(1L));
        map.put("g", Tuple.EMPTY);
        map.put("h", Map.of());

        assertThat(hex(map)).isEqualTo(ALL);
    }

    private static final String ALL = "80037d71002858010000006171014b0158010000006271025d71032858010000007871044a701101"
            + "00655801000000637105580100000079710643020102710786710858010000006471098858010000"
            + "0065710a473ff8000000000000580100000066710b5d710c4b0161580100000067710d2958010000"
            + "0068710e7d710f752e";

    private static String hex(Map<?, ?> map) {
        return HexFormat.of().formatHex(StoredPickle.of(map));
    }
}
