package org.zeoraid.zeo.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.commit.CommitOptions;
import org.zeoraid.storage.commit.TransactionalStorage;
import org.zeoraid.storage.memory.MemoryLog;
import org.zeoraid.storage.seam.SystemEnvironment;

/** A server over a storage in memory, named 1, that listens at a loopback address. */
final class Served implements AutoCloseable {

    final TransactionalStorage storage;
    final ZeoServer server;
    final SocketAddress address;
    private final SystemEnvironment environment = new SystemEnvironment();

    Served(Path folder, UnaryOperator<ServerOptions> options) {
        this(folder, options, Offering::of);
    }

    Served(Path folder, UnaryOperator<ServerOptions> options, java.util.function.Function<Storage, Offering> offering) {
        storage = TransactionalStorage.open("1", new MemoryLog(), environment, CommitOptions.spillingTo(folder))
                .toCompletableFuture()
                .join();
        server = new ZeoServer(
                Map.of("1", offering.apply(storage)),
                options.apply(ServerOptions.defaults(folder.resolve("spool"))),
                Clock.systemUTC());
        address = server.listen(loopback());
    }

    static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    @Override
    public void close() {
        server.close();
        storage.close();
        environment.close();
    }
}
