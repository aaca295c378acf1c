package org.zeoraid.zeo.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.FileBlob;
import org.zeoraid.zeo.codec.Ids;

/**
 * The server's own blob folder, which this process sees too. Its layout is ZODB's, named in its file {@code .layout}:
 * {@code bushy}, a folder for each byte of the oid, or {@code lawn}, one for the oid without leading zeros.
 */
final class SharedBlobs implements BlobStore {

    private static final String LAYOUT = ".layout";
    private static final String PREFIX = "0x";

    private final Path folder;

    SharedBlobs(Path folder) {
        this.folder = folder;
    }

    @Override
    public CompletionStage<BlobSource> fetch(Oid oid, Tid serial, Supplier<CompletionStage<?>> request) {
        try {
            Path file = folderOf(oid).resolve(PREFIX + serial + ".blob");
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

    private Path folderOf(Oid oid) {
        String hex = oid.toString();
        if (layout().equals("lawn")) {
            return folder.resolve(PREFIX + Long.toUnsignedString(oid.value(), 16));
        }
        Path path = folder;
        for (int i = 0; i < hex.length(); i += 2) {
            path = path.resolve(PREFIX + HexFormat.of().formatHex(HexFormat.of().parseHex(hex.substring(i, i + 2))));
        }
        return path;
    }

    private String layout() {
        try {
            return Files.readString(folder.resolve(LAYOUT)).strip();
        } catch (IOException e) {
            throw new StorageUnavailableException(
                    folder + " is not the server's blob folder, there is no " + LAYOUT + " in it: " + e, e);
        }
    }

    /** The server takes the file from where it has to be in the end; only its name is told. */
    @Override
    public void send(Upload upload, DataRecord entry, Tid based) {
        BlobSource source = entry.blob().orElseThrow();
        try (InputStream in = source.open()) {
            Path place = Files.createDirectories(folderOf(entry.oid()));
            Path copy = Files.createTempFile(place, "member", ".tmp");
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
