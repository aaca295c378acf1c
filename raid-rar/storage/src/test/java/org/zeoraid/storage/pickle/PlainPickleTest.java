package org.zeoraid.storage.pickle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlainPickleTest {

    /**
     * Written by Python's pickle in the protocols 1 to 4: {'user_id': 'max', 'n': 5, 'big': 1 << 70, 'neg': -3, 't': True,
     * 'f': 1.5, 'none': None, 'l': [1, 2, 'x'], 'tu': ('a', 'b', 3, 4), 'd': {'x': 'y'}, 'same': 'max'}.
     */
    private static final List<String> PROTOCOLS = List.of(
            "7d7100285807000000757365725f6964710158030000006d6178710258010000006e71034b05580300000062696771044c313138"
                    + "303539313632303731373431313330333432344c0a58030000006e656771054afdffffff5801000000747106493031"
                    + "0a5801000000667107473ff800000000000058040000006e6f6e6571084e58010000006c71095d710a284b014b0258"
                    + "0100000078710b6558020000007475710c28580100000061710d580100000062710e4b034b0474710f580100000064"
                    + "71107d7111680b580100000079711273580400000073616d6571136802752e",
            "80027d7100285807000000757365725f6964710158030000006d6178710258010000006e71034b05580300000062696771048a09"
                    + "00000000000000004058030000006e656771054afdffffff5801000000747106885801000000667107473ff8000000"
                    + "00000058040000006e6f6e6571084e58010000006c71095d710a284b014b02580100000078710b6558020000007475"
                    + "710c28580100000061710d580100000062710e4b034b0474710f58010000006471107d7111680b5801000000797112"
                    + "73580400000073616d6571136802752e",
            "80037d7100285807000000757365725f6964710158030000006d6178710258010000006e71034b05580300000062696771048a09"
                    + "00000000000000004058030000006e656771054afdffffff5801000000747106885801000000667107473ff8000000"
                    + "00000058040000006e6f6e6571084e58010000006c71095d710a284b014b02580100000078710b6558020000007475"
                    + "710c28580100000061710d580100000062710e4b034b0474710f58010000006471107d7111680b5801000000797112"
                    + "73580400000073616d6571136802752e",
            "8004958b000000000000007d94288c07757365725f6964948c036d6178948c016e944b058c03626967948a0900000000000000"
                    + "00408c036e6567944afdffffff8c017494888c016694473ff80000000000008c046e6f6e65944e8c016c945d94284b"
                    + "014b028c017894658c02747594288c0161948c0162944b034b0474948c0164947d94680b8c017994738c0473616d65"
                    + "946802752e");

    private static byte[] canonical(String hex) {
        return PlainPickle.canonical(HexFormat.of().parseHex(hex));
    }

    private static byte[] text(String pickle) {
        return pickle.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] canonicalText(String pickle) {
        return PlainPickle.canonical(text(pickle));
    }

    @Test
    void theProtocolDoesNotCount() {
        List<byte[]> forms = PROTOCOLS.stream().map(PlainPickleTest::canonical).toList();

        assertThat(forms).allMatch(form -> Arrays.equals(form, forms.get(0)));
        assertThat(forms.get(0)).isNotEqualTo(HexFormat.of().parseHex(PROTOCOLS.get(0)));
    }

    @Test
    void neitherDoTheMemoTheOrderAndTheKindOfASequenceOrAText() {
        byte[] expected = canonicalText("}(U\u0001aK\u0001U\u0001b](K\u0002K\u0003eu.");

        assertThat(canonicalText("}q\u0000(U\u0001aq\u0001K\u0001U\u0001bq\u0002]q\u0003(K\u0002K\u0003eu."))
                .isEqualTo(expected);
        assertThat(canonicalText("}(U\u0001b](K\u0002K\u0003eU\u0001aK\u0001u."))
                .isEqualTo(expected);
        assertThat(canonicalText("\u0080\u0003}(U\u0001aK\u0001U\u0001bK\u0002K\u0003\u0086u."))
                .isEqualTo(expected);
        assertThat(canonicalText("(U\u0001aK\u0001U\u0001b(K\u0002K\u0003ld.")).isEqualTo(expected);
        assertThat(canonicalText("}U\u0001aK\u0007s(U\u0001aK\u0001U\u0001b](K\u0002K\u0003eu."))
                .as("what is set later counts")
                .isEqualTo(expected);
        assertThat(canonicalText("}(czodbpickle\nbinary\n(U\u0001atRK\u0001U\u0001b](K\u0002K\u0003eu."))
                .as("bytes as Python 2 writes them")
                .isEqualTo(expected);
        assertThat(canonicalText("}(X\u0001\u0000\u0000\u0000aK\u0001C\u0001b](K\u0002K\u0003eu."))
                .as("texts")
                .isEqualTo(expected);
    }

    @Test
    void whatIsSharedStandsInEachPlace() {
        assertThat(canonicalText("}(U\u0001a](U\u0001xeq\u0001U\u0001bh\u0001u."))
                .isEqualTo(canonicalText("}(U\u0001a](U\u0001xeU\u0001b](U\u0001xeu."));
    }

    @Test
    void anEmptyDictionarySaysNothing() {
        assertThat(canonicalText("}.")).isEmpty();
        assertThat(canonicalText("\u0080\u0003}q\u0000.")).isEmpty();
        assertThat(PlainPickle.canonical(new byte[0])).isEmpty();
    }

    @Test
    void everyValueCounts() {
        List<byte[]> forms = new ArrayList<>();
        for (String value : List.of(
                "N",
                "\u0088",
                "\u0089",
                "K\u0001",
                "K\u0000",
                "J\u00ff\u00ff\u00ff\u00ff",
                "L-2L\n",
                "M\u0001\u0001",
                "G\u003f\u00f0\u0000\u0000\u0000\u0000\u0000\u0000",
                "U\u0001a",
                "U\u0002ab",
                ")",
                "}",
                "(U\u0001at",
                "((U\u0001att")) {
            forms.add(canonicalText("}U\u0001k" + value + "s."));
        }

        assertThat(forms.stream().map(Arrays::toString)).doesNotHaveDuplicates();
    }

    @Test
    void whatIsNotPlainIsLeftAsItIs() {
        for (String pickle : List.of(
                "}U\u0001kcos\nsystem\ns.",
                "}U\u0001kcos\nsystem\n(U\u0001xtRs.",
                "}U\u0001kh\u0007s.",
                "}U\u0001ks.",
                "}.}",
                "}",
                "no pickle",
                "]q\u0000h\u0000a.")) {
            assertThat(canonicalText(pickle)).as(pickle).isEqualTo(text(pickle));
        }
    }

    @Test
    void aFewBytesThatDescribeAHugeValueAreLeftAsTheyAre() {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        bomb.writeBytes(text("]q\u0000"));
        for (int level = 0; level < 50; level++) {
            bomb.writeBytes(text("]q\u0001(h\u0000h\u0000eq\u0000"));
        }
        bomb.writeBytes(text("."));
        ByteArrayOutputStream keys = new ByteArrayOutputStream();
        keys.writeBytes(text("}q\u0000"));
        for (int level = 0; level < 50; level++) {
            keys.writeBytes(text("}(U\u0001ah\u0000U\u0001ah\u0000uq\u0000"));
        }
        keys.writeBytes(text("."));

        assertThat(PlainPickle.canonical(bomb.toByteArray())).isEqualTo(bomb.toByteArray());
        assertThat(PlainPickle.canonical(keys.toByteArray())).isEqualTo(keys.toByteArray());
    }

    @Test
    void brokenBytesNeverFail() {
        Random random = new Random(1);
        byte[] whole = HexFormat.of().parseHex(PROTOCOLS.get(1));
        for (int round = 0; round < 20_000; round++) {
            byte[] broken = Arrays.copyOf(whole, random.nextInt(whole.length));
            for (int i = random.nextInt(4); i > 0 && broken.length > 0; i--) {
                broken[random.nextInt(broken.length)] = (byte) random.nextInt();
            }
            assertThat(PlainPickle.canonical(broken)).isNotNull();
        }
    }
}
