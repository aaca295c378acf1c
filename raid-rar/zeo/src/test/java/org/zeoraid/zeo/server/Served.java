package org.zeoraid.zeo.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.TransactionMeta;
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

    Served(Path folder, UnaryOperator<ServerOptions.Builder> options) {
        this(folder, options, Offering::of);
    }

    Served(Path folder, UnaryOperator<ServerOptions.Builder> options, Function<Storage, Offering> offering) {
        this(folder, options, offering, new MemoryLog());
    }

    private Served(
            Path folder,
            UnaryOperator<ServerOptions.Builder> options,
            Function<Storage, Offering> offering,
            TransactionLog log) {
        storage = TransactionalStorage.open("1", log, environment, CommitOptions.spillingTo(folder))
                .toCompletableFuture()
                .join();
        server = new ZeoServer(
                Map.of("1", offering.apply(storage)),
                options.apply(ServerOptions.builder(folder.resolve("spool"))).build(),
                Clock.systemUTC());
        address = server.listen(loopback());
    }

    /** Over a log in memory with something of a test's in between. */
    static Served over(Path folder, UnaryOperator<TransactionLog> between) {
        return new Served(folder, options -> options, Offering::of, between.apply(new MemoryLog()));
    }

    /** Commits one object by another way than a client's. */
    Tid commit(long oid, Tid based, byte[] data) {
        StorageTransaction transaction = storage.begin(TransactionMeta.of("", ""));
        transaction.store(new Oid(oid), based, data);
        transaction.vote().toCompletableFuture().join();
        return transaction.finish().toCompletableFuture().join();
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
