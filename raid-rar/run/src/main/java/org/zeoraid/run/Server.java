package org.zeoraid.run;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.seam.DiskErrors;

/** Payara Micro as a child process, its output passed on line by line. */
final class Server {
    private static final Pattern READY = Pattern.compile("Payara Micro .*ready in ");
    /** A line of the report on what is deployed. */
    private static final Pattern DEPLOYED = Pattern.compile("\"Name\": \"([^\"]+)\"");

    /** The warning of a port that is taken. */
    private static final Pattern NOT_SERVED = Pattern.compile("ZEO clients are not served at (\\S+): ");

    /** The warning of a command of the command files that failed; what was printed of it may take more lines. */
    private static final Pattern FAILED_COMMAND = Pattern.compile("Boot Command (\\S+) failed (.*)");

    private static final int PATIENCE_SECONDS = 60;

    private final ProcessBuilder builder;
    private final List<String> failedCommands = new CopyOnWriteArrayList<>();
    private volatile boolean isReady;
    private volatile boolean recoversLater;
    private final Set<String> deployed = ConcurrentHashMap.newKeySet();
    private final Set<String> notServed = ConcurrentHashMap.newKeySet();
    /** It is ready, or never will be. */
    private final CountDownLatch started = new CountDownLatch(1);

    private final PrintStream out;

    private @Nullable Process process;
    private @Nullable Thread reader;
    private boolean isStopped;

    private Server(ProcessBuilder builder, PrintStream out) {
        this.builder = builder;
        this.out = out;
    }

    /**
     * Puts everything into place, and starts nothing.
     *
     * @param workFolder an empty folder, the server's working directory
     * @param variables of the server's environment, beside those of this process
     */
    static Server prepare(
            Options options, Path workFolder, List<String> arrays, Map<String, String> variables, PrintStream out)
            throws IOException {
        Path temporary = Files.createDirectories(workFolder.resolve("tmp"));
        Files.copy(options.rar(), workFolder.resolve("raid-rar.rar"));
        CommandFiles.Source source =
                options.configuration().isPresent() ? CommandFiles.Source.FILE : CommandFiles.Source.EMBEDDED_DEFAULT;
        Files.write(workFolder.resolve("preboot.txt"), CommandFiles.preBoot(source, options.zeoAddress()));
        Files.write(workFolder.resolve("postboot.txt"), CommandFiles.postBoot(arrays, others(options)));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options.jvm());
        // tells whoever looks for this process which directory it uses
        command.add("-Draid.data=" + options.data());
        command.addAll(temporaryFiles(temporary.toString()));
        command.addAll(List.of(
                "-jar",
                options.server().toString(),
                "--nohazelcast",
                "--port",
                Integer.toString(options.httpPort()),
                "--prebootcommandfile",
                "preboot.txt",
                "--postbootcommandfile",
                "postboot.txt"));
        for (Path library : options.libraries()) {
            command.add("--addlibs");
            command.add(library.toString());
        }
        for (Path war : options.wars()) {
            // a copy, so that a build meanwhile does not pull it away from under the server
            Path copy = workFolder.resolve(war.getFileName().toString());
            Files.copy(war, copy);
            command.add("--deploy");
            command.add(copy.getFileName().toString());
        }
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.directory(workFolder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(variables);
        return new Server(builder, out);
    }

    /** Where Payara unpacks itself; elsewhere if the path has letters with which it cannot read its own schemas. */
    static List<String> temporaryFiles(String folder) {
        return StandardCharsets.US_ASCII.newEncoder().canEncode(folder)
                ? List.of("-Djava.io.tmpdir=" + folder)
                : List.of();
    }

    private static List<String> others(Options options) throws IOException {
        return options.commands().isEmpty()
                ? List.of()
                : Files.readAllLines(options.commands().get()).stream()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                        .toList();
    }

    /**
     * Starts it, unless it was told to stop before.
     *
     * @return the number of its process
     */
    synchronized long start() {
        if (isStopped) {
            throw new LaunchException("told to stop before the server was started");
        }
        try {
            Process started = builder.start();
            process = started;
            started.getOutputStream().close();
            Thread output = new Thread(() -> passOn(started), "raid-server-output");
            output.setDaemon(true);
            output.start();
            reader = output;
            return started.pid();
        } catch (IOException e) {
            throw new LaunchException("the server cannot be started: " + DiskErrors.text(e), e);
        }
    }

    private synchronized Process process() {
        Process started = process;
        if (started == null) {
            throw new IllegalStateException("not started");
        }
        return started;
    }

    /** Waits until it is ready; false if it has ended before. */
    boolean awaitReady() throws InterruptedException {
        started.await();
        return isReady;
    }

    /** Whether it could not be told to recover transactions: it does so when it begins the first new one. */
    boolean recoversLater() {
        return recoversLater;
    }

    /** The commands of the command files that failed. */
    List<String> failedCommands() {
        return failedCommands;
    }

    boolean hasDeployed(String name) {
        return deployed.contains(name);
    }

    /** Whether ZEO clients are served at an address, as far as its log says. */
    boolean serves(String address) {
        return !notServed.contains(address);
    }

    /** Waits for its end and tells how it ended. */
    int awaitEnd() throws InterruptedException {
        int code = process().waitFor();
        awaitOutput();
        return code;
    }

    private void awaitOutput() throws InterruptedException {
        Thread output = reader;
        if (output != null) {
            output.join(TimeUnit.SECONDS.toMillis(5));
        }
    }

    /** Asks it to stop, waits, and kills it if it does not. One that has not been started will not be. */
    void stop() {
        Process running;
        synchronized (this) {
            isStopped = true;
            running = process;
        }
        if (running == null) {
            return;
        }
        // not Process.destroy(): that closes the output, and what the server says of its end is lost
        running.toHandle().destroy();
        try {
            if (!running.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("raid: the server has not stopped in " + PATIENCE_SECONDS + " s, it is killed");
                running.destroyForcibly().waitFor();
            }
            awaitOutput();
        } catch (InterruptedException e) {
            running.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void failed(String command, String why) {
        if (command.equals(CommandFiles.RECOVERY)) {
            recoversLater = true;
        } else {
            failedCommands.add(command + ": " + why);
        }
    }

    private void passOn(Process running) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(running.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                out.println(line);
                Matcher name = DEPLOYED.matcher(line);
                if (name.find()) {
                    deployed.add(name.group(1));
                }
                Matcher address = NOT_SERVED.matcher(line);
                if (address.find()) {
                    notServed.add(address.group(1));
                }
                Matcher command = FAILED_COMMAND.matcher(line);
                if (command.find()) {
                    failed(command.group(1), command.group(2));
                }
                if (READY.matcher(line).find()) {
                    isReady = true;
                    started.countDown();
                }
            }
        } catch (IOException e) {
            // the stream of a process that was killed ends like this
            out.println("raid: the server's output ended: " + e.getMessage());
        } finally {
            started.countDown();
        }
    }
}
