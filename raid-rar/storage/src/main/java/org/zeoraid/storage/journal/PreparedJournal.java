package org.zeoraid.storage.journal;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PreparedTransactions.Fate;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.seam.DiskFullIOException;
import org.zeoraid.storage.seam.Environment;

/**
 * The journal of prepared transactions. Entries that come while copies are being written wait, and are synced together. Nothing
 * is written before the first branch is prepared or ended. Safe for any number of threads; stages complete on its workers.
 *
 * <p>An entry holds when the first folder's copy has it. Another copy that fails or is late is left behind, and laid down anew when
 * the journal is next.
 */
public final class PreparedJournal implements AutoCloseable {

    private static final Duration LAZINESS = Duration.ofMillis(200);
    private static final Duration BEFORE_ANOTHER_TRY = Duration.ofSeconds(30);

    private final String name;
    private final Environment environment;
    private final UUID journal;

    // All that follows is guarded by this.
    private JournalOptions options;
    private List<JournalCopy> copies;
    private final Map<BranchId, JournalEntry.Prepared> prepared;
    private final Map<BranchId, JournalEntry.Ended> ended;
    private final TreeSet<Long> writing = new TreeSet<>();
    private final List<Waiting> queue = new ArrayList<>();
    private final Set<Long> unneeded = new HashSet<>();
    /** Copies of which an admin has been told that they are left behind. */
    private final Set<JournalCopy> lost = new HashSet<>();

    private long generation;
    private long entriesInFile;
    private long position;
    private long room;
    private long nextFile;
    private boolean inFlight;
    private boolean startAnew = true;
    private boolean closed;
    private long lastTry;
    private Environment.@Nullable Timer lazy;

    private record Waiting(byte[] entry, CompletableFuture<Void> done) {}

    private PreparedJournal(String name, Environment environment, JournalOptions options, JournalReading.Result found) {
        this.name = name;
        this.environment = environment;
        this.options = options;
        this.journal = found.journal()
                .orElseGet(() -> new UUID(
                        environment.random().nextLong(), environment.random().nextLong()));
        this.generation = found.generation();
        this.prepared = found.prepared();
        this.ended = found.ended();
        this.copies = copies(options.folders());
        Set<Long> files = files();
        copies.stream().filter(copy -> found.equals().contains(copy.folder())).forEach(copy -> copy.has(files));
        this.nextFile = files.stream().mapToLong(Long::longValue).max().orElse(0) + 1;
        this.lastTry = environment.nanoTime();
    }

    /**
     * Reads what is there, and changes nothing.
     *
     * @param name of the storage, for messages and threads
     * @throws StorageUnavailableException if there is a journal that cannot be read
     */
    public static PreparedJournal open(String name, Environment environment, JournalOptions options) {
        return new PreparedJournal(
                name, environment, options, new JournalReading(name, environment.disk(), options).read());
    }

    private List<JournalCopy> copies(List<Path> folders) {
        List<JournalCopy> all = new ArrayList<>();
        for (Path folder : folders) {
            all.add(new JournalCopy(environment, folder, name + "-" + all.size()));
        }
        return all;
    }

    /**
     * A branch that has not ended.
     *
     * @param after the last transaction that could be seen when it was prepared
     * @param reads objects on whose being current it relies
     */
    public record Branch(
            BranchId id, Instant since, Tid after, TransactionMeta meta, List<Oid> reads, int changes, long bytes) {}

    /** How a branch ended. */
    public record End(BranchId id, Instant when, Fate fate, Tid tid, int changes, long bytes) {}

    /** In the order in which they were prepared. */
    public synchronized List<Branch> inDoubt() {
        return prepared.values().stream().map(PreparedJournal::branch).toList();
    }

    private static Branch branch(JournalEntry.Prepared entry) {
        return new Branch(
                entry.id(), entry.since(), entry.after(), entry.meta(), entry.reads(), entry.changes(), entry.bytes());
    }

    /** The ends that are remembered, oldest first. */
    public synchronized List<End> ends() {
        return ended.values().stream().map(PreparedJournal::end).toList();
    }

    public synchronized Optional<End> end(BranchId id) {
        return Optional.ofNullable(ended.get(id)).map(PreparedJournal::end);
    }

    private static End end(JournalEntry.Ended entry) {
        return new End(entry.id(), entry.when(), entry.fate(), entry.tid(), entry.changes(), entry.bytes());
    }

