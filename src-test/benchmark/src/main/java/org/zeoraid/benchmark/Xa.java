package org.zeoraid.benchmark;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * Distributed transactions: prepare and commit of one small object, beside what databases do with one on the same disk; and what a
 * transaction manager costs where an array is alone in a transaction.
 */
final class Xa {

    static final int BYTES = 256;

    private static final int ROUNDS = 5;
    private static final long WARM_UP = 1_000;
    private static final long TIME = 3_000;

    private Xa() {}

    static void run(Path folder) throws Exception {
        Bed.clear(folder);
        try (Bed bed = new Bed(folder.resolve("bare"));
                XaArray array = new XaArray(folder.resolve("array"), BYTES)) {
            twoPhases(folder, array);
            new Jta(bed.array(2).storage(), array, folder.resolve("jta")).run();
        }
    }

    /** Rounds of everything in turn, so that a slow spell of the machine meets all; medians of the rounds count. */
    private static void twoPhases(Path folder, XaArray array) throws Exception {
        try (XaTarget postgres = XaJdbc.postgres(folder.resolve("postgres"), BYTES);
                XaTarget h2 = XaJdbc.h2(folder.resolve("h2"), BYTES);
                XaTarget berkeley = new XaBerkeley(folder.resolve("berkeley"), BYTES)) {
            for (int threads : new int[] {1, 8}) {
                Map<XaTarget, List<Runnable>> clients = new LinkedHashMap<>();
                for (XaTarget target : List.of(array, postgres, h2, berkeley)) {
                    clients.put(target, clients(target, threads));
                }
                Map<XaTarget, List<Double>> ratios = new LinkedHashMap<>();
                for (int round = 0; round < ROUNDS; round++) {
                    long ours = 0;
                    for (Map.Entry<XaTarget, List<Runnable>> entry : clients.entrySet()) {
                        XaTarget target = entry.getKey();
                        Histogram histogram = Work.measure(entry.getValue(), WARM_UP, TIME);
                        Report.latency(
                                "prepare + commit, " + target.name() + ", " + threads(threads), histogram, TIME / 1e3);
                        if (target == array) {
                            ours = histogram.getTotalCount();
                        } else {
                            ratios.computeIfAbsent(target, key -> new ArrayList<>())
                                    .add((double) ours / histogram.getTotalCount());
                        }
                    }
                }
                ratios.forEach((target, values) -> Report.ratio(
                        "array of two / " + target.name() + ", prepare + commit, " + threads(threads),
                        Commits.middle(values),
                        target == postgres ? "at least 1" : "told only"));
            }
        }
    }

    private static List<Runnable> clients(XaTarget target, int count) throws Exception {
        List<Runnable> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            XaTarget.Client client = target.client();
            clients.add(() -> XaTarget.commit(client));
        }
        return clients;
    }

    private static String threads(int count) {
        return count == 1 ? "one thread" : count + " threads";
    }
}
