package org.zeoraid.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.DiskFile;
import org.zeoraid.storage.seam.Environment;

/**
 * The journal's copy in one folder: what is done to its files. Entries are written by one lane, what is large by another, so that
 * small entries need not wait for it. How far the copy is, is the journal's business: {@link Follower}.
 */
final class JournalCopy {

    private static final int CHUNK = 256 * 1024;
    private static final int BETWEEN_SYNCS = 16 * 1024 * 1024;

    private final Disk disk;
    private final Path folder;
    private final Lane entries;
    private final Lane large;

    /** The files with changes that are here whole. */
    private final Set<Long> changes = ConcurrentHashMap.newKeySet();

    private volatile Optional<Object> device = Optional.empty();
    /** Made ahead, to be laid down in. */
    private volatile @Nullable Fresh spare;

    private volatile boolean ended;

    /** The lane's of the entries, like the two that follow. */
    private @Nullable DiskFile file;

    private long position;
    private long end;

    JournalCopy(Environment environment, Path folder, String name) {
        this.disk = environment.disk();
        this.folder = folder;
        this.entries = new Lane(environment, "prepared-" + name);
        this.large = new Lane(environment, "prepared-" + name + "-large");
    }

    Path folder() {
        return folder;
    }

    Lane entries() {
        return entries;
    }

    Lane large() {
        return large;
    }

    /** Whether one lost disk loses both; false while that is not known. */
    boolean isBeside(JournalCopy other) {
        return device.isPresent() && device.equals(other.device);
    }

    /** What lies here. */
    CompletionStage<JournalReading.Look> look() {
        return entries.ask(() -> {
            if (!disk.isFolder(folder)) {
                return new JournalReading.Look.NoFolder(folder);
            }
            return JournalFile.read(disk, folder)
                    .<JournalReading.Look>map(JournalReading.Look.Found::new)
                    .orElseGet(() -> new JournalReading.Look.Nothing(folder));
        });
    }

    /**
     * Everything that a journal knows.
     *
     * @param number of the last entry that is in it
     * @param needed those of the entries whose changes lie in files, and that are in doubt
     * @param from folders from which these files can be had
     * @param orphans up to which number other files with changes are nobody's
     */
    record Snapshot(
            UUID journal,
            long number,
            List<byte[]> entries,
            List<JournalEntry.Prepared> needed,
            List<Path> from,
            long orphans) {

        int length() {
            int length = JournalFile.HEAD;
            for (byte[] entry : entries) {
                length += JournalFile.ENTRY_HEAD + entry.length;
            }
            return length;
        }
    }

    /** Lays the copy down anew, with at least this many bytes behind what is known. */
    CompletionStage<Void> layDown(Snapshot snapshot, int room) {
        return entries.perform(() -> layDownNow(snapshot, room));
    }

    private void layDownNow(Snapshot snapshot, int room) throws IOException {
        if (!disk.isFolder(folder)) {
            throw new IOException("the folder " + folder + " is not there");
        }
        if (file == null) {
            device = Optional.of(disk.device(folder));
            refuseForeign(snapshot.journal());
        }
        closeFile();
        bring(snapshot.needed(), snapshot.from());
        ByteBuffer content = content(snapshot);
        int length = content.remaining();
        Fresh fresh = takeSpare(length + room / 2, length + room);
        DiskFile open = fresh.file();
        try {
            open.write(content, 0);
            open.sync();
            if (ended) {
                throw new IOException("the copy in " + folder + " is not used any more");
            }
            disk.rename(fresh.path(), folder.resolve(JournalFile.NAME));
            disk.syncFolder(folder);
        } catch (IOException | RuntimeException e) {
            open.close();
            throw e;
        }
        file = open;
        position = length;
        end = open.size();
        sweep(snapshot);
    }

