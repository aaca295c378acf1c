package org.zeoraid.adapter;

import jakarta.resource.ResourceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.admin.ArrayAdministration;
import org.zeoraid.storage.commit.CommitOptions;
import org.zeoraid.storage.commit.TransactionalStorage;
import org.zeoraid.storage.commit.WriteGate;
import org.zeoraid.storage.journal.JournalOptions;
import org.zeoraid.storage.journal.PreparedJournal;
import org.zeoraid.storage.memory.MemoryLog;
import org.zeoraid.storage.seam.Environment;
import org.zeoraid.storage.seam.SystemEnvironment;

/** A storage in memory, served like an array. */
final class MemoryArray implements AutoCloseable {
    final SystemEnvironment environment = new SystemEnvironment();
    final Storage storage;
    final ServedArray served;

    MemoryArray(Path folder) {
        this(folder, new MemoryLog());
    }

    /** @param log what an earlier process may have left, as the folder may have its journal */
    MemoryArray(Path folder, TransactionLog log) {
        this(folder, log, UnaryOperator.identity(), UnaryOperator.identity());
    }

    /**
     * @param timing whose timers say when the time of transactions is up
     * @param options how commits are made
     */
    MemoryArray(
            Path folder, TransactionLog log, UnaryOperator<Environment> timing, UnaryOperator<CommitOptions> options) {
        Path state = folder.resolve("state");
        try {
            Files.createDirectories(state);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        TransactionalStorage opened = new TransactionalStorage(
                "main",
                log,
                environment,
                options.apply(CommitOptions.spillingTo(folder.resolve("spill"))),
                WriteGate.OPEN);
        Stages.await(opened.keepPrepared(
                JournalOptions.in(List.of(state), (level, text) -> {}), PreparedJournal.Unseen.MAY_HAVE_A_COPY));
        Stages.await(opened.resume(Tid.NONE));
        storage = opened;
        served = new ServedArray(
                storage,
                unused(),
                CompletableFuture.completedFuture(null),
                storage::close,
                BlobSpool.open(folder.resolve("blobs")),
                new Timeouts(timing.apply(environment)),
                Duration.ZERO);
    }

    RaidManagedConnection connect() {
        return new RaidManagedConnection(served, new RaidManagedConnectionFactory());
    }

    RaidConnection handle(RaidManagedConnection connection) {
        try {
            return (RaidConnection) connection.getConnection(null, null);
        } catch (ResourceException e) {
            throw new AssertionError(e);
        }
    }

    /** An object that is committed already. */
    Oid committed(String text) {
        RaidConnection connection = handle(connect());
        Oid oid = connection.newOid();
        connection.store(oid, bytes(text));
        return oid;
    }

    /** What everybody sees. */
    String current(Oid oid) {
        return text(handle(connect()).load(oid).data());
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static ArrayAdministration unused() {
        return (ArrayAdministration) Proxy.newProxyInstance(
                MemoryArray.class.getClassLoader(),
                new Class<?>[] {ArrayAdministration.class},
                (proxy, method, args) -> {
                    throw new AssertionError("not to be called here: " + method);
                });
    }

    @Override
    public void close() {
        served.close();
        environment.close();
    }
}
