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

/** Reads the file with a branch's changes, and gives its blobs, from whichever folder still has it. */
final class BranchFile implements ChangeCodec.Source, AutoCloseable {

    private static final int CHUNK = 64 * 1024;

    private final Disk disk;
    private final List<Path> places;
    private final DiskFile file;
    private long position;

    private BranchFile(Disk disk, List<Path> places, DiskFile file) {
        this.disk = disk;
        this.places = places;
        this.file = file;
    }

    /** @param places where the file may be, tried in turn */
    static BranchFile open(Disk disk, List<Path> places) throws IOException {
        return new BranchFile(disk, places, openFirst(disk, places));
    }

    private static DiskFile openFirst(Disk disk, List<Path> places) throws IOException {
        IOException failure = new IOException("the changes of a prepared transaction are missing: " + places);
        for (Path place : places) {
            try {
                return disk.openForReading(place);
            } catch (IOException e) {
                failure = e;
            }
        }
        throw failure;
    }

    @Override
    public void read(ByteBuffer buffer) throws IOException {
        position += file.read(buffer, position);
        if (buffer.hasRemaining()) {
            throw new EOFException(places + " is cut off");
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

    /** A blob in the file of a branch. */
    record StoredBlob(Disk disk, List<Path> places, long position, long size) implements BlobSource {

        @Override
        public InputStream open() throws IOException {
            return new BlobStream(openFirst(disk, places), position, size, places);
        }

        /** None that holds it alone. */
        @Override
        public Optional<Path> file() {
            return Optional.empty();
        }
    }

    private static final class BlobStream extends InputStream {
        private final DiskFile file;
        private final List<Path> places;
        private final CRC32C crc = new CRC32C();
        private final long end;
        private long at;
        private ByteBuffer chunk = ByteBuffer.allocate(0);

        BlobStream(DiskFile file, long position, long size, List<Path> places) {
            this.file = file;
            this.at = position;
            this.end = position + size;
            this.places = places;
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
            ByteBuffer next = ByteBuffer.allocate((int) Math.min(CHUNK, end - at));
            if (file.read(next, at) != next.capacity()) {
                throw new EOFException(places + " is cut off");
            }
            at += next.capacity();
            crc.update(next.flip().duplicate());
            chunk = next;
            if (at == end) {
                verify();
            }
            return true;
        }

        private void verify() throws IOException {
            ByteBuffer expected = ByteBuffer.allocate(4);
            if (file.read(expected, end) != 4 || expected.getInt(0) != (int) crc.getValue()) {
                throw new IOException("a blob of a prepared transaction has a wrong checksum: " + places);
            }
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
