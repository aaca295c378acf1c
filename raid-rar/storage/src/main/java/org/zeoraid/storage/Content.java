package org.zeoraid.storage;

/** What a transaction wrote for an object. */
public sealed interface Content {

    /** New data, an object's record. */
    record Data(byte[] bytes) implements Content {}

    /**
     * The data of an earlier revision once more, as undo writes it.
     *
     * @param origin the transaction whose revision of the same object holds the data; it is never itself a link
     * @param bytes the data, for a member that no longer has, or cannot express, the earlier revision
     */
    record Link(Tid origin, byte[] bytes) implements Content {}

    /** Nothing: the object was deleted, or its creation was undone. */
    record Absent() implements Content {}

    Content ABSENT = new Absent();
}