    private static ByteBuffer content(Snapshot snapshot) {
        ByteBuffer content = ByteBuffer.allocate(snapshot.length());
        content.put(JournalFile.head(
                snapshot.journal(), snapshot.number(), snapshot.entries().size()));
        for (byte[] entry : snapshot.entries()) {
            JournalFile.put(content, snapshot.number(), snapshot.number(), entry);
        }
        return content.flip();
    }

    /** A file of zeros on stable storage, and its first name. */
    private record Fresh(DiskFile file, Path path) {}

    private Fresh takeSpare(long least, long length) throws IOException {
        Fresh made = spare;
        spare = null;
        if (made != null && made.file().size() >= least) {
            return made;
        }
        if (made != null) {
            made.file().close();
        }
        return make(".new", length);
    }

    private Fresh make(String ending, long length) throws IOException {
        Path path = folder.resolve(JournalFile.NAME + ending);
        disk.delete(path);
        DiskFile open = disk.open(path);
        try {
            zero(open, 0, length);
            open.sync();
            return new Fresh(open, path);
        } catch (IOException | RuntimeException e) {
            open.close();
            throw e;
        }
    }

    /** Makes the file in which the copy is laid down the next time, while entries are written. */
    void makeSpare(long length) {
        large.perform(() -> {
            if (spare == null && !ended) {
                spare = make(".spare", length);
            }
        });
    }

    private void refuseForeign(UUID journal) throws IOException {
        Optional<JournalFile.Copy> there;
        try {
            there = JournalFile.read(disk, folder);
        } catch (IOException e) {
            return; // what cannot be read is no use to anybody
        }
        if (there.isPresent()
                && !there.get().journal().equals(journal)
                && !BranchBook.of(there.get().entries()).inDoubt().isEmpty()) {
            throw new IOException("in " + folder + " lies a journal of prepared transactions of another array, with"
                    + " branches in doubt; it is left alone");
        }
    }

    private void zero(DiskFile open, long from, long to) throws IOException {
        for (long at = from; at < to; at += CHUNK) {
            open.write(ByteBuffer.allocate((int) Math.min(CHUNK, to - at)), at);
            entries.moves();
            large.moves();
        }
    }

    /**
     * Entries that follow those in a copy.
     *
     * @param durable number of the last one that is in the copy
     */
    record Batch(long durable, List<byte[]> entries, List<JournalEntry.Prepared> needed, List<Path> from) {

        int length() {
            int length = 0;
            for (byte[] entry : entries) {
                length += JournalFile.ENTRY_HEAD + entry.length;
            }
            return length;
        }
    }

    /** Adds entries, and puts them on stable storage. */
    CompletionStage<Void> append(Batch batch) {
        return entries.perform(() -> appendNow(batch));
    }

    private void appendNow(Batch batch) throws IOException {
        DiskFile open = file;
        if (open == null) {
            throw new IOException("the copy in " + folder + " was given up");
        }
        bring(batch.needed(), batch.from());
        int length = batch.length();
        if (position + length > end) {
            zero(open, end, position + length + CHUNK);
            end = position + length + CHUNK;
        }
        ByteBuffer content = ByteBuffer.allocate(length);
        long number = batch.durable();
        for (byte[] entry : batch.entries()) {
            JournalFile.put(content, ++number, batch.durable(), entry);
        }
        try {
            open.write(content.flip(), position);
            open.sync();
        } catch (IOException | RuntimeException e) {
            // What is there now nobody knows.
            closeFile();
            throw e;
        }
        position += length;
    }

    // Changes in files of their own.

    /** Makes sure that these files with changes are here, and whole. */
    private void bring(List<JournalEntry.Prepared> needed, List<Path> from) throws IOException {
        for (JournalEntry.Prepared branch : needed) {
            if (changes.contains(branch.file())) {
                continue;
            }
            if (!disk.exists(JournalFile.changes(folder, branch.file())) || isDamaged(branch)) {
                copy(branch, from);
            }
            changes.add(branch.file());
        }
    }

