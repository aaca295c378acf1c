package org.zeoraid.benchmark;

import static org.zeoraid.benchmark.Bed.await;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.zeoraid.array.RaidArray;
import org.zeoraid.storage.admin.MemberState;

/** Recovery of an empty member and of one that missed a little, and what it costs those who commit meanwhile. */
final class Recovery {

    private static final int MISSED = 1_000;

    private Recovery() {}

    static void run(Path folder) throws Exception {
        empty(folder, 2_000_000);
        missed(folder, 10_000);
        missed(folder, 1_000_000);
        foreground(folder, 1_000_000);
    }

    private static void empty(Path folder, int records) throws Exception {
        try (Bed bed = new Bed(folder)) {
            RaidArray array = bed.array(2);
            await(array.disable("b"));
            Work.fill(array.storage(), records, 256, 100);
            long start = System.nanoTime();
            await(array.rebuild("b"));
            awaitOptimal(array);
            double seconds = (System.nanoTime() - start) / 1e9;
            Report.rate("recovery of an empty member, records of 256 bytes", records / seconds, "records");
        }
    }

    private static void missed(Path folder, int objects) throws Exception {
        try (Bed bed = new Bed(folder)) {
            RaidArray array = bed.array(2);
            Work.fill(array.storage(), objects, 256, 1000);
            await(array.disable("b"));
            Work.Client client = new Work.Client(array.storage(), 10, 256, 1);
            for (int i = 0; i < MISSED; i++) {
                client.commit();
            }
            long start = System.nanoTime();
            await(array.recover("b"));
            awaitOptimal(array);
            Report.print(
                    "%-58s %8.0f ms   (wanted: under 1000)",
                    "recovery of " + MISSED + " missed transactions, " + objects + " objects",
                    (System.nanoTime() - start) / 1e6);
        }
    }

    private static void foreground(Path folder, int records) throws Exception {
        try (Bed bed = new Bed(folder)) {
            RaidArray array = bed.array(3);
            Work.fill(array.storage(), records, 256, 100);
            List<Runnable> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                clients.add(new Work.Client(array.storage(), 10, 1024, i)::commit);
            }
            Histogram without = Work.measure(clients, 3_000, 10_000);
            Report.latency("commits of four clients, no recovery", without, 10);
            await(array.disable("c"));
            await(array.rebuild("c"));
            Histogram during = Work.histogram();
            long start = System.nanoTime();
            while (state(array) != MemberState.OPTIMAL) {
                during.add(Work.measure(clients, 0, 250));
            }
            Report.latency("the same while a member is rebuilt", during, (System.nanoTime() - start) / 1e9);
            Report.ratio(
                    "99th percentile during / without",
                    (double) during.getValueAtPercentile(99) / without.getValueAtPercentile(99),
                    "at most 2");
        }
    }

    static void awaitOptimal(RaidArray array) {
        while (state(array) != MemberState.OPTIMAL) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    /** The state of the last member. */
    private static MemberState state(RaidArray array) {
        var members = array.status().members();
        var last = members.get(members.size() - 1);
        if (last.state() != MemberState.OPTIMAL && last.state() != MemberState.RECOVERING) {
            throw new IllegalStateException("recovery failed: " + last);
        }
        return last.state();
    }
}
