package org.zeoraid.storage.journal;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.DiskFullException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.seam.DiskFullIOException;
import org.zeoraid.storage.seam.Environment;

/**
 * The entries of a journal in their order, and the copies that follow it, each at its own pace: a copy is given all that it lacks as
 * soon as it has written what it was given before, so entries that come meanwhile are synced together. One that lies on a disk
 * with another protects from no lost disk, and follows a little later. One that fails or gets nowhere is left behind, and
 * laid down anew from time to time.
 *
 * <p>An entry holds when the first copy has it, and one on another disk if there is such a one that works. What the first one
 * cannot take is taken back, in all copies. Guarded by its own monitor; stages are completed outside of it.
 */
final class JournalSequence {

    private static final Duration LAZINESS = Duration.ofMillis(200);
    private static final int TICKS_OF_PATIENCE = 4;
    private static final int TICKS_BEFORE_ANOTHER_TRY = 3 * TICKS_OF_PATIENCE;

    private final String name;
    private final Environment environment;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private JournalOptions options;
    private Followers followers;
    private UUID journal;
    private final Ledger ledger = new Ledger();
    /** What waits for the first copy's files. */
    private final Set<CompletableFuture<Void>> visits = new HashSet<>();

    private final Set<Path> missed = new TreeSet<>();
    private int copies;
    private boolean isLazy;
    private boolean isWatched;
    private boolean closed;
    private boolean isEnding;

    JournalSequence(String name, Environment environment, JournalOptions options) {
        this.name = name;
        this.environment = environment;
        this.options = options;
        this.journal =
                new UUID(environment.random().nextLong(), environment.random().nextLong());
        this.followers = new Followers(List.of()).in(options.folders(), this::follower);
    }

    private Follower follower(Path folder) {
        return new Follower(new JournalCopy(environment, folder, name + "-" + ++copies));
    }

    // What lies there.

    /** Reads what lies there. Completes when that lies in the first folder, whole; fails if nobody can tell. */
    CompletionStage<Void> read(PreparedJournal.Unseen unseen) {
        JournalOptions asked;
        List<CompletableFuture<JournalReading.Look>> looks = new ArrayList<>();
        Followers all;
        synchronized (this) {
            asked = options;
            all = followers;
        }
        for (Follower follower : all.all()) {
            JournalCopy copy = follower.copy();
            looks.add(copy.look()
                    .exceptionally(failure -> new JournalReading.Look.Unreadable(
                            copy.folder(), String.valueOf(cause(failure).getMessage())))
                    .toCompletableFuture());
        }
        Environment.Timer timer = environment.schedule(asked.patience(), () -> {
            for (int i = 0; i < looks.size(); i++) {
                looks.get(i)
                        .complete(new JournalReading.Look.Silent(asked.folders().get(i)));
            }
        });
        return CompletableFuture.allOf(looks.toArray(CompletableFuture<?>[]::new))
                .thenCompose(nothing -> {
                    timer.close();
                    List<JournalReading.Look> seen =
                            looks.stream().map(CompletableFuture::join).toList();
                    return begin(new JournalReading(name, seen, asked).judge(unseen), seen);
                });
    }

