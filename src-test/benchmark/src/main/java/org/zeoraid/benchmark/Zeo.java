package org.zeoraid.benchmark;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.HdrHistogram.Histogram;
import org.zeoraid.storage.Oid;

/**
 * Our server, and another one beside it if there is one, under a load driver that costs less than they do: loads, commits,
 * recovery out of them, and a large blob.
 */
final class Zeo {

    private static final int OBJECTS = 10;
    private static final int BYTES = 1024;
    private static final int RECORDS = Integer.getInteger("benchmark.records", 200_000);
    private static final int ROUNDS = Integer.getInteger("benchmark.rounds", 3);
    private static final long WARM_UP = 2_000;
    private static final long TIME = 5_000;

    /** What Python's server took of a processor, where both were measured, in µs; half of it is wanted. */
    private static final String LOAD_WANTED = "at most 35 to 52";

    private static final String COMMIT_WANTED = "at most 450 to 550";

    private final Map<String, List<Double>> figures = new LinkedHashMap<>();
    private final List<Double> floors = new ArrayList<>();

    private Zeo() {}

    /** Rounds of everything on all servers in turn, so that a slow spell of the machine meets all. */
    static void run(Path folder) throws Exception {
        Zeo zeo = new Zeo();
        try (ZeoServerProcess own = new ZeoServerProcess(folder.resolve("server"), "-Xmx1g")) {
            List<ZeoTarget> targets = new ArrayList<>(List.of(own.target()));
            ZeoTarget.given().ifPresent(targets::add);
            List<List<Oid>> oids = new ArrayList<>();
            for (ZeoTarget target : targets) {
                oids.add(fill(target));
            }
            for (int round = 0; round < ROUNDS; round++) {
                for (ZeoTarget target : targets) {
                    zeo.note(target, "recovery", ZeoRecovery.rate(folder.resolve("recovery"), target, RECORDS));
                }
            }
            for (int round = 0; round < ROUNDS; round++) {
                zeo.floor();
                for (int i = 0; i < targets.size(); i++) {
                    zeo.loads(targets.get(i), oids.get(i));
                    zeo.commits(targets.get(i));
                }
            }
            Report.ratio(
                    "floor: as many bytes there and back, median, µs", Commits.middle(zeo.floors), "a load's best");
            targets.forEach(zeo::report);
        }
        ZeoBlobs.run(folder.resolve("blobs"));
    }

    /** Transactions of ten records of 1 KB into an empty storage, by four clients. */
    private static List<Oid> fill(ZeoTarget target) throws Exception {
        ConcurrentLinkedQueue<Oid> oids = new ConcurrentLinkedQueue<>();
        List<ZeoConnection> connections = connect(target, 4);
        if (!connections.get(0).startedEmpty()) {
            throw new IllegalStateException(target + " is not empty, so how many records it has is not known");
        }
        List<Thread> threads = new ArrayList<>();
        int each = RECORDS / OBJECTS / connections.size();
        for (ZeoConnection connection : connections) {
            Thread thread = new Thread(() -> {
                ZeoCommits client = new ZeoCommits(connection, 1, BYTES, threads.size());
                for (int i = 0; i < each; i++) {
                    oids.addAll(client.create(OBJECTS));
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        close(connections);
        if (oids.size() != RECORDS) {
            throw new IllegalStateException(oids.size() + " records were stored of " + RECORDS);
        }
        return List.copyOf(oids);
    }

    private void floor() throws Exception {
        try (ZeoFloor floor = new ZeoFloor(BYTES)) {
            floors.add(Commits.median(Work.measure(List.of(floor), WARM_UP, TIME)) / 1e3);
        }
    }

    private void loads(ZeoTarget target, List<Oid> oids) throws Exception {
        try (ZeoConnection connection = new ZeoConnection(target)) {
            ZeoLoads loads = new ZeoLoads(connection, oids);
            Histogram one = measure(target, "load, one at a time", List.of(loads::one));
            note(target, "load", Commits.median(one) / 1e3);
            Histogram pipelined = measure(target, "load, pipelined", List.of(loads::next));
            note(target, "pipelined", pipelined.getTotalCount() / (TIME / 1e3));
            loads.drain();
        }
    }

    private void commits(ZeoTarget target) throws Exception {
        double one = commits(target, 1);
        note(target, "ratio", commits(target, 8) / one);
    }

    /** How many in a second. */
    private double commits(ZeoTarget target, int count) throws Exception {
        List<ZeoConnection> connections = connect(target, count);
        List<Runnable> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(new ZeoCommits(connections.get(i), OBJECTS, BYTES, i)::commit);
        }
        Histogram histogram = measure(target, "commit, " + count + (count == 1 ? " client" : " clients"), clients);
        close(connections);
        double rate = histogram.getTotalCount() / (TIME / 1e3);
        note(target, "commits " + count, rate);
        return rate;
    }

    private Histogram measure(ZeoTarget target, String what, List<Runnable> clients) throws InterruptedException {
        Work.measure(clients, 0, WARM_UP);
        double before = target.processorTime();
        Histogram histogram = Work.measure(clients, 0, TIME);
        double each = (target.processorTime() - before) / 1e3 / histogram.getTotalCount();
        note(target, "processor, " + what, each);
        Report.latency(target.name() + ": " + what, histogram, TIME / 1e3);
        return histogram;
    }

    private static List<ZeoConnection> connect(ZeoTarget target, int count) {
        List<ZeoConnection> connections = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            connections.add(new ZeoConnection(target));
        }
        return connections;
    }

    private static void close(List<ZeoConnection> connections) throws Exception {
        for (ZeoConnection connection : connections) {
            connection.close();
        }
    }

    private void note(ZeoTarget target, String what, double figure) {
        figures.computeIfAbsent(target.name() + what, first -> new ArrayList<>())
                .add(figure);
    }

    private double middle(ZeoTarget target, String what) {
        return Commits.middle(figures.getOrDefault(target.name() + what, List.of(Double.NaN)));
    }

    private void report(ZeoTarget target) {
        String name = target.name() + ": ";
        boolean ours = target.name().equals("ours");
        Report.ratio(name + "load, one at a time, median, µs", middle(target, "load"), "at most 60");
        Report.ratio(name + "loads pipelined on one connection, /s", middle(target, "pipelined"), "at least 50000");
        processor(target, "load, one at a time", LOAD_WANTED);
        processor(target, "load, pipelined", LOAD_WANTED);
        Report.rate(name + "commits of one client", middle(target, "commits 1"), "commits");
        Report.rate(name + "commits of eight clients", middle(target, "commits 8"), "commits");
        Report.ratio(name + "eight clients / one client, throughput", middle(target, "ratio"), "at least 3");
        processor(target, "commit, 1 client", COMMIT_WANTED);
        processor(target, "commit, 8 clients", COMMIT_WANTED);
        Report.ratio(
                name + "recovery of an empty member, records/s",
                middle(target, "recovery"),
                ours ? "at least 150000" : "at least 25000 out of Python's");
    }

    private void processor(ZeoTarget target, String what, String wanted) {
        Report.ratio(
                target.name() + ": server's processor time, µs a " + what,
                middle(target, "processor, " + what),
                wanted);
    }
}
