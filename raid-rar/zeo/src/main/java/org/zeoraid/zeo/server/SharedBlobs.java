package org.zeoraid.zeo.server;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.zeoraid.storage.BlobLayout;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.FileBlob;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.zeo.ProcessFiles;

/**
 * The folder of blobs that a server and its clients see together, in ZODB's layout {@code bushy}, or {@code lawn} where
 * the folder has it already. A client reads blobs there itself, and puts those that it stores beside them under a
 * temporary name. Safe for any number of threads.
 */
final class SharedBlobs {

    /** A client makes such a name of whatever it takes for the revision's tid. */
    private static final Pattern TEMPORARY = Pattern.compile("[^/\\x00]+\\.tmp.?");

    private static final String KIND = "server";

    /** A blob's file in the folder, under a name that nobody looks for yet. */
    final class Staged {
        private final Oid oid;
        private final FileBlob blob;

        private Staged(Oid oid, FileBlob blob) {
            this.oid = oid;
            this.blob = blob;
        }

        BlobSource blob() {
            return blob;
        }

        /** Gives it the name under which clients look for it. */
        void place(Tid tid) {
            try {
                link(blob.path(), file(oid, tid));
            } catch (IOException e) {
                unplaced(oid, tid, e);
            }
        }

        void discard() {
            try {
                Files.deleteIfExists(blob.path());
            } catch (IOException e) {
                Connection.LOG.log(Level.WARNING, () -> "a temporary blob in the shared folder stays behind: " + e);
            }
        }
    }

    private final Path folder;
    private final BlobLayout layout;

    /** @throws IllegalArgumentException if the folder cannot be used; the text says why */
    SharedBlobs(Path folder) {
        this.folder = folder;
        try {
            this.layout = layout();
        } catch (IOException e) {
            throw new IllegalArgumentException("the shared blob folder " + folder + " cannot be used: " + e, e);
        }
    }

    private BlobLayout layout() throws IOException {
        Files.createDirectories(folder);
        Files.createDirectories(folder.resolve("tmp"));
        Path marker = folder.resolve(BlobLayout.MARKER);
        if (!Files.exists(marker)) {
            Files.writeString(marker, BlobLayout.BUSHY.word(), StandardCharsets.US_ASCII);
        }
        String word = Files.readString(marker, StandardCharsets.US_ASCII);
        return BlobLayout.named(word)
                .orElseThrow(() -> new IOException("its layout is '" + word.strip() + "'; bushy and lawn are known"));
    }

    /** Where the revisions of a blob lie. */
    private Path folder(Oid oid) {
        return layout.folder(folder, oid);
    }

    Path file(Oid oid, Tid tid) {
        return layout.file(folder, oid, tid);
    }

    /**
     * What a client says that it has put there.
     *
     * @throws PythonException if it is not such a file
     */
    Staged fromClient(Oid oid, String name) {
        Path home = folder(oid);
        Path path = home.resolve(TEMPORARY.matcher(name).matches() ? name : ".");
        if (!home.equals(path.getParent()) || !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new PythonException(
                    "builtins.ValueError",
                    "no temporary file of blob " + oid + " in the shared folder: " + Connection.printable(name));
        }
        try {
            return new Staged(oid, new FileBlob(path, Files.size(path)));
        } catch (IOException e) {
            throw new PythonException("ZODB.POSException.StorageError", "the blob cannot be read: " + e);
        }
    }

    /** Brings a blob that came over the wire, or out of the storage, into the folder; may take long if that is another disk. */
    Staged stage(Oid oid, BlobSource blob) {
        try {
            return new Staged(oid, new FileBlob(temporary(oid, blob), blob.size()));
        } catch (IOException e) {
            throw new PythonException("ZODB.POSException.StorageError", "no room in the shared blob folder: " + e);
        }
    }

    private Path temporary(Oid oid, BlobSource blob) throws IOException {
        Path home = Files.createDirectories(folder(oid));
        Path target = ProcessFiles.file(home, KIND, ".tmp");
        Files.delete(target);
        if (blob.file().isPresent()) {
            link(blob.file().get(), target);
        } else {
            try (var in = blob.open()) {
                Files.copy(in, target);
            }
        }
        return target;
    }

    /** Puts a committed blob into its place, unless it is there. */
    void add(Oid oid, Tid tid, BlobSource blob) {
        Path target = file(oid, tid);
        if (Files.exists(target)) {
            return;
        }
        try {
            Path whole = temporary(oid, blob);
            Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            unplaced(oid, tid, e);
        }
    }

    /** One file, two names, so that either may be deleted; a copy where the disk cannot do that. */
    private static void link(Path from, Path to) throws IOException {
        try {
            Files.createLink(to, from);
        } catch (FileAlreadyExistsException e) {
            // Somebody was faster; a revision has one content.
        } catch (IOException | UnsupportedOperationException e) {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void unplaced(Oid oid, Tid tid, IOException e) {
        Connection.LOG.log(
                Level.ERROR,
                () -> "blob " + oid + " of transaction " + tid + " is missing in the shared blob folder, clients that"
                        + " share it cannot read it: " + e + "; make room and restart the server");
    }

    /** Deletes what servers that are no more were about to put there. */
    void sweep() throws IOException {
        try (Stream<Path> folders = Files.walk(folder).filter(Files::isDirectory)) {
            for (Path each : (Iterable<Path>) folders::iterator) {
                ProcessFiles.sweep(each, KIND);
            }
        }
    }

    /** Decides about a blob's revision. */
    @FunctionalInterface
    interface Known {
        boolean test(Oid oid, Tid tid);
    }

    /** Deletes the revisions of blobs that are not known, as after a pack. */
    void retain(Known known) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Optional<BlobLayout.Name> revision = BlobLayout.nameOf(folder.relativize(file));
                if (revision.isPresent()
                        && !known.test(revision.get().oid(), revision.get().tid())) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
