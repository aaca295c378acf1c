package org.zeoraid.adapter;

import jakarta.resource.ResourceException;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import jakarta.resource.spi.work.WorkManager;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.seam.Environment;

/** The message-driven beans that listen to the arrays of a running resource adapter. Safe for any number of threads. */
final class Inflows {
    private static final Logger LOG = System.getLogger("org.zeoraid.adapter");

    private final ServedArrays arrays;
    private final Environment environment;
    private final Environment.Worker worker;
    private final IdentityHashMap<MessageEndpointFactory, Inflow> inflows = new IdentityHashMap<>();

    Inflows(ServedArrays arrays, Environment environment) {
        this.arrays = arrays;
        this.environment = environment;
        this.worker = environment.worker("inflow");
    }

    /** @throws ResourceException if there is no such array */
    void begin(MessageEndpointFactory endpoints, RaidActivation spec, WorkManager works) throws ResourceException {
        spec.validate();
        Inflow inflow = new Inflow(arrays.served(spec.array()), spec, endpoints, works, environment, worker);
        synchronized (this) {
            inflows.put(endpoints, inflow);
        }
        LOG.log(
                Level.INFO,
                "a message-driven bean listens to {0}, up to {1} objects behind",
                spec,
                String.valueOf(spec.getCapacity()));
        inflow.start();
    }

    void end(MessageEndpointFactory endpoints) {
        end(remove(endpoints));
    }

    private synchronized @Nullable Inflow remove(MessageEndpointFactory endpoints) {
        return inflows.remove(endpoints);
    }

    private static void end(@Nullable Inflow inflow) {
        if (inflow != null) {
            inflow.end();
        }
    }

    /** Those that the server has not ended before. */
    void close() {
        List<MessageEndpointFactory> left;
        synchronized (this) {
            left = List.copyOf(inflows.keySet());
        }
        left.forEach(this::end);
    }
}
