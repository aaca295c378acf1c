package org.zeoraid.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;

/** What clients do to a storage while it is measured. */
final class Work {

    private static final TransactionMeta META = TransactionMeta.of("benchmark", "");

    private Work() {}

    /** A client's own objects, rewritten by each of its commits. */
    static final class Client {

        private final Storage storage;
        private final List<Oid> oids;
        private final byte[] data;
        private Tid serial = Tid.NONE;

        Client(Storage storage, int objects, int bytes, long seed) {
            this.storage = storage;
            this.oids = Bed.await(storage.newOids(objects));
            this.data = new byte[bytes];
            new Random(seed).nextBytes(data);
        }

        void commit() {
            StorageTransaction transaction = storage.begin(META);
            for (Oid oid : oids) {
                transaction.store(oid, serial, data);
            }
            Bed.await(transaction.vote());
            serial = Bed.await(transaction.finish());
        }
    }

    /** Latencies in nanoseconds of what several threads did again and again for some time. */
    static Histogram measure(List<? extends Runnable> clients, long warmUpMillis, long millis)
            throws InterruptedException {
        Histogram all = histogram();
        long start = System.nanoTime();
        long from = start + TimeUnit.MILLISECONDS.toNanos(warmUpMillis);
        long until = from + TimeUnit.MILLISECONDS.toNanos(millis);
        List<Thread> threads = new ArrayList<>();
        for (Runnable client : clients) {
            Thread thread = new Thread(() -> {
                Histogram own = histogram();
                for (long now = System.nanoTime(); now < until; ) {
                    client.run();
                    long after = System.nanoTime();
                    if (now >= from) {
                        own.recordValue(after - now);
                    }
                    now = after;
                }
                synchronized (all) {
                    all.add(own);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return all;
    }

    static Histogram histogram() {
        return new Histogram(TimeUnit.MINUTES.toNanos(10), 3);
    }

    /** Fills a storage with objects in transactions of many, and gives their oids. */
    static List<Oid> fill(Storage storage, int objects, int bytes, int perTransaction) {
        Random random = new Random(1);
        List<Oid> oids = new ArrayList<>(objects);
        while (oids.size() < objects) {
            StorageTransaction transaction = storage.begin(META);
            for (Oid oid : Bed.await(storage.newOids(Math.min(perTransaction, objects - oids.size())))) {
                byte[] data = new byte[bytes];
                random.nextBytes(data);
                transaction.store(oid, Tid.NONE, data);
                oids.add(oid);
            }
            Bed.await(transaction.vote());
            Bed.await(transaction.finish());
        }
        return oids;
    }
}
