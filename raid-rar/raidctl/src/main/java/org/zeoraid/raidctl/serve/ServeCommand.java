package org.zeoraid.raidctl.serve;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.zeoraid.config.ArrayDefinition;
import org.zeoraid.config.ArraySet;
import org.zeoraid.config.RaidConfiguration;
import org.zeoraid.config.ZeoListeners;
import org.zeoraid.raidctl.Common;
import org.zeoraid.raidctl.Exit;
import org.zeoraid.raidctl.Refusal;
import org.zeoraid.zeo.Addresses;
import org.zeoraid.zeo.server.ZeoServer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code raidctl serve -C FILE}. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = {
            "Opens the arrays of a configuration and serves them to ZEO clients where its <zeo> says, until it is told to"
                    + " stop: by SIGTERM, or Ctrl-C.",
            "Messages go where <eventlog> says, or to the standard error."
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:stopped as told",
            "1:cannot listen anywhere, or did not stop in order",
            "2:the configuration cannot be used, each problem told with its line"
        })
public final class ServeCommand implements Callable<Integer> {

    private static final Logger LOG = System.getLogger("org.zeoraid.raidctl");

    /** What service managers give by themselves is a minute and a half. */
    private static final Duration PATIENCE = Duration.ofSeconds(50);

    @Mixin
    private Common common = new Common();

    @Option(
            names = {"-C", "--configuration"},
            paramLabel = "CONF",
            required = true,
            description = "The configuration, such as /etc/raid/zeo.conf.")
    private Path configuration = Path.of("");

    @Option(names = "--check", description = "Only read the configuration, and tell what is wrong in it.")
    private boolean check;

    /** To be called as early as possible: while the configuration is read, another processor loads the server. */
    public static void loadAhead() {
        Thread thread = new Thread(ZeoServer::load, "raidctl-load");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public Integer call() {
        if (!Files.isReadable(configuration)) {
            throw Refusal.wrongUse("there is no readable file " + configuration.toAbsolutePath());
        }
        RaidConfiguration read = RaidConfiguration.parse(configuration);
        Eventlog log = Eventlog.of(configuration);
        if (read.listeners().isEmpty()) {
            throw Refusal.wrongUse(configuration + " has no <zeo> section, so nothing would be served; expected"
                    + " '<zeo>' with an address in it");
        }
        if (check) {
            read.notices().stream()
                    .map(String::valueOf)
                    .filter(notice -> !Eventlog.isAboutThis(notice))
                    .forEach(common.err()::println);
            common.out()
                    .println(configuration + ": all right, arrays "
                            + read.arrays().stream().map(ArrayDefinition::name).collect(Collectors.joining(", ")));
            return Exit.DONE;
        }
        try {
            log.install();
        } catch (IOException e) {
            throw Refusal.failed("the log cannot be opened: " + e, e);
        }
        return serve(read);
    }

    private static int serve(RaidConfiguration configuration) {
        Stopping stopping = new Stopping(PATIENCE);
        // The system waits for this before it ends the process.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(stopping), "raidctl-stop"));
        try {
            serve(configuration, stopping);
            LOG.log(Level.INFO, "has stopped; all is on disk");
            stopping.ended(Exit.DONE);
            return Exit.DONE;
        } catch (RuntimeException e) {
            if (stopping.isTold()) {
                LOG.log(Level.ERROR, "did not stop in order", e);
            }
            throw e;
        } finally {
            stopping.ended(Exit.FAILED);
        }
    }

    private static void stop(Stopping stopping) {
        if (!stopping.hasEnded()) {
            // Ended by a signal it would not be known as stopped in order.
            Runtime.getRuntime().halt(stopping.stop());
        }
    }

    private static void serve(RaidConfiguration configuration, Stopping stopping) {
        try (ArraySet arrays = ArraySet.open(configuration);
                ZeoListeners listeners = ZeoListeners.open(configuration, arrays)) {
            List<String> failures = listeners.failures();
            if (listeners.addresses().isEmpty()) {
                throw Refusal.failed(String.join("; ", failures));
            }
            LOG.log(
                    Level.INFO,
                    "serves " + configuration.origin() + " at "
                            + listeners.addresses().stream()
                                    .map(Addresses::shown)
                                    .collect(Collectors.joining(", "))
                            + "; process " + ProcessHandle.current().pid());
            stopping.await();
            LOG.log(Level.INFO, "stops");
        }
    }
}
