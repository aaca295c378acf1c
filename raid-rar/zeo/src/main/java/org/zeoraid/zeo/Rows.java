package org.zeoraid.zeo;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.zeo.codec.MalformedMessageException;
import org.zeoraid.zeo.codec.Tuple;

/**
 * What is sent in bulk between our servers and clients. A transaction is the tuple (tid, status, user, description,
 * extension bytes, size, records), and the records are one flat tuple: oid, data or None, tid whose data it is or None,
 * whether it has a blob, and so on. Reading throws {@link MalformedMessageException}.
 */
public final class Rows {

    private static final int HEADER = 6;
    private static final int RECORD = 4;
    private static final Tuple TOO_LARGE = Tuple.EMPTY;

    private Rows() {}

    /** A transaction with its records; blobs are only told of. */
    public static Tuple of(CommittedTransaction transaction) {
        List<@Nullable Object> records = new ArrayList<>(transaction.recordCount() * RECORD);
        for (DataRecord entry : transaction.records()) {
            records.add(bytes(entry.oid().value()));
            records.add(entry.data().orElse(null));
            records.add(
                    entry.content() instanceof Content.Link link
                            ? bytes(link.origin().value())
                            : null);
            records.add(entry.blob().isPresent());
        }
        return row(transaction.header(), Tuple.of(records.toArray()));
    }

    /** A transaction without its records; of one that has some, they are to be asked for one by one. */
    public static Tuple withoutRecords(TransactionHeader header) {
        return row(header, null);
    }

    private static Tuple row(TransactionHeader header, @Nullable Object records) {
        return Tuple.of(
                bytes(header.tid().value()),
                String.valueOf(header.status().letter()),
                header.meta().user(),
                header.meta().description(),
                header.meta().extension(),
                header.size(),
                records);
    }

    public static TransactionHeader header(@Nullable Object value) {
        List<?> row = list(value, HEADER);
        String status = row.get(1) instanceof String letter ? letter : "";
        if (!(row.get(5) instanceof Long size)) {
            throw new MalformedMessageException("a transaction's size is a number");
        }
        return new TransactionHeader(
                new Tid(eight(row.get(0))),
                status.equals("p") ? TransactionStatus.PACKED : TransactionStatus.COMMITTED,
                new TransactionMeta(blob(row.get(2)), blob(row.get(3)), blob(row.get(4))),
                size);
    }

    /** Whether a transaction's records came with it. */
    public static boolean hasRecords(@Nullable Object value) {
        List<?> row = list(value, HEADER + 1);
        return row.get(HEADER) != null;
    }

    /** How many records came with a transaction. */
    public static int recordCount(Object value) {
        return records(value).size() / RECORD;
    }

    /** About how many bytes of data a transaction holds. */
    public static long dataBytes(Object value) {
        List<?> flat = records(value);
        long bytes = 0;
        for (int i = 1; i < flat.size(); i += RECORD) {
            bytes += flat.get(i) instanceof byte[] data ? data.length : 0;
        }
        return bytes;
    }

    /** One record by itself, of a transaction too large for a message. */
    public static Tuple of(DataRecord entry) {
        return Tuple.of(
                bytes(entry.oid().value()),
                entry.data().orElse(null),
                entry.content() instanceof Content.Link link
                        ? bytes(link.origin().value())
                        : null,
                entry.blob().isPresent());
    }

    public static Oid recordOid(Object value) {
        return new Oid(eight(list(value, RECORD).get(0)));
    }

    public static boolean recordHasBlob(Object value) {
        return Boolean.TRUE.equals(list(value, RECORD).get(3));
    }

    public static long recordBytes(Object value) {
        return list(value, RECORD).get(1) instanceof byte[] data ? data.length : 0;
    }

    public static DataRecord record(Object value, Optional<BlobSource> blob) {
        List<?> row = list(value, RECORD);
        return new DataRecord(recordOid(value), content(row.get(1), row.get(2)), blob);
    }

    private static Content content(@Nullable Object data, @Nullable Object origin) {
        if (data == null) {
            return Content.ABSENT;
        }
        return origin == null ? new Content.Data(blob(data)) : new Content.Link(new Tid(eight(origin)), blob(data));
    }

    /** The oids of the records that have blobs. */
    public static List<Oid> blobs(@Nullable Object value) {
        List<?> flat = records(value);
        List<Oid> oids = new ArrayList<>(0);
        for (int i = 0; i + RECORD <= flat.size(); i += RECORD) {
            if (Boolean.TRUE.equals(flat.get(i + 3))) {
                oids.add(new Oid(eight(flat.get(i))));
            }
        }
        return oids;
    }

    /** @param blobs gives the blob of each record that has one, or none where it is missing */
    public static CommittedTransaction transaction(
            @Nullable Object value, BiFunction<Oid, Tid, Optional<BlobSource>> blobs) {
        TransactionHeader header = header(value);
        List<?> flat = records(value);
        if (flat.size() % RECORD != 0) {
            throw new MalformedMessageException("records are not " + RECORD + " values each");
        }
        List<DataRecord> records = new ArrayList<>(flat.size() / RECORD);
        for (int i = 0; i < flat.size(); i += RECORD) {
            Oid oid = new Oid(eight(flat.get(i)));
            Content content = content(flat.get(i + 1), flat.get(i + 2));
            records.add(new DataRecord(
                    oid,
                    content,
                    Boolean.TRUE.equals(flat.get(i + 3)) ? blobs.apply(oid, header.tid()) : Optional.empty()));
        }
        return CommittedTransaction.of(header, records);
    }

    private static List<?> records(@Nullable Object value) {
        Object records = list(value, HEADER + 1).get(HEADER);
        return records == null ? TOO_LARGE : list(records, 0);
    }

    public static Tuple of(TransactionDigest digest) {
        return Tuple.of(bytes(digest.tid().value()), digest.bytes());
    }

    public static TransactionDigest digest(@Nullable Object value) {
        List<?> row = list(value, 2);
        return new TransactionDigest(new Tid(eight(row.get(0))), blob(row.get(1)));
    }

    public static Tuple of(CurrentRecord current) {
        return Tuple.of(bytes(current.oid().value()), bytes(current.serial().value()), current.data());
    }

    public static CurrentRecord current(@Nullable Object value) {
        List<?> row = list(value, 3);
        return new CurrentRecord(new Oid(eight(row.get(0))), new Tid(eight(row.get(1))), blob(row.get(2)));
    }

    private static byte[] bytes(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    private static List<?> list(@Nullable Object value, int least) {
        if (value instanceof List<?> list && list.size() >= least) {
            return list;
        }
        throw new MalformedMessageException("a sequence of " + least + " was expected");
    }

    private static long eight(@Nullable Object value) {
        if (value instanceof byte[] bytes && bytes.length == Long.BYTES) {
            return ByteBuffer.wrap(bytes).getLong();
        }
        throw new MalformedMessageException("8 bytes were expected");
    }

    private static byte[] blob(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            return bytes;
        }
        if (value instanceof String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        throw new MalformedMessageException("bytes were expected");
    }
}
