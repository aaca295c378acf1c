package org.zeoraid.storage.seam;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A file, opened twice. The channel does the work; but the interruption of a thread that is in it closes it for all.
 * The second descriptor cannot be interrupted: it carries on where the channel was closed, also when the file has got
 * another name meanwhile, and knows of every error since the file was opened, which a sync cut short by an interruption
 * would hide (the system reports a failed write to each descriptor once).
 */
final class SystemFile implements DiskFile {

    private static final Logger LOG = System.getLogger("org.zeoraid.storage");

    /** Larger pieces would stay in memory: the platform keeps a direct buffer of the largest size for each thread. */
    private static final int PIECE = 1 << 17;

    private final String mode;
    private final Consumer<SystemFile> closer;
    private final RandomAccessFile steady;
    private final @Nullable Object identity;

    private volatile FileChannel channel;
    private volatile @Nullable Path path;
    private volatile boolean closed;

    SystemFile(Path path, String mode, Consumer<SystemFile> closer) throws IOException {
        this.path = path;
        this.mode = mode;
        this.closer = closer;
        this.steady = new RandomAccessFile(path.toFile(), mode);
        boolean done = false;
        try {
            this.channel = openChannel(path);
            this.identity =
                    Files.readAttributes(path, BasicFileAttributes.class).fileKey();
            done = true;
        } finally {
            if (!done) {
                steady.close();
            }
        }
    }

    private FileChannel openChannel(Path file) throws IOException {
        return FileChannel.open(
                file,
                mode.equals("r")
                        ? Set.of(StandardOpenOption.READ)
                        : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    void renamed(Path from, Path to) {
        Path now = path;
        if (now != null && now.equals(from)) {
            path = to;
        } else if (now != null && now.equals(to)) {
            path = null;
        }
    }

    @Override
    public long size() throws IOException {
        checkOpen();
        boolean interrupted = Thread.interrupted();
        try {
            return channel.size();
        } catch (ClosedChannelException e) {
            checkOpen();
            interrupted |= Thread.interrupted();
            reopen();
            synchronized (steady) {
                return steady.length();
            }
        } finally {
            restore(interrupted);
        }
    }

    @Override
    public int read(ByteBuffer buffer, long position) throws IOException {
        int start = buffer.position();
        int limit = buffer.limit();
        boolean interrupted = Thread.interrupted();
        try {
            while (buffer.position() < limit) {
                int before = buffer.position();
                if (!buffer.isDirect() && limit - before > PIECE) {
                    buffer.limit(before + PIECE);
                }
                int got;
                try {
                    got = channel.read(buffer, position + (before - start));
                } catch (ClosedChannelException e) {
                    checkOpen();
                    interrupted |= Thread.interrupted();
                    buffer.position(before);
                    reopen();
                    got = readSteadily(buffer, position + (before - start));
                }
                buffer.limit(limit);
                if (got < 0) {
                    break;
                }
            }
            return buffer.position() - start;
        } finally {
            buffer.limit(limit);
            restore(interrupted);
        }
    }

    @Override
    public void write(ByteBuffer buffer, long position) throws IOException {
        int start = buffer.position();
        int limit = buffer.limit();
        boolean interrupted = Thread.interrupted();
        try {
            while (buffer.position() < limit) {
                int before = buffer.position();
                if (!buffer.isDirect() && limit - before > PIECE) {
                    buffer.limit(before + PIECE);
                }
                try {
                    channel.write(buffer, position + (before - start));
                } catch (ClosedChannelException e) {
                    checkOpen();
                    interrupted |= Thread.interrupted();
                    buffer.position(before);
                    reopen();
                    writeSteadily(buffer, position + (before - start));
                }
                buffer.limit(limit);
            }
        } catch (ClosedChannelException e) {
            throw e;
        } catch (IOException e) {
            throw SystemDisk.failure(e, name(), "write to", limit - buffer.position());
        } finally {
            buffer.limit(limit);
            restore(interrupted);
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            channel.truncate(size);
        } catch (ClosedChannelException e) {
            checkOpen();
            interrupted |= Thread.interrupted();
            reopen();
            synchronized (steady) {
                if (steady.length() > size) {
                    steady.setLength(size);
                }
            }
        } finally {
            restore(interrupted);
        }
    }

    /** {@inheritDoc} Leaves out what is only about the file's times, which saves a write. */
    @Override
    public void sync() throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            channel.force(false);
        } catch (ClosedChannelException e) {
            checkOpen();
            interrupted |= Thread.interrupted();
            reopen();
            try {
                steady.getFD().sync();
            } catch (IOException failed) {
                throw SystemDisk.failure(failed, name(), "sync", 0);
            }
        } catch (IOException e) {
            throw SystemDisk.failure(e, name(), "sync", 0);
        } finally {
            restore(interrupted);
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (steady) {
            if (closed) {
                return;
            }
            closed = true;
        }
        closer.accept(this);
        try (steady) {
            channel.close();
        }
    }

    private int readSteadily(ByteBuffer buffer, long position) throws IOException {
        byte[] bytes = new byte[Math.min(buffer.remaining(), PIECE)];
        int got;
        synchronized (steady) {
            steady.seek(position);
            got = steady.read(bytes);
        }
        if (got > 0) {
            buffer.put(bytes, 0, got);
        }
        return got;
    }

    private void writeSteadily(ByteBuffer buffer, long position) throws IOException {
        byte[] bytes = new byte[Math.min(buffer.remaining(), PIECE)];
        buffer.get(bytes);
        synchronized (steady) {
            steady.seek(position);
            steady.write(bytes);
        }
    }

    /**
     * Opens the channel again where the file can still be found. Otherwise all goes through the steady descriptor: a name
     * can change hands at any moment, also between two looks at it, and that is no failure of the file.
     */
    private void reopen() {
        synchronized (steady) {
            Path now = path;
            if (closed || channel.isOpen() || now == null || identity == null) {
                return;
            }
            FileChannel fresh = null;
            try {
                fresh = openChannel(now);
                Object found =
                        Files.readAttributes(now, BasicFileAttributes.class).fileKey();
                if (Objects.equals(found, identity)) {
                    channel = fresh;
                    fresh = null;
                }
            } catch (IOException e) {
                LOG.log(Level.DEBUG, () -> now + " cannot be opened again: " + e);
            } finally {
                discard(fresh);
            }
        }
    }

    private static void discard(@Nullable FileChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "a channel that nobody needs cannot be closed", e);
            }
        }
    }

    private void checkOpen() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
    }

    private Path name() {
        Path now = path;
        return now == null ? Path.of("a file that was replaced") : now;
    }

    private static void restore(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return name().toString();
    }
}
