package org.zeoraid.zeo.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.zeoraid.zeo.transcript.PythonRepr;
import org.zeoraid.zeo.transcript.Transcript;

class CodecTest {

    @ParameterizedTest
    @CsvSource({"transcript-msgpack.jsonl,M", "transcript-pickle.jsonl,Z", "transcript-conflict-resolution.jsonl,M"})
    void recordedMessagesDecodeToWhatPythonSaw(String file, char letter) {
        Codec codec = Codec.byLetter(letter);
        int compared = 0;
        for (Transcript line : Transcript.read(file)) {
            if (!line.isMessage(letter) || line.decoded().contains("UndoError(")) {
                continue;
            }
            String repr = PythonRepr.of(codec.decode(line.bytes()));
            String expected = line.decoded();
            if (expected.length() > 290 && !expected.endsWith(")")) {
                assertThat(repr).as(line.scenario()).startsWith(expected.substring(0, 280));
            } else {
                assertThat(repr).as(line.scenario()).isEqualTo(expected);
            }
            compared++;
        }
        assertThat(compared).isGreaterThan(30);
    }

    @ParameterizedTest
    @CsvSource({"transcript-msgpack.jsonl,M", "transcript-pickle.jsonl,Z", "transcript-conflict-resolution.jsonl,M"})
    void recordedMessagesEncodeToTheSameBytesOrValue(String file, char letter) {
        Codec codec = Codec.byLetter(letter);
        int identical = 0;
        for (Transcript line : Transcript.read(file)) {
            if (line.isMessage(letter) && !line.decoded().contains("UndoError(")) {
                Message message = codec.decode(line.bytes());
                byte[] again = codec.encode(message);
                identical += Arrays.equals(again, line.bytes()) ? 1 : 0;
                assertThat(PythonRepr.of(codec.decode(again))).isEqualTo(PythonRepr.of(message));
            }
        }
        assertThat(identical).isGreaterThan(30);
    }

    @ParameterizedTest
    @ValueSource(chars = {'M', 'Z'})
    void everyPlainValueSurvivesARoundTrip(char letter) {
        Codec codec = Codec.byLetter(letter);
        Map<Object, Object> map = new LinkedHashMap<>();
        map.put("text", "ä€𝄞");
        map.put("none", null);
        map.put("numbers", Tuple.of(0L, -1L, 255L, 256L, 65_536L, -129L, Long.MIN_VALUE, Long.MAX_VALUE, 1.5));
        map.put("bytes", Tuple.of(new byte[0], new byte[300], new byte[70_000]));
        map.put("nested", Tuple.of(Tuple.EMPTY, Tuple.of(Tuple.of(true), false)));
        Message message = Message.request(Tuple.of(new byte[8], new byte[] {1}), "method", map);

        Message decoded = codec.decode(codec.encode(message));

        assertThat(PythonRepr.of(decoded)).isEqualTo(PythonRepr.of(message));
    }

    @ParameterizedTest
    @ValueSource(chars = {'M', 'Z'})
    void everyCutOfAMessageIsRefused(char letter) {
        Codec codec = Codec.byLetter(letter);
        byte[] whole = codec.encode(Message.request(7L, "loadBefore", new byte[8], Map.of("a", List.of(1L, 2.0, "x"))));

        for (int cut = 0; cut < whole.length; cut++) {
            byte[] part = Arrays.copyOf(whole, cut);
            assertThatThrownBy(() -> codec.decode(part)).isInstanceOf(MalformedMessageException.class);
        }
        byte[] longer = Arrays.copyOf(whole, whole.length + 1);
        assertThatThrownBy(() -> codec.decode(longer)).isInstanceOf(MalformedMessageException.class);
    }

