package org.zeoraid.storage.seam;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;

/**
 * A file system in memory that fails as real ones do. Each change (creation, write, truncation, sync, renaming, link,
 * deletion, sync of a folder) is a step, counted from 1. It can crash within any step; {@link #afterCrash} then gives
 * the disk that the machine finds when it comes back: what was synced, and of everything else whatever the seed says.
 * Errors, a full disk and a hanging one can be injected. Safe for any number of threads.
 */
public final class FaultDisk implements Disk {

    /** For {@link #afterCrash}: nothing survives that was not synced. */
    public static final long NOTHING_SURVIVES = 0;
    /** For {@link #afterCrash}: everything survives whole, as when only the process was killed. */
    public static final long ALL_SURVIVES = 1;

    /** What can be done to a disk. All but reading are steps. */
    public enum Kind {
        READ,
        CREATE,
        WRITE,
        TRUNCATE,
        SYNC,
        RENAME,
        LINK,
        DELETE,
        CREATE_FOLDER,
        SYNC_FOLDER
    }

    /**
     * Something that is about to be done.
     *
     * @param step its number; the next step's for a read
     * @param length bytes to be read or written, 0 for everything else
     */
    public record Operation(long step, Kind kind, Path path, long length) {}

    /** Decides whether an operation fails. */
    public interface Rule {
        /** Throws what the operation is to fail with, or does nothing. */
        void before(Operation operation) throws IOException;
    }

    /** Thrown by everything that is tried from the crash on. */
    public static final class CrashedException extends IOException {
        private static final long serialVersionUID = 1L;

        CrashedException() {
            super("the machine has crashed");
        }
    }

    /** Where threads hang. */
    public static final class Gate {
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch open = new CountDownLatch(1);

        private Gate() {}

        /** Waits until a thread hangs here. */
        public void awaitArrival() throws InterruptedException {
            arrived.await();
        }

        public boolean hasArrivals() {
            return arrived.getCount() == 0;
        }

        /** Lets everybody go on, now and later. */
        public void release() {
            open.countDown();
        }

        private void pass() throws IOException {
            arrived.countDown();
            try {
                open.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while the disk hung", e);
            }
        }
    }

    private final FaultNames names;
    private final SplittableRandom random;
    private final Set<Path> locked = new HashSet<>();
    private final List<Rule> rules = new ArrayList<>();
    private final List<Path> disks = new ArrayList<>();
    private final List<Operation> journal = new ArrayList<>();
    private long crashStep = Long.MAX_VALUE;
    private boolean crashed;
    private long capacity = Long.MAX_VALUE;
    private long used;

    public FaultDisk() {
        this(1);
    }

    /** @param seed for what is left to chance before a crash, such as how much of a failed write is done */
    public FaultDisk(long seed) {
        this(new FaultNames(), seed);
    }

    private FaultDisk(FaultNames names, long seed) {
        this.names = names;
        this.random = new SplittableRandom(seed);
        this.used = names.totalBytes();
    }

    // What a test asks and sets up.

    /** Puts a file there, durable, with its folders. Not a step. */
    public synchronized void put(Path file, byte[] bytes) {
        names.putDurably(key(file), new FaultContent(bytes));
        used = names.totalBytes();
    }

    /** The bytes of a file as readers see them. */
    public synchronized byte[] contents(Path file) throws IOException {
        return content(file).bytes();
    }

    /** All files, sorted. */
    public synchronized List<Path> files() {
        return names.files();
    }

    /** How many steps have been made. */
    public synchronized long steps() {
        return journal.size();
    }

    /** All steps, in order. */
    public synchronized List<Operation> journal() {
        return List.copyOf(journal);
    }

    /** Crashes within a step: whether any of it happens is left to {@link #afterCrash}, and everything later fails. */
    public synchronized void crashAt(long step) {
        crashStep = step;
    }

    /** Crashes now. */
    public synchronized void crash() {
        crashed = true;
    }

    public synchronized boolean hasCrashed() {
        return crashed;
    }

    /**
     * The disk as it may be found after a crash here, with nothing locked, failing or limited.
     *
     * @param seed {@link #NOTHING_SURVIVES}, {@link #ALL_SURVIVES}, or anything else for a mixture
     */
    public synchronized FaultDisk afterCrash(long seed) {
        FaultDisk after = new FaultDisk(names.afterCrash(seed), seed);
        after.disks.addAll(disks);
        return after;
    }

    /** A disk of its own with the same files, all durable. */
    public FaultDisk copy() {
        return afterCrash(ALL_SURVIVES);
    }

