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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Payara Micro as a child process, its output passed on line by line. */
final class Server {
    private static final Pattern READY = Pattern.compile("Payara Micro .*ready in ");
    /** A line of the report on what is deployed. */
    private static final Pattern DEPLOYED = Pattern.compile("\"Name\": \"([^\"]+)\"");

    /** The warning of a port that is taken. */
    private static final Pattern NOT_SERVED = Pattern.compile("ZEO clients are not served at (\\S+): ");

    private static final int PATIENCE_SECONDS = 60;

    private final Process process;
    private final Set<String> deployed = ConcurrentHashMap.newKeySet();
    private final Set<String> notServed = ConcurrentHashMap.newKeySet();
    private final CountDownLatch ready = new CountDownLatch(1);
    private final Thread reader;

    private Server(Process process, PrintStream out) {
        this.process = process;
        this.reader = new Thread(() -> passOn(out), "raid-server-output");
        reader.setDaemon(true);
    }

    /** @param workFolder an empty folder, the server's working directory */
    static Server start(Options options, Path workFolder, List<String> arrays, String password, PrintStream out)
            throws IOException {
        Path temporary = Files.createDirectories(workFolder.resolve("tmp"));
        Files.copy(options.rar(), workFolder.resolve("raid-rar.rar"));
        CommandFiles.Source source =
                options.configuration().isPresent() ? CommandFiles.Source.FILE : CommandFiles.Source.EMBEDDED_DEFAULT;
        Files.write(workFolder.resolve("preboot.txt"), CommandFiles.preBoot(source, options.zeoAddress()));
        Files.write(workFolder.resolve("postboot.txt"), CommandFiles.postBoot(arrays));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options.jvm());
        command.addAll(List.of(
                "-Djava.io.tmpdir=" + temporary,
                "-jar",
                options.server().toString(),
                "--nohazelcast",
                "--port",
                Integer.toString(options.httpPort()),
                "--prebootcommandfile",
                "preboot.txt",
                "--postbootcommandfile",
                "postboot.txt"));
        for (Path war : options.wars()) {
            // a copy, so that a build meanwhile does not pull it away from under the server
            Path copy = workFolder.resolve(war.getFileName().toString());
            Files.copy(war, copy);
            command.add("--deploy");
            command.add(copy.getFileName().toString());
        }
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.directory(workFolder.toFile()).redirectErrorStream(true);
        builder.environment().put("RAID_DATA", options.data().toString());
        options.configuration().ifPresent(file -> builder.environment().put("RAID_CONF", file.toString()));
        builder.environment().put(AdminPassword.VARIABLE, password);
        Process process = builder.start();
        process.getOutputStream().close();
        Server server = new Server(process, out);
        server.reader.start();
        return server;
    }

    long processId() {
        return process.pid();
    }

    /** Waits until it is ready or has ended. */
    boolean awaitReady() throws InterruptedException {
        ready.await();
        return process.isAlive();
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
        int code = process.waitFor();
        reader.join(TimeUnit.SECONDS.toMillis(5));
        return code;
    }

    /** Asks it to stop, waits, and kills it if it does not. */
    void stop() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("raid: the server has not stopped in " + PATIENCE_SECONDS + " s, it is killed");
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void passOn(PrintStream out) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
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
                if (READY.matcher(line).find()) {
                    ready.countDown();
                }
            }
        } catch (IOException e) {
            // the stream of a process that was killed ends like this
            out.println("raid: the server's output ended: " + e.getMessage());
        } finally {
            ready.countDown();
        }
    }
}
