package org.zeoraid.raidctl.admin;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.zeoraid.config.ArraySet;
import org.zeoraid.config.RaidConfiguration;
import org.zeoraid.config.ZeoListeners;
import org.zeoraid.raidctl.Cli;
import org.zeoraid.raidctl.call.ZeoClient;
import org.zeoraid.storage.BranchId;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PreparedTransactions;
import org.zeoraid.storage.PreparedTransactions.Decider;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageTransaction;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionMeta;
import org.zeoraid.storage.admin.ArrayState;
import org.zeoraid.storage.seam.Environment;

/** Arrays of file members, served at a Unix socket by this process. */
final class Served implements AutoCloseable {

    private final Path folder;
    private final Path socket;
    private final ArraySet arrays;
    private final ZeoListeners listeners;
    private long lastOid;

    private Served(Path folder, Path socket, ArraySet arrays, ZeoListeners listeners) {
        this.folder = folder;
        this.socket = socket;
        this.arrays = arrays;
        this.listeners = listeners;
    }

    /** Serves what is configured in a folder, and waits until an array is in a state. */
    static Served in(Path folder, ArrayState awaited) {
        RaidConfiguration configuration = RaidConfiguration.parse(folder.resolve("zeo.conf"));
        return in(folder, awaited, configuration, ArraySet.open(configuration));
    }

    /** The same in an environment that is closed afterwards. */
    static Served in(Path folder, ArrayState awaited, Environment environment) {
        RaidConfiguration configuration = RaidConfiguration.parse(folder.resolve("zeo.conf"));
        return in(folder, awaited, configuration, ArraySet.open(configuration, environment));
    }

    private static Served in(Path folder, ArrayState awaited, RaidConfiguration configuration, ArraySet arrays) {
        ZeoListeners listeners = ZeoListeners.open(configuration, arrays);
        Served served = new Served(folder, folder.resolve("zeo.sock"), arrays, listeners);
        served.awaitState(awaited);
        return served;
    }

    /** Writes the configuration of one array {@code main} with these members. */
    static void configure(Path folder, String... members) {
        StringBuilder text = new StringBuilder("<zeo>\n  address ./zeo.sock\n</zeo>\n<raidstorage main>\n");
        text.append("  assembly-wait 1h\n");
        for (String member : members) {
            text.append("  <filestorage ").append(member).append(">\n    path ").append(member);
            text.append("/Data.fs\n  </filestorage>\n");
        }
        try {
            Files.writeString(folder.resolve("zeo.conf"), text.append("</raidstorage>\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitState(ArrayState state) {
        await("that the array is " + state)
                .atMost(Duration.ofSeconds(30))
                .until(() -> arrays.arrays().get(0).administration().status().state() == state);
    }

    /** Runs a command against it. */
    Cli.Answer ask(Object... words) {
        List<Object> all = new ArrayList<>(Arrays.asList(words));
        all.add("--socket");
        all.add(socket);
        return Cli.run(all.toArray());
    }

    /** Commits that many transactions, each a new revision of an object that is new at first. */
    void commit(int count, int bytes) {
        try (ZeoClient client = ZeoClient.connect(UnixDomainSocketAddress.of(socket), "main")) {
            Map<Oid, Tid> object = new LinkedHashMap<>(Map.of(new Oid(++lastOid), Tid.NONE));
            for (int i = 0; i < count; i++) {
                byte[] data = Arrays.copyOf(("revision " + i).getBytes(StandardCharsets.UTF_8), bytes);
                Tid tid = client.commit("test", object, data);
                object.replaceAll((oid, serial) -> tid);
            }
        }
    }

    /** Prepares a branch that changes one new object, as a transaction manager of this process would. */
    void prepare(BranchId branch) {
        Storage storage = arrays.arrays().get(0).storage();
        StorageTransaction transaction = storage.begin(TransactionMeta.EMPTY);
        transaction.store(new Oid(++lastOid), Tid.NONE, new byte[2000]);
        transaction.vote().toCompletableFuture().join();
        transaction.prepare(branch).toCompletableFuture().join();
    }

    /** Commits a branch, as its transaction manager. */
    void commitPrepared(BranchId branch) {
        PreparedTransactions prepared =
                arrays.arrays().get(0).storage().prepared().orElseThrow();
        prepared.commit(branch, Decider.TRANSACTION_MANAGER)
                .toCompletableFuture()
                .join();
    }

    Path folder() {
        return folder;
    }

    @Override
    public void close() {
        listeners.close();
        arrays.close();
    }
}
