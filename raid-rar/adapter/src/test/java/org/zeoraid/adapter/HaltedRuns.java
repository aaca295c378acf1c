package org.zeoraid.adapter;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Processes that are halted, one after the other in the same folder.
 *
 * @param kind the class with the main method
 */
record HaltedRuns(Path folder, Class<?> kind) {

    /** Runs one until it is halted, or ends; gives its exit code. */
    int run(String point, int times, String... more) throws Exception {
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
                point,
                Integer.toString(times)));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(Redirect.to(folder.resolve("output").toFile()))
                .start();
        try {
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                throw new AssertionError("the process hangs, to be halted at " + point + output());
            }
        } finally {
            process.destroyForcibly();
        }
        return process.exitValue();
    }

    /** What the last one has said. */
    String output() throws IOException {
        Path file = folder.resolve("output");
        return Files.exists(file) ? ":\n" + Files.readString(file) : "";
    }
}
