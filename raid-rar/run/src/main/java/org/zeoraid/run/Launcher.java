package org.zeoraid.run;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.zeoraid.config.ArrayDefinition;
import org.zeoraid.config.RaidConfiguration;
import org.zeoraid.config.schema.SocketAddress;
import org.zeoraid.config.syntax.ConfigurationException;
import org.zeoraid.storage.seam.DiskErrors;

/**
 * Runs the server in the foreground until it is told to stop. A signal that ends this process ends the server first,
 * cleanly, and is waited for.
 */
public final class Launcher {
    private final Options options;
    private final PrintStream out;

    private Launcher(Options options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    /**
     * Runs the server, and returns when it has been stopped.
     *
     * @throws LaunchException if it cannot be started, or ends by itself
     */
    public static void main(String... arguments) throws InterruptedException {
        try {
            new Launcher(Options.parse(List.of(arguments)), System.out).run();
        } catch (LaunchException e) {
            System.err.println("raid: " + e.getMessage());
            throw e;
        }
    }

    private void run() throws InterruptedException {
        RaidConfiguration configuration = configuration();
        List<String> arrays =
                configuration.arrays().stream().map(ArrayDefinition::name).toList();
        try (DataDirectory data = DataDirectory.hold(options.data())) {
            requireFreePort();
            AdminPassword password = AdminPassword.of(System.getenv(), options.data());
            Server server = prepare(data, arrays, variables(password));
            Thread stopper = new Thread(() -> stop(server, data), "raid-stop");
            Runtime.getRuntime().addShutdownHook(stopper);
            try {
                data.noteServer(server.start());
                report(server, configuration, password);
                int code = server.awaitEnd();
                if (!isStopping(stopper) && code != 0) {
                    throw new LaunchException("the server ended by itself with exit code " + code);
                }
            } finally {
                if (!isStopping(stopper)) {
                    server.stop();
                }
            }
        }
    }

    /** What a signal begins. */
    private void stop(Server server, DataDirectory data) {
        out.println();
        out.println("ZEORaid stops");
        server.stop();
        data.close();
        out.println("ZEORaid has stopped; the data lies in " + options.data());
    }

    /** Takes the hook back; if that is too late, this process is stopping. */
    private static boolean isStopping(Thread stopper) {
        try {
            Runtime.getRuntime().removeShutdownHook(stopper);
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    private Map<String, String> variables(AdminPassword password) {
        Map<String, String> variables = new HashMap<>();
        variables.put("RAID_DATA", options.data().toString());
        variables.put(NodeName.VARIABLE, NodeName.of(System.getenv(), options.data()));
        variables.put(AdminPassword.VARIABLE, password.value());
        options.configuration().ifPresent(file -> variables.put("RAID_CONF", file.toString()));
        return variables;
    }

    private Server prepare(DataDirectory data, List<String> arrays, Map<String, String> variables) {
        Path workFolder = data.emptyFolder("server");
        try {
            return Server.prepare(options, workFolder, arrays, variables, out);
        } catch (IOException e) {
            throw new LaunchException("the server cannot be started: " + DiskErrors.text(e), e);
        }
    }

    private RaidConfiguration configuration() {
        try {
            return options.configuration()
                    .map(RaidConfiguration::parse)
                    .orElseGet(() -> RaidConfiguration.embedded(options.data()))
                    .listeningAt(options.zeoAddress());
        } catch (ConfigurationException e) {
            throw new LaunchException("the configuration cannot be used:\n" + e.getMessage(), e);
        }
    }

    private void requireFreePort() {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(options.httpPort()));
        } catch (IOException e) {
            throw new LaunchException(
                    "port " + options.httpPort() + " is in use; give another one with -Dhttp.port=N", e);
        }
    }

    private void report(Server server, RaidConfiguration configuration, AdminPassword password)
            throws InterruptedException {
        if (!server.awaitReady()) {
            return;
        }
        if (!server.hasDeployed("raid-rar")) {
            throw new LaunchException("the resource adapter was not deployed; the server's log above says why");
        }
        for (Path war : options.wars()) {
            String name = war.getFileName().toString().replaceFirst("\\.war$", "");
            if (!server.hasDeployed(name)) {
                throw new LaunchException(name + " was not deployed; the server's log above says why");
            }
        }
        if (!server.failedCommands().isEmpty()) {
            throw new LaunchException("the server could not be set up; its log above says why these commands failed:\n"
                    + String.join("\n", server.failedCommands()));
        }
        out.println();
        out.println("ZEORaid is up");
        if (!options.wars().isEmpty()) {
            out.println("  page    http://localhost:" + options.httpPort() + "/raid/");
            out.println("  user    admin, password " + password.origin());
        }
        out.println("  arrays  "
                + configuration.arrays().stream().map(ArrayDefinition::name).collect(Collectors.joining(", ")));
        out.println("  zeo     " + zeo(server, configuration));
        out.println("  data    " + options.data());
        if (server.recoversLater()) {
            out.println("  note    transactions that a crash interrupted are recovered when the first new one begins");
        }
        out.println("  stop    Ctrl-C");
        out.println();
    }

    private static String zeo(Server server, RaidConfiguration configuration) {
        String served = configuration.listeners().stream()
                .flatMap(listener -> listener.addresses().stream())
                .map(SocketAddress::toString)
                .map(address -> server.serves(address) ? address : "not yet at " + address + ", the log above says why")
                .collect(Collectors.joining(", "));
        return served.isEmpty() ? "not served" : served;
    }
}
