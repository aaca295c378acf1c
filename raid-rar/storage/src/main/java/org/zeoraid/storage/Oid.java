package org.zeoraid.storage;

/**
 * The identity of an object: 8 bytes, written big-endian wherever it is stored or sent, so that byte order is numeric
 * order. Compared as an unsigned number.
 *
 * @param value the 8 bytes as a number
 */
public record Oid(long value) implements Comparable<Oid> {

    /** The root object of every database. */
    public static final Oid ROOT = new Oid(0);

    /** The largest oid there can be. */
    public static final Oid MAX = new Oid(-1L);

    /**
     * Reads the 16 hexadecimal digits of {@link #toString()}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static Oid parse(String hex) {
        return new Oid(Hex8.parse("an oid", hex));
    }

    /** The oid that follows this one; {@link #MAX} is followed by {@link #ROOT}. */
    public Oid next() {
        return new Oid(value + 1);
    }

    @Override
    public int compareTo(Oid other) {
        return Long.compareUnsigned(value, other.value);
    }

    /** 16 hexadecimal digits. */
    @Override
    public String toString() {
        return Hex8.format(value);
    }
}
