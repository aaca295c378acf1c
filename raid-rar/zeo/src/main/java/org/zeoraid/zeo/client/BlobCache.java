package org.zeoraid.zeo.client;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.FileBlob;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.ProcessFiles;

/**
 * Blobs that were read from a server, as files in a folder; a revision's bytes never change, so what is there is right.
 * Chunks arrive on the event loop; all state is guarded by the cache's monitor.
 */
final class BlobCache implements BlobStore {

    private static final System.Logger LOG = System.getLogger("org.zeoraid.zeo");
    private static final String SUFFIX = ".blob";
    private static final String HALF = ".part";
    private static final String INCOMING = "incoming";
    private static final String TEMPORARY = "zeo-blobs";

    private record Key(Oid oid, Tid serial) {}

    /** A blob that is coming; an error in keeping it is told to whoever asked for it, not to the connection. */
    private static final class Incoming {
        private @Nullable Path file;
        private @Nullable FileChannel stream;
        private @Nullable StorageException failure;
    }

    private enum Life {
        KEPT,
        TEMPORARY
    }

    private final Supplier<Path> place;
    private final Life life;
    private final long limit;
    private final Map<Key, Incoming> incoming = new HashMap<>();
    private final Map<Key, StorageException> failed = new HashMap<>();
    private final Map<Key, CompletableFuture<BlobSource>> fetching = new HashMap<>();
    /** Files that somebody may still read; they are not deleted. */
    private final Map<Path, WeakReference<BlobSource>> lent = new HashMap<>();

    private @Nullable Path folder;
    private long kept = -1;

    private BlobCache(Supplier<Path> place, Life life, long limit) {
        this.place = place;
        this.life = life;
        this.limit = limit;
    }

    /** A cache in a folder, which is created when it is needed. */
    static BlobCache in(Path folder, long limit) {
        return new BlobCache(
                () -> {
                    try {
                        Files.createDirectories(folder);
                        ProcessFiles.sweep(folder, INCOMING);
                        return folder;
                    } catch (IOException e) {
                        throw noRoom(folder, e);
                    }
                },
                Life.KEPT,
                limit);
    }

    /** A cache in a temporary folder, which is deleted in the end. */
    static BlobCache temporary() {
        return new BlobCache(
                () -> {
                    Path parent = Path.of(System.getProperty("java.io.tmpdir"));
                    try {
                        ProcessFiles.sweep(parent, TEMPORARY);
                        return ProcessFiles.folder(parent, TEMPORARY);
                    } catch (IOException e) {
                        throw noRoom(parent, e);
                    }
                },
                Life.TEMPORARY,
                1L << 30);
    }

    private static StorageUnavailableException noRoom(Path where, IOException e) {
        return new StorageUnavailableException("blobs cannot be kept in " + where + ": " + e, e);
    }

    private synchronized Path folder() {
        if (folder == null) {
            folder = place.get();
        }
        return folder;
    }

    /** Two readers of one blob share one request. */
    @Override
    public CompletionStage<BlobSource> fetch(Oid oid, Tid serial, Supplier<CompletionStage<?>> request) {
        Key key = new Key(oid, serial);
        CompletableFuture<BlobSource> result;
        synchronized (this) {
            CompletableFuture<BlobSource> running = fetching.get(key);
            if (running != null) {
                return running;
            }
            try {
                Path file = file(key);
                if (Files.exists(file)) {
                    return CompletableFuture.completedFuture(source(file));
                }
            } catch (StorageException e) {
                return CompletableFuture.failedFuture(e);
            }
            result = new CompletableFuture<>();
            fetching.put(key, result);
        }
        request.get().whenComplete((done, failure) -> {
            BlobSource found = null;
            StorageException reason = failure == null ? null : Failures.translated(failure);
            synchronized (this) {
                fetching.remove(key);
                StorageException here = failed.remove(key);
                reason = here == null ? reason : here;
                try {
                    if (reason == null && Files.exists(file(key))) {
                        found = source(file(key));
                    }
                } catch (StorageException e) {
                    reason = e;
                }
            }
            if (found != null) {
                result.complete(found);
            } else {
                result.completeExceptionally(
                        reason == null ? new ProtocolException("the server sent no blob for object " + oid) : reason);
            }
        });
        return result;
    }

    private Path file(Key key) {
        return folder().resolve(key.oid() + "-" + key.serial() + SUFFIX);
    }

