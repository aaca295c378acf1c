package org.zeoraid.storage.journal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongConsumer;
import org.zeoraid.storage.StorageException;

/**
 * The entries of a journal in their order: what they say, which of them copies still have to write, who waits for them to hold, and
 * which files go when they do. Guarded by the journal.
 */
final class Ledger {

    private BranchBook book = new BranchBook();

    /** Number of the last entry. */
    private long last;
    /** Up to here entries hold. */
    private long durable;

    private final ArrayDeque<Line> tail = new ArrayDeque<>();
    private final ArrayDeque<Pending> pending = new ArrayDeque<>();
    /** Files that nobody needs once the entry of this number holds and is in all copies that follow. */
    private final TreeMap<Long, Long> obsolete = new TreeMap<>();
    /** Files of which no entry speaks yet. */
    private final TreeSet<Long> files = new TreeSet<>();

    private long nextFile;

    private record Line(long number, byte[] content) {}

    /** @param before what the book is to say again if the entry does not hold; empty if there is none */
    private record Pending(long number, Optional<JournalEntry> before, CompletableFuture<Void> done) {}

    /** What was read, up to this number. It does not hold before it is laid down. */
    CompletionStage<Void> begin(List<JournalEntry> entries, long number) {
        book = BranchBook.of(entries);
        last = number;
        nextFile = book.inFiles().stream()
                .mapToLong(JournalEntry.Prepared::file)
                .max()
                .orElse(0);
        return await();
    }

    BranchBook book() {
        return book;
    }

    long last() {
        return last;
    }

    /** Adds an entry that is taken back if it does not hold. */
    CompletionStage<Void> add(JournalEntry entry, byte[] content, int remembered) {
        Optional<JournalEntry> before = Optional.of(book.of(entry.id()));
        append(entry, content, remembered);
        return await(before);
    }

    /** Completes when all up to now holds. */
    CompletionStage<Void> await() {
        return last <= durable ? CompletableFuture.completedFuture(null) : await(Optional.empty());
    }

    private CompletionStage<Void> await(Optional<JournalEntry> before) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        pending.add(new Pending(last, before, done));
        return done;
    }

    /** Adds an entry for which nobody waits. */
    void append(JournalEntry entry, byte[] content, int remembered) {
        Optional<Long> before =
                book.inDoubt(entry.id()).map(JournalEntry.Prepared::file).filter(file -> file != 0);
        book.apply(entry);
        book.forgetBeyond(remembered);
        tail.add(new Line(++last, content));
        if (entry instanceof JournalEntry.Prepared now) {
            files.remove(now.file());
            obsolete.values().remove(now.file());
        } else {
            before.ifPresent(file -> obsolete.put(last, file));
        }
    }

    boolean isAwaited() {
        return !pending.isEmpty();
    }

    /** Whether all entries behind this number are here. */
    boolean hasAllBehind(long number) {
        return tail.isEmpty() ? number == last : tail.getFirst().number() <= number + 1;
    }

    /** The entries behind this number. */
    List<byte[]> behind(long number) {
        ArrayDeque<byte[]> entries = new ArrayDeque<>();
        Iterator<Line> lines = tail.descendingIterator();
        while (lines.hasNext()) {
            Line line = lines.next();
            if (line.number() <= number) {
                break;
            }
            entries.addFirst(line.content());
        }
        return List.copyOf(entries);
    }

    /** Up to this number entries could not be written where they have to be: they do not hold, and never will. */
    void takeBack(long upTo, int remembered, StorageException why, List<Runnable> news) {
        while (!pending.isEmpty() && pending.getFirst().number() <= upTo) {
            Pending failed = pending.remove();
            failed.before().ifPresent(before -> append(before, before.encode(), remembered));
            news.add(() -> failed.done().completeExceptionally(why));
        }
    }

    /** Nothing more will be written. */
    void giveUp(StorageException why, List<Runnable> news) {
        List.copyOf(pending).forEach(asked -> news.add(() -> asked.done().completeExceptionally(why)));
        pending.clear();
    }

    /**
     * Tells those whose entries hold, and forgets what no copy needs.
     *
     * @param holds up to which number entries hold
     * @param floor up to which number no copy that follows needs entries
     * @param drop told which files nobody needs any more
     */
    void settle(long holds, long floor, List<Runnable> news, LongConsumer drop) {
        durable = Math.max(durable, holds);
        while (!pending.isEmpty() && pending.getFirst().number() <= durable) {
            Pending held = pending.remove();
            news.add(() -> held.done().complete(null));
        }
        while (!tail.isEmpty() && tail.getFirst().number() <= floor) {
            tail.remove();
        }
        while (!obsolete.isEmpty() && obsolete.firstKey() <= Math.min(floor, durable)) {
            drop.accept(obsolete.pollFirstEntry().getValue());
        }
    }

    /** The number of a file for the changes of a branch, until an entry speaks of it or it is abandoned. */
    long newFile() {
        nextFile = Math.max(nextFile, last) + 1;
        files.add(nextFile);
        return nextFile;
    }

    /** Nobody will speak of a file. Whether nobody has. */
    boolean abandon(long file) {
        return files.remove(file);
    }

    /** Up to which number, exclusively, files of which the book does not speak are nobody's. */
    long orphans() {
        return files.isEmpty() ? nextFile + 1 : files.first();
    }

    /** Entries that say all that is known. */
    List<byte[]> snapshot() {
        List<byte[]> all = new ArrayList<>();
        book.entries().forEach(entry -> all.add(entry.encode()));
        return all;
    }
}
