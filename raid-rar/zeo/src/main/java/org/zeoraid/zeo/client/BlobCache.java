package org.zeoraid.zeo.client;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.FileBlob;

/**
 * Blobs that were read from a server, as files in a folder; a revision's bytes never change, so what is there is right.
 * Chunks arrive on the event loop, one blob revision at a time for each key.
 */
final class BlobCache {

    private record Key(Oid oid, Tid serial) {}

    private record Incoming(Path file, OutputStream stream) {}

    private final Path folder;
    private final Map<Key, Incoming> incoming = new HashMap<>();
    private final Map<Key, CompletableFuture<BlobSource>> fetching = new HashMap<>();

    BlobCache(Path folder) {
        this.folder = folder;
    }

    /** The blob's file, asked for by {@code request} if it is not here yet; two readers share one request. */
    CompletionStage<BlobSource> fetch(Oid oid, Tid serial, Supplier<CompletionStage<?>> request) {
        Key key = new Key(oid, serial);
        Path file = file(key);
        CompletableFuture<BlobSource> result;
        synchronized (fetching) {
            CompletableFuture<BlobSource> running = fetching.get(key);
            if (running != null) {
                return running;
            }
            if (Files.exists(file)) {
                return CompletableFuture.completedFuture(source(file));
            }
            result = new CompletableFuture<>();
            fetching.put(key, result);
        }
        request.get().whenComplete((done, failure) -> {
            synchronized (fetching) {
                fetching.remove(key);
            }
            if (failure != null) {
                result.completeExceptionally(ZeoLog.translated(failure));
            } else if (Files.exists(file)) {
                result.complete(source(file));
            } else {
                result.completeExceptionally(new ProtocolException("the server sent no blob for " + oid));
            }
        });
        return result;
    }

    private Path file(Key key) {
        return folder.resolve(key.oid() + "-" + key.serial() + ".blob");
    }

    private static BlobSource source(Path file) {
        try {
            return new FileBlob(file, Files.size(file));
        } catch (IOException e) {
            throw new StorageUnavailableException("the blob " + file + " cannot be read: " + e, e);
        }
    }

    void start(Oid oid, Tid serial) {
        try {
            Files.createDirectories(folder);
            Path part = Files.createTempFile(folder, "incoming", ".part");
            incoming.put(new Key(oid, serial), new Incoming(part, Files.newOutputStream(part)));
        } catch (IOException e) {
            throw new StorageUnavailableException("no room for blobs in " + folder + ": " + e, e);
        }
    }

    void chunk(Oid oid, Tid serial, byte[] bytes) {
        try {
            receiving(oid, serial).stream().write(bytes);
        } catch (IOException e) {
            throw new StorageUnavailableException("no room for blobs in " + folder + ": " + e, e);
        }
    }

    void stop(Oid oid, Tid serial) {
        Incoming whole = receiving(oid, serial);
        incoming.remove(new Key(oid, serial));
        try {
            whole.stream().close();
            Files.move(whole.file(), file(new Key(oid, serial)), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new StorageUnavailableException("no room for blobs in " + folder + ": " + e, e);
        }
    }

    private Incoming receiving(Oid oid, Tid serial) {
        Incoming found = incoming.get(new Key(oid, serial));
        if (found == null) {
            throw new ProtocolException("a piece of a blob that was not begun: " + oid);
        }
        return found;
    }

    /** The connection has ended: what is half here is deleted. */
    void abandon() {
        for (Incoming half : incoming.values()) {
            try {
                half.stream().close();
                Files.deleteIfExists(half.file());
            } catch (IOException e) {
                System.getLogger("org.zeoraid.zeo")
                        .log(System.Logger.Level.WARNING, () -> "cannot delete " + half.file() + ": " + e);
            }
        }
        incoming.clear();
    }
}
