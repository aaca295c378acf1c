package org.zeoraid.raidctl.copy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.zeo.codec.MalformedMessageException;
import org.zeoraid.zeo.codec.PickleReader;
import org.zeoraid.zeo.codec.PickleWriter;

/**
 * Whether two transactions say the same, when one of them has gone over ZEO: that carries extension data as a dictionary,
 * which comes out of a pickle here and into another one there.
 */
final class Sameness {

    private Sameness() {}

    static boolean of(CommittedTransaction one, CommittedTransaction other) {
        return TransactionDigest.of(one).equals(TransactionDigest.of(other))
                || TransactionDigest.of(new Decoded(one)).equals(TransactionDigest.of(new Decoded(other)));
    }

    /** A transaction whose extension data is pickled in one way, whichever it had. */
    private record Decoded(CommittedTransaction original) implements CommittedTransaction {

        @Override
        public TransactionHeader header() {
            TransactionHeader header = original.header();
            TransactionMeta meta = header.meta();
            return new TransactionHeader(
                    header.tid(),
                    header.status(),
                    new TransactionMeta(meta.user(), meta.description(), canonical(meta.extension())),
                    header.size());
        }

        @Override
        public Iterable<DataRecord> records() {
            return original.records();
        }

        @Override
        public int recordCount() {
            return original.recordCount();
        }

        @Override
        public long dataBytes() {
            return original.dataBytes();
        }
    }

    private static byte[] canonical(byte[] extension) {
        if (extension.length == 0) {
            return extension;
        }
        try {
            if (PickleReader.unpickle(extension) instanceof Map<?, ?> map) {
                return map.isEmpty() ? new byte[0] : PickleWriter.pickle(sorted(map));
            }
            return extension;
        } catch (MalformedMessageException e) {
            // Not plain: it cannot go over ZEO, and is compared as it is.
            return extension;
        }
    }

    private static Map<Object, @Nullable Object> sorted(Map<?, ?> map) {
        List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
        entries.sort(Comparator.comparing(entry -> String.valueOf(entry.getKey())));
        Map<Object, @Nullable Object> sorted = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : entries) {
            sorted.put(entry.getKey(), entry.getValue());
        }
        return sorted;
    }
}
