package org.zeoraid.raidctl.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeoraid.raidctl.Refusal;

class PlaceTest {

    @Test
    void readsEveryKindOfPlace() {
        assertThat(Place.parse("a/Data.fs")).isEqualTo(new Place.DataFile(Path.of("a/Data.fs")));
        assertThat(Place.parse("/etc/zeo.conf#main")).isEqualTo(new Place.Configured(Path.of("/etc/zeo.conf"), "main"));
        assertThat(Place.parse("zeo://127.0.0.1:8100/main"))
                .isEqualTo(new Place.Served(new InetSocketAddress("127.0.0.1", 8100), "main"));
        assertThat(Place.parse("zeo://127.0.0.1:8100"))
                .isEqualTo(new Place.Served(new InetSocketAddress("127.0.0.1", 8100), "1"));
        assertThat(Place.parse("zeo://[::1]:8100/main"))
                .isEqualTo(new Place.Served(new InetSocketAddress("::1", 8100), "main"));
        assertThat(Place.parse("zeos://127.0.0.1:8100/main"))
                .isEqualTo(new Place.Served(new InetSocketAddress("127.0.0.1", 8100), "main", Place.Security.TLS));
        assertThat(Place.parse("zeo+unix:/run/zeo.sock#main"))
                .isEqualTo(new Place.Served(UnixDomainSocketAddress.of("/run/zeo.sock"), "main"));
        assertThat(Place.parse("zeo+unix:///run/zeo.sock"))
                .isEqualTo(new Place.Served(UnixDomainSocketAddress.of("/run/zeo.sock"), "1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "zeo://host",
                "zeo://host:99999/x",
                "zeo:8100",
                "zeo://host:80/a/b",
                "zeo+unix:",
                "zeo+unix:#x"
            })
    void refusesWhatIsNoPlace(String text) {
        assertThatThrownBy(() -> Place.parse(text))
                .isInstanceOfSatisfying(Refusal.class, e -> assertThat(e.kind()).isEqualTo(Refusal.Kind.WRONG_USE));
    }

    @Test
    void writesPlacesAsTheyAreRead() {
        for (String text : new String[] {
            "a/Data.fs",
            "zeo.conf#main",
            "zeo://localhost:8100/main",
            "zeos://localhost:8100/main",
            "zeo+unix:/run/zeo.sock#main"
        }) {
            assertThat(Place.parse(text)).hasToString(text);
        }
    }
}