    /**
     * Reads the changes of a branch in doubt. Their blobs can be read until the branch has ended.
     *
     * @throws StorageUnavailableException if they cannot be read
     */
    public void readChanges(BranchId id, Consumer<DataRecord> changes) {
        JournalEntry.Prepared entry;
        List<Path> folders;
        synchronized (this) {
            entry = prepared.get(id);
            folders = copies.stream().map(JournalCopy::folder).toList();
        }
        if (entry == null) {
            throw new StorageClosedException("branch " + id + " has ended");
        }
        try {
            if (entry.file() == 0) {
                ChangeCodec.read(ChangeCodec.of(entry.content()), entry.changes(), changes);
                return;
            }
            try (BranchFile file = BranchFile.open(environment.disk(), places(folders, entry.file()))) {
                ChangeCodec.read(file, entry.changes(), changes);
            }
        } catch (IOException e) {
            throw new StorageUnavailableException(
                    "the changes of the prepared branch " + id + " of " + name + " cannot be read: " + e.getMessage(),
                    e);
        }
    }

    private static List<Path> places(List<Path> folders, long number) {
        return folders.stream()
                .map(folder -> JournalFile.changes(folder, number))
                .toList();
    }

    /**
     * Puts a branch on stable storage.
     *
     * @return its blobs, as the journal keeps them until the branch has ended
     */
    public CompletionStage<Map<Oid, BlobSource>> prepare(Branch branch, CommittedTransaction changes) {
        boolean here = changes.dataBytes() <= options().inline();
        for (DataRecord change : changes.records()) {
            here &= change.blob().isEmpty();
        }
        if (!here) {
            return prepareInFile(branch, changes);
        }
        ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(ChangeCodec.length(changes.records())));
        try {
            ChangeCodec.write(changes.records(), content::put);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(failed(e));
        }
        return add(entry(branch, 0, content.capacity(), content.array())).thenApply(nothing -> Map.of());
    }

    private synchronized JournalOptions options() {
        return options;
    }

    private static JournalEntry.Prepared entry(Branch branch, long file, long length, byte[] content) {
        return new JournalEntry.Prepared(
                branch.id(),
                branch.since(),
                branch.after(),
                branch.meta(),
                branch.reads(),
                branch.changes(),
                branch.bytes(),
                file,
                length,
                content);
    }

    private CompletionStage<Map<Oid, BlobSource>> prepareInFile(Branch branch, CommittedTransaction changes) {
        long number;
        List<JournalCopy> targets;
        synchronized (this) {
            number = nextFile++;
            writing.add(number);
            targets = copies;
        }
        long length = ChangeCodec.length(changes.records());
        Map<Oid, Long> positions = new HashMap<>();
        List<Throwable> failures = new ArrayList<>();
        List<CompletableFuture<Void>> answers = new ArrayList<>();
        for (JournalCopy copy : targets) {
            answers.add(copy.performAside(() -> copy.writeChanges(number, target -> {
                        Map<Oid, Long> blobs = ChangeCodec.write(changes.records(), target);
                        synchronized (positions) {
                            positions.putAll(blobs);
                        }
                    }))
                    .handle((nothing, failure) -> {
                        if (failure != null) {
                            synchronized (failures) {
                                failures.add(failure);
                            }
                        }
                        return (Void) null;
                    })
                    .toCompletableFuture());
        }
        return CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]))
                .thenCompose(nothing -> {
                    synchronized (failures) {
                        if (failures.size() == targets.size()) {
                            throw failed(failures.isEmpty() ? new IOException("no folder") : failures.get(0));
                        }
                    }
                    return add(entry(branch, number, length, new byte[0]));
                })
                .whenComplete((nothing, failure) -> written(number, failure != null))
                .thenApply(nothing -> {
                    List<Path> places =
                            places(targets.stream().map(JournalCopy::folder).toList(), number);
                    Map<Oid, BlobSource> blobs = new HashMap<>();
                    for (DataRecord change : changes.records()) {
                        change.blob()
                                .ifPresent(blob -> blobs.put(
                                        change.oid(),
                                        new BranchFile.StoredBlob(
                                                environment.disk(),
                                                places,
                                                positions.getOrDefault(change.oid(), 0L),
                                                blob.size())));
                    }
                    return blobs;
                });
    }

    private synchronized void written(long number, boolean inVain) {
        writing.remove(number);
        if (inVain) {
            drop(Set.of(number));
        }
    }

    /** Notes the end of a branch, on stable storage when the stage completes. */
    public CompletionStage<Void> end(BranchId id, Fate fate, Tid tid) {
        return add(endOf(id, fate, tid));
    }

    /** Notes the end of a branch soon: where the note is lost, the log of transactions tells the same. */
    public void endSoon(BranchId id, Fate fate, Tid tid) {
        JournalEntry.Ended entry = endOf(id, fate, tid);
        synchronized (this) {
            if (closed) {
                return;
            }
            apply(entry);
            queue.add(new Waiting(entry.encode(), new CompletableFuture<>()));
            if (lazy == null) {
                lazy = environment.schedule(LAZINESS, this::flushNow);
            }
        }
    }

    private synchronized JournalEntry.Ended endOf(BranchId id, Fate fate, Tid tid) {
        JournalEntry.Prepared before = prepared.get(id);
        return new JournalEntry.Ended(
                id,
                environment.clock().instant(),
                fate,
                tid,
                before == null ? 0 : before.changes(),
                before == null ? 0 : before.bytes());
    }

    /** Forgets an end. */
    public CompletionStage<Void> forget(BranchId id) {
        return add(new JournalEntry.Forgotten(id));
    }

    private void flushNow() {
        synchronized (this) {
            lazy = null;
        }
        pump();
    }

    /** Completes when all that was noted is on stable storage. */
    public CompletionStage<Void> flush() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        synchronized (this) {
            if (queue.isEmpty() && !inFlight) {
                return CompletableFuture.completedFuture(null);
            }
            queue.add(new Waiting(new byte[0], done));
        }
        pump();
        return done;
    }

    /** Keeps the copies in these folders from now on. Those in others stay as they are, and grow old. */
    public void moveTo(List<Path> folders) {
        List<JournalCopy> gone = new ArrayList<>();
        synchronized (this) {
            if (folders.equals(options.folders())) {
                return;
            }
            options = options.withFolders(folders);
            List<JournalCopy> next = new ArrayList<>();
            for (JournalCopy copy : copies(folders)) {
                next.add(copies.stream()
                        .filter(known -> known.folder().equals(copy.folder()))
                        .findFirst()
                        .orElse(copy));
            }
            copies.stream().filter(copy -> !next.contains(copy)).forEach(gone::add);
            copies = next;
            startAnew = true;
        }
        gone.forEach(JournalCopy::close);
    }

    private CompletionStage<Void> add(JournalEntry entry) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Optional<JournalEntry> before;
        synchronized (this) {
            if (closed) {
                return CompletableFuture.failedFuture(new StorageClosedException("the storage " + name + " is closed"));
            }
            before = known(entry.id());
            apply(entry);
            queue.add(new Waiting(entry.encode(), done));
        }
        pump();
        return done.whenComplete((nothing, failure) -> {
            if (failure != null) {
                synchronized (this) {
                    apply(before.orElseGet(() -> new JournalEntry.Forgotten(entry.id())));
                    startAnew = true;
                }
            }
        });
    }

    private Optional<JournalEntry> known(BranchId id) {
        return Optional.<JournalEntry>ofNullable(prepared.get(id)).or(() -> Optional.ofNullable(ended.get(id)));
    }

    private void apply(JournalEntry entry) {
        if (entry instanceof JournalEntry.Prepared now) {
            prepared.put(now.id(), now);
            ended.remove(now.id());
            return;
        }
        JournalEntry.Prepared before = prepared.remove(entry.id());
        if (before != null && before.file() != 0) {
            unneeded.add(before.file());
        }
        ended.remove(entry.id());
        if (entry instanceof JournalEntry.Ended now) {
            ended.put(now.id(), now);
            forgetOldest();
        }
    }

    /** What an admin decided is kept until somebody forgets it. */
    private void forgetOldest() {
        List<BranchId> ordinary = ended.values().stream()
                .filter(end -> end.fate() == Fate.COMMITTED || end.fate() == Fate.ROLLED_BACK)
                .map(JournalEntry.Ended::id)
                .limit(Math.max(0, ended.size() - options.remembered()))
                .toList();
        ordinary.forEach(ended::remove);
    }

    private Set<Long> files() {
        Set<Long> files = new HashSet<>();
        for (JournalEntry.Prepared entry : prepared.values()) {
            if (entry.file() != 0) {
                files.add(entry.file());
            }
        }
        return files;
    }

    /** Writes what waits, unless something is being written: then its end brings this up again. */
    private void pump() {
        CopyRound round;
        synchronized (this) {
            if (inFlight || queue.isEmpty()) {
                return;
            }
            inFlight = true;
            round = nextRound();
        }
        round.start(environment, options().patience());
    }

    private CopyRound nextRound() {
        List<Waiting> all = List.copyOf(queue);
        queue.clear();
        Set<Long> obsolete = Set.copyOf(unneeded);
        unneeded.clear();
        int bytes =
                all.stream().mapToInt(waiting -> waiting.entry().length + 16).sum();
        boolean missed = copies.stream().anyMatch(copy -> !copy.isGood() && !copy.isBusy())
                && environment.nanoTime() - lastTry > BEFORE_ANOTHER_TRY.toNanos();
        boolean anew = startAnew
                || missed
                || position + bytes > room
                || copies.stream().noneMatch(JournalCopy::isGood);
        List<Path> folders = copies.stream().map(JournalCopy::folder).toList();
        JournalCopy.Needed needed = new JournalCopy.Needed(files(), folders);
        if (!anew) {
            ByteBuffer entries = encode(all.stream().map(Waiting::entry).toList());
            List<JournalCopy> targets =
                    copies.stream().filter(JournalCopy::isGood).toList();
            return new CopyRound(targets, copy -> copy.append(entries, needed), answers -> end(all, obsolete, answers));
        }
        generation++;
        entriesInFile = 0;
        position = JournalFile.HEAD;
        startAnew = false;
        lastTry = environment.nanoTime();
        List<byte[]> known = new ArrayList<>();
        ended.values().forEach(entry -> known.add(entry.encode()));
        prepared.values().forEach(entry -> known.add(entry.encode()));
        ByteBuffer entries = encode(known);
        long number = generation;
        int least = options.room();
        room = Math.max(least, position + least / 2);
        long orphans = writing.isEmpty() ? nextFile : writing.first();
        List<JournalCopy> targets =
                copies.stream().filter(copy -> !copy.isBusy()).toList();
        return new CopyRound(
                targets,
                copy -> copy.layDown(journal, number, entries, least, needed, orphans),
                answers -> end(all, obsolete, answers));
    }

    private ByteBuffer encode(List<byte[]> contents) {
        List<ByteBuffer> parts = new ArrayList<>();
        int length = 0;
        for (byte[] content : contents) {
            if (content.length > 0) {
                ByteBuffer part = JournalFile.entry(generation, ++entriesInFile, content);
                length += part.remaining();
                parts.add(part);
            }
        }
        ByteBuffer all = ByteBuffer.allocate(length);
        parts.forEach(all::put);
        position += length;
        return all.flip();
    }

    private void end(List<Waiting> waiting, Set<Long> obsolete, Map<JournalCopy, Optional<Throwable>> answers) {
        List<String> notes = new ArrayList<>();
        boolean quiet;
        Optional<Throwable> first;
        synchronized (this) {
            first = answers.getOrDefault(copies.get(0), Optional.of(new IOException("an earlier write hangs")));
            answers.forEach((copy, failure) -> judge(copy, failure, notes));
            inFlight = false;
            quiet = closed;
        }
        if (!quiet) {
            notes.forEach(note -> options().witness().note(Level.WARNING, note));
        }
        if (first.isEmpty()) {
            drop(obsolete);
            waiting.forEach(each -> each.done().complete(null));
        } else {
            StorageException why = failed(first.get());
            waiting.forEach(each -> each.done().completeExceptionally(why));
        }
        pump();
    }

    private void judge(JournalCopy copy, Optional<Throwable> failure, List<String> notes) {
        if (failure.isPresent() && lost.add(copy)) {
            notes.add("prepared transactions of " + name + " are not kept in " + copy.folder()
                    + " any more: " + failure.get().getMessage()
                    + ". It is tried again");
        } else if (failure.isEmpty() && lost.remove(copy)) {
            notes.add("prepared transactions of " + name + " are kept in " + copy.folder() + " again");
        }
        copy.setGood(failure.isEmpty());
    }

    private void drop(Set<Long> files) {
        List<JournalCopy> from;
        synchronized (this) {
            from = copies;
        }
        for (long number : files) {
            from.forEach(copy -> copy.performAside(() -> copy.drop(number)));
        }
    }

    private StorageException failed(Throwable why) {
        String text = "a prepared transaction of " + name + " cannot be put on stable storage: " + why.getMessage();
        return why instanceof DiskFullIOException
                ? new DiskFullException(text, why)
                : new StorageUnavailableException(text, why);
    }

    /** Writes what is noted, and releases everything. */
    @Override
    public void close() {
        pump();
        List<JournalCopy> all;
        synchronized (this) {
            closed = true;
            all = copies;
            if (lazy != null) {
                lazy.close();
            }
        }
        all.forEach(JournalCopy::close);
    }
}
