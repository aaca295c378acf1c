package org.zeoraid.file;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.Progress;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.StorageStats;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.VerifyResult;
import org.zeoraid.storage.seam.DiskFullIOException;
import org.zeoraid.storage.seam.Environment;

/**
 * A transaction log in one {@code Data.fs}, in the format of ZODB's file storage. Reads are answered at once on the
 * caller's thread, without locks; appends, packs and other changes on a thread of the log's own. Safe for any number of
 * threads.
 */
public final class FileLog implements TransactionLog {

    private static final Logger LOG = System.getLogger("org.zeoraid.file");

    private final FileOptions options;
    private final Environment environment;
    private final Files files;
    private final Optional<MemberLock> lock;
    private final Blobs blobs;
    private final Appender appender;
    private final Housekeeping housekeeping;
    private final Environment.Worker verifier;
    private final Packer packer;
    private final AtomicBoolean closing = new AtomicBoolean();
    private volatile Generation generation;
    private volatile boolean closed;

    private FileLog(
            FileOptions options,
            Environment environment,
            Files files,
            Optional<MemberLock> lock,
            Generation generation,
            Blobs blobs) {
        this.options = options;
        this.environment = environment;
        this.files = files;
        this.lock = lock;
        this.generation = generation;
        this.blobs = blobs;
        this.housekeeping =
                new Housekeeping(environment, files, options.name(), this::generation, generation.unsaved());
        this.appender = new Appender(
                environment.worker("file-" + options.name()),
                generation,
                blobs,
                options.quota(),
                housekeeping::appended);
        this.verifier = environment.worker("file-" + options.name() + "-verify");
        this.packer = new Packer(environment, files, options.packFormer(), blobs, new PackHost());
    }

    /**
     * Opens a file, creating it where there is none.
     *
     * @throws StorageException saying what is in the way; nothing is left open then
     */
    public static FileLog open(FileOptions options, Environment environment) {
        Files files = new Files(options.path());
        MemberLock lock = null;
        Generation generation = null;
        try {
            if (!options.isReadOnly()) {
                Files.createFolders(environment.disk(), files.folder());
                lock = MemberLock.take(environment, files);
            }
            boolean unfinishedPack =
                    !options.isReadOnly() && new PackFiles(environment.disk(), files, options.packFormer()).recover();
            generation = Opening.open(environment.disk(), files, options.access());
            Blobs blobs = openBlobs(options, environment, generation, unfinishedPack);
            return new FileLog(options, environment, files, Optional.ofNullable(lock), generation, blobs);
        } catch (IOException e) {
            giveUp(generation, lock);
            throw Failures.of("cannot open " + files.data(), e);
        } catch (RuntimeException | Error e) {
            // The heap may be exhausted: whoever tries again later must not find the file locked.
            giveUp(generation, lock);
            throw e;
        }
    }

    private static Blobs openBlobs(
            FileOptions options, Environment environment, Generation generation, boolean unfinishedPack)
            throws IOException {
        if (options.blobFolder().isEmpty()) {
            return new NoBlobs();
        }
        Blobs blobs =
                BlobFolder.open(environment.disk(), options.blobFolder().get(), options.access(), options.packFormer());
        if (!options.isReadOnly()) {
            if (unfinishedPack) {
                blobs.beginRemoval().drop();
            }
            try (Lease lease = Objects.requireNonNull(generation.lease())) {
                blobs.sweep(Blobs.Existence.in(lease));
            } catch (DiskFullIOException e) {
                LOG.log(Level.WARNING, "blob files without a record stay until the next opening: the disk is full", e);
            }
        }
        return blobs;
    }

    private static void giveUp(@Nullable Generation generation, @Nullable MemberLock lock) {
        closeQuietly(generation);
        if (lock != null) {
            lock.close();
        }
    }

