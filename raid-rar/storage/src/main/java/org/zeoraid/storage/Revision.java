package org.zeoraid.storage;

import java.util.Arrays;

/**
 * One revision of an object. The array is the reader's own and may be kept; it is never written to by the storage.
 *
 * @param data the object's record, as it was stored
 * @param serial the transaction that wrote it
 * @param end the transaction that wrote the next revision, {@link Tid#MAX} if there is none
 */
public record Revision(byte[] data, Tid serial, Tid end) {

    @Override
    public boolean equals(Object other) {
        return other instanceof Revision that
                && serial.equals(that.serial)
                && end.equals(that.end)
                && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
        return 31 * serial.hashCode() + Arrays.hashCode(data);
    }

    @Override
    public String toString() {
        return data.length + " bytes of " + serial + " until " + end;
    }

    public boolean isCurrent() {
        return end.equals(Tid.MAX);
    }
}
