package org.zeoraid.storage.commit;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;

/** The changes of a transaction as a log appends them. */
final class BufferedTransaction implements CommittedTransaction {

    /** The changes, before the transaction has its tid. */
    record Changes(ChangeBuffer buffer, Change[] list) {

        CommittedTransaction under(TransactionHeader header) {
            return new BufferedTransaction(header, this);
        }

        /** What is written, when it has no place among the transactions yet. */
        CommittedTransaction unordered() {
            return under(new TransactionHeader(Tid.NONE, TransactionStatus.COMMITTED, TransactionMeta.EMPTY, 0));
        }

        /** Bytes of data and blobs. */
        long bytes() {
            return dataBytes() + blobBytes();
        }

        private long dataBytes() {
            long bytes = 0;
            for (Change change : list) {
                bytes += size(change);
            }
            return bytes;
        }

        private long blobBytes() {
            long bytes = 0;
            for (Change change : list) {
                bytes += change.blob().map(BlobSource::size).orElse(0L);
            }
            return bytes;
        }

        /** The objects concerned, in a list that does not keep the changes in memory. */
        List<Oid> oids() {
            Oid[] oids = new Oid[list.length];
            for (int i = 0; i < oids.length; i++) {
                oids[i] = list[i].oid();
            }
            return List.of(oids);
        }

        /** What is written. */
        Iterable<DataRecord> records() {
            return () -> new Iterator<>() {
                private int next;

                @Override
                public boolean hasNext() {
                    return next < list.length;
                }

                @Override
                public DataRecord next() {
                    if (!hasNext()) {
                        throw new NoSuchElementException();
                    }
                    return buffer.read(list[next++]);
                }
            };
        }

        /** The same with these files in place of the blobs' own. */
        Changes withBlobs(Map<Oid, BlobSource> blobs) {
            Change[] other = list.clone();
            for (int i = 0; i < other.length; i++) {
                BlobSource blob = blobs.get(other[i].oid());
                if (blob != null) {
                    other[i] = other[i].with(blob);
                }
            }
            return new Changes(buffer, other);
        }

        private static long size(Change change) {
            if (change instanceof Change.Spilled there) {
                return there.length();
            }
            return ((Change.InMemory) change)
                    .entry()
                    .data()
                    .map(data -> data.length)
                    .orElse(0);
        }
    }

    private final TransactionHeader header;
    private final Changes changes;

    private BufferedTransaction(TransactionHeader header, Changes changes) {
        this.header = header;
        this.changes = changes;
    }

    @Override
    public TransactionHeader header() {
        return header;
    }

    @Override
    public Iterable<DataRecord> records() {
        return changes.records();
    }

    @Override
    public List<Oid> oids() {
        return changes.oids();
    }

    @Override
    public int recordCount() {
        return changes.list.length;
    }

    @Override
    public long dataBytes() {
        return changes.dataBytes();
    }

    /** {@inheritDoc} Reads nothing. */
    @Override
    public long blobBytes() {
        return changes.blobBytes();
    }
}
