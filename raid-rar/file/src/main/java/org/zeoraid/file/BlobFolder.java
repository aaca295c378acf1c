package org.zeoraid.file;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.zeoraid.storage.BlobLayout;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.pickle.BlobRecords;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.DiskFile;

/**
 * A folder of blob files in ZODB's layout. Before a blob's file gets its name, a marker in the folder {@code tmp} that
 * names the revision is on stable storage; it goes when the record is durable. So whoever opens the folder finds in
 * {@code tmp} all files that may have no record, and need not look through the rest.
 */
final class BlobFolder implements Blobs {

    private static final Logger LOG = System.getLogger("org.zeoraid.file");
    private static final String MARKER = ".raid";
    private static final String DATA = ".raid-data";

    private final Disk disk;
    private final Path folder;
    private final BlobLayout layout;
    private final FileOptions.PackFormer old;

    /** The transactions whose markers are there, by tid. */
    private final Map<Tid, List<Oid>> marked = new ConcurrentHashMap<>();

    /** Held while folders are created and filled, or found empty and deleted. */
    private final Object names = new Object();

    private BlobFolder(Disk disk, Path folder, BlobLayout layout, FileOptions.PackFormer old) {
        this.disk = disk;
        this.folder = folder;
        this.layout = layout;
        this.old = old;
    }

    /**
     * Opens a folder, creating it where there is none and it may be written.
     *
     * @param old what becomes of the files that a pack drops
     * @throws IOException if it has a layout that nobody knows, or cannot be read
     */
    static BlobFolder open(Disk disk, Path path, FileOptions.Access access, FileOptions.PackFormer old)
            throws IOException {
        Path folder = path.toAbsolutePath().normalize();
        boolean write = access == FileOptions.Access.READ_WRITE;
        if (write) {
            Files.createFolders(disk, folder);
        }
        Path marker = folder.resolve(BlobLayout.MARKER);
        String word = disk.exists(marker) ? read(disk, marker).strip() : "";
        BlobLayout layout;
        if (word.isEmpty()) {
            layout = guess(disk, folder);
            if (write) {
                writeLayout(disk, folder, layout);
            }
        } else {
            layout = BlobLayout.named(word)
                    .orElseThrow(() -> new IOException(
                            "the blob folder " + folder + " has the layout '" + word + "', which is not known"));
        }
        BlobFolder opened = new BlobFolder(disk, folder, layout, old);
        if (write) {
            Files.createFolders(disk, opened.tmp());
        }
        return opened;
    }

    /** A used folder that does not tell its layout is from a time when there was only one. */
    private static BlobLayout guess(Disk disk, Path folder) throws IOException {
        boolean used = disk.list(folder).stream().anyMatch(name -> !name.startsWith(".") && !name.equals("tmp"));
        return used ? BlobLayout.LAWN : BlobLayout.BUSHY;
    }

    private static String read(Disk disk, Path path) throws IOException {
        try (InputStream in = new BlobFile(disk, path).open()) {
            return new String(in.readNBytes(100), StandardCharsets.US_ASCII);
        }
    }

    private static void writeLayout(Disk disk, Path folder, BlobLayout layout) throws IOException {
        Path fresh = folder.resolve(".layout.new");
        try (DiskFile file = disk.open(fresh)) {
            file.truncate(0);
            file.write(ByteBuffer.wrap(layout.word().getBytes(StandardCharsets.US_ASCII)), 0);
            file.sync();
        }
        disk.rename(fresh, folder.resolve(BlobLayout.MARKER));
        disk.syncFolder(folder);
    }

    Disk disk() {
        return disk;
    }

    Path tmp() {
        return folder.resolve("tmp");
    }

    private Path file(Oid oid, Tid tid) {
        return layout.file(folder, oid, tid);
    }

    private Path marker(Oid oid, Tid tid) {
        return tmp().resolve(oid + "-" + tid + MARKER);
    }

    private Path data(Oid oid, Tid tid) {
        return tmp().resolve(oid + "-" + tid + DATA);
    }

    @Override
    public boolean isKept() {
        return true;
    }

    @Override
    public void store(CommittedTransaction transaction) throws IOException {
        Tid tid = transaction.tid();
        List<Oid> oids = new ArrayList<>();
        marked.put(tid, oids);
        for (DataRecord entry : transaction.records()) {
            if (entry.blob().isPresent()) {
                oids.add(entry.oid());
                disk.open(marker(entry.oid(), tid)).close();
                fetch(entry.blob().get(), data(entry.oid(), tid));
            }
        }
    }

