package org.zeoraid.raidctl.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The delivered jar as a process of its own. */
final class RaidctlProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final Path out;
    private final Path err;

    private RaidctlProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** @param folder where its output is kept, under a name of its own */
    static RaidctlProcess start(Path folder, Object... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-jar",
                System.getProperty("raidctl.jar")));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        try {
            Path out = Files.createTempFile(folder, "out", ".log");
            Path err = Files.createTempFile(folder, "err", ".log");
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            return new RaidctlProcess(process, out, err);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A server that has said where it listens. */
    static RaidctlProcess serve(Path configuration) {
        return start(configuration.getParent(), "serve", "-C", configuration).says("INFO org.zeoraid.raidctl serves ");
    }

    /** Waits until it has said something. */
    RaidctlProcess says(String text) {
        await("that it says " + text).atMost(PATIENCE).until(() -> err().contains(text) || !process.isAlive());
        assertThat(process.isAlive()).as(err()).isTrue();
        return this;
    }

    /** Waits for its end. */
    int exitCode() {
        try {
            assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as("it ends")
                    .isTrue();
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Tells it to stop, as a service manager does. */
    int terminate() {
        process.destroy();
        return exitCode();
    }

    /** {@code kill -9}. */
    void kill() {
        process.destroyForcibly();
        exitCode();
    }

    String out() {
        return read(out);
    }

    String err() {
        return read(err);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            kill();
        }
    }
}
