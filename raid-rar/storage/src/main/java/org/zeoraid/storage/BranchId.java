package org.zeoraid.storage;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The name of a branch of a global transaction, as X/Open's XA has it: given by the transaction manager, the same before and
 * after a crash. Compared as its bytes are.
 *
 * @param formatId what kind of name it is; a transaction manager has its own
 * @param global names the transaction, at most 64 bytes
 * @param qualifier names the branch in it, at most 64 bytes
 */
public record BranchId(int formatId, byte[] global, byte[] qualifier) {

    private static final int LIMIT = 64;
    private static final int SHORTEST_WORD = 3;

    public BranchId {
        if (global.length > LIMIT || qualifier.length > LIMIT) {
            throw new IllegalArgumentException(
                    "the name of a transaction branch has at most " + LIMIT + " bytes a part");
        }
        global = global.clone();
        qualifier = qualifier.clone();
    }

    /**
     * Reads what {@link #toString} gives.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static BranchId parse(String text) {
        String[] part = text.split(":", -1);
        if (part.length != 3) {
            throw new IllegalArgumentException(
                    "not the name of a transaction branch, FORMAT:TRANSACTION:BRANCH in hexadecimal digits: '" + text
                            + "'");
        }
        return new BranchId(
                Integer.parseUnsignedInt(part[0], 16),
                HexFormat.of().parseHex(part[1]),
                HexFormat.of().parseHex(part[2]));
    }

    @Override
    public byte[] global() {
        return global.clone();
    }

    @Override
    public byte[] qualifier() {
        return qualifier.clone();
    }

    /**
     * The words in the name, by which people may know the transaction manager's node; blank if there are none. Transaction
     * managers write it into both parts, between bytes that are no letters: each word once, from its first letter or digit to its
     * last.
     */
    public String words() {
        return Stream.of(global, qualifier)
                .flatMap(part -> Arrays.stream(new String(part, StandardCharsets.ISO_8859_1).split("[^!-~]+")))
                .map(word -> word.replaceAll("^[^A-Za-z0-9]+|[^A-Za-z0-9]+$", ""))
                .filter(word -> word.length() >= SHORTEST_WORD)
                .distinct()
                .collect(Collectors.joining(" "));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BranchId that
                && formatId == that.formatId
                && Arrays.equals(global, that.global)
                && Arrays.equals(qualifier, that.qualifier);
    }

    @Override
    public int hashCode() {
        return (31 * Arrays.hashCode(global) + Arrays.hashCode(qualifier)) * 31 + formatId;
    }

    /** {@code FORMAT:TRANSACTION:BRANCH} in hexadecimal digits. */
    @Override
    public String toString() {
        return Integer.toHexString(formatId) + ":" + HexFormat.of().formatHex(global) + ":"
                + HexFormat.of().formatHex(qualifier);
    }
}
