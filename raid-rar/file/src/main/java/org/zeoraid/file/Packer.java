package org.zeoraid.file;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.DiskFile;
import org.zeoraid.storage.seam.Environment;

/**
 * Packs a log while others read and append: copies what is to be kept into a new file on a thread of its own, then
 * whatever was appended meanwhile, until so little is left that it can be copied between two batches of appends,
 * together with the replacement of the file. One pack at a time. Safe for any number of threads.
 */
final class Packer implements AutoCloseable {

    private static final Logger LOG = System.getLogger("org.zeoraid.file");

    /** So much may be left to be copied while appends wait. */
    private static final long LEFT_FOR_THE_END = 1 << 18;

    private static final int ROUNDS = 20;

    /** The log that is packed. */
    interface Host {

        Generation generation();

        Lease lease();

        /** Runs a task between two batches of appends, on the thread that writes. */
        <T> CompletionStage<T> exclusively(Callable<T> task);

        /** Goes on with another generation; within {@link #exclusively}. The former one is closed when nobody reads it. */
        void replace(Generation next);

        /** Writes nothing more, as nobody knows what is on the disk; within {@link #exclusively}. */
        void breakDown(StorageException reason);
    }

    private final Environment environment;
    private final Files files;
    private final PackFiles packFiles;
    private final Blobs blobs;
    private final Host host;
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile boolean closed;
    private volatile Environment.@Nullable Worker worker;

    Packer(Environment environment, Files files, FileOptions.PackFormer old, Blobs blobs, Host host) {
        this.environment = environment;
        this.files = files;
        this.packFiles = new PackFiles(environment.disk(), files, old);
        this.blobs = blobs;
        this.host = host;
    }

    /** @throws StorageUnavailableException (in the stage) if a pack is running */
    CompletionStage<PackResult> pack(PackRequest request) {
        if (closed) {
            return CompletableFuture.failedFuture(stopped());
        }
        if (!running.compareAndSet(false, true)) {
            return CompletableFuture.failedFuture(
                    new StorageUnavailableException(files.data() + " is being packed; one pack at a time"));
        }
        long last;
        try {
            last = host.generation().tail().highestTid();
        } catch (StorageException e) {
            running.set(false);
            return CompletableFuture.failedFuture(e);
        }
        long asked = request.upTo().value();
        long upTo = Long.compareUnsigned(asked, last) > 0 ? last : asked;
        Environment.Worker own = environment.worker("pack-" + files.data().getFileName());
        worker = own;
        Order order = new Order(request, upTo, own, new CompletableFuture<>());
        own.execute(() -> attempt(order, 1));
        return order.done();
    }

    /** What was asked for, and who waits for it. */
    private record Order(
            PackRequest request, long upTo, Environment.Worker worker, CompletableFuture<PackResult> done) {}

    private void attempt(Order order, int number) {
        try {
            new Attempt(order, number, host.lease()).run();
        } catch (RuntimeException | Error e) {
            end(order);
            order.done().completeExceptionally(e);
        }
    }

    private void end(Order order) {
        worker = null;
        running.set(false);
        order.worker().close();
    }

    private StorageClosedException stopped() {
        return new StorageClosedException("the pack of " + files.data() + " was stopped: the log is being closed");
    }

    private void check() {
        if (closed) {
            throw stopped();
        }
    }

    /** Stops a pack that is running. Its stage completes before the log's writing thread has ended. */
    @Override
    public void close() {
        closed = true;
        Environment.Worker own = worker;
        if (own != null) {
            own.close();
        }
    }

    /** One try at a pack; if what happens meanwhile is at odds with its plan, another follows. */
    private final class Attempt {

        private static final int LAST = 3;

        private final Order order;
        private final int number;
        private final Disk disk = environment.disk();
        private final Lease lease;
        private final Generation from;
        private final Generation.Tail planned;
        private long packTid;

        private @Nullable DiskFile newData;
        private @Nullable Checksums newSums;
        private @Nullable PackCopy copy;
        private @Nullable PackOutput out;
        private Blobs.@Nullable Removal removal;
        private String note = "";
        private Optional<PackRequest> decided = Optional.empty();

