package org.zeoraid.config.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {

    private static final Path FOLDER = Path.of("/etc/raid");

    private enum Mode {
        CLOSE,
        READ_ONLY
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1024,1024", "1b,1", "512KB,524288", "20mb,20971520", "2 GB,2147483648", "1Tb,1099511627776"})
    void sizesCountInPowersOf1024(String text, long bytes) {
        assertThat(Values.SIZE.read(text, FOLDER)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "1.5MB", "MB", "1 M", "1KiB", "10 apples", "9999999999GB", "99999999999999999999"})
    void otherSizesAreRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Values.SIZE.read(text, FOLDER));
    }

    @ParameterizedTest
    @CsvSource({"2,2000", "500ms,500", "2s,2000", "5M,300000", "12h,43200000", "1 d,86400000", "0,0"})
    void timesAreSecondsWhereThereIsNoUnit(String text, long millis) {
        assertThat(Values.TIME.read(text, FOLDER)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-2s", "1.5s", "soon", "5 weeks", "1m30s", "99999999999999999999d"})
    void otherTimesAreRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Values.TIME.read(text, FOLDER));
    }

    @Test
    void aTimeWithinBoundsNamesThem() {
        ValueType<Duration> type = Values.time(Duration.ofMillis(10), Duration.ofHours(1));

        assertThat(type.read("1h", FOLDER)).isEqualTo(Duration.ofHours(1));
        assertThat(type.expected()).endsWith("from 10ms to 1h");
        assertThatIllegalArgumentException().isThrownBy(() -> type.read("0", FOLDER));
        assertThatIllegalArgumentException().isThrownBy(() -> type.read("3601", FOLDER));
    }

    @ParameterizedTest
    @CsvSource({"on,true", "YES,true", "True,true", "off,false", "no,false", "FALSE,false"})
    void switchesKnowSixWords(String text, boolean value) {
        assertThat(Values.SWITCH.read(text, FOLDER)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "0", "enabled", "y"})
    void otherSwitchesAreRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Values.SWITCH.read(text, FOLDER));
    }

    @ParameterizedTest
    @CsvSource({"a/Data.fs,/etc/raid/a/Data.fs", "../x,/etc/x", "/srv/x/./y,/srv/x/y", ".,/etc/raid"})
    void pathsStartAtTheFolderOfTheConfiguration(String text, Path path) {
        assertThat(Values.PATH.read(text, FOLDER)).isEqualTo(path);
    }

    @Test
    void whatNoFileCanBeCalledIsNoPath() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Values.PATH.read("a\0b", FOLDER))
                .withMessageContaining("is not a path");
    }

    @ParameterizedTest
    @CsvSource({
        "8100,'',8100",
        "':8100','',8100",
        "localhost:8100,localhost,8100",
        "Zeo.Example.COM:1,zeo.example.com,1",
        "127.0.0.1:0,127.0.0.1,0",
        "'[::1]:8100',::1,8100"
    })
    void internetAddressesAreAHostAndAPort(String text, String host, int port) {
        assertThat(Values.ADDRESS.read(text, FOLDER)).isEqualTo(new SocketAddress.Internet(host, port));
    }

    @Test
    void aSlashMakesAnAddressAUnixSocket() {
        assertThat(Values.ADDRESS.read("var/zeo.sock", FOLDER))
                .isEqualTo(new SocketAddress.Unix(Path.of("/etc/raid/var/zeo.sock")))
                .hasToString("/etc/raid/var/zeo.sock");
        assertThat(new SocketAddress.Internet("::1", 80)).hasToString("[::1]:80");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "localhost:", "host:66000", "host:-1", "::1", "a b:80"})
    void otherAddressesAreRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Values.ADDRESS.read(text, FOLDER));
    }

    @Test
    void wordsAreThoseOfTheEnum() {
        ValueType<Mode> type = Values.word(Mode.class);

        assertThat(type.expected()).isEqualTo("close or read-only");
        assertThat(type.read("Read-Only", FOLDER)).isEqualTo(Mode.READ_ONLY);
        assertThatIllegalArgumentException().isThrownBy(() -> type.read("read_only", FOLDER));
    }

    @Test
    void numbersKeepTheirBounds() {
        ValueType<Integer> type = Values.number(1, 10);

        assertThat(type.read("10", FOLDER)).isEqualTo(10);
        assertThatIllegalArgumentException().isThrownBy(() -> type.read("11", FOLDER));
        assertThatIllegalArgumentException().isThrownBy(() -> type.read("1.0", FOLDER));
        assertThat(Values.number(0, Integer.MAX_VALUE).expected()).isEqualTo("a whole number, at least 0");
    }

    @ParameterizedTest
    @CsvSource({"500,500ms", "0,0ms", "2000,2s", "90000,90s", "300000,5m", "7200000,2h", "172800000,2d"})
    void aTimeIsShownInTheLargestUnitThatTellsIt(long millis, String shown) {
        assertThat(Values.show(Duration.ofMillis(millis))).isEqualTo(shown);
    }
}
