package org.zeoraid.test.app;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.zeoraid.storage.Oid;

/**
 * Data that can be checked without having been kept: a seed, and then what a random generator makes of the seed and the
 * object's oid.
 */
public final class Payload {
    private static final int LEAST = Long.BYTES;

    private Payload() {}

    /** @param size at least 8 bytes */
    public static byte[] of(Oid oid, long seed, int size) {
        if (size < LEAST) {
            throw new IllegalArgumentException("a payload has at least " + LEAST + " bytes");
        }
        byte[] bytes = new byte[size];
        new SplittableRandom(seed ^ oid.value() * 0x9E3779B97F4A7C15L).nextBytes(bytes);
        ByteBuffer.wrap(bytes).putLong(seed);
        return bytes;
    }

    public static long seedOf(byte[] data) {
        return ByteBuffer.wrap(data).getLong();
    }

    /** Whether data is whole, whatever its seed. */
    public static boolean isSound(Oid oid, byte[] data) {
        return data.length >= LEAST && Arrays.equals(data, of(oid, seedOf(data), data.length));
    }
}
