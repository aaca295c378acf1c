package org.zeoraid.adapter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.zeoraid.storage.BranchId;

/** A number in a file, as a resource manager that has nothing in common with an array. One transaction at a time. */
final class FileResource implements XAResource {
    private final Path folder;
    private long pending;

    FileResource(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    long value() throws IOException {
        Path file = folder.resolve("value");
        return Files.exists(file) ? Long.parseLong(Files.readString(file)) : 0;
    }

    void write(long value) {
        pending = value;
    }

    private Path prepared(Xid xid) throws XAException {
        return folder.resolve("prepared-" + Xids.id(xid).toString().replace(':', '_'));
    }

    private static XAException failed(IOException e) {
        XAException error = new XAException(XAException.XAER_RMFAIL);
        error.initCause(e);
        return error;
    }

    @Override
    public void start(Xid xid, int flags) {}

    @Override
    public void end(Xid xid, int flags) {}

    @Override
    public int prepare(Xid xid) throws XAException {
        try {
            Path fresh = folder.resolve("fresh");
            try (FileChannel channel = FileChannel.open(
                    fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                channel.write(StandardCharsets.UTF_8.encode(Long.toString(pending)));
                channel.force(true);
            }
            Files.move(fresh, prepared(xid), StandardCopyOption.ATOMIC_MOVE);
            return XA_OK;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        try {
            if (onePhase) {
                prepare(xid);
            }
            if (!Files.exists(prepared(xid))) {
                throw new XAException(XAException.XAER_NOTA);
            }
            Files.move(
                    prepared(xid),
                    folder.resolve("value"),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void rollback(Xid xid) throws XAException {
        try {
            Files.deleteIfExists(prepared(xid));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public Xid[] recover(int flags) {
        if ((flags & TMSTARTRSCAN) == 0) {
            return new Xid[0];
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.startsWith("prepared-"))
                    .map(name -> Xids.xid(
                            BranchId.parse(name.substring("prepared-".length()).replace('_', ':'))))
                    .toArray(Xid[]::new);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void forget(Xid xid) {}

    @Override
    public boolean isSameRM(XAResource other) {
        return other == this;
    }

    @Override
    public int getTransactionTimeout() {
        return 0;
    }

    @Override
    public boolean setTransactionTimeout(int seconds) {
        return false;
    }
}
