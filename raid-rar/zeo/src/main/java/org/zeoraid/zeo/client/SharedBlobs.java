package org.zeoraid.zeo.client;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.zeoraid.storage.BlobLayout;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.FileBlob;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.ProcessFiles;
import org.zeoraid.zeo.codec.Ids;

/** The server's own blob folder, which this process sees too. */
final class SharedBlobs implements BlobStore {

    private static final System.Logger LOG = System.getLogger("org.zeoraid.zeo");

    private final Path folder;

    SharedBlobs(Path folder) {
        this.folder = folder;
    }

    @Override
    public CompletionStage<BlobSource> fetch(Oid oid, Tid serial, Supplier<CompletionStage<?>> request) {
        try {
            Path file = layout().file(folder, oid, serial);
            if (!Files.exists(file)) {
                return CompletableFuture.failedFuture(new ObjectNotFoundException(oid, serial));
            }
            return CompletableFuture.completedFuture(new FileBlob(file, Files.size(file)));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(unreadable(oid, e));
        } catch (StorageException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private StorageUnavailableException unreadable(Oid oid, IOException e) {
        return new StorageUnavailableException("the blob of object " + oid + " in " + folder + ": " + e, e);
    }

    private BlobLayout layout() {
        Path marker = folder.resolve(BlobLayout.MARKER);
        try {
            return BlobLayout.named(Files.readString(marker))
                    .orElseThrow(() -> new StorageUnavailableException(marker + " names no layout that is known"));
        } catch (IOException e) {
            throw new StorageUnavailableException(
                    folder + " is not the server's blob folder, there is no " + BlobLayout.MARKER + " in it: " + e, e);
        }
    }

    /** The server takes the file from where it has to be in the end; only its name is told. */
    @Override
    public void send(Upload upload, DataRecord entry, Tid based) {
        BlobSource source = entry.blob().orElseThrow();
        try (InputStream in = source.open()) {
            Path place = Files.createDirectories(layout().folder(folder, entry.oid()));
            Path copy = Files.createTempFile(place, "member", ".tmp");
            upload.onFailure(() -> delete(copy));
            Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
            upload.add(
                    "storeBlobShared",
                    Ids.bytes(entry.oid()),
                    Ids.bytes(based),
                    entry.data().orElseThrow(),
                    String.valueOf(copy.getFileName()),
                    upload.id());
        } catch (IOException e) {
            throw unreadable(entry.oid(), e);
        }
    }

    /** The server has not taken it. */
    private static void delete(Path copy) {
        try {
            Files.deleteIfExists(copy);
        } catch (IOException e) {
            LOG.log(Level.WARNING, () -> "a temporary blob stays behind in the server's folder: " + e);
        }
    }

    @Override
    public FileChannel scratch() {
        Path place = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            return ProcessFiles.nameless(place);
        } catch (IOException e) {
            throw new StorageUnavailableException("a large transaction cannot be kept in " + place + ": " + e, e);
        }
    }

    @Override
    public void start(Oid oid, Tid serial) {
        throw new ProtocolException("the server sends a blob that was not asked for: " + oid);
    }

    @Override
    public void chunk(Oid oid, Tid serial, byte[] bytes) {
        start(oid, serial);
    }

    @Override
    public void stop(Oid oid, Tid serial) {
        start(oid, serial);
    }

    @Override
    public void abandon() {
        // Nothing comes over the wire.
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
