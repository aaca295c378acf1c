package org.zeoraid.test.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What became of each run; a line for each point. */
final class CrashReport {
    /**
     * One run.
     *
     * @param settled how long after the restart nothing was in doubt any more; empty if it has failed
     */
    private record Run(int doubts, Optional<Duration> settled) {}

    private final Map<CrashPoint, List<Run>> runs = new LinkedHashMap<>();

    /** A run begins; it has failed until it {@link #agreed}. */
    void begun(CrashPoint point) {
        runs.computeIfAbsent(point, key -> new ArrayList<>()).add(new Run(0, Optional.empty()));
    }

    /** @param doubts how many branches were in doubt after the halt, where that could be seen */
    void agreed(CrashPoint point, int doubts, Duration settled) {
        List<Run> ofPoint = runs.get(point);
        ofPoint.set(ofPoint.size() - 1, new Run(doubts, Optional.of(settled)));
    }

    List<String> lines() {
        return runs.entrySet().stream()
                .map(entry -> line(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static String line(CrashPoint point, List<Run> runs) {
        List<Duration> settled =
                runs.stream().flatMap(run -> run.settled().stream()).sorted().toList();
        int doubts = runs.stream().mapToInt(Run::doubts).sum();
        String times = settled.isEmpty()
                ? ""
                : ", nothing in doubt %.1f s after the restart, at most %.1f s"
                        .formatted(
                                settled.get(settled.size() / 2).toMillis() / 1000.0,
                                settled.get(settled.size() - 1).toMillis() / 1000.0);
        return "%s: %d runs, %d agreed, %d branches in doubt%s"
                .formatted(point, runs.size(), settled.size(), doubts, times);
    }

    void write(Path file) throws IOException {
        Files.write(file, lines());
        lines().forEach(System.out::println);
    }
}
