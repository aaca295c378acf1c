package org.zeoraid.storage.pickle;

import java.nio.charset.StandardCharsets;

/** Tells the records of blobs, which have a file beside the database. */
public final class BlobRecords {

    /** No blob's record has more bytes than that: it says nothing but the class. */
    public static final int LARGEST = 4096;

    private static final byte[] MODULE = "ZODB.blob".getBytes(StandardCharsets.US_ASCII);

    /** The class comes first in a record: before its name there is room for a few opcodes and their lengths alone. */
    private static final int HEAD = 64;

    private static final byte[] RECORD =
            "\u0080\u0003cZODB.blob\nBlob\nq\u0001.\u0080\u0003N.".getBytes(StandardCharsets.ISO_8859_1);

    private BlobRecords() {}

    /** The record that a Python application writes for a blob: its class, and the state of a blob, which is None. */
    public static byte[] record() {
        return RECORD.clone();
    }

    /** Whether an object record is that of a blob: its class, the first of its pickles, is {@code ZODB.blob.Blob} itself. */
    public static boolean isBlob(byte[] data) {
        if (!mentionsModule(data)) {
            return false;
        }
        PickleMachine machine = new PickleMachine();
        try {
            machine.start(data, oid -> {});
            return machine.runPickle() == PickleMachine.BLOB_CLASS;
        } catch (OpaqueException e) {
            return false;
        }
    }

    /**
     * Whether an object record could be that of a blob, told at little cost. Programs may give a file to objects that
     * {@link #isBlob} does not know as blobs, such as ones of a class of their own: where this holds, whether there is a
     * file counts.
     */
    public static boolean mayBeBlob(byte[] data) {
        return mentionsModule(data);
    }

    /** The name stands literally in every such pickle, whatever its protocol, and near the start of the record. */
    private static boolean mentionsModule(byte[] data) {
        int end = Math.min(data.length, HEAD) - MODULE.length;
        for (int start = 0; start <= end; start++) {
            int matched = 0;
            while (matched < MODULE.length && data[start + matched] == MODULE[matched]) {
                matched++;
            }
            if (matched == MODULE.length) {
                return true;
            }
        }
        return false;
    }
}