    /** Bounds the bytes of all files together. Overwriting needs no room; nothing can be created when none is left. */
    public synchronized void limitTo(long bytes) {
        capacity = bytes;
    }

    /** The bytes of all files together. */
    public synchronized long usedBytes() {
        return used;
    }

    /** Adds a rule; closing the answer removes it. */
    public synchronized AutoCloseable rule(Rule rule) {
        rules.add(rule);
        return () -> {
            synchronized (this) {
                rules.remove(rule);
            }
        };
    }

    /** All that lies below this folder lies on one disk. */
    public synchronized void isOneDisk(Path folder) {
        disks.add(key(folder));
    }

    /** Lets a step fail with an input/output error. */
    public void failAt(long step) {
        rule(operation -> {
            if (operation.kind() != Kind.READ && operation.step() == step) {
                throw new IOException("input/output error");
            }
        });
    }

    /** Lets every such operation hang until the gate is released. */
    public Gate hang(Predicate<Operation> which) {
        Gate gate = new Gate();
        rule(operation -> {
            if (which.test(operation)) {
                gate.pass();
            }
        });
        return gate;
    }

    // The disk.

    @Override
    public DiskFile openForReading(Path file) throws IOException {
        synchronized (this) {
            checkAlive();
            return new OpenFile(key(file), content(file), false);
        }
    }

    @Override
    public DiskFile open(Path file) throws IOException {
        Path key = key(file);
        if (!exists(key)) {
            create(key);
        }
        synchronized (this) {
            checkAlive();
            return new OpenFile(key, content(key), true);
        }
    }

    private void create(Path key) throws IOException {
        begin(Kind.CREATE, key, 0);
        synchronized (this) {
            names.checkFolder(key.getParent());
            if (used >= capacity) {
                throw new DiskFullIOException("cannot create " + key + ": the disk is full");
            }
            if (names.file(key) == null) {
                names.add(key, new FaultContent(new byte[0]));
            }
            finish();
        }
    }

    @Override
    public synchronized boolean exists(Path file) {
        return names.exists(key(file));
    }

    @Override
    public synchronized List<String> list(Path folder) throws IOException {
        checkAlive();
        return names.list(key(folder));
    }

    @Override
    public synchronized boolean isFolder(Path path) {
        return names.isFolder(key(path));
    }

    /** Each folder lies on a disk of its own, unless it is below one that was told to be a disk. */
    @Override
    public synchronized Object device(Path folder) throws IOException {
        checkAlive();
        Path key = key(folder);
        return disks.stream().filter(key::startsWith).findFirst().orElse(key);
    }

