package org.zeoraid.file;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.seam.Environment;

/**
 * What is done beside the commits, on a thread of its own: syncing the checksums, now and then saving the index. Safe
 * for any number of threads.
 */
final class Housekeeping implements AutoCloseable {

    private static final Logger LOG = System.getLogger("org.zeoraid.file");

    private static final Duration PAUSE = Duration.ofSeconds(3);
    private static final long CHECKSUMS_EVERY = 16 << 20;
    private static final long INDEX_EVERY = 64 << 20;
    /** Bytes appended for each object of the index. */
    private static final long INDEX_SHARE = 80;

    private final Environment environment;
    private final Files files;
    private final Environment.Worker worker;
    private final Supplier<Generation> current;

    /** Held while files are written here, and while they are replaced by somebody else. */
    private final Object work = new Object();

    private final Object lock = new Object();
    /** Up to where all is on the disk; unknown after the file has been changed otherwise. */
    private @Nullable Durable durable;

    private long uncovered;
    private long unsaved;
    private boolean underWay;
    private Environment.@Nullable Timer timer;
    private boolean closed;
    private final List<Generation> retired = new ArrayList<>();

    /** @param cells how many checksums there are up to the tail */
    private record Durable(Generation.Tail tail, long cells) {}

    Housekeeping(Environment environment, Files files, String name, Supplier<Generation> current, long unsaved) {
        this.environment = environment;
        this.files = files;
        this.worker = environment.worker("file-" + name + "-housekeeping");
        this.current = current;
        this.unsaved = unsaved;
    }

    /** Takes notice of a batch that is durable. */
    void appended(Generation generation, long bytes) {
        synchronized (lock) {
            durable = durable(generation);
            uncovered += bytes;
            unsaved += bytes;
            if (closed || underWay) {
                return;
            }
            if (uncovered >= CHECKSUMS_EVERY) {
                start();
            } else {
                startLater();
            }
        }
    }

    private static Durable durable(Generation generation) {
        return new Durable(generation.tail(), generation.checksums().count());
    }

    private void startLater() {
        if (timer == null) {
            timer = environment.schedule(PAUSE, this::timerRang);
        }
    }

    private void timerRang() {
        synchronized (lock) {
            timer = null;
            if (!closed && !underWay) {
                start();
            }
        }
    }

    private void start() {
        underWay = execute(this::run);
    }

    /** @return whether it will be done; not when this is closed */
    private boolean execute(Runnable task) {
        try {
            worker.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private void run() {
        try {
            synchronized (work) {
                cover();
                if (isIndexDue()) {
                    saveIndex();
                }
            }
        } catch (IOException | StorageException e) {
            LOG.log(
                    Level.WARNING,
                    "checksums or index of " + files.data() + " could not be saved; commits go on,"
                            + " and it is tried again after some of them",
                    e);
        } finally {
            synchronized (lock) {
                underWay = false;
                if (!closed && uncovered > 0) {
                    startLater();
                }
            }
        }
    }

    /** What a save writes has to stay small beside what has been appended. */
    private boolean isIndexDue() {
        synchronized (lock) {
            return unsaved >= indexEvery();
        }
    }

    private long indexEvery() {
        return Math.max(INDEX_EVERY, INDEX_SHARE * current.get().objects().size());
    }

    /** Has the checksums of all that is durable on the disk. What fails here is tried again with one of the next commits. */
    private void cover() throws IOException {
        Generation generation = current.get();
        Durable to;
        synchronized (lock) {
            to = durable;
            uncovered = 0;
        }
        if (to != null) {
            generation.checksums().sync();
            generation.cover(to.tail(), to.cells());
        }
    }

    private void saveIndex() throws IOException {
        Generation generation = current.get();
        Durable to;
        synchronized (lock) {
            to = durable;
            unsaved = 0;
        }
        if (to == null) {
            return;
        }
        boolean saved = false;
        try {
            save(generation, to.tail());
            saved = true;
        } finally {
            synchronized (lock) {
                // Not at once: it would only fill the disk up that has no room.
                unsaved += saved ? 0 : indexEvery() / 2;
            }
        }
    }

    private void save(Generation generation, Generation.Tail tail) throws IOException {
        SavedIndex.Mark mark =
                new SavedIndex.Mark(tail.end(), tail.lastStart(), tail.lastTid(), tail.highestTid(), tail.packedTo());
        SavedIndex.save(
                environment.disk(), files, generation.log(), mark, generation.transactions(), generation.objects());
    }

    /** Saves the index of everything there is; nothing is appended meanwhile. */
    void saveIndex(Generation generation) throws IOException {
        synchronized (work) {
            save(generation, generation.tail());
        }
    }

    /** Runs something while nothing is done here. */
    <T> T alone(Callable<T> task) throws Exception {
        synchronized (work) {
            synchronized (lock) {
                durable = null;
            }
            return task.call();
        }
    }

    /** Has the index of a file saved that has just taken the place of another; within {@link #alone}. */
    void packed(Generation next) {
        synchronized (lock) {
            durable = durable(next);
            unsaved = Long.MAX_VALUE / 2;
            if (!closed && !underWay) {
                start();
            }
        }
    }

    /** Keeps a generation open for those who still read it, until the next one is retired at the latest. */
    void retire(Generation old) {
        closeRetired();
        synchronized (lock) {
            retired.add(old);
        }
        // Not on the thread of whoever reads last: to give up a large file takes the system its time.
        old.retire(() -> execute(() -> closeRetired(old)));
    }

    private void closeRetired(Generation old) {
        synchronized (lock) {
            if (!retired.remove(old)) {
                return;
            }
        }
        try {
            old.close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "a file that is out of use could not be closed", e);
        }
    }

    void closeRetired() {
        List<Generation> all;
        synchronized (lock) {
            all = List.copyOf(retired);
        }
        all.forEach(this::closeRetired);
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            if (timer != null) {
                timer.close();
            }
        }
        worker.close();
    }
}
