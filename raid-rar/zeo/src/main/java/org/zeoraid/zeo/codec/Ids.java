package org.zeoraid.zeo.codec;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;

/** Oids and tids as the 8 bytes, big-endian, that the protocol sends. */
public final class Ids {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Ids() {}

    public static byte[] bytes(Oid oid) {
        return bytes(oid.value());
    }

    public static byte[] bytes(Tid tid) {
        return bytes(tid.value());
    }

    private static byte[] bytes(long value) {
        byte[] bytes = new byte[Long.BYTES];
        LONG.set(bytes, 0, value);
        return bytes;
    }

    /**
     * The number in 8 bytes.
     *
     * @throws MalformedMessageException if there are more bytes or fewer
     */
    public static long number(byte[] bytes) {
        if (bytes.length != Long.BYTES) {
            throw new MalformedMessageException("8 bytes are an oid or a tid, not " + bytes.length);
        }
        return (long) LONG.get(bytes, 0);
    }
}
