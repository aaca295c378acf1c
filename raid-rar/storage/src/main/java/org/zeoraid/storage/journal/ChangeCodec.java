package org.zeoraid.storage.journal;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;

/**
 * The changes of a branch as bytes, one behind the other, big-endian: oid (8), kind (1: data, 2: link, 3: gone; plus 16 if there
 * is a blob), origin of a link (8, 0 for others), length of the data (4), data, length of the blob (8, 0 for none), CRC-32C of
 * all that (4); then the blob's bytes and their CRC-32C (4), if there is one.
 */
final class ChangeCodec {

    private static final int DATA = 1;
    private static final int LINK = 2;
    private static final int GONE = 3;
    private static final int WITH_BLOB = 16;
    private static final int HEAD = 8 + 1 + 8 + 4;
    private static final int CHECKSUM = 4;
    private static final int CHUNK = 64 * 1024;

    private ChangeCodec() {}

    /** Where bytes go, or come from. */
    interface Target {
        void write(ByteBuffer bytes) throws IOException;
    }

    /** Gives bytes in order. */
    interface Source {
        /** Fills the buffer, or fails. */
        void read(ByteBuffer buffer) throws IOException;

        void skip(long bytes) throws IOException;

        /** A blob that lies where this is now. */
        BlobSource blob(long size);
    }

    /** Is given changes, one after the other. */
    interface Sink {
        void accept(DataRecord change) throws IOException;
    }

    /** Where a blob lies among the changes. */
    record Place(long position, long size) {}

    /** How many bytes changes take, and where their blobs lie. */
    record Layout(long length, Map<Oid, Place> blobs) {

        static Layout of(Iterable<DataRecord> changes) {
            Map<Oid, Place> blobs = new HashMap<>();
            long length = 0;
            for (DataRecord change : changes) {
                length += HEAD + change.data().map(data -> data.length).orElse(0) + 8 + CHECKSUM;
                if (change.blob().isPresent()) {
                    long size = change.blob().get().size();
                    blobs.put(change.oid(), new Place(length, size));
                    length += size + CHECKSUM;
                }
            }
            return new Layout(length, blobs);
        }
    }

    /** Changes without blobs. */
    static byte[] bytes(Iterable<DataRecord> changes) {
        ByteBuffer content =
                ByteBuffer.allocate(Math.toIntExact(Layout.of(changes).length()));
        try {
            write(changes, content::put);
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
        return content.array();
    }

    static void write(Iterable<DataRecord> changes, Target target) throws IOException {
        for (DataRecord change : changes) {
            byte[] data = change.data().orElseGet(() -> new byte[0]);
            ByteBuffer head = ByteBuffer.allocate(HEAD + data.length + 8 + CHECKSUM);
            long blobSize = change.blob().map(BlobSource::size).orElse(0L);
            head.putLong(change.oid().value())
                    .put((byte) (kind(change) + (change.blob().isPresent() ? WITH_BLOB : 0)))
                    .putLong(
                            change.content() instanceof Content.Link link
                                    ? link.origin().value()
                                    : 0)
                    .putInt(data.length)
                    .put(data)
                    .putLong(blobSize);
            head.putInt(checksum(head.array(), head.position())).flip();
            target.write(head);
            if (change.blob().isPresent()) {
                writeBlob(change.blob().get(), blobSize, target);
            }
        }
    }

    private static int kind(DataRecord change) {
        if (change.content() instanceof Content.Data) {
            return DATA;
        }
        return change.content() instanceof Content.Link ? LINK : GONE;
    }

    private static void writeBlob(BlobSource blob, long size, Target target) throws IOException {
        CRC32C crc = new CRC32C();
        long written = 0;
        byte[] chunk = new byte[CHUNK];
        try (InputStream in = blob.open()) {
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                crc.update(chunk, 0, read);
                target.write(ByteBuffer.wrap(chunk, 0, read));
                written += read;
            }
        }
        if (written != size) {
            throw new IOException("a blob has " + written + " bytes instead of " + size);
        }
        target.write(ByteBuffer.allocate(CHECKSUM).putInt((int) crc.getValue()).flip());
    }

    /** @throws IOException if they cannot be read, or are not what was written */
    static void read(Source source, int count, Sink changes) throws IOException {
        for (int i = 0; i < count; i++) {
            ByteBuffer head = ByteBuffer.allocate(HEAD);
            source.read(head);
            int length = head.getInt(HEAD - 4);
            if (length < 0) {
                throw new IOException("a change of " + length + " bytes");
            }
            ByteBuffer rest = ByteBuffer.allocate(length + 8 + CHECKSUM);
            source.read(rest);
            CRC32C crc = new CRC32C();
            crc.update(head.array());
            crc.update(rest.array(), 0, length + 8);
            if ((int) crc.getValue() != rest.getInt(length + 8)) {
                throw new IOException("change " + i + " has a wrong checksum");
            }
            byte[] data = new byte[length];
            rest.get(0, data);
            int kind = head.get(8);
            Optional<BlobSource> blob = Optional.empty();
            if ((kind & WITH_BLOB) != 0) {
                long size = rest.getLong(length);
                blob = Optional.of(source.blob(size));
                source.skip(size + CHECKSUM);
            }
            changes.accept(new DataRecord(
                    new Oid(head.getLong(0)), content(kind & ~WITH_BLOB, new Tid(head.getLong(9)), data), blob));
        }
    }

    private static Content content(int kind, Tid origin, byte[] data) throws IOException {
        return switch (kind) {
            case DATA -> new Content.Data(data);
            case LINK -> new Content.Link(origin, data);
            case GONE -> Content.ABSENT;
            default -> throw new IOException("a change of an unknown kind, " + kind);
        };
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    /** Changes that are at hand, and have no blobs. */
    static Source of(byte[] bytes) {
        ByteBuffer from = ByteBuffer.wrap(bytes);
        return new Source() {
            @Override
            public void read(ByteBuffer buffer) throws IOException {
                if (from.remaining() < buffer.remaining()) {
                    throw new EOFException("the changes are cut off");
                }
                from.get(buffer.array(), 0, buffer.remaining());
            }

            @Override
            public void skip(long bytes) {
                from.position(from.position() + (int) bytes);
            }

            @Override
            public BlobSource blob(long size) {
                throw new IllegalStateException("blobs lie in files");
            }
        };
    }
}
