package org.zeoraid.raidctl.copy;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.zeoraid.raidctl.Common;
import org.zeoraid.raidctl.Exit;
import org.zeoraid.raidctl.Json;
import org.zeoraid.raidctl.Terminal;
import org.zeoraid.raidctl.Units;
import org.zeoraid.zeo.client.ClientTls;

/** Runs a copy and tells of it. Ctrl-C ends it between two transactions. */
final class Report {

    private final Common common;
    private final Place from;
    private final Place to;
    private final ClientTls tls;

    /** @param tls for those of the two whose address says so */
    Report(Common common, Place from, Place to, ClientTls tls) {
        this.common = common;
        this.from = from;
        this.to = to;
        this.tls = tls;
    }

    int run(Optional<java.nio.file.Path> fromBlobs, Optional<java.nio.file.Path> toBlobs, Transfer.Blobs blobs) {
        Terminal terminal = Terminal.on(common.err());
        AtomicBoolean stopped = new AtomicBoolean();
        CountDownLatch ended = new CountDownLatch(1);
        Thread onSignal = new Thread(() -> stop(stopped, ended), "raidctl-stop");
        Runtime.getRuntime().addShutdownHook(onSignal);
        long start = System.nanoTime();
        try (End source = Ends.open(from, Ends.Use.READ, fromBlobs, tls);
                End target = Ends.open(to, Ends.Use.WRITE, toBlobs, tls)) {
            Transfer.Result result = new Transfer(
                            source,
                            target,
                            blobs,
                            (phase, sofar, all) -> terminal.show(phase + ": "
                                    + (sofar.present() + sofar.copied()) + " transactions, "
                                    + Units.bytes(sofar.bytes()) + "  " + Units.percent(sofar.bytes(), all)
                                    + "  up to " + sofar.last().instant()),
                            stopped::get)
                    .run();
            terminal.clear();
            // Told here, not by whoever called: after a signal the process ends when this method does.
            if (stopped.get() && result.goal().isAfter(result.last())) {
                tellStopped(result);
                return Exit.FAILED;
            }
            tell(result, Duration.ofNanos(System.nanoTime() - start));
            return Exit.DONE;
        } finally {
            terminal.clear();
            ended.countDown();
            release(onSignal);
        }
    }

    private static void stop(AtomicBoolean stopped, CountDownLatch ended) {
        stopped.set(true);
        try {
            boolean inTime = ended.await(30, TimeUnit.SECONDS);
            if (!inTime) {
                System.err.println("raidctl: the copy does not end; what is there is whole transactions all the same");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void release(Thread onSignal) {
        try {
            Runtime.getRuntime().removeShutdownHook(onSignal);
        } catch (IllegalStateException e) {
            // The process is ending: the hook waits for this very end.
        }
    }

    private void tellStopped(Transfer.Result result) {
        common.err()
                .println("raidctl: stopped "
                        + (result.copied() == 0
                                ? "before anything was copied"
                                : "after transaction " + Units.tid(result.last()) + ", the last one of the source is "
                                        + Units.tid(result.goal()))
                        + "; the same command goes on from there");
    }

    private void tell(Transfer.Result result, Duration taken) {
        if (common.json()) {
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("from", from.toString());
            answer.put("to", to.toString());
            answer.put("present", result.present());
            answer.put("copied", result.copied());
            answer.put("records", result.records());
            answer.put("blobs", result.blobs());
            answer.put("lastTid", result.last().toString());
            answer.put("seconds", taken.toMillis() / 1000.0);
            common.out().println(Json.of(answer));
            return;
        }
        common.out()
                .println("copied " + result.copied() + " transactions, " + result.records() + " records, "
                        + result.blobs() + " blobs from " + from + " to " + to + " in " + Units.time(taken)
                        + (result.present() > 0 ? "; " + result.present() + " were there before, and are equal" : "")
                        + "; last transaction " + Units.tid(result.last()));
    }
}
