package org.zeoraid.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The floor of a commit: the same bytes appended to as many files, each synced with fdatasync, all at once. */
final class Floor implements Runnable, AutoCloseable {

    private final List<FileChannel> files = new ArrayList<>();
    private final ExecutorService threads;
    private final byte[] bytes;

    Floor(Path folder, int count, int size) {
        threads = Executors.newFixedThreadPool(count);
        bytes = new byte[size];
        try {
            for (int i = 0; i < count; i++) {
                Path home = Files.createDirectories(Bed.home(folder, i));
                files.add(FileChannel.open(
                        home.resolve("floor" + i), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void run() {
        List<Future<?>> writes = new ArrayList<>();
        for (FileChannel file : files) {
            writes.add(threads.submit(() -> {
                file.write(ByteBuffer.wrap(bytes), file.size());
                file.force(false);
                return null;
            }));
        }
        for (Future<?> write : writes) {
            try {
                write.get();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        threads.shutdown();
        for (FileChannel file : files) {
            file.close();
        }
    }
}
