package org.zeoraid.storage.contract;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.zeoraid.storage.Oid;

/** Object records as ZODB writes them: a class, and a state that references other objects. */
public final class Pickles {

    private Pickles() {}

    /** A record that holds a text and references to objects. */
    public static byte[] referencing(String text, Oid... oids) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(Steps.bytes("cpersistent.mapping\nPersistentMapping\n."));
        out.writeBytes(Steps.bytes("("));
        byte[] utf8 = Steps.bytes(text);
        out.write('X');
        out.writeBytes(
                ByteBuffer.allocate(4).putInt(Integer.reverseBytes(utf8.length)).array());
        out.writeBytes(utf8);
        for (Oid oid : oids) {
            out.writeBytes(Steps.bytes("(C\u0008"));
            out.writeBytes(ByteBuffer.allocate(8).putLong(oid.value()).array());
            out.writeBytes(Steps.bytes("cpersistent.mapping\nPersistentMapping\ntQ"));
        }
        out.writeBytes(Steps.bytes("t."));
        return out.toByteArray();
    }
}