    private synchronized CompletionStage<Void> begin(JournalReading.Result found, List<JournalReading.Look> seen) {
        for (int i = 0; i < seen.size(); i++) {
            if (seen.get(i) instanceof JournalReading.Look.Silent) {
                followers.all().get(i).lose();
            }
        }
        if (found.journal().isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        journal = found.journal().get();
        CompletionStage<Void> laidDown = ledger.begin(found.entries(), found.last());
        feed(followers.first());
        return laidDown;
    }

    // What the book says.

    synchronized List<JournalEntry.Prepared> inDoubt() {
        return ledger.book().inDoubt();
    }

    synchronized List<JournalEntry.Ended> ends() {
        return ledger.book().ends();
    }

    synchronized Optional<JournalEntry.Prepared> inDoubt(BranchId id) {
        return ledger.book().inDoubt(id);
    }

    synchronized Optional<JournalEntry.Ended> end(BranchId id) {
        return ledger.book().end(id);
    }

    // Entries.

    /** Completes when the entry holds; if it cannot, all is as before. */
    CompletionStage<Void> add(JournalEntry entry) {
        byte[] content = entry.encode();
        synchronized (this) {
            if (closed) {
                return CompletableFuture.failedFuture(new StorageClosedException("the storage " + name + " is closed"));
            }
            if (followers.first().hangs()) {
                return CompletableFuture.failedFuture(failure(late(followers.first())));
            }
            CompletionStage<Void> done = ledger.add(entry, content, options.remembered());
            feedEager();
            return done;
        }
    }

    /** Has an entry written within a moment. Nobody is told whether it can be. */
    void addSoon(JournalEntry entry) {
        byte[] content = entry.encode();
        synchronized (this) {
            if (!closed) {
                ledger.append(entry, content, options.remembered());
                scheduleLazy();
            }
        }
    }

    /** Completes when all entries up to now hold. */
    synchronized CompletionStage<Void> flush() {
        if (followers.first().hangs()) {
            return CompletableFuture.failedFuture(failure(late(followers.first())));
        }
        CompletionStage<Void> done = ledger.await();
        feedEager();
        return done;
    }

    // Files with changes.

    /** The number of a file for the changes of a branch, until an entry speaks of it or it is dropped. */
    synchronized long newFile() {
        return ledger.newFile();
    }

    /** Writes it in all copies. Completes when the first has it: no other one is waited for before its entry is. */
    CompletionStage<Void> write(long file, JournalCopy.Content content) {
        synchronized (this) {
            if (followers.first().hangs()) {
                return CompletableFuture.failedFuture(failure(late(followers.first())));
            }
            for (Follower follower : followers.all()) {
                if (follower != followers.first() && follower.follows() && followers.isEager(follower)) {
                    follower.writes(file);
                    follower.copy()
                            .write(file, content)
                            .whenComplete((nothing, failure) -> written(follower, file, failure));
                }
            }
        }
        return visit(first -> first.write(file, content));
    }

    private void written(Follower follower, long file, @Nullable Throwable failure) {
        List<Runnable> news = new ArrayList<>();
        synchronized (this) {
            follower.hasWritten(file);
            if (failure != null && !follower.isLost()) {
                lose(follower, failure, news);
            }
            if (follower.follows()) {
                feed(follower);
            }
            settle(news);
        }
        news.forEach(Runnable::run);
    }

    /** Has something done to the first copy's files, unless they hang. */
    private CompletionStage<Void> visit(Function<JournalCopy, CompletionStage<Void>> what) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        JournalCopy first;
        synchronized (this) {
            first = followers.first().copy();
            visits.add(done);
            watch();
        }
        what.apply(first).whenComplete((nothing, failure) -> {
            synchronized (this) {
                visits.remove(done);
            }
            if (failure == null) {
                done.complete(null);
            } else {
                done.completeExceptionally(failure(failure));
            }
        });
        return done;
    }

    /** Nobody will speak of a file. */
    synchronized void drop(long file) {
        if (ledger.abandon(file)) {
            dropEverywhere(file);
        }
    }

    /** Something done in a folder. */
    interface Visit {
        void in(Path folder) throws IOException;
    }

    /** Does something in the first copy's folder, while entries are written. */
    CompletionStage<Void> atFirst(Visit visit) {
        return visit(first -> first.large().perform(() -> visit.in(first.folder())));
    }

    synchronized List<Path> places(long file) {
        return options.folders().stream()
                .map(folder -> JournalFile.changes(folder, file))
                .toList();
    }

    // Copies.

    /** Keeps copies in these folders from now on, of which the first is the one that it was. */
    void moveTo(List<Path> next) {
        Followers before;
        Followers after;
        synchronized (this) {
            before = followers;
            after = before.in(next, this::follower);
            options = options.withFolders(next);
            followers = after;
        }
        spread();
        before.all().stream().filter(known -> !after.all().contains(known)).forEach(gone -> gone.copy()
                .end());
    }

    /** Lays down copies where there are none of this process yet, if there is anything to be known. */
    void spread() {
        List<Runnable> news = new ArrayList<>();
        synchronized (this) {
            if (!closed) {
                feedEager();
            }
            settle(news);
        }
        news.forEach(Runnable::run);
    }

    private void feedEager() {
        for (Follower follower : followers.all()) {
            if (follower == followers.first() || !follower.isLost() && followers.isEager(follower)) {
                feed(follower);
            }
        }
        scheduleLazy();
    }

    private void scheduleLazy() {
        if (!isLazy && followers.isAnyBehind(ledger.last())) {
            isLazy = true;
            environment.schedule(LAZINESS, () -> {
                synchronized (this) {
                    isLazy = false;
                    feedAll();
                }
            });
        }
    }

    private void feedAll() {
        followers.all().stream().filter(Follower::follows).forEach(this::feed);
    }

    /** Gives a copy what it lacks, unless it is at something; then it is fed when that is done. */
    private void feed(Follower follower) {
        List<JournalEntry.Prepared> needed = ledger.book().inFiles();
        long last = ledger.last();
        if (last == 0 || follower.isWriting() || isEnding || follower.isWriting(needed)) {
            return;
        }
        if (follower.follows() && ledger.hasAllBehind(follower.written())) {
            if (follower.written() == last) {
                return;
            }
            JournalCopy.Batch batch = new JournalCopy.Batch(
                    follower.written(), ledger.behind(follower.written()), needed, options.folders());
            if (follower.hasRoom(batch.length())) {
                follower.appends(last, batch.length());
                watch(follower, follower.copy().append(batch));
                follower.spare().ifPresent(length -> follower.copy().makeSpare(length));
                return;
            }
        }
        JournalCopy.Snapshot all =
                new JournalCopy.Snapshot(journal, last, ledger.snapshot(), needed, options.folders(), ledger.orphans());
        follower.isLaidDown(last, all.length(), options.room());
        watch(follower, follower.copy().layDown(all, options.room()));
    }