    private BlobSource source(Path file) {
        try {
            BlobSource source = new FileBlob(file, Files.size(file));
            lent.put(file, new WeakReference<>(source));
            // The time tells how long nobody has wanted it.
            Files.setLastModifiedTime(file, FileTime.fromMillis(System.currentTimeMillis()));
            return source;
        } catch (IOException e) {
            throw new StorageUnavailableException("the blob " + file + " cannot be read: " + e, e);
        }
    }

    @Override
    public synchronized void start(Oid oid, Tid serial) {
        Incoming begun = new Incoming();
        incoming.put(new Key(oid, serial), begun);
        try {
            Path file = ProcessFiles.file(folder(), INCOMING, HALF);
            begun.file = file;
            begun.stream = FileChannel.open(file, StandardOpenOption.WRITE);
        } catch (IOException e) {
            begun.failure = noRoom(folder(), e);
        } catch (StorageException e) {
            begun.failure = e;
        }
    }

    @Override
    public synchronized void chunk(Oid oid, Tid serial, byte[] bytes) {
        Incoming half = receiving(oid, serial);
        if (half.failure == null && half.stream != null) {
            try {
                ByteBuffer piece = ByteBuffer.wrap(bytes);
                while (piece.hasRemaining()) {
                    half.stream.write(piece);
                }
            } catch (IOException e) {
                half.failure = noRoom(folder(), e);
            }
        }
    }

    @Override
    public synchronized void stop(Oid oid, Tid serial) {
        Incoming whole = receiving(oid, serial);
        Key key = new Key(oid, serial);
        incoming.remove(key);
        if (whole.failure == null && whole.file != null && whole.stream != null) {
            try {
                if (life == Life.KEPT) {
                    // A file under its name is believed, also after a power cut.
                    whole.stream.force(true);
                }
                whole.stream.close();
                makeRoom(Files.size(whole.file));
                Files.move(whole.file, file(key), StandardCopyOption.ATOMIC_MOVE);
                return;
            } catch (IOException e) {
                whole.failure = noRoom(folder(), e);
            }
        }
        discard(whole);
        if (whole.failure != null) {
            failed.put(key, whole.failure);
        }
    }

    private Incoming receiving(Oid oid, Tid serial) {
        Incoming found = incoming.get(new Key(oid, serial));
        if (found == null) {
            throw new ProtocolException("a piece of a blob that was not begun: " + oid);
        }
        return found;
    }

    /** Deletes what nobody has wanted for the longest time, unless somebody still reads it. */
    private void makeRoom(long more) throws IOException {
        if (kept < 0) {
            kept = 0;
            for (Path file : files()) {
                kept += Files.size(file);
            }
        }
        kept += more;
        if (kept <= limit) {
            return;
        }
        record Old(Path file, FileTime used, long size) {}
        List<Old> old = new ArrayList<>();
        for (Path file : files()) {
            old.add(new Old(file, Files.getLastModifiedTime(file), Files.size(file)));
        }
        old.sort(Comparator.comparing(Old::used));
        for (Old one : old) {
            WeakReference<BlobSource> reader = lent.get(one.file());
            if (kept > limit && (reader == null || reader.get() == null)) {
                Files.deleteIfExists(one.file());
                lent.remove(one.file());
                kept -= one.size();
            }
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder())) {
            return all.filter(file -> file.toString().endsWith(SUFFIX)).toList();
        }
    }

    @Override
    public synchronized void abandon() {
        incoming.values().forEach(BlobCache::discard);
        incoming.clear();
    }

    private static void discard(Incoming half) {
        try {
            if (half.stream != null) {
                half.stream.close();
            }
            if (half.file != null) {
                Files.deleteIfExists(half.file);
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, () -> "the half blob " + half.file + " cannot be deleted: " + e);
        }
    }

    @Override
    public FileChannel scratch() {
        try {
            return ProcessFiles.nameless(folder());
        } catch (IOException e) {
            throw noRoom(folder(), e);
        }
    }

    @Override
    public void send(Upload upload, DataRecord entry, Tid based) {
        upload.stream(entry, entry.blob().orElseThrow(), based);
    }

    @Override
    public synchronized void close() {
        abandon();
        if (life == Life.TEMPORARY && folder != null) {
            try {
                for (Path file : files()) {
                    Files.deleteIfExists(file);
                }
                Files.deleteIfExists(folder);
            } catch (IOException e) {
                LOG.log(Level.WARNING, () -> "the temporary folder " + folder + " cannot be deleted: " + e);
            }
        }
    }
}
