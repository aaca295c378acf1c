package org.zeoraid.adapter;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Processes that are halted, one after the other in the same folder. How often one was halted at which point is written to a file of
 * the process's name in {@code target/halts}.
 */
final class HaltedRuns {
    /** Whatever files are called by: blobs, branches. */
    private static final Pattern NUMBERS = Pattern.compile("(0x)?[0-9a-f]{16}|[0-9]+");

    private final Path folder;
    private final Class<?> kind;
    private final Map<String, Integer> halts = new TreeMap<>();
    private int ends;

    /** @param kind the class with the main method */
    HaltedRuns(Path folder, Class<?> kind) {
        this.folder = folder;
        this.kind = kind;
    }

    /** Runs one until it is halted, or ends; gives its exit code. */
    int run(String wanted, int times, String... more) throws Exception {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                classPath,
                kind.getName(),
                folder.toString(),
                wanted,
                Integer.toString(times)));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(folder.resolve("output").toFile()))
                .start();
        try {
            if (!process.waitFor(10, TimeUnit.MINUTES)) {
                throw new AssertionError("the process hangs, to be halted at " + wanted + output());
            }
        } finally {
            process.destroyForcibly();
        }
        int exit = process.exitValue();
        if (exit == HaltingProcess.HALTED) {
            String point = Files.readString(HaltingPoints.halt(folder));
            halts.merge(NUMBERS.matcher(point).replaceAll("N"), 1, Integer::sum);
        } else if (exit == HaltingProcess.AGREED) {
            ends++;
        }
        report();
        return exit;
    }

    private void report() throws IOException {
        List<String> lines = new ArrayList<>();
        int all = halts.values().stream().mapToInt(Integer::intValue).sum();
        lines.add("halted %d times, went on to the end %d times".formatted(all, ends));
        halts.forEach((point, times) -> lines.add("%5d %s".formatted(times, point)));
        Files.write(Files.createDirectories(Path.of("target", "halts")).resolve(kind.getSimpleName() + ".txt"), lines);
    }

    /** What the last one has said. */
    String output() throws IOException {
        Path file = folder.resolve("output");
        return Files.exists(file) ? ":\n" + Files.readString(file) : "";
    }
}