    @ParameterizedTest
    @ValueSource(chars = {'M', 'Z'})
    void mutatedMessagesAreReadOrRefusedAndNothingElse(char letter) {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);
        Codec codec = Codec.byLetter(letter);
        List<Transcript> lines =
                Transcript.read(letter == 'M' ? "transcript-msgpack.jsonl" : "transcript-pickle.jsonl");
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = lines.get(random.nextInt(lines.size())).bytes().clone();
            for (int change = random.nextInt(4); change >= 0 && bytes.length > 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                codec.decode(bytes);
            } catch (MalformedMessageException expected) {
                assertThat(expected.getMessage()).isNotBlank();
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + HexFormat.of().formatHex(bytes), e);
            }
        }
    }

    @Test
    void claimedLengthsBeyondTheBytesAreRefusedBeforeAnythingIsAllocated() {
        for (String hex : List.of("dd7fffffff", "df7fffffff", "c67fffffff", "db7fffffff", "94dd7fffffff")) {
            assertThatThrownBy(() -> Codec.byLetter('M').decode(HexFormat.of().parseHex(hex)))
                    .isInstanceOf(MalformedMessageException.class);
        }
        for (String hex :
                List.of("800342ffffff7f2e", "800358ffffff7f2e", "80038bffffff7f2e", "80038effffffffffffff7f2e")) {
            assertThatThrownBy(() -> Codec.byLetter('Z').decode(HexFormat.of().parseHex(hex)))
                    .isInstanceOf(MalformedMessageException.class);
        }
    }

    @Test
    void numbersAndTruthValuesOfProtocolOneAreRead() {
        // (True, False, 7, 1 << 70, -(1 << 33))
        byte[] pickle =
                "(I01\nI00\nI7\nL1180591620717411303424L\nL-8589934592L\nt.".getBytes(StandardCharsets.US_ASCII);

        assertThat(PickleReader.unpickle(pickle))
                .isEqualTo(Tuple.of(true, false, 7L, BigInteger.ONE.shiftLeft(70), -(1L << 33)));
        assertThatThrownBy(() -> PickleReader.unpickle("Ix\n.".getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(MalformedMessageException.class);
    }

    @Test
    void aPickleThatCallsSomethingStaysADescription() {
        byte[] pickle = HexFormat.of()
                .parseHex("8003" + "63" + HexFormat.of().formatHex("os\nsystem\n".getBytes()) + "58020000006c73" + "85"
                        + "52" + "2e");

        Object value = PickleReader.unpickle(pickle);

        assertThat(value).isEqualTo(new PythonObject("os.system", List.of("ls")));
    }

    @Test
    void aPickleThatDescribesMoreThanItsBytesIsRefused() {
        // A list of itself, and a list of two of a list of two of …
        byte[] itself = HexFormat.of().parseHex("80035d7100680061" + "2e");
        StringBuilder laughs = new StringBuilder("80035d7100");
        for (int i = 1; i < 60; i++) {
            laughs.append(String.format("68%02x68%02x8671%02x", i - 1, i - 1, i));
        }
        byte[] pickle = HexFormat.of().parseHex(laughs + "30".repeat(60) + "683b2e");

        assertThatThrownBy(() -> PickleReader.unpickle(itself)).isInstanceOf(MalformedMessageException.class);
        assertThatThrownBy(() -> PickleReader.unpickle(pickle)).isInstanceOf(MalformedMessageException.class);
        assertThatThrownBy(() ->
                        Codec.byLetter('M').decodeRequest(HexFormat.of().parseHex("dc0100" + "c0".repeat(256)), 100))
                .isInstanceOf(MalformedMessageException.class);
    }

    /** Memory is taken for what has come, not once more for each container that claims it. */
    @Test
    void containersThatClaimTheSameBytesAreRefusedBeforeRoomIsMadeForThem() {
        byte[] nested = new byte[250_000];
        ByteBuffer claims = ByteBuffer.wrap(nested);
        for (int depth = 0; depth < 60; depth++) {
            claims.put((byte) 0xdd).putInt(200_000);
        }
        var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = thread.getCurrentThreadAllocatedBytes();

        assertThatThrownBy(() -> Codec.byLetter('M').decodeRequest(nested, 250_000))
                .isInstanceOf(MalformedMessageException.class);

        assertThat(thread.getCurrentThreadAllocatedBytes() - before).isLessThan(8 << 20);
    }

    /** Keys of several classes with one hash, which a hash table can only compare one by one. */
    @ParameterizedTest
    @ValueSource(chars = {'M', 'Z'})
    void aDictionaryHasKeysOfOneKindUnlessItIsSmall(char letter) {
        Codec codec = Codec.byLetter(letter);
        Map<Object, Object> mixed = new LinkedHashMap<>();
        mixed.put("text", 1L);
        mixed.put(1L, 2L);
        byte[] small = codec.encode(Message.request(1L, "method", mixed));
        for (long i = 2; i < 100; i++) {
            mixed.put(i, i);
        }
        byte[] large = codec.encode(Message.request(1L, "method", mixed));
        mixed.remove("text");
        byte[] numbers = codec.encode(Message.request(1L, "method", mixed));

        assertThat(codec.decode(small).arguments().toString()).contains("text");
        assertThat(codec.decode(numbers).arguments().toString()).contains("99=99");
        assertThatThrownBy(() -> codec.decode(large)).isInstanceOf(MalformedMessageException.class);
    }

    @Test
    void dictionariesOfPairsAndArgumentsThatAreInManyPlacesCostWhatTheyAre() {
        String pairs = "5d7100" + "28" + ("58010000006b4b0086").repeat(1000) + "65";
        String dictionaries = "63" + text("builtins\ndict\n") + "7101" + "68016800855230".repeat(1000);
        byte[] copied = HexFormat.of().parseHex("8003" + pairs + dictionaries + "30" + "2e");

        assertThatThrownBy(() -> Codec.byLetter('Z').decodeRequest(copied, 250_000))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("too many values");
    }

    /** Whoever writes it again writes it as often as it is named. */
    @Test
    void dataThatIsInManyPlacesIsNoMoreThanTheMessageAndALittle() {
        byte[] text = new byte[100_000];
        String once = "42a0860100" + HexFormat.of().formatHex(text) + "7100";
        byte[] few = HexFormat.of().parseHex("8003" + "28" + once + "6800".repeat(5) + "742e");
        byte[] many = HexFormat.of().parseHex("8003" + "28" + once + "6800".repeat(50) + "742e");

        assertThat((List<?>) PickleReader.unpickle(few)).hasSize(6);
        assertThatThrownBy(() -> PickleReader.unpickle(many)).isInstanceOf(MalformedMessageException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // A list in a list, a tuple in a tuple, a dictionary in a dictionary: without a mark, and begun from
                // within.
                "5d,5d,61",
                "4e,,85",
                "7d,58010000006b7d,73"
            })
    void whatIsNestedTooDeepIsRefusedAlsoWithoutMarks(String opcodes) {
        String[] parts = opcodes.split(",");
        for (int depth : new int[] {Codec.MAX_DEPTH, Codec.MAX_DEPTH + 1, 100_000}) {
            String hex = "8003" + parts[0] + parts[1].repeat(depth) + parts[2].repeat(depth) + "2e";
            byte[] pickle = HexFormat.of().parseHex(hex);
            if (depth == Codec.MAX_DEPTH) {
                PickleReader.unpickle(pickle);
            } else {
                assertThatThrownBy(() -> PickleReader.unpickle(pickle))
                        .isInstanceOf(MalformedMessageException.class)
                        .hasMessageContaining("nested deeper");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "os\nsystem",
                "builtins\neval",
                "posix\nsystem",
                "builtins\ngetattr",
                "ZODB.POSException\nUndoError"
            })
    void aClientNamesNothingOfPythonsThatActs(String global) {
        byte[] request = HexFormat.of()
                .parseHex("8003284b0189" + "5806000000" + text("method") + "63" + text(global + "\n") + "5802000000"
                        + text("ls") + "85528574" + "2e");

        assertThatThrownBy(() -> Codec.byLetter('Z').decodeRequest(request, 1000))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining(global.replace('\n', '.'));
    }

    @Test
    void aClientNamesPrefixesOfPathsAndTheirStateIsKept() {
        // Prefix('/a/b'), as Python pickles it.
        byte[] pickle = HexFormat.of()
                .parseHex("800363" + text("ZopeUndo.Prefix\nPrefix\n") + "2981" + "7d28" + "5806000000" + text("length")
                        + "4b03" + "5804000000" + text("path") + "5d28" + "5800000000" + "580100000061" + "580100000062"
                        + "6575622e");

        Object value = PickleReader.unpickle(pickle, 1000, PythonObject::isHarmless);

        assertThat(value)
                .isEqualTo(new PythonObject(
                        PythonObject.PREFIX, List.of(), Map.of("length", 3L, "path", List.of("", "a", "b"))));
        assertThat(PickleReader.unpickle(PickleWriter.pickle(value))).isEqualTo(value);
    }

    private static String text(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }
}
