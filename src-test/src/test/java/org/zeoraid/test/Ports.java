package org.zeoraid.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/**
 * Ports for servers that keep theirs over restarts. They lie below the range that the operating system gives clients their
 * ports from: while a server is down no client of the same machine can take its place.
 */
public final class Ports {
    private static final int LOWEST = 10_000;
    private static final int ATTEMPTS = 1_000;
    private static final Set<Integer> GIVEN = new HashSet<>();

    private Ports() {}

    /** One where nobody listens now, and that was not given before. */
    public static synchronized int free() {
        int port = IntStream.generate(Ports::any)
                .limit(ATTEMPTS)
                .filter(candidate -> !GIVEN.contains(candidate) && isFree(candidate))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no port is free"));
        GIVEN.add(port);
        return port;
    }

    private static int any() {
        return ThreadLocalRandom.current().nextInt(LOWEST, lowestOfClients());
    }

    private static int lowestOfClients() {
        Path range = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
        try {
            int lowest = Files.exists(range)
                    ? Integer.parseInt(Files.readString(range).strip().split("\\s+")[0])
                    : 32_768;
            return Math.max(lowest, LOWEST + ATTEMPTS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket(port)) {
            return probe.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
