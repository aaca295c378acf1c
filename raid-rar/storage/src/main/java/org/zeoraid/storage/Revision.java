package org.zeoraid.storage;

/**
 * One revision of an object. The array is the reader's own and may be kept; it is never written to by the storage.
 *
 * @param data the object's record, as it was stored
 * @param serial the transaction that wrote it
 * @param end the transaction that wrote the next revision, {@link Tid#MAX} if there is none
 */
public record Revision(byte[] data, Tid serial, Tid end) {

    public boolean isCurrent() {
        return end.equals(Tid.MAX);
    }
}
