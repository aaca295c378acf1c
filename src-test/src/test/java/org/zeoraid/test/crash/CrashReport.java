package org.zeoraid.test.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** What became of each run; a line for each point. */
final class CrashReport {
    /**
     * A restart.
     *
     * @param doubts transactions that were in doubt in the database at the halt
     * @param served how long it took until the server was up
     * @param settled how long then until nothing was in doubt
     */
    record Restart(int doubts, Duration served, Duration settled) {}

    private final Map<CrashPoint, List<Optional<Restart>>> runs = new LinkedHashMap<>();

    /** A run begins; it has failed until it {@link #agreed}. */
    void begun(CrashPoint point) {
        runs.computeIfAbsent(point, key -> new ArrayList<>()).add(Optional.empty());
    }

    void agreed(CrashPoint point, Restart restart) {
        List<Optional<Restart>> ofPoint = runs.get(point);
        ofPoint.set(ofPoint.size() - 1, Optional.of(restart));
    }

    private static String line(CrashPoint point, List<Optional<Restart>> runs) {
        List<Restart> agreed = runs.stream().flatMap(Optional::stream).toList();
        return "%s: halted %d times, agreed %d times, in doubt in the database %d; up after %s, nothing in doubt %s later"
                .formatted(
                        point,
                        runs.size(),
                        agreed.size(),
                        agreed.stream().mapToInt(Restart::doubts).sum(),
                        times(agreed, Restart::served),
                        times(agreed, Restart::settled));
    }

    private static String times(List<Restart> restarts, Function<Restart, Duration> time) {
        LongSummaryStatistics millis =
                restarts.stream().map(time).mapToLong(Duration::toMillis).summaryStatistics();
        return "%.1f s (at most %.1f s)".formatted(millis.getAverage() / 1000, Math.max(0, millis.getMax()) / 1000.0);
    }

    void write(Path file) throws IOException {
        List<String> lines = runs.entrySet().stream()
                .map(entry -> line(entry.getKey(), entry.getValue()))
                .toList();
        Files.write(file, lines);
        lines.forEach(System.out::println);
    }
}
