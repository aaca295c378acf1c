package org.zeoraid.storage;

import java.util.Arrays;

/** The current revision of an object, as an iteration over all of them gives it. */
public record CurrentRecord(Oid oid, Tid serial, byte[] data) {

    @Override
    public boolean equals(Object other) {
        return other instanceof CurrentRecord that
                && oid.equals(that.oid)
                && serial.equals(that.serial)
                && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
        return 31 * oid.hashCode() + serial.hashCode();
    }

    @Override
    public String toString() {
        return "object " + oid + " at " + serial + ", " + data.length + " bytes";
    }
}
