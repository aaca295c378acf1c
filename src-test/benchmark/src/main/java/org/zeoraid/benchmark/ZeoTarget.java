package org.zeoraid.benchmark;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * A server's storage that is measured.
 *
 * @param name for people
 * @param process the server's, to see how much processor time it takes; none if it is not known, or elsewhere
 */
record ZeoTarget(String name, InetSocketAddress address, String storage, Optional<ProcessHandle> process) {

    /** Another server, given as the system properties {@code benchmark.server}, host:port/storage, and {@code benchmark.server.pid}. */
    static Optional<ZeoTarget> given() {
        String server = System.getProperty("benchmark.server", "");
        if (server.isEmpty()) {
            return Optional.empty();
        }
        int slash = server.lastIndexOf('/');
        int colon = server.lastIndexOf(':', slash);
        if (colon < 0) {
            throw new IllegalArgumentException("benchmark.server is host:port/storage, not " + server);
        }
        String pid = System.getProperty("benchmark.server.pid", "");
        return Optional.of(new ZeoTarget(
                server,
                new InetSocketAddress(server.substring(0, colon), Integer.parseInt(server.substring(colon + 1, slash))),
                server.substring(slash + 1),
                pid.isEmpty() ? Optional.empty() : ProcessHandle.of(Long.parseLong(pid))));
    }

    /** The processor time that the server has taken so far, in nanoseconds; not a number if that cannot be seen. */
    double processorTime() {
        return process.flatMap(handle -> handle.info().totalCpuDuration())
                .map(Duration::toNanos)
                .map(Long::doubleValue)
                .orElse(Double.NaN);
    }
}
