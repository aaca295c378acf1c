package org.zeoraid.array;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.seam.Environment;

/**
 * A folder in which a copy of the superblock lies, read and written on a worker of its own and with a deadline, so that a
 * disk that hangs holds up nobody else. What is written takes its turn; of several that wait, only the newest is written.
 * Safe for any number of threads; no method blocks.
 */
final class SuperblockPlace {

    private static final Logger LOG = System.getLogger("org.zeoraid.array");

    private final Environment environment;
    private final Duration deadline;
    private final String folder;
    private final SuperblockFile file;
    private final Environment.Worker worker;

    private boolean writing;
    private @Nullable Waiting waiting;

    private record Waiting(UUID owner, Superblock superblock, CompletableFuture<Superblock> written) {}

    /**
     * @param worker the name of its worker
     * @param folder what an admin calls the folder
     * @param deadline for each reading and writing
     */
    SuperblockPlace(Environment environment, String worker, String folder, SuperblockFile file, Duration deadline) {
        this.environment = environment;
        this.deadline = deadline;
        this.folder = folder;
        this.file = file;
        this.worker = environment.worker(worker);
    }

    Path path() {
        return file.path();
    }

    /** What lies there. Fails with a {@link StorageUnavailableException} if the disk does not answer. */
    CompletionStage<SuperblockFile.Found> read() {
        CompletableFuture<SuperblockFile.Found> found = new CompletableFuture<>();
        run(found, () -> {
            try {
                found.complete(file.read());
            } catch (RuntimeException e) {
                found.completeExceptionally(e);
            }
        });
        return Timed.within(environment, deadline, found, folder + " hangs: nothing could be read from it");
    }

    /**
     * Puts a superblock on stable storage.
     *
     * @return what was written, this superblock or a newer one that came meanwhile. Fails with a {@link
     *     StorageUnavailableException} if it cannot be written, or not in time; it may be written all the same then
     */
    CompletionStage<Superblock> write(UUID owner, Superblock superblock) {
        CompletableFuture<Superblock> written;
        synchronized (this) {
            if (writing) {
                written = waiting != null ? waiting.written() : new CompletableFuture<>();
                waiting = new Waiting(owner, superblock, written);
            } else {
                writing = true;
                written = new CompletableFuture<>();
                writeNow(new Waiting(owner, superblock, written));
            }
        }
        return Timed.within(environment, deadline, written, folder + " hangs: the superblock was not written there");
    }

    private void writeNow(Waiting next) {
        run(next.written(), () -> {
            try {
                file.write(next.owner(), next.superblock());
                next.written().complete(next.superblock());
            } catch (IOException | RuntimeException e) {
                next.written()
                        .completeExceptionally(new StorageUnavailableException(
                                "the superblock in " + folder + " cannot be written: " + Failures.text(e), e));
            } finally {
                writeNext();
            }
        });
    }

    private synchronized void writeNext() {
        Waiting next = waiting;
        waiting = null;
        if (next == null) {
            writing = false;
        } else {
            writeNow(next);
        }
    }

    private void run(CompletableFuture<?> answer, Runnable task) {
        try {
            worker.execute(task);
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(new StorageClosedException(folder + " is not used any more", e));
        }
    }

    /** Ends the worker once it has done what it was given. One that hangs is left behind. */
    void end() {
        try {
            // It closes itself from within: waiting for a hanging one would hang whoever waits.
            worker.execute(worker::close);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "the worker was closed by its environment", e);
        }
    }
}
