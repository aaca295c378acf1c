package org.zeoraid.storage;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.zeoraid.storage.pickle.PlainPickle;

/**
 * Who committed and why. The bytes are kept as they came, and equal if they are; see {@link #isLike}.
 *
 * @param user UTF-8 text, at most 65,535 bytes
 * @param description UTF-8 text, at most 65,535 bytes
 * @param extension a pickled dictionary, or nothing, at most 65,535 bytes
 */
public record TransactionMeta(byte[] user, byte[] description, byte[] extension) {

    private static final int LIMIT = 0xFFFF;
    private static final byte[] NOTHING = {};

    /** A transaction about which nothing is said. */
    public static final TransactionMeta EMPTY = new TransactionMeta(NOTHING, NOTHING, NOTHING);

    public TransactionMeta {
        check("user", user);
        check("description", description);
        check("extension", extension);
    }

    public static TransactionMeta of(String user, String description) {
        return new TransactionMeta(
                user.getBytes(StandardCharsets.UTF_8), description.getBytes(StandardCharsets.UTF_8), NOTHING);
    }

    public String userText() {
        return new String(user, StandardCharsets.UTF_8);
    }

    public String descriptionText() {
        return new String(description, StandardCharsets.UTF_8);
    }

    /**
     * Whether another one says the same of a transaction. What is equal does; but extension data that has gone over ZEO was
     * read and pickled anew, so it counts what it says, see {@link PlainPickle}.
     */
    public boolean isLike(TransactionMeta other) {
        return Arrays.equals(user, other.user)
                && Arrays.equals(description, other.description)
                && (Arrays.equals(extension, other.extension)
                        || Arrays.equals(PlainPickle.canonical(extension), PlainPickle.canonical(other.extension)));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TransactionMeta that
                && Arrays.equals(user, that.user)
                && Arrays.equals(description, that.description)
                && Arrays.equals(extension, that.extension);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Arrays.hashCode(user) + Arrays.hashCode(description)) + Arrays.hashCode(extension);
    }

    @Override
    public String toString() {
        return "user '" + userText() + "', description '" + descriptionText() + "', " + extension.length
                + " bytes of extension";
    }

    private static void check(String what, byte[] bytes) {
        if (bytes.length > LIMIT) {
            throw new IllegalArgumentException(
                    "a transaction's " + what + " has " + bytes.length + " bytes, more than " + LIMIT);
        }
    }
}