    @Override
    public void createFolders(Path folder) throws IOException {
        Path key = key(folder);
        List<Path> missing = new ArrayList<>();
        for (Path at = key; at != null && !isFolder(at); at = at.getParent()) {
            missing.add(0, at);
        }
        for (Path each : missing) {
            begin(Kind.CREATE_FOLDER, each, 0);
            synchronized (this) {
                names.addFolder(each);
                finish();
            }
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        begin(Kind.RENAME, key(from), 0);
        synchronized (this) {
            FaultContent replaced = names.file(key(to));
            names.rename(key(from), key(to));
            if (replaced != null && replaced != names.file(key(to))) {
                forgetIfUnused(replaced);
            }
            finish();
        }
    }

    @Override
    public void link(Path existing, Path name) throws IOException {
        begin(Kind.LINK, key(name), 0);
        synchronized (this) {
            names.checkFolder(key(name).getParent());
            if (names.exists(key(name))) {
                throw new java.nio.file.FileAlreadyExistsException(name.toString());
            }
            names.add(key(name), content(existing));
            finish();
        }
    }

    @Override
    public void delete(Path file) throws IOException {
        if (!exists(file)) {
            return;
        }
        begin(Kind.DELETE, key(file), 0);
        synchronized (this) {
            FaultContent content = names.file(key(file));
            names.remove(key(file));
            if (content != null) {
                forgetIfUnused(content);
            }
            finish();
        }
    }

    @Override
    public void syncFolder(Path folder) throws IOException {
        begin(Kind.SYNC_FOLDER, key(folder), 0);
        synchronized (this) {
            names.checkFolder(key(folder));
            // Crashing within a sync leaves what it was to save as uncertain as before.
            finish();
            names.sync(key(folder));
        }
    }

    @Override
    public Optional<DiskLock> tryLock(Path lockFile) throws IOException {
        Path key = key(lockFile);
        if (!exists(key)) {
            create(key);
        }
        synchronized (this) {
            checkAlive();
            if (!locked.add(key)) {
                return Optional.empty();
            }
        }
        boolean[] held = {true};
        return Optional.of(() -> {
            synchronized (this) {
                if (held[0]) {
                    held[0] = false;
                    locked.remove(key);
                }
            }
        });
    }

    /** Applies the rules, without this disk's lock so that a hanging thread hangs alone, and counts the step. */
    private void begin(Kind kind, Path path, long length) throws IOException {
        List<Rule> current;
        Operation operation;
        synchronized (this) {
            checkAlive();
            operation = new Operation(journal.size() + 1L, kind, path, length);
            if (kind != Kind.READ) {
                journal.add(operation);
            }
            current = List.copyOf(rules);
        }
        for (Rule rule : current) {
            rule.before(operation);
        }
        synchronized (this) {
            checkAlive();
            if (kind != Kind.READ && operation.step() >= crashStep) {
                crashing = true;
            }
        }
    }

    /** Set between the beginning and the end of the step in which the machine crashes. */
    private boolean crashing;

    private void finish() throws CrashedException {
        if (crashing) {
            crashed = true;
            throw new CrashedException();
        }
    }

    private void checkAlive() throws CrashedException {
        if (crashed) {
            throw new CrashedException();
        }
    }

    private FaultContent content(Path file) throws IOException {
        FaultContent content = names.file(key(file));
        if (content == null) {
            throw new NoSuchFileException(file.toString());
        }
        return content;
    }

    private void forgetIfUnused(FaultContent content) {
        if (content.names == 0 && content.openings == 0) {
            used -= content.size();
        }
    }

    private static Path key(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private final class OpenFile implements DiskFile {

        private final Path path;
        private final FaultContent content;
        private final boolean writable;
        private boolean closed;

        OpenFile(Path path, FaultContent content, boolean writable) {
            this.path = path;
            this.content = content;
            this.writable = writable;
            content.openings++;
        }

        private void check() throws IOException {
            if (closed) {
                throw new ClosedChannelException();
            }
        }

        private void checkWritable() throws IOException {
            check();
            if (!writable) {
                throw new IOException(path + " is open for reading only");
            }
        }

        @Override
        public long size() throws IOException {
            synchronized (FaultDisk.this) {
                checkAlive();
                check();
                return content.size();
            }
        }

        @Override
        public int read(ByteBuffer buffer, long position) throws IOException {
            begin(Kind.READ, path, buffer.remaining());
            synchronized (FaultDisk.this) {
                check();
                byte[] bytes = new byte[buffer.remaining()];
                int count = content.read(bytes, 0, bytes.length, position);
                buffer.put(bytes, 0, count);
                return count;
            }
        }

        @Override
        public void write(ByteBuffer buffer, long position) throws IOException {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            try {
                begin(Kind.WRITE, path, bytes.length);
            } catch (CrashedException e) {
                throw e;
            } catch (IOException e) {
                synchronized (FaultDisk.this) {
                    put(java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)), position);
                }
                throw e;
            }
            synchronized (FaultDisk.this) {
                checkWritable();
                put(bytes, position);
                finish();
            }
        }

        private void put(byte[] bytes, long position) throws IOException {
            long growth = Math.max(0, position + bytes.length - content.size());
            long room = capacity - used;
            byte[] fitting = bytes;
            if (growth > room) {
                long fits = Math.max(0, bytes.length - (growth - Math.max(0, room)));
                fitting = java.util.Arrays.copyOf(bytes, (int) fits);
            }
            long before = content.size();
            if (fitting.length > 0) {
                content.write(position, fitting);
            }
            used += content.size() - before;
            if (fitting.length < bytes.length) {
                throw new DiskFullIOException("cannot write to " + path + ": the disk is full");
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            begin(Kind.TRUNCATE, path, 0);
            synchronized (FaultDisk.this) {
                checkWritable();
                long before = content.size();
                content.truncate(size);
                used += content.size() - before;
                finish();
            }
        }

        @Override
        public void sync() throws IOException {
            try {
                begin(Kind.SYNC, path, 0);
            } catch (CrashedException e) {
                throw e;
            } catch (IOException e) {
                synchronized (FaultDisk.this) {
                    content.loseSync(random);
                }
                throw e;
            }
            synchronized (FaultDisk.this) {
                check();
                finish();
                content.sync();
            }
        }

        @Override
        public void close() {
            synchronized (FaultDisk.this) {
                if (!closed) {
                    closed = true;
                    content.openings--;
                    forgetIfUnused(content);
                }
            }
        }

        @Override
        public String toString() {
            return path.toString();
        }
    }
}
