package org.zeoraid.adapter;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.zeoraid.storage.seam.Disk;
import org.zeoraid.storage.seam.DiskFile;
import org.zeoraid.storage.seam.DiskLock;
import org.zeoraid.storage.seam.Environment;

/** The system's environment; what is written to disk are points at which the process may be halted. */
record HaltingEnvironment(Environment real, HaltingPoints points) implements Environment {

    @Override
    public Clock clock() {
        return real.clock();
    }

    @Override
    public long nanoTime() {
        return real.nanoTime();
    }

    @Override
    public RandomGenerator random() {
        return real.random();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        return real.schedule(delay, task);
    }

    @Override
    public Worker worker(String name) {
        return real.worker(name);
    }

    @Override
    public Disk disk() {
        return new HaltingDisk(real.disk(), points);
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    private record HaltingDisk(Disk disk, HaltingPoints points) implements Disk {

        @Override
        public DiskFile openForReading(Path file) throws IOException {
            return disk.openForReading(file);
        }

        @Override
        public DiskFile open(Path file) throws IOException {
            return new HaltingFile(disk.open(file), points, name(file));
        }

        @Override
        public boolean exists(Path file) {
            return disk.exists(file);
        }

        @Override
        public List<String> list(Path folder) throws IOException {
            return disk.list(folder);
        }

        @Override
        public boolean isFolder(Path path) {
            return disk.isFolder(path);
        }

        @Override
        public Object device(Path folder) throws IOException {
            return disk.device(folder);
        }

        @Override
        public void createFolders(Path folder) throws IOException {
            disk.createFolders(folder);
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            points.pass("before renaming to " + name(to));
            disk.rename(from, to);
            points.pass("after renaming to " + name(to));
        }

        @Override
        public void link(Path existing, Path name) throws IOException {
            disk.link(existing, name);
        }

        @Override
        public void delete(Path file) throws IOException {
            disk.delete(file);
        }

        @Override
        public void syncFolder(Path folder) throws IOException {
            disk.syncFolder(folder);
        }

        @Override
        public Optional<DiskLock> tryLock(Path lockFile) throws IOException {
            return disk.tryLock(lockFile);
        }
    }

    private record HaltingFile(DiskFile file, HaltingPoints points, String name) implements DiskFile {

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public int read(ByteBuffer buffer, long position) throws IOException {
            return file.read(buffer, position);
        }

        @Override
        public void write(ByteBuffer buffer, long position) throws IOException {
            points.pass("before writing to " + name);
            file.write(buffer, position);
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public void sync() throws IOException {
            points.pass("before the sync of " + name);
            file.sync();
            points.pass("after the sync of " + name);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
