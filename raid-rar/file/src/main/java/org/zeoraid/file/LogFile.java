package org.zeoraid.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.zeoraid.storage.CorruptedException;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.seam.DiskFile;

/** An open {@code Data.fs}: bytes at positions, and heads of transactions. Safe for any number of threads. */
final class LogFile implements AutoCloseable {

    private final Path path;
    private final DiskFile file;

    LogFile(Path path, DiskFile file) {
        this.path = path;
        this.file = file;
    }

    Path path() {
        return path;
    }

    DiskFile file() {
        return file;
    }

    /** The place of a position, for people. */
    String where(long position) {
        return path + ", byte " + position;
    }

    CorruptedException damage(long position, String what) {
        return new CorruptedException(where(position), what);
    }

    /**
     * Reads until the buffer is full or the file ends, and flips it.
     *
     * @return how many bytes were read
     */
    int read(ByteBuffer buffer, long position) {
        try {
            int count = file.read(buffer, position);
            buffer.flip();
            return count;
        } catch (IOException e) {
            throw Failures.of("cannot read " + where(position), e);
        }
    }

    long readLong(long position) {
        ByteBuffer buffer = ByteBuffer.allocate(Long.BYTES);
        if (read(buffer, position) < Long.BYTES) {
            throw damage(position, "the file ends here");
        }
        return buffer.getLong();
    }

    long size() {
        try {
            return file.size();
        } catch (IOException e) {
            throw Failures.of("cannot read the length of " + path, e);
        }
    }

    /**
     * Reads a transaction's head.
     *
     * @throws CorruptedException if there is none
     */
    TransactionHead readHead(long position) {
        ByteBuffer fixed = ByteBuffer.allocate(256);
        int count = read(fixed, position);
        if (count < Format.TRANSACTION_HEAD) {
            throw damage(position, "a transaction's head ends too early");
        }
        long tid = fixed.getLong();
        long length = fixed.getLong();
        byte status = fixed.get();
        byte[] user = new byte[Short.toUnsignedInt(fixed.getShort())];
        byte[] description = new byte[Short.toUnsignedInt(fixed.getShort())];
        byte[] extension = new byte[Short.toUnsignedInt(fixed.getShort())];
        int variable = user.length + description.length + extension.length;
        ByteBuffer rest = fixed;
        if (fixed.remaining() < variable) {
            rest = ByteBuffer.allocate(variable);
            if (read(rest, position + Format.TRANSACTION_HEAD) < variable) {
                throw damage(position, "a transaction's head ends too early");
            }
        }
        rest.get(user).get(description).get(extension);
        if (length < Format.TRANSACTION_HEAD + variable) {
            throw damage(position, "a transaction's head claims an impossible length, " + length);
        }
        return new TransactionHead(position, length, tid, status, new TransactionMeta(user, description, extension));
    }

    /** Copies a piece to another file at a position of its own. */
    void copyTo(DiskFile target, long from, long to, long targetPosition) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(1 << 20, Math.max(1, to - from)));
        long position = from;
        while (position < to) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), to - position));
            int count = file.read(buffer, position);
            if (count == 0) {
                throw new IOException(path + " ends at byte " + position);
            }
            target.write(buffer.flip(), targetPosition + (position - from));
            position += count;
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
