package org.zeoraid.storage.commit;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.DiskFile;
import org.zeoraid.storage.seam.DiskFullIOException;

/**
 * The changes of one transaction in the order they came: in memory up to a threshold, in a file beyond it. One thread
 * changes it; any number of threads read once that is over.
 */
final class ChangeBuffer {

    /** Where the files of a storage's large transactions lie. */
    static final class SpillFolder {
        private static final String ENDING = ".spill";

        private final Disk disk;
        private final Path folder;
        private final String prefix;
        private final long threshold;
        private final AtomicLong counter = new AtomicLong();
        private boolean swept;

        SpillFolder(Disk disk, String storage, CommitOptions options) {
            this.disk = disk;
            this.folder = options.spillFolder();
            this.prefix = "transaction-of-" + storage + ".";
            this.threshold = options.spillThreshold();
        }

        /** A new file. The first one looks for those that a crash left behind. */
        private synchronized Path create() throws IOException {
            if (!swept) {
                disk.createFolders(folder);
                for (String name : disk.list(folder)) {
                    if (name.startsWith(prefix)
                            && name.substring(prefix.length()).matches("\\d+\\" + ENDING)) {
                        disk.delete(folder.resolve(name));
                    }
                }
                swept = true;
            }
            return folder.resolve(prefix + counter.incrementAndGet() + ENDING);
        }
    }

    /** What is larger is in memory once, however many members read it at the same time. */
    static final int LARGE = 1 << 20;

    private static final byte[] NO_DATA = {};

    private final SpillFolder folder;
    private final Map<Oid, Change> changes = new LinkedHashMap<>();
    private final Map<Oid, Change> undone = new LinkedHashMap<>();
    private long inMemory;
    private long spilled;
    private @Nullable Path path;
    private volatile @Nullable DiskFile file;
    private volatile boolean closed;
    private final Object sharing = new Object();
    private WeakReference<byte[]> large = new WeakReference<>(NO_DATA);
    private long largePosition = -1;

    ChangeBuffer(SpillFolder folder) {
        this.folder = folder;
    }

    /** Keeps a change, instead of an earlier one of the same object. Its data may be changed by whoever brings it afterwards. */
    void put(DataRecord entry, Change.Basis basis) {
        keep(changes, entry, basis);
    }

    /** Keeps what an undo writes. */
    void putUndone(DataRecord entry) {
        keep(undone, entry, Change.Basis.UNCHECKED);
    }

    /** Forgets what undos write, because it is found anew. */
    void forgetUndone() {
        undone.values().forEach(change -> inMemory -= bytesInMemory(change));
        undone.clear();
    }

    private static int bytesInMemory(@Nullable Change change) {
        return change instanceof Change.InMemory here
                ? here.entry().data().map(data -> data.length).orElse(0)
                : 0;
    }

    Iterable<Change> changes() {
        return changes.values();
    }

    List<Oid> undoneOids() {
        return List.copyOf(undone.keySet());
    }

    /** What will be written for an object, undos included; the data is the caller's own. */
    Optional<DataRecord> entry(Oid oid) {
        Change change = undone.getOrDefault(oid, changes.get(oid));
        return Optional.ofNullable(change).map(this::copy);
    }

    private DataRecord copy(Change change) {
        if (change instanceof Change.Spilled there) {
            return there.with(load(there));
        }
        return copy(((Change.InMemory) change).entry());
    }

    private static DataRecord copy(DataRecord entry) {
        if (entry.content() instanceof Content.Data data) {
            return new DataRecord(entry.oid(), new Content.Data(data.bytes().clone()), entry.blob());
        }
        if (entry.content() instanceof Content.Link link) {
            return new DataRecord(
                    entry.oid(), new Content.Link(link.origin(), link.bytes().clone()), entry.blob());
        }
        return entry;
    }

    /** All of it, an object once: an undo that could be computed over a change contains it. */
    Change[] frozen() {
        List<Change> all = new ArrayList<>(changes.size() + undone.size());
        for (Change change : changes.values()) {
            if (!undone.containsKey(change.oid())) {
                all.add(change);
            }
        }
        all.addAll(undone.values());
        return all.toArray(new Change[0]);
    }

    /** For members, which change nothing of it. */
    DataRecord read(Change change) {
        if (change instanceof Change.InMemory here) {
            return here.entry();
        }
        Change.Spilled there = (Change.Spilled) change;
        return there.with(there.length() < LARGE ? load(there) : share(there));
    }

    /** Members read the same at about the same time: there may be no room for it once each. */
    private byte[] share(Change.Spilled there) {
        synchronized (sharing) {
            byte[] data = largePosition == there.position() ? large.get() : null;
            if (data == null) {
                data = load(there);
                large = new WeakReference<>(data);
                largePosition = there.position();
            }
            return data;
        }
    }

    private byte[] load(Change.Spilled there) {
        ByteBuffer data = ByteBuffer.allocate(there.length());
        try {
            DiskFile from = file;
            if (closed || from == null) {
                throw new StorageClosedException("the transaction has ended, its changes are gone");
            }
            if (from.read(data, there.position()) != there.length()) {
                throw new StorageUnavailableException("the file of the transaction's changes is too short: " + path);
            }
        } catch (IOException e) {
            throw failed("read", e);
        }
        return data.array();
    }

    private void keep(Map<Oid, Change> where, DataRecord entry, Change.Basis basis) {
        long others = inMemory - bytesInMemory(where.get(entry.oid()));
        byte[] data = entry.data().orElse(null);
        Change change = data == null || others + data.length <= folder.threshold
                ? new Change.InMemory(copy(entry), basis)
                : spilled(entry, data, basis);
        where.put(entry.oid(), change);
        inMemory = others + bytesInMemory(change);
    }

    private Change spilled(DataRecord entry, byte[] data, Change.Basis basis) {
        long position = spilled;
        try {
            spill(data, position);
        } catch (IOException e) {
            throw failed("written", e);
        }
        spilled += data.length;
        Optional<Tid> origin =
                entry.content() instanceof Content.Link link ? Optional.of(link.origin()) : Optional.empty();
        return new Change.Spilled(entry.oid(), basis, origin, position, data.length, entry.blob());
    }

    private void spill(byte[] data, long position) throws IOException {
        if (closed) {
            throw new StorageClosedException("the transaction has ended");
        }
        DiskFile to = file;
        if (to == null) {
            path = folder.create();
            to = folder.disk.open(path);
            file = to;
        }
        to.write(ByteBuffer.wrap(data), position);
    }

    private StorageException failed(String what, IOException e) {
        String text = "the changes of a large transaction cannot be " + what + " in " + path + ": " + e.getMessage();
        return e instanceof DiskFullIOException
                ? new DiskFullException(text, e)
                : new StorageUnavailableException(text, e);
    }

    /** Ends it, and deletes its file. */
    void close() {
        closed = true;
        DiskFile open = file;
        Path old = path;
        if (open == null || old == null) {
            return;
        }
        file = null;
        try {
            open.close();
            folder.disk.delete(old);
        } catch (IOException e) {
            Stages.LOG.log(
                    System.Logger.Level.WARNING,
                    "the file of a transaction that has ended cannot be deleted; it takes room until the next start: "
                            + old,
                    e);
        }
    }
}
