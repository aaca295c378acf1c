package org.zeoraid.benchmark;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.zeoraid.storage.Storage;

/** Commits of ten objects of 1 KB, with one client and with eight. */
final class Commits {

    private static final int OBJECTS = 10;
    private static final int BYTES = 1024;
    /** What a transaction of them takes in a file. */
    private static final int ON_DISK = OBJECTS * (BYTES + 42) + 60;

    private static final long WARM_UP = 3_000;
    private static final long TIME = 6_000;
    private static final int ROUNDS = 3;

    private Commits() {}

    /** Rounds of everything in turn, so that a slow spell of the machine meets all; medians of the rounds count. */
    static void run(Path folder) throws Exception {
        List<Double> toFloor = new ArrayList<>();
        List<Double> eightToOne = new ArrayList<>();
        List<Double> twoToOne = new ArrayList<>();
        List<Double> twoToOneThroughput = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            Histogram floor;
            try (Bed bed = new Bed(folder);
                    Floor files = new Floor(bed.folder(), 3, ON_DISK)) {
                floor = Work.measure(List.of(files), WARM_UP / 3, TIME);
                Report.latency("floor: write + fdatasync on three files at once", floor, TIME / 1e3);
            }
            try (Bed bed = new Bed(folder)) {
                Storage three = bed.array(3).storage();
                Histogram one = clients("array of three, one client", three, 1);
                Histogram eight = clients("array of three, eight clients", three, 8);
                toFloor.add(median(one) / median(floor));
                eightToOne.add((double) eight.getTotalCount() / one.getTotalCount());
            }
            try (Bed bed = new Bed(folder)) {
                Storage single = bed.file("single");
                Histogram singleOne = clients("single file member, one client", single, 1);
                Histogram singleEight = clients("single file member, eight clients", single, 8);
                Storage two = bed.array(2).storage();
                Histogram twoOne = clients("array of two, one client", two, 1);
                Histogram twoEight = clients("array of two, eight clients", two, 8);
                twoToOne.add(median(twoOne) / median(singleOne));
                twoToOneThroughput.add((double) twoEight.getTotalCount() / singleEight.getTotalCount());
            }
        }
        Report.ratio("array of three / floor, median latency, one client", middle(toFloor), "at most 1.3");
        Report.ratio("eight clients / one client, throughput", middle(eightToOne), "at least 4");
        Report.ratio("array of two / single member, median latency", middle(twoToOne), "at most 1.4");
        Report.ratio("array of two / single member, throughput of eight", middle(twoToOneThroughput), "at least 0.85");
    }

    static Histogram clients(String what, Storage storage, int count) throws InterruptedException {
        List<Runnable> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(new Work.Client(storage, OBJECTS, BYTES, i)::commit);
        }
        Histogram histogram = Work.measure(clients, WARM_UP, TIME);
        Report.latency(what, histogram, TIME / 1e3);
        return histogram;
    }

    static double median(Histogram histogram) {
        return histogram.getValueAtPercentile(50);
    }

    static double middle(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
