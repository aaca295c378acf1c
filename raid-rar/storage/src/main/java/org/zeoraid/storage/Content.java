package org.zeoraid.storage;

import java.util.Arrays;

/** What a transaction wrote for an object. Compared by what the bytes are. */
public sealed interface Content {

    /** New data, an object's record. */
    record Data(byte[] bytes) implements Content {

        @Override
        public boolean equals(Object other) {
            return other instanceof Data that && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return bytes.length + " bytes";
        }
    }

    /**
     * The data of an earlier revision once more, as undo writes it.
     *
     * @param origin the transaction whose revision of the same object holds the data; it is never itself a link
     * @param bytes the data, for a member that no longer has, or cannot express, the earlier revision
     */
    record Link(Tid origin, byte[] bytes) implements Content {

        @Override
        public boolean equals(Object other) {
            return other instanceof Link that && origin.equals(that.origin) && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return 31 * origin.hashCode() + Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return bytes.length + " bytes of " + origin;
        }
    }

    /** Nothing: the object was deleted, or its creation was undone. */
    record Absent() implements Content {}

    Content ABSENT = new Absent();
}