        /** Up to where it is copied. */
        private Generation.Tail copied;

        private boolean replaced;
        /** Nobody knows whether it is replaced. */
        private boolean inDoubt;

        Attempt(Order order, int number, Lease lease) {
            this.order = order;
            this.number = number;
            this.lease = lease;
            this.from = lease.generation();
            this.planned = from.tail();
            this.copied = planned;
        }

        void run() {
            CompletionStage<PackResult> outcome;
            try {
                outcome = prepare();
            } catch (IOException | RuntimeException | Error e) {
                failed(e);
                return;
            }
            outcome.whenComplete((result, error) -> onWorker(() -> {
                if (error != null) {
                    failed(error instanceof CompletionException && error.getCause() != null ? error.getCause() : error);
                } else if (replaced) {
                    afterwards(result);
                } else {
                    cleanUp();
                    finished(result);
                }
            }));
        }

        private void onWorker(Runnable task) {
            Runnable step = () -> {
                try {
                    task.run();
                } catch (RuntimeException | Error e) {
                    failed(e);
                }
            };
            try {
                order.worker().execute(step);
            } catch (RejectedExecutionException e) {
                // The log is being closed: whoever closes it waits for this thread.
                step.run();
            }
        }

        /** Copies most of it, and leaves the rest to the thread that writes. */
        private CompletionStage<PackResult> prepare() throws IOException {
            check();
            long before = from.packedTo();
            if (Long.compareUnsigned(order.upTo(), before) < 0) {
                return CompletableFuture.completedFuture(
                        nothing("it has been packed to " + new Tid(before) + " already"));
            }
            PackRequest.Garbage asked = order.request().garbage();
            PackRequest.Garbage garbage = number == LAST ? PackRequest.Garbage.KEEP : asked;
            PackRequest bounded = new PackRequest(
                    new Tid(order.upTo()), garbage, order.request().laterUpTo());
            checkMemory();
            PackPlan plan = PackPlan.make(from, planned, bounded, Packer.this::check);
            if (plan.isRepeated()) {
                return CompletableFuture.completedFuture(nothing("it has been packed to a later time already"));
            }
            decided = Optional.of(plan.decided());
            note = number == LAST && asked == PackRequest.Garbage.COLLECT
                    ? "garbage was kept: objects were referenced again and again meanwhile"
                    : plan.note();
            if (plan.packEnd() == Format.START) {
                return CompletableFuture.completedFuture(nothing("there was nothing to be dropped"));
            }
            packTid = plan.packTid();
            packFiles.begin();
            DiskFile data = disk.openAlone(packFiles.data());
            newData = data;
            Checksums sums = Checksums.create(
                    disk.open(packFiles.checksums()), files.checksums().toString());
            newSums = sums;
            PackOutput output = new PackOutput(
                    new LogFile(files.data(), data), sums, from.objects().size(), packTid);
            out = output;
            PackCopy copying = new PackCopy(from, plan, output, Packer.this::check);
            copy = copying;
            Blobs.Removal dropped = blobs.beginRemoval();
            removal = dropped;
            copying.copyPacked(dropped::add, blobs.isKept());
            if (output.position() == plan.packEnd()) {
                return host.exclusively(this::notePacked);
            }
            copying.copyLater(plan.packEnd(), planned.end());
            for (int round = 0; round < ROUNDS; round++) {
                Generation.Tail now = from.tail();
                if (now.end() - copied.end() < LEFT_FOR_THE_END) {
                    break;
                }
                copyUpTo(now);
            }
            output.sync();
            dropped.sync();
            return host.exclusively(this::switchOver);
        }

        /** Before it is taken: a heap that is exhausted ends the commits of all members, or the process. */
        private void checkMemory() {
            long needed = PackPlan.memory(from);
            if (!environment.hasMemory(needed)) {
                throw new StorageUnavailableException("not enough memory to pack the "
                        + from.objects().size() + " objects of " + files.data() + ": it takes " + (needed >> 20)
                        + " MiB besides what is in use; give Java a larger heap (-Xmx)");
            }
        }

        private PackResult nothing(String why) {
            return new PackResult(planned.end(), planned.end(), 0, why, decided);
        }

