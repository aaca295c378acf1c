package org.zeoraid.storage;

import java.util.ArrayList;
import java.util.List;

/**
 * A whole transaction: what a member appends, and what an iteration gives. The records of a large one are read from
 * disk while they are iterated, any number of times and by several threads at once, so nobody holds them all.
 */
public interface CommittedTransaction {

    /** Its tid, and what is kept about it. */
    TransactionHeader header();

    /** The records in the order they were written; an oid occurs once. Iterating may throw a {@link StorageException}. */
    Iterable<DataRecord> records();

    /** What it changed, in the same order; likewise. Nobody reads the data for that who can do without. */
    default List<Oid> oids() {
        List<Oid> oids = new ArrayList<>(recordCount());
        for (DataRecord entry : records()) {
            oids.add(entry.oid());
        }
        return oids;
    }

    /** How many records it has. */
    int recordCount();

    /** Bytes that it takes in a file, blobs not counted; about, where it does not come from one. */
    default long sizeInFile() {
        long size = header().size();
        // head and trailer with some metadata, and the head of each record
        return size > 0 ? size : dataBytes() + 100 + 42L * recordCount();
    }

    /** Bytes of all records' data, blobs not counted. */
    long dataBytes();

    /** Bytes of all blobs. */
    default long blobBytes() {
        long bytes = 0;
        for (DataRecord entry : records()) {
            bytes += entry.blob().map(BlobSource::size).orElse(0L);
        }
        return bytes;
    }

    default Tid tid() {
        return header().tid();
    }

    /** A transaction whose records are at hand. */
    static CommittedTransaction of(TransactionHeader header, List<DataRecord> records) {
        return new InMemoryTransaction(header, records);
    }
}