    private static void closeQuietly(@Nullable Generation generation) {
        if (generation != null) {
            try {
                generation.close();
            } catch (IOException e) {
                LOG.log(Level.WARNING, "a file could not be closed", e);
            }
        }
    }

    /** Its files, for people. */
    Path path() {
        return files.data();
    }

    private Generation generation() {
        if (closed) {
            throw new StorageClosedException(files.data() + " is closed");
        }
        return generation;
    }

    /** What is read by, until it is given back: of the generation that is in place now. */
    private Lease lease() {
        while (true) {
            Lease lease = generation().lease();
            if (lease != null) {
                return lease;
            }
        }
    }

    private <T> CompletionStage<T> read(Function<Lease, T> question) {
        return Lease.ask(this::lease, question);
    }

    /** Answers what needs no reading. */
    private <T> CompletionStage<T> tell(Function<Generation, T> question) {
        try {
            return CompletableFuture.completedFuture(question.apply(generation()));
        } catch (StorageException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletionStage<Optional<Revision>> loadBefore(Oid oid, Tid before) {
        return read(lease -> lease.generation().loadBefore(lease.reader(), oid, before.value()));
    }

    @Override
    public CompletionStage<byte[]> loadSerial(Oid oid, Tid serial) {
        return read(lease -> lease.generation().loadSerial(lease.reader(), oid, serial));
    }

    @Override
    public CompletionStage<Tid> serial(Oid oid) {
        return read(lease -> lease.generation().serial(lease.reader(), oid));
    }

    @Override
    public CompletionStage<Tid> lastTid() {
        return tell(now -> {
            appender.checkNotInDoubt();
            return new Tid(now.tail().highestTid());
        });
    }

    @Override
    public CompletionStage<List<HistoryEntry>> history(Oid oid, int limit) {
        return read(lease -> History.of(lease, oid, limit));
    }

    @Override
    public CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit) {
        return read(lease -> History.undoLog(lease.generation(), skip, limit));
    }

    @Override
    public Cursor<TransactionHeader> headers(Tid from, Tid to) {
        return LogCursor.headers(this::lease, from, to);
    }

    @Override
    public Cursor<CommittedTransaction> transactions(Tid from, Tid to) {
        return LogCursor.transactions(this::lease, blobs, from, to);
    }

    @Override
    public Cursor<CurrentRecord> currentRecords(Oid from) {
        return new CurrentCursor(this::lease, from);
    }

    @Override
    public CompletionStage<BlobSource> blob(Oid oid, Tid serial) {
        return read(lease -> blobs.find(oid, serial, lease.generation().loadSerial(lease.reader(), oid, serial))
                .orElseThrow(() -> new ObjectNotFoundException(oid, serial)));
    }

    @Override
    public CompletionStage<StorageStats> stats() {
        return tell(now -> new StorageStats(
                now.objects().size(), now.tail().end(), new Oid(now.objects().largestOid())));
    }

    @Override
    public CompletionStage<Tid> packedTo() {
        return tell(now -> new Tid(now.packedTo()));
    }

    @Override
    public CompletionStage<Void> append(Tid previous, CommittedTransaction transaction) {
        Optional<StorageException> refusal = refusal();
        return refusal.isPresent()
                ? CompletableFuture.failedFuture(refusal.get())
                : appender.append(previous, transaction);
    }

    private Optional<StorageException> refusal() {
        if (options.isReadOnly()) {
            return Optional.of(new ReadOnlyException(files.data() + " is configured read-only"));
        }
        return closing.get() ? Optional.of(new StorageClosedException(files.data() + " is closed")) : Optional.empty();
    }

    @Override
    public CompletionStage<PackResult> pack(PackRequest request) {
        Optional<StorageException> refusal = refusal();
        if (refusal.isPresent()) {
            return CompletableFuture.failedFuture(refusal.get());
        }
        if (request.garbage() == PackRequest.Garbage.COLLECT && options.packGarbage() == FileOptions.PackGarbage.KEEP) {
            return packer.pack(request.with(PackRequest.Garbage.KEEP)).thenApply(FileLog::garbageKept);
        }
        return packer.pack(request);
    }

    private static PackResult garbageKept(PackResult result) {
        String why = "garbage was kept: this member is configured so (pack-gc)";
        String note = result.note().isEmpty() ? why : result.note() + "; " + why;
        return result.withNote(note);
    }

    /** This log as its packs see it. */
    private final class PackHost implements Packer.Host {

        @Override
        public Generation generation() {
            return FileLog.this.generation();
        }

        @Override
        public Lease lease() {
            return FileLog.this.lease();
        }

        @Override
        public <T> CompletionStage<T> exclusively(Callable<T> task) {
            return appender.exclusively(() -> housekeeping.alone(task));
        }

        @Override
        public void replace(Generation next) {
            FileLog.this.replace(next);
            housekeeping.packed(next);
        }

        @Override
        public void breakDown(StorageException reason) {
            appender.breakDown(reason);
        }
    }

    @Override
    public CompletionStage<String> cutTail(Tid keep) {
        Optional<StorageException> refusal = refusal();
        if (refusal.isPresent()) {
            return CompletableFuture.failedFuture(refusal.get());
        }
        return appender.exclusively(() -> housekeeping.alone(() -> {
            Path aside = files.free(environment.disk(), ".tail-after-" + keep + "-");
            try (Lease lease = lease()) {
                new TailCut(environment.disk(), files, lease, blobs).cut(keep, aside, appender);
            }
            return aside.toString();
        }));
    }

    @Override
    public CompletionStage<String> setAside() {
        Optional<StorageException> refusal = refusal();
        if (refusal.isPresent()) {
            return CompletableFuture.failedFuture(refusal.get());
        }
        return appender.exclusively(() -> housekeeping.alone(() -> {
            Path aside = files.free(environment.disk(), ".aside-");
            Generation old = generation();
            Generation fresh = SettingAside.run(environment.disk(), files, old, blobs, aside, appender);
            replace(fresh);
            return aside.toString();
        }));
    }

    /** Puts another generation in place. Only between two batches, and with the housekeeping stopped. */
    private void replace(Generation fresh) {
        Generation old = generation;
        generation = fresh;
        appender.use(fresh);
        housekeeping.retire(old);
    }

    @Override
    public CompletionStage<VerifyResult> verify(Consumer<Progress> progress) {
        CompletableFuture<VerifyResult> result = new CompletableFuture<>();
        try {
            verifier.execute(() -> {
                try (Lease lease = lease()) {
                    result.complete(new Verification(lease, blobs, closing::get).run(progress));
                } catch (RuntimeException | Error e) {
                    result.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(new StorageClosedException(files.data() + " is closed", e));
        }
        return result;
    }

    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        verifier.close();
        packer.close();
        appender.close(() -> {
            try {
                housekeeping.close();
                if (!options.isReadOnly() && !appender.isBroken()) {
                    settle();
                }
            } finally {
                closed = true;
                closeQuietly(generation);
                housekeeping.closeRetired();
                lock.ifPresent(MemberLock::close);
            }
        });
    }

    /** Leaves a file that is nothing but transactions, and all that makes the next opening fast. */
    private void settle() {
        Generation last = generation;
        try {
            last.putInOrder();
            try {
                last.coverNow(last.tail(), last.checksums().count());
            } catch (DiskFullIOException e) {
                // The room behind the last transaction may be all there is: only a crash right now will need it.
                appender.dropReserve();
                last.coverNow(last.tail(), last.checksums().count());
            }
            appender.dropReserve();
            housekeeping.saveIndex(last);
        } catch (IOException | StorageException e) {
            LOG.log(
                    Level.WARNING,
                    files.data() + " could not be closed in the proper way; the next opening will put it in order",
                    e);
        }
    }
}
