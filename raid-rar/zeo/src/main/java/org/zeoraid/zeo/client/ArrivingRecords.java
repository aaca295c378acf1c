package org.zeoraid.zeo.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.TransactionHeader;

/**
 * The records of a transaction as they come from a server: in memory, or, of a large one, their data in a file that has no
 * name and goes when nobody can read it any more. Of an object that comes twice, as Python stores those with blobs, the last
 * record counts, at the first one's place. One thread at a time; what is made of them is safe for any number of threads.
 */
final class ArrivingRecords {

    private final Supplier<FileChannel> files;
    private final Map<Oid, Arrived> records = new LinkedHashMap<>();
    private @Nullable FileChannel file;
    private long inMemory;
    private long inFile;
    private long dataBytes;

    /** A record. */
    private interface Arrived {

        DataRecord read();

        int length();
    }

    private record InMemory(DataRecord entry) implements Arrived {
        @Override
        public DataRecord read() {
            return entry;
        }

        @Override
        public int length() {
            return entry.data().map(data -> data.length).orElse(0);
        }
    }

    /** @param bare the record without its data */
    private record InFile(FileChannel file, long position, int length, DataRecord bare) implements Arrived {
        @Override
        public DataRecord read() {
            ByteBuffer data = ByteBuffer.allocate(length);
            try {
                while (data.hasRemaining()) {
                    if (file.read(data, position + data.position()) < 0) {
                        throw new IOException("it is too short");
                    }
                }
            } catch (IOException e) {
                throw unusable(e);
            }
            Content content = bare.content() instanceof Content.Link link
                    ? new Content.Link(link.origin(), data.array())
                    : new Content.Data(data.array());
            return new DataRecord(bare.oid(), content, bare.blob());
        }

        InFile with(BlobSource blob) {
            return new InFile(file, position, length, new DataRecord(bare.oid(), bare.content(), Optional.of(blob)));
        }
    }

    private static StorageUnavailableException unusable(IOException e) {
        return new StorageUnavailableException("the temporary file of a large transaction cannot be used: " + e, e);
    }

    /** @param files gives the file for the data of a large transaction */
    ArrivingRecords(Supplier<FileChannel> files) {
        this.files = files;
    }

    /** Bytes of data that are in memory. */
    long inMemory() {
        return inMemory;
    }

    /**
     * A record has come.
     *
     * @param room how many bytes of data there may be in memory
     */
    void add(DataRecord entry, long room) {
        byte[] data = entry.data().orElse(null);
        Arrived arrived;
        if (data == null || inMemory + data.length <= room) {
            arrived = new InMemory(entry);
            inMemory += data == null ? 0 : data.length;
        } else {
            arrived = spilled(entry, data);
        }
        Arrived before = records.put(entry.oid(), arrived);
        dataBytes += arrived.length();
        if (before != null) {
            dataBytes -= before.length();
            inMemory -= before instanceof InMemory ? before.length() : 0;
        }
    }

    private InFile spilled(DataRecord entry, byte[] data) {
        FileChannel to = file;
        if (to == null) {
            to = files.get();
            file = to;
        }
        try {
            ByteBuffer all = ByteBuffer.wrap(data);
            while (all.hasRemaining()) {
                to.write(all, inFile + all.position());
            }
        } catch (IOException e) {
            throw unusable(e);
        }
        long position = inFile;
        inFile += data.length;
        Content bare = entry.content() instanceof Content.Link link
                ? new Content.Link(link.origin(), new byte[0])
                : new Content.Data(new byte[0]);
        return new InFile(to, position, data.length, new DataRecord(entry.oid(), bare, entry.blob()));
    }

    /** A record's blob has come. */
    void blob(Oid oid, BlobSource blob) {
        records.computeIfPresent(
                oid,
                (same, arrived) -> arrived instanceof InFile there
                        ? there.with(blob)
                        : new InMemory(new DataRecord(oid, arrived.read().content(), Optional.of(blob))));
    }

    /** All of them; nothing is added any more. */
    CommittedTransaction transaction(TransactionHeader header) {
        if (file == null) {
            return CommittedTransaction.of(
                    header, records.values().stream().map(Arrived::read).toList());
        }
        return new Spilled(header, records.values(), dataBytes);
    }

    private record Spilled(TransactionHeader header, Collection<Arrived> arrived, long dataBytes)
            implements CommittedTransaction {

        @Override
        public Iterable<DataRecord> records() {
            return () -> {
                Iterator<Arrived> each = arrived.iterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return each.hasNext();
                    }

                    @Override
                    public DataRecord next() {
                        return each.next().read();
                    }
                };
            };
        }

        @Override
        public int recordCount() {
            return arrived.size();
        }
    }
}
