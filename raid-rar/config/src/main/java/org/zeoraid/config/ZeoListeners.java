package org.zeoraid.config;

import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.zeoraid.zeo.server.Offering;

/**
 * The arrays of a configuration, served to ZEO clients wherever its {@code <zeo>} sections say. An address that cannot be
 * bound does not keep the others from being served: it is tried again with growing pauses, a warning in the log and an
 * event of every array tells of it, and another one when it is bound. Safe for any number of threads.
 *
 * <p>Clients ask for an array by its name; if it is the only one they find it under {@value #NAMELESS} too, which is
 * what they ask for if they are told nothing.
 */
public final class ZeoListeners implements AutoCloseable {

    private static final String NAMELESS = "1";

    private final List<ZeoService> services;

    private ZeoListeners(List<ZeoService> services) {
        this.services = List.copyOf(services);
    }

    /**
     * Begins to serve. Everything that can be bound now is when this returns.
     *
     * @param arrays of this configuration; they are to be closed after this
     */
    public static ZeoListeners open(RaidConfiguration configuration, ArraySet arrays) {
        Map<String, Offering> offerings = offerings(arrays);
        List<ZeoService> services = configuration.listeners().stream()
                .map(definition -> new ZeoService(definition, offerings, arrays))
                .toList();
        ZeoListeners listeners = new ZeoListeners(services);
        try {
            services.forEach(ZeoService::start);
        } catch (RuntimeException | Error e) {
            listeners.close();
            throw e;
        }
        return listeners;
    }

    private static Map<String, Offering> offerings(ArraySet arrays) {
        Map<String, Offering> offerings = new LinkedHashMap<>();
        for (ConfiguredArray array : arrays.arrays()) {
            Offering sending = Offering.of(array.storage(), array.administration());
            Offering offering = array.definition().blobSharing() == ArrayDefinition.BlobSharing.SHARED
                    ? sending.withSharedBlobs(array.blobFolder())
                    : sending;
            offerings.put(array.name(), offering);
            if (arrays.arrays().size() == 1) {
                offerings.put(NAMELESS, offering);
            }
        }
        return offerings;
    }

    /** Where clients are served now, with the ports that were chosen where 0 was asked for. */
    public List<SocketAddress> addresses() {
        return services.stream()
                .flatMap(service -> service.addresses().stream())
                .toList();
    }

    /** What is in the way where clients should be served and are not, a sentence each; empty if all is well. */
    public List<String> failures() {
        return services.stream().flatMap(service -> service.failures().stream()).toList();
    }

    /** Disconnects all clients, stops listening, and waits for the ends of all threads; some 20 seconds at the most. */
    @Override
    public void close() {
        List<ZeoService.Ending> endings =
                services.stream().map(ZeoService::close).toList();
        endings.forEach(ZeoService.Ending::await);
    }
}
