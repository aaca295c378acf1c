package org.zeoraid.zeo.client;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.commit.CommitOptions;
import org.zeoraid.storage.commit.TransactionalStorage;
import org.zeoraid.storage.contract.Steps;
import org.zeoraid.storage.seam.SystemEnvironment;
import org.zeoraid.zeo.server.Offering;
import org.zeoraid.zeo.server.ServerOptions;
import org.zeoraid.zeo.server.ZeoServer;

/** A server of our own over any members, on a real socket. Stopping one takes a second, so tests share it. */
final class ServedMember implements AutoCloseable {

    static final String NAME = "1";

    private final SystemEnvironment environment = new SystemEnvironment("served");
    private final Map<String, TransactionalStorage> storages = new LinkedHashMap<>();
    private final ZeoServer server;
    private final SocketAddress address;

    ServedMember(MemberSource below, Path folder, ServerOptions options) {
        this(Map.of(NAME, below), folder, options);
    }

    /** @param below by the storages' names */
    ServedMember(Map<String, MemberSource> below, Path folder, ServerOptions options) {
        this(below, folder, options, Offering::of);
    }

    /** @param sharedBlobs the folder of blobs that clients see too */
    ServedMember(MemberSource below, Path folder, ServerOptions options, Path sharedBlobs) {
        this(Map.of(NAME, below), folder, options, storage -> Offering.of(storage)
                .withSharedBlobs(sharedBlobs));
    }

    private ServedMember(
            Map<String, MemberSource> below,
            Path folder,
            ServerOptions options,
            Function<TransactionalStorage, Offering> offer) {
        Map<String, Offering> offered = new LinkedHashMap<>();
        below.forEach((name, member) -> {
            TransactionalStorage storage = Steps.await(TransactionalStorage.open(
                    name, Steps.await(member.open()), environment, CommitOptions.spillingTo(folder)));
            storages.put(name, storage);
            offered.put(name, offer.apply(storage));
        });
        server = new ZeoServer(offered, options, Clock.systemUTC());
        address = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    SocketAddress address() {
        return address;
    }

    TransactionalStorage storage() {
        return storages.values().iterator().next();
    }

    @Override
    public void close() {
        server.close();
        storages.values().forEach(TransactionalStorage::close);
        environment.close();
    }
}
