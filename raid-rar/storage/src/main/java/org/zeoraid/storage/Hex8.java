package org.zeoraid.storage;

/** Eight bytes as sixteen hexadecimal digits. */
final class Hex8 {

    private Hex8() {}

    static String format(long value) {
        String digits = Long.toHexString(value);
        return "0".repeat(16 - digits.length()) + digits;
    }

    static long parse(String what, String hex) {
        if (hex.length() != 16) {
            throw new IllegalArgumentException("an " + what + " is 16 hexadecimal digits, not '" + hex + "'");
        }
        try {
            return Long.parseUnsignedLong(hex, 16);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("an " + what + " is 16 hexadecimal digits, not '" + hex + "'", e);
        }
    }
}