    private void watch(Follower follower, CompletionStage<Void> writing) {
        watch();
        writing.whenComplete((nothing, failure) -> answered(follower, failure));
    }

    private void answered(Follower follower, @Nullable Throwable failure) {
        List<Runnable> news = new ArrayList<>();
        synchronized (this) {
            if (failure == null) {
                follower.wrote();
                if (missed.remove(follower.copy().folder())) {
                    note(follower, "", " again", news);
                }
            } else {
                follower.failed();
                lose(follower, failure, news);
            }
            if (follower.follows() && (closed || followers.isEager(follower))
                    || follower == followers.first() && ledger.isAwaited()) {
                feed(follower);
            }
            settle(news);
        }
        news.forEach(Runnable::run);
    }

    /** It is not waited for any more. */
    private void lose(Follower follower, Throwable why, List<Runnable> news) {
        follower.lose();
        if (missed.add(follower.copy().folder())) {
            note(follower, "not ", " any more: " + cause(why).getMessage() + ". It is tried again", news);
        }
        if (follower == followers.first()) {
            StorageException failure = failure(why);
            ledger.takeBack(follower.attempted(), options.remembered(), failure, news);
            feedAll();
            scheduleLazy();
            visits.forEach(asked -> news.add(() -> asked.completeExceptionally(failure)));
            visits.clear();
        }
    }

    private void note(Follower follower, String not, String how, List<Runnable> news) {
        if (!closed) {
            String text = "prepared transactions of " + name + " are " + not + "kept in "
                    + follower.copy().folder() + how;
            news.add(() -> options.witness().note(Level.WARNING, text));
        }
    }

    private void settle(List<Runnable> news) {
        ledger.settle(followers.durable(), followers.floor(), news, this::dropEverywhere);
        finishClosing(news);
    }

    private void dropEverywhere(long file) {
        followers.all().forEach(follower -> follower.copy().drop(file));
    }

    // Patience.

    private static IOException late(Follower follower) {
        return new IOException("the disk of " + follower.copy().folder() + " hangs");
    }

    /** Looks from time to time after the copies that are at something, and those that are lost. */
    private void watch() {
        if (!isWatched) {
            isWatched = true;
            environment.schedule(options.patience().dividedBy(TICKS_OF_PATIENCE), this::tick);
        }
    }

    private void tick() {
        List<Runnable> news = new ArrayList<>();
        synchronized (this) {
            isWatched = false;
            for (Follower follower : followers.all()) {
                JournalCopy copy = follower.copy();
                int silence = Math.max(copy.entries().silence(), copy.large().silence());
                if (silence >= TICKS_OF_PATIENCE && !follower.isLost()) {
                    lose(follower, late(follower), news);
                } else if (follower.isLost() && !closed && follower.tick() % TICKS_BEFORE_ANOTHER_TRY == 0) {
                    feed(follower);
                }
            }
            settle(news);
            if (!isEnding && followers.areToBeWatched()) {
                watch();
            }
        }
        news.forEach(Runnable::run);
    }

    private StorageException failure(Throwable why) {
        Throwable cause = cause(why);
        if (cause instanceof StorageException known) {
            return known;
        }
        String text = "a prepared transaction of " + name + " cannot be put on stable storage: " + cause.getMessage();
        return cause instanceof DiskFullIOException
                ? new DiskFullException(text, cause)
                : new StorageUnavailableException(text, cause);
    }

    private static Throwable cause(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    // The end.

    /** Takes nothing more; completes when what was noted is written, or its disk gets nowhere. */
    CompletionStage<Void> close() {
        List<Runnable> news = new ArrayList<>();
        synchronized (this) {
            closed = true;
            feedAll();
            settle(news);
        }
        news.forEach(Runnable::run);
        return ended;
    }

    private void finishClosing(List<Runnable> news) {
        if (!closed || isEnding || !followers.areDone(ledger.last())) {
            return;
        }
        isEnding = true;
        ledger.giveUp(new StorageClosedException("the storage " + name + " is closed"), news);
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (Follower follower : followers.all()) {
            CompletionStage<Void> end = follower.copy().end();
            if (!follower.hangs()) {
                ends.add(end.exceptionally(failure -> null).toCompletableFuture());
            }
        }
        CompletableFuture.allOf(ends.toArray(CompletableFuture<?>[]::new))
                .whenComplete((nothing, failure) -> ended.complete(null));
    }
}
