package org.zeoraid.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.DiskFile;
import org.zeoraid.storage.seam.Environment;

/**
 * The journal's copy in one folder. All that is done to it is done by its own worker, one thing after another; the first that
 * fails makes it useless until it is laid down anew.
 */
final class JournalCopy {

    /** Something done to files. */
    interface Step {
        void run() throws IOException;
    }

    private static final int CHUNK = 256 * 1024;

    private final Environment environment;
    private final Disk disk;
    private final Path folder;
    private final String name;

    /** The files with changes that are here whole. */
    private final Set<Long> changes = ConcurrentHashMap.newKeySet();

    /** Guarded by the journal: whether it has everything. */
    private boolean good;

    /** Whether it is still at something. */
    private volatile boolean busy;

    private Environment.@Nullable Worker worker;
    private Environment.@Nullable Worker aside;
    private boolean isClosed;

    /** Its worker's, like the two that follow. */
    private @Nullable DiskFile file;

    private long position;
    private long end;

    JournalCopy(Environment environment, Path folder, String name) {
        this.environment = environment;
        this.disk = environment.disk();
        this.folder = folder;
        this.name = name;
    }

    Path folder() {
        return folder;
    }

    boolean isGood() {
        return good;
    }

    void setGood(boolean now) {
        good = now;
    }

    boolean isBusy() {
        return busy;
    }

    void setBusy(boolean now) {
        busy = now;
    }

    /** These files with changes are here already, and whole. Called before anything else is. */
    void has(Set<Long> numbers) {
        changes.addAll(numbers);
    }

    /** Has the worker do something. */
    CompletionStage<Void> perform(Step step) {
        return perform(this::worker, step);
    }

    /** Has a second worker write what is large, while small entries go on. */
    CompletionStage<Void> performAside(Step step) {
        return perform(this::aside, step);
    }