    /** Each folder is synced once for all of them: for a small blob that is what costs, not its bytes. */
    @Override
    public void name(List<CommittedTransaction> transactions) throws IOException {
        if (transactions.isEmpty()) {
            return;
        }
        disk.syncFolder(tmp());
        Set<Path> changed = new LinkedHashSet<>();
        for (CommittedTransaction transaction : transactions) {
            Tid tid = transaction.tid();
            for (Oid oid : marked.getOrDefault(tid, List.of())) {
                Path own = layout.folder(folder, oid);
                synchronized (names) {
                    changed.addAll(Files.makeFolders(disk, own));
                    disk.rename(data(oid, tid), file(oid, tid));
                }
                changed.add(own);
            }
        }
        for (Path each : changed) {
            disk.syncFolder(each);
        }
    }

    /**
     * Has a blob's bytes in a file, durably. Always a copy: a second name of the source's file would be one file in all
     * members on this file system, and what damages it would damage them all.
     */
    private void fetch(BlobSource source, Path target) throws IOException {
        disk.delete(target);
        try (InputStream in = source.open();
                DiskFile file = disk.open(target)) {
            byte[] piece = new byte[1 << 17];
            long size = 0;
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                file.write(ByteBuffer.wrap(piece, 0, count), size);
                size += count;
            }
            if (size != source.size()) {
                throw new IOException("a blob has " + size + " bytes, but was announced with " + source.size());
            }
            file.sync();
        }
    }

    @Override
    public void settled(CommittedTransaction transaction) {
        List<Oid> oids = marked.remove(transaction.tid());
        if (oids != null) {
            for (Oid oid : oids) {
                deleteQuietly(marker(oid, transaction.tid()));
            }
        }
    }

    @Override
    public void discard(CommittedTransaction transaction) {
        Tid tid = transaction.tid();
        List<Oid> oids = marked.remove(tid);
        if (oids == null) {
            return;
        }
        try {
            for (Oid oid : oids) {
                disk.delete(data(oid, tid));
                remove(oid, tid);
                disk.delete(marker(oid, tid));
            }
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "blob files of a transaction that failed are left in " + folder
                            + "; they are deleted when it is opened the next time",
                    e);
        }
    }

    private void deleteQuietly(Path path) {
        try {
            disk.delete(path);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> path + " cannot be deleted now", e);
        }
    }

    /**
     * Deletes a blob's file, its name durably gone, and the folders that it leaves empty; also those that were created for
     * it in vain: nobody synced their names, and whoever finds a folder takes it for durable.
     */
    void remove(Oid oid, Tid tid) throws IOException {
        Set<Path> changed = new LinkedHashSet<>();
        take(oid, tid, changed);
        sync(changed);
    }

    /**
     * Does so for one of many.
     *
     * @param changed gets the folder to be {@linkplain #sync synced} for that
     */
    void take(Oid oid, Tid tid, Set<Path> changed) throws IOException {
        disk.delete(file(oid, tid));
        changed.add(deleteEmptyFolders(layout.folder(folder, oid)));
    }

    /** Puts the names in some folders on stable storage; of those that are gone, the names of what they lay in. */
    void sync(Set<Path> changed) throws IOException {
        Set<Path> left = new LinkedHashSet<>();
        for (Path each : changed) {
            left.add(firstThere(each));
        }
        for (Path each : left) {
            disk.syncFolder(each);
        }
    }

    private Path firstThere(Path from) {
        for (Path at = from; at != null && !at.equals(folder); at = at.getParent()) {
            if (disk.isFolder(at)) {
                return at;
            }
        }
        return folder;
    }

    /** @return the first folder upwards that is not empty */
    private Path deleteEmptyFolders(Path from) throws IOException {
        synchronized (names) {
            for (Path at = from; at != null && !at.equals(folder); at = at.getParent()) {
                if (disk.isFolder(at)) {
                    if (!disk.list(at).isEmpty()) {
                        return at;
                    }
                    disk.delete(at);
                }
            }
        }
        return folder;
    }

    @Override
    public Optional<BlobSource> find(Oid oid, Tid serial, byte[] data) {
        if (!BlobRecords.mayBeBlob(data)) {
            return Optional.empty();
        }
        Path path = file(oid, serial);
        return disk.exists(path) ? Optional.of(new BlobFile(disk, path)) : Optional.empty();
    }

    @Override
    public Optional<String> damage(Oid oid, Tid serial, byte[] data) {
        if (!BlobRecords.isBlob(data)) {
            return Optional.empty();
        }
        Path path = file(oid, serial);
        if (!disk.exists(path)) {
            return Optional.of("the blob file " + path + " is missing");
        }
        try (DiskFile file = disk.openForReading(path)) {
            ByteBuffer piece = ByteBuffer.allocate(1 << 17);
            for (long at = 0; at < file.size(); at += piece.position()) {
                if (file.read(piece.clear(), at) == 0) {
                    break;
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("the blob file " + path + " cannot be read: " + e);
        }
    }

    @Override
    public void sweep(Existence records) throws IOException {
        for (String name : disk.list(tmp())) {
            Path path = tmp().resolve(name);
            if (name.endsWith(DATA)) {
                disk.delete(path);
            } else if (name.endsWith(MARKER) && name.length() == 33 + MARKER.length()) {
                Oid oid = Oid.parse(name.substring(0, 16));
                Tid tid = Tid.parse(name.substring(17, 33));
                if (!records.exists(oid, tid)) {
                    remove(oid, tid);
                }
                disk.delete(path);
            }
        }
        for (BlobRemoval.Reason reason : BlobRemoval.Reason.values()) {
            new BlobRemoval(this, reason).carryOut(records);
        }
    }

    @Override
    public Removal beginRemoval() {
        return new BlobRemoval(this, BlobRemoval.Reason.PACK);
    }

    /**
     * Takes the file of a revision that was packed away out of the folder.
     *
     * @param changed gets the folders to be {@linkplain #sync synced} for that: once for many is much less work
     */
    void drop(Oid oid, Tid tid, Set<Path> changed) throws IOException {
        Path path = file(oid, tid);
        if (old == FileOptions.PackFormer.KEEP && disk.exists(path)) {
            Path target = formerFolder().resolve(folder.relativize(path));
            Path parent = Objects.requireNonNull(target.getParent());
            changed.addAll(Files.makeFolders(disk, parent));
            changed.add(parent);
            disk.rename(path, target);
        }
        take(oid, tid, changed);
    }

    /** Where the blobs lie that belong to the file from before the last pack only. */
    private Path formerFolder() {
        return folder.resolveSibling(folder.getFileName() + ".old");
    }

    /** Makes room for those of the next pack. */
    void dropFormer() throws IOException {
        deleteTree(formerFolder());
    }

    private void deleteTree(Path path) throws IOException {
        if (disk.isFolder(path)) {
            for (String name : disk.list(path)) {
                deleteTree(path.resolve(name));
            }
        }
        disk.delete(path);
    }

    @Override
    public Removal cutTail(Tid keep, Path aside) throws IOException {
        BlobRemoval removal = new BlobRemoval(this, BlobRemoval.Reason.CUT);
        keepAside(folder, keep, aside, removal);
        removal.sync();
        return removal;
    }

    private void keepAside(Path from, Tid keep, Path aside, BlobRemoval removal) throws IOException {
        for (String name : disk.list(from)) {
            Path path = from.resolve(name);
            if (disk.isFolder(path)) {
                if (!path.equals(tmp())) {
                    keepAside(path, keep, aside, removal);
                }
            } else if (BlobLayout.isLaterThan(keep, name)) {
                Path below = folder.relativize(path);
                Optional<BlobLayout.Name> revision = BlobLayout.nameOf(below);
                if (revision.isPresent()) {
                    keepAside(path, aside.resolve(below));
                    removal.add(
                            revision.get().oid().value(), revision.get().tid().value());
                }
            }
        }
    }

    /** A second name costs no room; the first one goes soon. */
    private void keepAside(Path file, Path target) throws IOException {
        Path parent = target.getParent();
        if (parent == null) {
            throw new IOException("there is no folder for " + target);
        }
        Files.createFolders(disk, parent);
        try {
            disk.link(file, target);
        } catch (UnsupportedOperationException | FileSystemException e) {
            LOG.log(Level.DEBUG, () -> file + " is copied, for it cannot be given a second name", e);
            fetch(new BlobFile(disk, file), target);
        }
        disk.syncFolder(parent);
    }

    @Override
    public void setAside(Path aside) throws IOException {
        Path target = aside;
        for (int i = 1; disk.exists(target); i++) {
            target = aside.resolveSibling(aside.getFileName() + "-" + i);
        }
        disk.rename(folder, target);
        Path parent = folder.getParent();
        if (parent != null) {
            disk.syncFolder(parent);
        }
        Files.createFolders(disk, folder);
        writeLayout(disk, folder, layout);
        Files.createFolders(disk, tmp());
    }
}
