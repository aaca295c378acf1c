package org.zeoraid.storage.journal;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.DiskFile;

/** Reads the file with a branch's changes, and gives its blobs. */
final class BranchFile implements ChangeCodec.Source, AutoCloseable {

    private static final int CHUNK = 64 * 1024;

    private final Disk disk;
    private final List<Path> places;
    private final DiskFile file;
    private long position;

    private BranchFile(Disk disk, DiskFile file, List<Path> places) {
        this.disk = disk;
        this.file = file;
        this.places = places;
    }

    /**
     * Opens the file at one place.
     *
     * @param places where its blobs may be read later; the first that gives them is taken
     */
    static BranchFile open(Disk disk, Path place, List<Path> places) throws IOException {
        return new BranchFile(disk, disk.openForReading(place), places);
    }

    /**
     * Reads all of it.
     *
     * @param progress told from time to time that it goes on
     * @throws IOException if it is not what was written
     */
    static void verify(Disk disk, Path place, int changes, Runnable progress) throws IOException {
        try (BranchFile file = open(disk, place, List.of(place))) {
            ChangeCodec.read(file, changes, change -> {
                progress.run();
                if (change.blob().isPresent()) {
                    try (InputStream in = change.blob().get().open()) {
                        byte[] chunk = new byte[CHUNK];
                        while (in.read(chunk) >= 0) {
                            progress.run();
                        }
                    }
                }
            });
        }
    }

    @Override
    public void read(ByteBuffer buffer) throws IOException {
        position += file.read(buffer, position);
        if (buffer.hasRemaining()) {
            throw new EOFException(file + " is cut off");
        }
    }

    @Override
    public void skip(long bytes) {
        position += bytes;
    }

    @Override
    public BlobSource blob(long size) {
        return new StoredBlob(disk, places, position, size);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /** A blob in the file of a branch, which lies at several places. */
    record StoredBlob(Disk disk, List<Path> places, long position, long size) implements BlobSource {

        @Override
        public InputStream open() throws IOException {
            BlobStream stream = new BlobStream(this);
            stream.openNext();
            return stream;
        }

        /** None that holds it alone. */
        @Override
        public Optional<Path> file() {
            return Optional.empty();
        }
    }

    private static final class BlobStream extends InputStream {
        private final StoredBlob blob;
        private final CRC32C crc = new CRC32C();
        private final long end;
        private long at;
        private int place;
        private Optional<DiskFile> file = Optional.empty();
        private ByteBuffer chunk = ByteBuffer.allocate(0);

        BlobStream(StoredBlob blob) {
            this.blob = blob;
            this.at = blob.position();
            this.end = blob.position() + blob.size();
        }

        /** Goes on at the next place that has the file. */
        void openNext() throws IOException {
            close();
            IOException failure = new IOException("a blob of a prepared transaction is missing: " + blob.places());
            while (place < blob.places().size()) {
                try {
                    file = Optional.of(blob.disk().openForReading(blob.places().get(place++)));
                    return;
                } catch (IOException e) {
                    failure.addSuppressed(e);
                }
            }
            throw failure;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (!chunk.hasRemaining() && !fill()) {
                return -1;
            }
            int some = Math.min(length, chunk.remaining());
            chunk.get(bytes, offset, some);
            return some;
        }

        private boolean fill() throws IOException {
            if (at >= end) {
                return false;
            }
            ByteBuffer next = readFully((int) Math.min(CHUNK, end - at), at);
            at += next.capacity();
            crc.update(next.duplicate());
            chunk = next;
            if (at == end && readFully(4, end).getInt(0) != (int) crc.getValue()) {
                throw new IOException("a blob of a prepared transaction has a wrong checksum: " + blob.places());
            }
            return true;
        }

        private ByteBuffer readFully(int length, long position) throws IOException {
            while (true) {
                ByteBuffer bytes = ByteBuffer.allocate(length);
                try {
                    DiskFile open = file.orElseThrow(() -> new IOException("the stream is closed"));
                    if (open.read(bytes, position) == length) {
                        return bytes.flip();
                    }
                    throw new EOFException(blob.places() + " is cut off");
                } catch (IOException e) {
                    if (place >= blob.places().size()) {
                        throw e;
                    }
                    openNext();
                }
            }
        }

        @Override
        public void close() throws IOException {
            if (file.isPresent()) {
                DiskFile open = file.get();
                file = Optional.empty();
                open.close();
            }
        }
    }
}
