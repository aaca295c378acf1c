package org.zeoraid.storage;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import org.zeoraid.storage.pickle.PlainPickle;

/**
 * What a transaction says, in short: SHA-256 over its tid, its metadata and, in the order of the oids, the data of its
 * records. Of extension data it counts what it says, however it is pickled, see {@link PlainPickle}. Whether data is a link
 * to an earlier revision, and the status letter, do not enter: a pack may change both. Nor do the files of blobs.
 *
 * @param bytes 32 bytes
 */
public record TransactionDigest(Tid tid, byte[] bytes) {

    private static final byte[] GONE = {};

    public static TransactionDigest of(CommittedTransaction transaction) {
        MessageDigest digest = sha256();
        TransactionMeta meta = transaction.header().meta();
        digest.update(longBytes(transaction.tid().value()));
        for (byte[] part : new byte[][] {meta.user(), meta.description(), PlainPickle.canonical(meta.extension())}) {
            digest.update(longBytes(part.length));
            digest.update(part);
        }
        record Part(Oid oid, byte[] digest) {}
        MessageDigest perRecord = sha256();
        List<Part> parts = new ArrayList<>(transaction.recordCount());
        for (DataRecord entry : transaction.records()) {
            parts.add(new Part(entry.oid(), entry.data().map(perRecord::digest).orElse(GONE)));
        }
        parts.sort(Comparator.comparing(Part::oid));
        for (Part part : parts) {
            digest.update(longBytes(part.oid().value()));
            digest.update(longBytes(part.digest().length));
            digest.update(part.digest());
        }
        return new TransactionDigest(transaction.tid(), digest.digest());
    }

    private static byte[] longBytes(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    /** A new SHA-256, for one thread. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TransactionDigest that && tid.equals(that.tid) && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * tid.hashCode() + Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return tid + ":" + HexFormat.of().formatHex(bytes);
    }
}
