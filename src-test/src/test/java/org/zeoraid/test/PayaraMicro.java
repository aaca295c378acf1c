package org.zeoraid.test;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.zeoraid.run.CommandFiles;

/**
 * A Payara Micro that is driven from outside, as a process: started, stopped, killed, started again, always with the
 * same data directory and the same port. Closing it kills what still runs.
 *
 * <pre>{@code
 * try (PayaraMicro server = PayaraMicro.in(folder).withApplication(TestApplication.war()).start()) {
 *     server.post("/app/commit?objects=10&size=1000");
 *     server.kill();
 *     server.start();
 * }
 * }</pre>
 *
 * <p>The folder then holds {@code data} (the data directory: {@code data/a/Data.fs} and so on), {@code work} (the
 * server's working directory with its command files) and {@code server-N.log}, the output of the N-th start.
 */
public final class PayaraMicro implements AutoCloseable {
    /** The password of the user {@code admin}. */
    public static final String PASSWORD = "a password for tests";

    private static final Duration START = Duration.ofSeconds(300);
    private static final Duration STOP = Duration.ofSeconds(120);
    private static final Pattern READY = Pattern.compile("Payara Micro .*ready in ");

    private final Path folder;
    private final Path data;
    private final int port;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final List<Path> applications = new ArrayList<>();
    private final List<String> jvmOptions =
            new ArrayList<>(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m"));
    private final List<Path> libraries = new ArrayList<>();
    private final Map<String, String> variables = new HashMap<>();
    private final List<String> commands = new ArrayList<>();
    private List<String> arrays = List.of("main");
    private Predicate<String> isWanted = command -> true;
    /** Tests run beside each other, and beside whatever else listens on this machine. */
    private String zeoAddress = "none";

    private int zeoPort;

    private @Nullable Path configuration;
    private @Nullable Path commandFolder;
    private @Nullable Process process;
    private int starts;

    private PayaraMicro(Path folder) {
        this.folder = folder;
        this.data = folder.resolve("data");
        this.port = Ports.free();
        variables.put("RAID_ADMIN_PASSWORD", PASSWORD);
        variables.put("RAID_NODE", folder.getFileName().toString());
    }

    /** One that keeps everything in this folder; it is created where there is none. Starts nothing. */
    public static PayaraMicro in(Path folder) {
        return new PayaraMicro(folder.toAbsolutePath());
    }

    /** One in a folder of this name under the build directory, emptied before. */
    public static PayaraMicro inFreshFolder(String name) {
        return in(Folders.fresh(name));
    }

    /** A further WAR; deployed in the order of these calls, after the resource adapter. */
    public PayaraMicro withApplication(Path war) {
        applications.add(war);
        return this;
    }

    /** The admin page, as the build left it. */
    public PayaraMicro withAdminPage() {
        return withApplication(Path.of(required("raid.war")));
    }

    /**
     * Arrays from a configuration file instead of the embedded default.
     *
     * @param names of the arrays, each of which gets its JNDI name
     */
    public PayaraMicro withConfiguration(Path file, String... names) {
        configuration = file;
        zeoAddress = "";
        arrays = List.of(names);
        return this;
    }

    /** Serves ZEO clients of this machine at a port that is free now; see {@link #zeoPort}. */
    public PayaraMicro withZeo() {
        return withZeoAt(Ports.free());
    }

    /** Serves ZEO clients of this machine at a port. */
    public PayaraMicro withZeoAt(int wanted) {
        zeoPort = wanted;
        zeoAddress = "localhost:" + wanted;
        return this;
    }

    /** The command files of this folder, {@code preboot.txt} and {@code postboot.txt}, instead of generated ones. */
    public PayaraMicro withCommandFiles(Path commands) {
        commandFolder = commands;
        return this;
    }

    /** A further command after the resource adapter is there, and before transactions are recovered. */
    public PayaraMicro withCommand(String command) {
        commands.add(command);
        return this;
    }

    /** One that recovers no transactions as it starts: that waits for arrays that do not serve. */
    public PayaraMicro withoutRecovery() {
        isWanted = command -> !command.contains("automatic-recovery") && !command.contains("recover-transactions");
        return this;
    }

    /** A jar for everything that is deployed. */
    public PayaraMicro withLibrary(Path jar) {
        libraries.add(jar);
        return this;
    }

    public PayaraMicro withJvmOption(String option) {
        jvmOptions.add(option);
        return this;
    }

    public PayaraMicro withVariable(String name, String value) {
        variables.put(name, value);
        return this;
    }

    /**
     * Starts it and waits until everything is deployed; may be called again after {@link #stop} and {@link #kill}. If it fails
     * nothing is left running.
     */
    public PayaraMicro start() {
        launch();
        try {
            awaitDeployed();
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
        return this;
    }

    /** Starts it without waiting for anything. */
    public void launch() {
        if (isAlive()) {
            throw new IllegalStateException("it runs");
        }
        starts++;
        try {
            Path work = prepareWorkFolder();
            ProcessBuilder builder = new ProcessBuilder(command());
            builder.directory(work.toFile()).redirectErrorStream(true).redirectOutput(log().toFile());
            builder.environment().putAll(variables);
            builder.environment().put("RAID_DATA", data.toString());
            if (configuration != null) {
                builder.environment()
                        .put("RAID_CONF", configuration.toAbsolutePath().toString());
            }
            process = ChildProcesses.start(builder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until everything is deployed. */
    public void awaitDeployed() {
        awaitOrTell("a server that is ready", () -> isReady() || !isAlive());
        if (!isAlive()) {
            throw failure("the server ended while it started");
        }
        List<String> expected = Stream.concat(
                        Stream.of("raid-rar"), applications.stream().map(PayaraMicro::applicationName))
                .toList();
        String report = logText();
        for (String name : expected) {
            if (!report.contains("\"Name\": \"" + name + "\"")) {
                throw failure(name + " was not deployed");
            }
        }
    }

    /** Asks it to stop, with SIGTERM, waits for its end, and gives its exit code. */
    public int stop() {
        Process running = running();
        running.destroy();
        return awaitEnd(running);
    }

    /** Kills it, with SIGKILL, and waits until it is gone. */
    public void kill() {
        Process running = running();
        running.destroyForcibly();
        awaitEnd(running);
    }

    private int awaitEnd(Process ending) {
        try {
            if (!ending.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
                ending.destroyForcibly();
                throw failure("the server has not ended within " + STOP);
            }
            return ending.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public boolean isAlive() {
        return process != null && process.isAlive();
    }

    private boolean isReady() {
        return READY.matcher(logText()).find();
    }

    /** The data directory. */
    public Path data() {
        return data;
    }

    public int port() {
        return port;
    }

    /** Where ZEO clients are served. */
    public int zeoPort() {
        return zeoPort;
    }

    /** The process that runs. */
    public ProcessHandle handle() {
        return running().toHandle();
    }

    /** An address on it, such as {@code /raid/}. */
    public URI uri(String pathAndQuery) {
        return URI.create("http://localhost:" + port + pathAndQuery);
    }

    /** The output of the last start. */
    public Path log() {
        return folder.resolve("server-" + starts + ".log");
    }

    public String logText() {
        try {
            return Files.readString(log(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the log has something that matches. */
    public void awaitLog(Pattern pattern) {
        awaitOrTell(
                "that its log has " + pattern, () -> pattern.matcher(logText()).find());
    }

    private void awaitOrTell(String what, Callable<Boolean> condition) {
        try {
            await().atMost(START).pollInterval(Duration.ofMillis(100)).until(condition);
        } catch (ConditionTimeoutException e) {
            throw failure("waited in vain for " + what + ", " + START);
        }
    }

    private AssertionError failure(String what) {
        return new AssertionError(what + "; the end of " + log() + ":\n" + logTail());
    }

    public HttpResponse<String> get(String pathAndQuery) {
        return send(HttpRequest.newBuilder(uri(pathAndQuery)).GET());
    }

    public HttpResponse<String> post(String pathAndQuery) {
        return send(HttpRequest.newBuilder(uri(pathAndQuery)).POST(BodyPublishers.noBody()));
    }

    public HttpResponse<String> post(String pathAndQuery, String body) {
        return send(HttpRequest.newBuilder(uri(pathAndQuery)).POST(BodyPublishers.ofString(body)));
    }

    /** The same as the user {@code admin}. */
    public HttpResponse<String> getAsAdmin(String pathAndQuery) {
        return send(asAdmin(HttpRequest.newBuilder(uri(pathAndQuery)).GET()));
    }

    /** The same as the user {@code admin}, with a JSON body, which may be empty. */
    public HttpResponse<String> postAsAdmin(String pathAndQuery, String json) {
        return send(asAdmin(HttpRequest.newBuilder(uri(pathAndQuery)))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json)));
    }

    private static HttpRequest.Builder asAdmin(HttpRequest.Builder request) {
        String credentials = Base64.getEncoder().encodeToString(("admin:" + PASSWORD).getBytes(StandardCharsets.UTF_8));
        return request.header("Authorization", "Basic " + credentials);
    }

    /** @throws UncheckedIOException if the server gives no answer, as when it is killed meanwhile */
    public HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return http.send(request.timeout(Duration.ofSeconds(60)).build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (isAlive()) {
            kill();
        }
    }

    private Path prepareWorkFolder() throws IOException {
        Path work = folder.resolve("work");
        Folders.delete(work);
        Files.createDirectories(work.resolve("tmp"));
        Files.createDirectories(data);
        Files.copy(Path.of(required("raid.rar")), work.resolve("raid-rar.rar"));
        if (commandFolder == null) {
            CommandFiles.Source source =
                    configuration == null ? CommandFiles.Source.EMBEDDED_DEFAULT : CommandFiles.Source.FILE;
            Files.write(work.resolve("preboot.txt"), CommandFiles.preBoot(source, zeoAddress));
            Files.write(
                    work.resolve("postboot.txt"),
                    CommandFiles.postBoot(arrays, commands).stream()
                            .filter(isWanted)
                            .toList());
        } else {
            for (String name : List.of("preboot.txt", "postboot.txt")) {
                Files.copy(commandFolder.resolve(name), work.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return work;
    }

    private List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(List.of(
                "-Djava.io.tmpdir=" + folder.resolve("work").resolve("tmp"),
                "-jar",
                required("raid.payara"),
                "--nohazelcast",
                "--port",
                Integer.toString(port),
                "--prebootcommandfile",
                "preboot.txt",
                "--postbootcommandfile",
                "postboot.txt"));
        for (Path library : libraries) {
            command.add("--addlibs");
            command.add(library.toString());
        }
        for (Path application : applications) {
            command.add("--deploy");
            command.add(application.toAbsolutePath().toString());
        }
        return command;
    }

    private Process running() {
        return Optional.ofNullable(process)
                .filter(Process::isAlive)
                .orElseThrow(() -> new IllegalStateException("it does not run"));
    }

    private String logTail() {
        List<String> lines = logText().lines().toList();
        return lines.stream().skip(Math.max(0, lines.size() - 120)).collect(Collectors.joining("\n"));
    }

    private static String applicationName(Path war) {
        return war.getFileName().toString().replaceFirst("\\.war$", "");
    }

    private static String required(String property) {
        String value = System.getProperty(property);
        if (value == null) {
            throw new IllegalStateException("the system property " + property + " is missing; run this through Maven");
        }
        return value;
    }
}
