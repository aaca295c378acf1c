package org.zeoraid.storage.seam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemDiskTest {

    private final SystemDisk disk = new SystemDisk();

    @TempDir
    Path folder;

    @Test
    void readsBackWhatWasWrittenAtItsPlace() throws IOException {
        byte[] bytes = new byte[1_000_000];
        new Random(1).nextBytes(bytes);
        try (DiskFile file = disk.open(folder.resolve("f"))) {
            file.write(ByteBuffer.wrap(bytes), 10);
            file.sync();

            assertThat(file.size()).isEqualTo(1_000_010);
            ByteBuffer back = ByteBuffer.allocate(2_000_000);
            assertThat(file.read(back, 10)).isEqualTo(1_000_000);
            assertThat(Arrays.copyOf(back.array(), 1_000_000)).isEqualTo(bytes);
            assertThat(back.limit()).isEqualTo(2_000_000);
            assertThat(file.read(ByteBuffer.allocate(1), 1_000_010)).isZero();

            file.truncate(11);
            assertThat(file.size()).isEqualTo(11);
        }
    }

    @Test
    void namesAreListedRenamedLinkedAndDeleted() throws IOException {
        Path sub = folder.resolve("a/b");
        disk.createFolders(sub);
        disk.open(sub.resolve("x")).close();
        disk.link(sub.resolve("x"), sub.resolve("w"));
        disk.rename(sub.resolve("x"), sub.resolve("y"));
        disk.syncFolder(sub);

        assertThat(disk.list(sub)).containsExactly("w", "y");
        assertThat(disk.isFolder(sub)).isTrue();
        disk.delete(sub.resolve("w"));
        disk.delete(sub.resolve("w"));
        assertThat(disk.exists(sub.resolve("w"))).isFalse();
        assertThat(disk.list(folder.resolve("none"))).isEmpty();
        assertThatThrownBy(() -> disk.openForReading(folder.resolve("none"))).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void anInterruptedThreadReadsWritesAndSyncsAndStaysInterrupted() throws IOException {
        try (DiskFile file = disk.open(folder.resolve("f"))) {
            Thread.currentThread().interrupt();
            file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), 0);
            file.sync();
            file.truncate(2);
            ByteBuffer back = ByteBuffer.allocate(3);
            assertThat(file.read(back, 0)).isEqualTo(2);
            disk.syncFolder(folder);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void interruptionsInTheMiddleHarmNobodyAlsoWhenTheFileWasRenamed() throws Exception {
        Path name = folder.resolve("f");
        byte[] bytes = new byte[1 << 20];
        new Random(2).nextBytes(bytes);
        Files.write(name, bytes);
        try (DiskFile file = disk.open(name)) {
            AtomicReference<Throwable> failure = new AtomicReference<>();
            AtomicBoolean end = new AtomicBoolean();
            Thread[] readers = new Thread[3];
            for (int i = 0; i < readers.length; i++) {
                readers[i] = new Thread(() -> {
                    try {
                        while (!end.get()) {
                            ByteBuffer back = ByteBuffer.allocate(bytes.length);
                            assertThat(file.read(back, 0)).isEqualTo(bytes.length);
                            assertThat(back.array()).isEqualTo(bytes);
                            file.sync();
                        }
                    } catch (IOException | RuntimeException | Error e) {
                        failure.set(e);
                    }
                });
                readers[i].start();
            }
            disk.rename(name, folder.resolve("g"));
            Files.write(name, new byte[] {9});
            Random random = new Random(3);
            for (int i = 0; i < 2000; i++) {
                readers[random.nextInt(readers.length)].interrupt();
                Thread.yield();
            }
            // Foreign renamings: the name leads nowhere, back to the file, and in the end to another one.
            for (int i = 0; i < 2000; i++) {
                readers[random.nextInt(readers.length)].interrupt();
                Files.move(folder.resolve("g"), folder.resolve("h"));
                readers[random.nextInt(readers.length)].interrupt();
                Files.move(folder.resolve("h"), folder.resolve("g"));
            }
            Files.move(folder.resolve("g"), folder.resolve("h"));
            Files.write(folder.resolve("g"), new byte[] {8});
            for (int i = 0; i < 2000; i++) {
                readers[random.nextInt(readers.length)].interrupt();
                Thread.yield();
            }
            end.set(true);
            for (Thread reader : readers) {
                reader.join();
            }
            assertThat(failure.get()).isNull();
        }
    }

    @Test
    void aClosedFileIsRefused() throws IOException {
        DiskFile file = disk.open(folder.resolve("f"));
        file.close();
        file.close();
        assertThatThrownBy(() -> file.read(ByteBuffer.allocate(1), 0)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(file::sync).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void aFullDiskIsToldApart() throws IOException {
        Path full = Path.of("/dev/full");
        assumeThat(full).as("a device that is always full").exists();
        try (DiskFile file = disk.open(full)) {
            assertThatThrownBy(() -> file.write(ByteBuffer.allocate(10), 0)).isInstanceOf(DiskFullIOException.class);
        }
    }

    @Test
    void aLockKeepsOutEverybodyElseAlsoAfterARefusedAttempt() throws Exception {
        Path lockFile = folder.resolve("lock");
        DiskLock lock = disk.tryLock(lockFile).orElseThrow();
        assertThat(disk.tryLock(lockFile)).isEmpty();
        assertThat(new SystemDisk().tryLock(lockFile)).isEmpty();
        assertThat(canAnotherProcessLock(lockFile)).isFalse();

        lock.close();
        lock.close();
        assertThat(canAnotherProcessLock(lockFile)).isTrue();
        disk.tryLock(lockFile).orElseThrow().close();
    }

    private static boolean canAnotherProcessLock(Path file) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Locker.class.getName(),
                        file.toString())
                .inheritIO()
                .start();
        return process.waitFor() == 0;
    }

    /** Tries for a lock in a process of its own. */
    static final class Locker {
        public static void main(String[] args) throws IOException {
            try (FileChannel channel = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE);
                    FileLock lock = channel.tryLock()) {
                System.exit(lock == null ? 1 : 0);
            }
        }
    }

    @Test
    void aFileThatIsOpenAloneIsNotOpenedAgainUnderAnyName() throws IOException {
        Path one = folder.resolve("one");
        Path other = folder.resolve("other");
        DiskFile alone = disk.openAlone(one);
        disk.link(one, other);
        disk.rename(one, folder.resolve("renamed"));

        assertThatThrownBy(() -> new SystemDisk().openAlone(other)).hasMessageContaining("the same file as " + one);
        disk.openForReading(other).close();
        assertThatThrownBy(() -> disk.openAlone(other)).hasMessageContaining("which is open");

        alone.close();
        disk.openAlone(other).close();
        disk.openAlone(other).close();
    }
}
