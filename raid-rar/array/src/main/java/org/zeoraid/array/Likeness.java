package org.zeoraid.array;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageUnavailableException;

/**
 * Whether two transactions say the same: metadata, records, blobs. As in a {@link org.zeoraid.storage.TransactionDigest} it
 * does not count how extension data is pickled, nor the order of records, the status letter, and whether data is a link.
 */
final class Likeness {

    private Likeness() {}

    /** What the second one says differently; empty if they are equal. */
    static Optional<String> difference(CommittedTransaction one, CommittedTransaction other) {
        Optional<String> header = headerDifference(one, other);
        if (header.isPresent()) {
            return header;
        }
        if (one.recordCount() != other.recordCount()) {
            return Optional.of(
                    "transaction " + one.tid() + " has " + one.recordCount() + " records, not " + other.recordCount());
        }
        return contradiction(one, other, one.recordCount());
    }

    /**
     * What the two contradict each other in, where a pack may have dropped records from either of them; empty if they may
     * well be the same transaction.
     */
    static Optional<String> contradiction(CommittedTransaction one, CommittedTransaction other) {
        Optional<String> header = headerDifference(one, other);
        return header.isPresent() ? header : contradiction(one, other, 0);
    }

    private static Optional<String> headerDifference(CommittedTransaction one, CommittedTransaction other) {
        if (!one.tid().equals(other.tid())) {
            return Optional.of("transaction " + one.tid() + " is " + other.tid());
        }
        return one.header().meta().isLike(other.header().meta())
                ? Optional.empty()
                : Optional.of("transaction " + one.tid() + " has other metadata");
    }

    /** Reads both side by side, and holds of either only what the other has not come to yet: most have one order. */
    private static Optional<String> contradiction(CommittedTransaction one, CommittedTransaction other, int common) {
        Iterator<DataRecord> ours = one.records().iterator();
        Iterator<DataRecord> theirs = other.records().iterator();
        Map<Oid, DataRecord> single = new HashMap<>();
        int found = 0;
        while (ours.hasNext() || theirs.hasNext()) {
            for (Iterator<DataRecord> side : List.of(ours, theirs)) {
                if (!side.hasNext()) {
                    continue;
                }
                DataRecord entry = side.next();
                // An object occurs once on either side.
                DataRecord like = single.remove(entry.oid());
                if (like == null) {
                    single.put(entry.oid(), entry);
                    continue;
                }
                found++;
                if (!sameData(like.data(), entry.data())) {
                    return Optional.of("object " + entry.oid() + " of transaction " + one.tid() + " has other data");
                }
                if (!sameBlob(like.blob(), entry.blob())) {
                    return Optional.of("object " + entry.oid() + " of transaction " + one.tid() + " has another blob");
                }
            }
        }
        return found >= common ? Optional.empty() : Optional.of("transaction " + one.tid() + " has other objects");
    }

    private static boolean sameData(Optional<byte[]> one, Optional<byte[]> other) {
        return one.isPresent() == other.isPresent() && (one.isEmpty() || Arrays.equals(one.get(), other.get()));
    }

    private static boolean sameBlob(Optional<BlobSource> one, Optional<BlobSource> other) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.isEmpty() == other.isEmpty();
        }
        if (one.get().size() != other.get().size()) {
            return false;
        }
        try (InputStream mine = one.get().open();
                InputStream its = other.get().open()) {
            byte[] a = new byte[1 << 16];
            byte[] b = new byte[1 << 16];
            while (true) {
                int n = mine.readNBytes(a, 0, a.length);
                int m = its.readNBytes(b, 0, b.length);
                if (n != m || !Arrays.equals(a, 0, n, b, 0, n)) {
                    return false;
                }
                if (n == 0) {
                    return true;
                }
            }
        } catch (IOException e) {
            throw new StorageUnavailableException("a blob cannot be read: " + e.getMessage(), e);
        }
    }
}
