package org.zeoraid.file.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.zeoraid.file.FileLog;
import org.zeoraid.file.FileOptions;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Content;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.TransactionStatus;
import org.zeoraid.storage.seam.SystemEnvironment;

/**
 * Measures the file member on this machine, each figure beside its floor. Not a test: run its main method, with a folder
 * on the disk in question and optionally the number of objects.
 */
public final class FileBenchmark {

    private static final int COMMITS = 600;
    private static final int RECORDS = 10;
    private static final int SIZE = 1000;

    private final Path folder;
    private final SystemEnvironment environment = new SystemEnvironment("bench");
    private final SplittableRandom random = new SplittableRandom(1);
    private long number = 1;

    private FileBenchmark(Path folder) {
        this.folder = folder;
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createTempDirectory(Path.of(arguments[0]), "file-benchmark");
        int objects = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1_000_000;
        FileBenchmark benchmark = new FileBenchmark(folder);
        try {
            for (int round = 0; round < 3; round++) {
                benchmark.commits(1);
                benchmark.commits(3);
                benchmark.clients();
            }
            benchmark.large(objects);
        } finally {
            benchmark.environment.close();
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path :
                        all.sorted((one, other) -> other.compareTo(one)).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private Tid tid() {
        return new Tid(0x0400_0000_0000_0000L + number++);
    }

    private FileLog open(String name) {
        return FileLog.open(FileOptions.of(name, folder.resolve(name)), environment);
    }

    private CommittedTransaction transaction(long firstOid, int records, int size) {
        List<DataRecord> entries = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            byte[] data = new byte[size];
            random.nextBytes(data);
            entries.add(new DataRecord(new Oid(firstOid + i), new Content.Data(data)));
        }
        return CommittedTransaction.of(
                new TransactionHeader(tid(), TransactionStatus.COMMITTED, TransactionMeta.of("bench", "mark"), 0),
                entries);
    }

    /** One client, so many logs in parallel, against plain files. */
    private void commits(int logs) throws Exception {
        double floor = floor(logs);
        List<FileLog> open = new ArrayList<>();
        for (int i = 0; i < logs; i++) {
            Files.deleteIfExists(folder.resolve("c" + i));
            open.add(open("c" + i));
        }
        long[] times = new long[COMMITS];
        Tid last = Tid.NONE;
        for (int n = 0; n < COMMITS; n++) {
            CommittedTransaction transaction = transaction(random.nextInt(1000), RECORDS, SIZE);
            long start = System.nanoTime();
            List<CompletionStage<Void>> stages = new ArrayList<>();
            for (FileLog log : open) {
                stages.add(log.append(last, transaction));
            }
            stages.forEach(stage -> stage.toCompletableFuture().join());
            times[n] = System.nanoTime() - start;
            last = transaction.tid();
        }
        open.forEach(FileLog::close);
        System.out.printf(
                "one client, %d logs: %s; floor %.0f us, %.2f of it%n", logs, text(times), floor, mean(times) / floor);
        clear();
    }

    private double floor(int files) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(files);
        List<FileChannel> channels = new ArrayList<>();
        for (int i = 0; i < files; i++) {
            channels.add(
                    FileChannel.open(folder.resolve("raw" + i), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
        }
        int bytes = RECORDS * (SIZE + 42) + 40;
        long[] times = new long[COMMITS];
        for (int n = 0; n < COMMITS; n++) {
            long position = (long) n * bytes;
            long start = System.nanoTime();
            List<Future<?>> done = new ArrayList<>();
            for (FileChannel channel : channels) {
                done.add(threads.submit(() -> {
                    channel.write(ByteBuffer.allocate(bytes), position);
                    channel.force(false);
                    return null;
                }));
            }
            for (Future<?> each : done) {
                each.get();
            }
            times[n] = System.nanoTime() - start;
        }
        for (FileChannel channel : channels) {
            channel.close();
        }
        threads.shutdown();
        return mean(times);
    }

    /** Eight clients with one transaction each under way. */
    private void clients() throws Exception {
        try (FileLog log = open("e")) {
            int clients = 8;
            CountDownLatch done = new CountDownLatch(clients);
            Object lock = new Object();
            Tid[] last = {log.lastTid().toCompletableFuture().join()};
            long start = System.nanoTime();
            for (int client = 0; client < clients; client++) {
                int first = client * 1000;
                Thread thread = new Thread(() -> {
                    for (int n = 0; n < COMMITS; n++) {
                        CompletionStage<Void> stage;
                        synchronized (lock) {
                            CommittedTransaction transaction = transaction(first, RECORDS, SIZE);
                            stage = log.append(last[0], transaction);
                            last[0] = transaction.tid();
                        }
                        stage.toCompletableFuture().join();
                    }
                    done.countDown();
                });
                thread.start();
            }
            done.await();
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf("eight clients: %.0f commits/s%n", clients * COMMITS / seconds);
        }
        clear();
    }

    private void large(int objects) throws Exception {
        long start = System.nanoTime();
        Tid last = Tid.NONE;
        try (FileLog log = open("l")) {
            CompletionStage<Void> done = log.append(last, transaction(0, 1, 1));
            last = log.lastTid().toCompletableFuture().join();
            done.toCompletableFuture().join();
            last = log.lastTid().toCompletableFuture().join();
            ArrayList<CompletionStage<Void>> window = new ArrayList<>();
            for (int oid = 0; oid < objects; oid += 100) {
                CommittedTransaction transaction = transaction(oid, 100, 256);
                window.add(log.append(last, transaction));
                last = transaction.tid();
                if (window.size() == 64) {
                    window.forEach(stage -> stage.toCompletableFuture().join());
                    window.clear();
                }
            }
            window.forEach(stage -> stage.toCompletableFuture().join());
            System.out.printf(
                    "append %d records of 256 bytes: %.0f records/s%n",
                    objects, objects / ((System.nanoTime() - start) / 1e9));
            loads(log, objects);
            start = System.nanoTime();
        }
        System.out.printf("close: %.0f ms%n", (System.nanoTime() - start) / 1e6);
        opening(objects);
        copy(objects);
    }

    private void loads(FileLog log, int objects) {
        for (int round = 0; round < 4; round++) {
            int count = 1_000_000;
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                log.loadBefore(new Oid(random.nextInt(objects)), Tid.MAX)
                        .toCompletableFuture()
                        .join();
            }
            double rate = count / ((System.nanoTime() - start) / 1e9);
            System.out.printf("loads in one thread, checksums on: %.0f/s%n", rate);
        }
    }

    private void opening(int objects) throws IOException {
        for (int round = 0; round < 2; round++) {
            time("open, fresh index", () -> open("l").close());
            byte[] index = Files.readAllBytes(folder.resolve("l.idx"));
            Files.delete(folder.resolve("l.idx"));
            time("open, no index (and close, which saves it)", () -> open("l").close());
            Files.write(folder.resolve("l.idx"), index);
        }
        try (FileLog log = open("l")) {
            // What the last 1,000 of many transactions cost to be found and read.
            Tid last = log.lastTid().toCompletableFuture().join();
            Tid from = new Tid(last.value() - 999);
            time("find and read the last 1,000 transactions' headers", () -> read(log.headers(from, Tid.MAX)));
            time("again", () -> read(log.headers(from, Tid.MAX)));
            System.out.printf("objects %d, file %d bytes%n", objects, Files.size(folder.resolve("l")));
        }
    }

    private void copy(int objects) throws IOException {
        try (FileLog log = open("l");
                FileLog copy = open("m")) {
            long start = System.nanoTime();
            Cursor<CommittedTransaction> cursor = log.transactions(Tid.NONE, Tid.MAX);
            Tid last = Tid.NONE;
            List<CompletionStage<Void>> before = new ArrayList<>();
            while (true) {
                List<CommittedTransaction> batch =
                        cursor.next(4 << 20).toCompletableFuture().join();
                if (batch.isEmpty()) {
                    break;
                }
                List<CompletionStage<Void>> stages = new ArrayList<>();
                for (CommittedTransaction transaction : batch) {
                    stages.add(copy.append(last, transaction));
                    last = transaction.tid();
                }
                before.forEach(stage -> stage.toCompletableFuture().join());
                before = stages;
            }
            before.forEach(stage -> stage.toCompletableFuture().join());
            System.out.printf(
                    "copy through the interface: %.0f records/s%n", objects / ((System.nanoTime() - start) / 1e9));
        }
    }

    private static <T> void read(Cursor<T> cursor) {
        while (!cursor.next(1 << 20).toCompletableFuture().join().isEmpty()) {}
    }

    private static void time(String what, Runnable task) {
        long start = System.nanoTime();
        task.run();
        System.out.printf("%s: %.1f ms%n", what, (System.nanoTime() - start) / 1e6);
    }

    private void clear() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            for (Path path : all.toList()) {
                Files.delete(path);
            }
        }
    }

    private static double mean(long[] nanos) {
        return Arrays.stream(nanos).skip(nanos.length / 6).average().orElse(0) / 1e3;
    }

    private static String text(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return String.format(
                "mean %.0f us, median %.0f, 99%% %.0f",
                mean(nanos), sorted[sorted.length / 2] / 1e3, sorted[sorted.length * 99 / 100] / 1e3);
    }
}