    private static CompletionStage<Void> perform(Supplier<Environment.Worker> by, Step step) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            by.get().execute(() -> {
                try {
                    step.run();
                    done.complete(null);
                } catch (IOException | RuntimeException e) {
                    done.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            done.completeExceptionally(e);
        }
        return done;
    }

    private synchronized Environment.Worker worker() {
        requireOpen();
        Environment.Worker running = worker;
        if (running == null) {
            running = environment.worker("prepared-" + name);
            worker = running;
        }
        return running;
    }

    private synchronized Environment.Worker aside() {
        requireOpen();
        Environment.Worker running = aside;
        if (running == null) {
            running = environment.worker("prepared-" + name + "-large");
            aside = running;
        }
        return running;
    }

    /**
     * Lays the copy down anew.
     *
     * @param entries all of them, as they stand in the file
     * @param room bytes that the file gets in the least
     * @param needed the files with changes that it speaks of, with the folders from which they can be had
     * @param orphans up to which number other files with changes are nobody's
     */
    void layDown(UUID journal, long generation, ByteBuffer entries, int room, Needed needed, long orphans)
            throws IOException {
        if (!disk.isFolder(folder)) {
            throw new IOException("the folder " + folder + " is not there");
        }
        closeFile();
        refuseForeign(journal);
        bring(needed);
        Path fresh = folder.resolve(JournalFile.NAME + ".new");
        disk.delete(fresh);
        DiskFile open = disk.open(fresh);
        try {
            long length = Math.max(room, JournalFile.HEAD + entries.remaining() + room / 2);
            zero(open, 0, length);
            end = length;
            position = JournalFile.HEAD + entries.remaining();
            open.write(JournalFile.head(journal, generation), 0);
            open.write(entries.duplicate(), JournalFile.HEAD);
            open.sync();
            disk.rename(fresh, folder.resolve(JournalFile.NAME));
            disk.syncFolder(folder);
        } catch (IOException | RuntimeException e) {
            open.close();
            throw e;
        }
        file = open;
        sweep(needed.numbers(), orphans);
    }

    private void refuseForeign(UUID journal) throws IOException {
        Optional<JournalFile.Copy> there;
        try {
            there = JournalFile.read(disk, folder);
        } catch (IOException e) {
            return; // what cannot be read is no use to anybody
        }
        if (there.isPresent() && !there.get().journal().equals(journal) && JournalReading.hasBranches(there.get())) {
            throw new IOException("in " + folder + " lies a journal of prepared transactions of another array, with"
                    + " branches in doubt; it is left alone");
        }
    }

    /** Files with changes that a copy needs, and where there are. */
    record Needed(Set<Long> numbers, List<Path> folders) {
        Needed {
            numbers = Set.copyOf(numbers);
            folders = List.copyOf(folders);
        }
    }

    private void zero(DiskFile open, long from, long to) throws IOException {
        for (long at = from; at < to; at += CHUNK) {
            open.write(ByteBuffer.allocate((int) Math.min(CHUNK, to - at)), at);
        }
    }

    /** Adds entries, and puts them on stable storage. */
    void append(ByteBuffer entries, Needed needed) throws IOException {
        DiskFile open = file;
        if (open == null) {
            throw new IOException("the copy in " + folder + " was given up");
        }
        bring(needed);
        int length = entries.remaining();
        if (position + length > end) {
            zero(open, end, position + length + CHUNK);
            end = position + length + CHUNK;
        }
        open.write(entries.duplicate(), position);
        open.sync();
        position += length;
    }

    private void bring(Needed needed) throws IOException {
        for (long number : needed.numbers()) {
            if (!changes.contains(number)) {
                copyChanges(number, needed.folders());
            }
        }
    }

    private void copyChanges(long number, List<Path> folders) throws IOException {
        IOException failure = new IOException("the changes " + number + " of a branch are nowhere");
        for (Path from : folders) {
            Path source = JournalFile.changes(from, number);
            if (from.equals(folder) || !disk.exists(source)) {
                continue;
            }
            try (DiskFile open = disk.openForReading(source)) {
                long size = open.size();
                writeChanges(number, target -> {
                    for (long at = 0; at < size; at += CHUNK) {
                        ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK, size - at));
                        if (open.read(chunk, at) != chunk.capacity()) {
                            throw new IOException(source + " is too short");
                        }
                        target.write(chunk.flip());
                    }
                });
                return;
            } catch (IOException e) {
                failure = e;
            }
        }
        throw failure;
    }

    /** Writes bytes to a target. */
    interface Content {
        void write(ChangeCodec.Target target) throws IOException;
    }

    /** Puts the changes of a branch into a file of their own, on stable storage. */
    void writeChanges(long number, Content content) throws IOException {
        if (!disk.isFolder(folder)) {
            throw new IOException("the folder " + folder + " is not there");
        }
        Path path = JournalFile.changes(folder, number);
        disk.delete(path);
        try (DiskFile open = disk.open(path)) {
            long[] at = {0};
            content.write(bytes -> {
                int length = bytes.remaining();
                open.write(bytes, at[0]);
                at[0] += length;
            });
            open.sync();
        }
        disk.syncFolder(folder);
        changes.add(number);
    }

    /** Deletes a file with changes that nobody speaks of any more. */
    void drop(long number) throws IOException {
        changes.remove(number);
        disk.delete(JournalFile.changes(folder, number));
    }

    private void sweep(Set<Long> needed, long orphans) throws IOException {
        for (String entry : disk.list(folder)) {
            long number = JournalFile.number(entry).orElse(Long.MAX_VALUE);
            if (number < orphans && !needed.contains(number)) {
                drop(number);
            }
        }
    }

    private void closeFile() throws IOException {
        DiskFile open = file;
        file = null;
        if (open != null) {
            open.close();
        }
    }

    /** Does what was to be done, and lets the file go. */
    void close() {
        Environment.Worker large;
        Environment.Worker small;
        synchronized (this) {
            isClosed = true;
            large = aside;
            small = worker;
        }
        // Not under the monitor: what the workers still do asks for them.
        if (large != null) {
            large.close();
        }
        if (small != null) {
            small.execute(this::letGo);
            small.close();
        }
    }

    private void letGo() {
        try {
            closeFile();
        } catch (IOException e) {
            System.getLogger("org.zeoraid.storage")
                    .log(System.Logger.Level.WARNING, "a file in " + folder + " could not be closed", e);
        }
    }

    private void requireOpen() {
        if (isClosed) {
            throw new RejectedExecutionException("the copy in " + folder + " is closed");
        }
    }
}
