package org.zeoraid.adapter;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.InvalidPropertyException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.zeoraid.array.RaidArray;
import org.zeoraid.config.ArrayDefinition;
import org.zeoraid.config.RaidConfiguration;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.ArrayAdministration;
import org.zeoraid.storage.seam.SystemEnvironment;

/** The arrays of a running resource adapter. Safe for any number of threads. */
final class ServedArrays {
    private static final Logger LOG = System.getLogger("org.zeoraid.adapter");

    private final SystemEnvironment environment;
    private final Timeouts timeouts = new Timeouts();
    private final Map<String, ServedArray> arrays = new LinkedHashMap<>();

    private ServedArrays(SystemEnvironment environment) {
        this.environment = environment;
    }

    /**
     * Opens all arrays of a configuration; they assemble themselves from then on.
     *
     * @throws org.zeoraid.storage.StorageException if one cannot even begin to, as where another process has it open; none
     *     is open then
     */
    static ServedArrays open(RaidConfiguration configuration) {
        configuration.notices().forEach(notice -> LOG.log(Level.INFO, notice.toString()));
        ServedArrays opened = new ServedArrays(new SystemEnvironment("raid"));
        try {
            configuration.arrays().forEach(array -> opened.open(array, configuration));
            return opened;
        } catch (RuntimeException e) {
            opened.close(Duration.ofSeconds(20));
            throw e;
        }
    }

    private void open(ArrayDefinition definition, RaidConfiguration configuration) {
        String name = definition.name();
        RaidArray array =
                RaidArray.open(environment, () -> configuration.reread(name).in(environment));
        arrays.put(name, new ServedArray(array, BlobSpool.open(definition.blobFolder()), timeouts));
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

    private String unknown(String name) {
        return "there is no array " + name + "; configured: " + String.join(", ", arrays.keySet());
    }

    /** Closes all arrays at once, and gives up on those that take longer, saying so. */
    void close(Duration patience) {
        timeouts.close();
        Map<String, Thread> closers = new LinkedHashMap<>();
        arrays.forEach((name, array) -> closers.put(name, closer(name, () -> close(array))));
        long deadline = System.nanoTime() + patience.toNanos();
        closers.forEach((name, closer) -> await("array " + name, closer, deadline));
        await("the arrays' threads", closer("threads", environment::close), deadline);
    }

    private static Thread closer(String what, Runnable close) {
        Thread closer = new Thread(close, "raid-adapter-close-" + what);
        closer.setDaemon(true);
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
                    what + " did not close in time; a member hangs. Its files may stay locked until this process ends");
        }
    }
}
