package org.zeoraid.storage;

import java.util.HexFormat;

/** Eight bytes as sixteen hexadecimal digits. */
final class Hex8 {

    private Hex8() {}

    static String format(long value) {
        return HexFormat.of().toHexDigits(value);
    }

    static long parse(String what, String hex) {
        if (hex.length() != 16 || !hex.chars().allMatch(HexFormat::isHexDigit)) {
            throw new IllegalArgumentException("not 16 hexadecimal digits, as " + what + " has: '" + hex + "'");
        }
        return HexFormat.fromHexDigitsToLong(hex);
    }
}