        private void copyUpTo(Generation.Tail now) throws IOException {
            PackCopy copying = copy;
            if (copying == null || host.generation() != from || now.end() < copied.end() || !isStillThere(copied)) {
                throw changed();
            }
            copying.copyLater(copied.end(), now.end());
            copied = now;
        }

        private StorageUnavailableException changed() {
            return new StorageUnavailableException(
                    files.data() + " was changed while it was packed: the pack has no effect");
        }

        /** Whether a transaction that was copied has not been cut off. */
        private boolean isStillThere(Generation.Tail last) {
            return last.lastStart() == 0
                    || from.log().readHead(last.lastStart()).tid() == last.lastTid();
        }

        /** The file stays as it is, and is what a pack to that time would make of it. */
        private PackResult notePacked() throws IOException {
            if (host.generation() != from || !isStillThere(planned)) {
                throw changed();
            }
            from.notePacked(packTid);
            return nothing(note.isEmpty() ? "there was nothing to be dropped" : note);
        }

        /** Replaces the file. Nothing is appended meanwhile. */
        private PackResult switchOver() throws IOException {
            check();
            PackOutput output = out;
            PackCopy copying = copy;
            if (output == null || copying == null) {
                throw new IllegalStateException("nothing was copied");
            }
            Generation.Tail last = from.tail();
            copyUpTo(last);
            Generation next = output.finish();
            packFiles.prepare();
            try {
                packFiles.replace();
            } catch (IOException e) {
                StorageUnavailableException unknown = new StorageUnavailableException(
                        "nobody knows whether the packed file has taken the place of " + files.data()
                                + "; nothing more is written before it is opened again: " + e,
                        e);
                inDoubt = true;
                host.breakDown(unknown);
                throw unknown;
            }
            replaced = true;
            host.replace(next);
            return new PackResult(last.end(), next.tail().end(), copying.dropped(), note, decided);
        }

        private void afterwards(PackResult result) {
            try {
                packFiles.finish();
                Blobs.Removal dropped = removal;
                if (dropped != null) {
                    try (Lease now = host.lease()) {
                        dropped.carryOut(Blobs.Existence.in(now));
                    }
                }
            } catch (IOException | RuntimeException e) {
                LOG.log(
                        Level.WARNING,
                        files.data()
                                + " is packed, but cleaning up failed; that is done when it is opened the next time",
                        e);
            }
            LOG.log(
                    Level.DEBUG,
                    "{0} is packed up to {1}: {2} bytes before, {3} after, {4} records dropped {5}",
                    files.data(),
                    new Tid(packTid),
                    Long.toString(result.bytesBefore()),
                    Long.toString(result.bytesAfter()),
                    Long.toString(result.recordsDropped()),
                    result.note());
            finished(result);
        }

        private void failed(Throwable error) {
            try {
                cleanUp();
            } finally {
                lease.close();
                if (error instanceof PackCopy.UpsetException && number < LAST && !closed) {
                    attempt(order, number + 1);
                } else {
                    Throwable told = error instanceof IOException e
                            ? Failures.of("cannot pack " + files.data() + ", which stays as it was", e)
                            : error;
                    LOG.log(Level.WARNING, "the pack of " + files.data() + " failed: " + told.getMessage(), told);
                    end(order);
                    order.done().completeExceptionally(told);
                }
            }
        }

        private void finished(PackResult result) {
            lease.close();
            end(order);
            order.done().complete(result);
        }

        /** Leaves nothing of a pack that did not take effect. */
        private void cleanUp() {
            if (replaced) {
                return;
            }
            try (DiskFile data = newData;
                    Checksums sums = newSums) {
                if (inDoubt) {
                    return;
                }
                Blobs.Removal dropped = removal;
                if (dropped != null) {
                    dropped.drop();
                }
                if (data != null) {
                    packFiles.drop();
                }
            } catch (IOException | RuntimeException e) {
                LOG.log(
                        Level.WARNING,
                        "what a failed pack left beside " + files.data()
                                + " cannot be deleted; that is done when it is opened the next time",
                        e);
            }
        }
    }
}
