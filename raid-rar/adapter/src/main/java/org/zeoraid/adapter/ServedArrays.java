package org.zeoraid.adapter;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.InvalidPropertyException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.zeoraid.config.ArraySet;
import org.zeoraid.config.ConfiguredArray;
import org.zeoraid.config.RaidConfiguration;
import org.zeoraid.config.ZeoListeners;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.ArrayAdministration;
import org.zeoraid.storage.seam.Environment;
import org.zeoraid.storage.seam.SystemEnvironment;

/** The arrays of a running resource adapter. Safe for any number of threads. */
final class ServedArrays {
    private static final Logger LOG = System.getLogger("org.zeoraid.adapter");

    private final SystemEnvironment environment;
    private final Map<String, ServedArray> arrays;
    private final ZeoListeners zeo;
    private final Inflows inflows;

    private ServedArrays(SystemEnvironment environment, Map<String, ServedArray> arrays, ZeoListeners zeo) {
        this.environment = environment;
        this.arrays = arrays;
        this.zeo = zeo;
        this.inflows = new Inflows(this, environment);
    }

    /**
     * Opens all arrays of a configuration, which assemble themselves from then on, and serves them to ZEO clients. What
     * cannot be opened, as where another process has it open, is failed until it can; so is an address that is taken. Leaves
     * nothing open if it throws.
     */
    static ServedArrays open(RaidConfiguration configuration) {
        // The recorder would keep Netty's events, and with them this class loader, until the server's process ends.
        System.getProperties().putIfAbsent("io.netty.jfr.enabled", "false");
        SystemEnvironment environment = new SystemEnvironment("raid");
        // Nor is it to stay with the server's thread, where Netty would leave things of its own.
        try (Environment.Worker opening = environment.worker("opening")) {
            return Stages.await(CompletableFuture.supplyAsync(() -> open(configuration, environment), opening));
        } catch (RuntimeException | Error e) {
            environment.close();
            throw e;
        }
    }

    private static ServedArrays open(RaidConfiguration configuration, SystemEnvironment environment) {
        ArraySet configured = ArraySet.open(configuration, environment);
        try {
            Map<String, ServedArray> arrays = serve(configured, environment);
            var setup = new RecoverySetup(RecoverySetup.Surroundings.OF_THIS_PROCESS);
            new RecoveryWatch(environment, configured.arrays(), setup).start();
            return new ServedArrays(environment, arrays, ZeoListeners.open(configuration, configured));
        } catch (RuntimeException | Error e) {
            configured.close();
            throw e;
        }
    }

    private static Map<String, ServedArray> serve(ArraySet configured, Environment environment) {
        Timeouts timeouts = new Timeouts(environment);
        Map<String, ServedArray> served = new LinkedHashMap<>();
        for (ConfiguredArray array : configured.arrays()) {
            BlobSpool spool = BlobSpool.open(array.blobFolder());
            array.serving().thenRun(() -> sweep(environment, array.name(), spool));
            ServedArray one = new ServedArray(array, spool, timeouts);
            one.connections().watch();
            served.put(array.name(), one);
        }
        return served;
    }

    /** Off the array's own thread. */
    private static void sweep(Environment environment, String name, BlobSpool spool) {
        Environment.Worker worker = environment.worker(name + "-sweep");
        worker.execute(() -> {
            try (worker) {
                spool.sweep();
            }
        });
    }

    /** Waits until all arrays serve, and says of those that do not in time why. */
    void awaitServing(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        for (ServedArray array : arrays.values()) {
            if (!array.awaitServing(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())))) {
                LOG.log(
                        Level.WARNING,
                        "array " + array.name() + " does not serve yet: "
                                + array.administration().status().reason());
            }
        }
    }

    List<String> names() {
        return List.copyOf(arrays.keySet());
    }

    ArrayAdministration administration(String name) {
        ServedArray array = arrays.get(name);
        if (array == null) {
            throw new AdministrationException(AdministrationException.Refusal.UNKNOWN, unknown(name));
        }
        return array.administration();
    }

    ServedArray served(String name) throws ResourceException {
        ServedArray array = arrays.get(name);
        if (array == null) {
            throw new InvalidPropertyException(unknown(name));
        }
        return array;
    }

    Inflows inflows() {
        return inflows;
    }

    private String unknown(String name) {
        return "there is no array " + name + "; configured: " + String.join(", ", arrays.keySet());
    }

    /** Disconnects ZEO clients, closes all arrays at once, and gives up on those that take longer, saying so. */
    void close(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        // Half of the time at the most: the arrays need theirs to end in order.
        long half = System.nanoTime() + patience.toNanos() / 2;
        Thread beans = closer("inflow", inflows::close);
        await("the ZEO server", closer("zeo", zeo::close), half);
        await("a message-driven bean", beans, half);
        Map<String, Thread> closers = new LinkedHashMap<>();
        arrays.forEach((name, array) -> closers.put(name, closer(name, () -> close(array))));
        closers.forEach((name, closer) -> await("array " + name, closer, deadline));
        await("the arrays' threads", closer("threads", environment::close), deadline);
    }

    private static Thread closer(String what, Runnable close) {
        // whatever hangs here must not hold the server's thread, or an application, in memory
        Thread closer = new Thread(null, close, "raid-adapter-close-" + what, 0, false);
        closer.setDaemon(true);
        closer.setContextClassLoader(ServedArrays.class.getClassLoader());
        closer.start();
        return closer;
    }

    private static void close(ServedArray array) {
        try {
            array.close();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "array " + array.name() + " could not be closed cleanly", e);
        }
    }

    private static void await(String what, Thread closer, long deadline) {
        try {
            closer.join(
                    Math.max(1, Duration.ofNanos(deadline - System.nanoTime()).toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (closer.isAlive()) {
            LOG.log(
                    Level.ERROR,
                    what + " did not close in time; a member or a client hangs. What it has open stays so until this"
                            + " process ends");
        }
    }
}