    private boolean isDamaged(JournalEntry.Prepared branch) {
        try {
            verify(JournalFile.changes(folder, branch.file()), branch);
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private void verify(Path file, JournalEntry.Prepared branch) throws IOException {
        BranchFile.verify(disk, file, branch.changes(), entries::moves);
    }

    private void copy(JournalEntry.Prepared branch, List<Path> from) throws IOException {
        List<String> failures = new ArrayList<>();
        Path fresh = JournalFile.copied(folder, branch.file());
        for (Path other : from) {
            Path source = JournalFile.changes(other, branch.file());
            if (other.equals(folder) || !disk.exists(source)) {
                continue;
            }
            try (DiskFile open = disk.openForReading(source)) {
                writeNow(fresh, entries, target -> copy(open, branch.length(), target));
                verify(fresh, branch);
                disk.rename(fresh, JournalFile.changes(folder, branch.file()));
                disk.syncFolder(folder);
                return;
            } catch (IOException e) {
                failures.add(e.getMessage());
            }
        }
        throw new IOException("the changes of the prepared branch " + branch.id() + " are nowhere whole, neither in "
                + JournalFile.changes(folder, branch.file()) + " nor in the other folders: " + failures);
    }

    private static void copy(DiskFile source, long length, ChangeCodec.Target target) throws IOException {
        for (long at = 0; at < length; at += CHUNK) {
            ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK, length - at));
            if (source.read(chunk, at) != chunk.capacity()) {
                throw new IOException(source + " is too short");
            }
            target.write(chunk.flip());
        }
    }

    /** Writes bytes to a target. */
    interface Content {
        void write(ChangeCodec.Target target) throws IOException;
    }

    /** Puts the changes of a branch into a file of their own, on stable storage. */
    CompletionStage<Void> write(long number, Content content) {
        return large.perform(() -> {
            writeNow(JournalFile.changes(folder, number), large, content);
            changes.add(number);
        });
    }

    private void writeNow(Path path, Lane lane, Content content) throws IOException {
        if (!disk.isFolder(folder)) {
            throw new IOException("the folder " + folder + " is not there");
        }
        disk.delete(path);
        try (DiskFile open = disk.open(path)) {
            long[] at = {0, 0};
            content.write(bytes -> {
                int length = bytes.remaining();
                open.write(bytes, at[0]);
                at[0] += length;
                if (at[0] - at[1] >= BETWEEN_SYNCS) {
                    // One sync for all of it might take longer than anybody waits.
                    open.sync();
                    at[1] = at[0];
                }
                lane.moves();
            });
            open.sync();
        }
        disk.syncFolder(folder);
    }

    /** Deletes a file with changes that nobody speaks of any more. */
    void drop(long number) {
        large.perform(() -> dropNow(number));
    }

    private void dropNow(long number) throws IOException {
        changes.remove(number);
        disk.delete(JournalFile.changes(folder, number));
    }

    private void sweep(Snapshot snapshot) throws IOException {
        Set<Long> needed = new HashSet<>();
        snapshot.needed().forEach(branch -> needed.add(branch.file()));
        for (String entry : disk.list(folder)) {
            long number = JournalFile.number(entry).orElse(Long.MAX_VALUE);
            if (number < snapshot.orphans() && !needed.contains(number)) {
                changes.remove(number);
                disk.delete(folder.resolve(entry));
            }
        }
    }

    // The end.

    private void closeFile() throws IOException {
        DiskFile open = file;
        file = null;
        if (open != null) {
            open.close();
        }
    }

    /** Lets the files go once all that was to be done is done. Complete then; what hangs is left behind. */
    CompletionStage<Void> end() {
        ended = true;
        return entries.end(this::closeFile).thenCombine(large.end(this::discardSpare), (one, other) -> null);
    }

    private void discardSpare() throws IOException {
        Fresh made = spare;
        spare = null;
        if (made != null) {
            made.file().close();
            disk.delete(made.path());
        }
    }
}
