package org.zeoraid.adapter;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.InvalidPropertyException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.zeoraid.storage.admin.AdministrationException;
import org.zeoraid.storage.admin.ArrayAdministration;

/** The arrays of a running resource adapter. Safe for any number of threads. */
final class ServedArrays {
    private static final Logger LOG = System.getLogger("org.zeoraid.adapter");

    private final Map<String, ServedArray> arrays;
    private final Timeouts timeouts;

    ServedArrays(List<ServedArray> served, Timeouts timeouts) {
        this.timeouts = timeouts;
        this.arrays = new LinkedHashMap<>();
        served.forEach(array -> arrays.put(array.name(), array));
    }

    static ServedArrays open(Settings settings) {
        return MemoryOpening.open(settings);
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
        arrays.forEach((name, array) -> {
            Thread closer = new Thread(() -> close(array), "raid-adapter-close-" + name);
            closer.setDaemon(true);
            closer.start();
            closers.put(name, closer);
        });
        long deadline = System.nanoTime() + patience.toNanos();
        closers.forEach((name, closer) -> await(name, closer, deadline));
    }

    private static void close(ServedArray array) {
        try {
            array.close();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "array " + array.name() + " could not be closed cleanly", e);
        }
    }

    private static void await(String name, Thread closer, long deadline) {
        try {
            closer.join(
                    Math.max(1, Duration.ofNanos(deadline - System.nanoTime()).toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (closer.isAlive()) {
            LOG.log(
                    Level.ERROR,
                    "array " + name + " has not closed in time; a member hangs. Its files may stay locked until this "
                            + "process ends");
        }
    }
}
