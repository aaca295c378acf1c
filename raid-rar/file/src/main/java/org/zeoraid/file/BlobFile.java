package org.zeoraid.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.DiskFile;

/** A blob's file. */
record BlobFile(Disk disk, Path path) implements BlobSource {

    @Override
    public long size() {
        try (DiskFile file = disk.openForReading(path)) {
            return file.size();
        } catch (IOException e) {
            throw Failures.of("cannot read the blob " + path, e);
        }
    }

    @Override
    public InputStream open() throws IOException {
        return new Bytes(disk.openForReading(path));
    }

    @Override
    public Optional<Path> file() {
        return Optional.of(path);
    }

    private static final class Bytes extends InputStream {

        private final DiskFile file;
        private long position;

        Bytes(DiskFile file) {
            this.file = file;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, bytes.length);
            if (length == 0) {
                return 0;
            }
            int count = file.read(ByteBuffer.wrap(bytes, offset, length), position);
            position += count;
            return count == 0 ? -1 : count;
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
