package org.zeoraid.adapter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.zeoraid.api.RaidConnection;
import org.zeoraid.storage.ConflictException;
import org.zeoraid.storage.ObjectNotFoundException;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PreparedTransactions;
import org.zeoraid.storage.PreparedTransactions.Decider;
import org.zeoraid.storage.ProtocolException;

/** A server with an array in memory, connections and threads, that can be restarted and crash; what was prepared is in its journal. */
final class XaServer implements AutoCloseable {
    private static final int THREADS = 3;

    /** An admin's decision was refused. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;
    }

    private final Path folder;
    private final int sessions;
    private final TroubledLog log = new TroubledLog();
    private final List<ExecutorService> threads = new ArrayList<>();
    private final List<RaidManagedConnection> connections = new ArrayList<>();
    private final Map<Path, byte[]> saved = new HashMap<>();
    private MemoryArray array;
    private HandTimers timers;

    XaServer(Path folder, int sessions) {
        this.folder = folder;
        this.sessions = sessions;
        for (int i = 0; i < THREADS; i++) {
            threads.add(Executors.newSingleThreadExecutor());
        }
        open();
    }

    private void open() {
        array = new MemoryArray(
                folder,
                log.log,
                environment -> timers = new HandTimers(environment),
                // Nobody gives locks back while somebody waits for them.
                options -> options.withLockWait(Duration.ofMillis(1)));
        // A transaction manager asks which there are before it does anything else.
        Stages.await(prepared().settled());
        connections.clear();
        for (int i = 0; i < sessions; i++) {
            connections.add(array.connect());
        }
    }

    TroubledLog log() {
        return log;
    }

    // Sessions.

    XAResource xa(int session) {
        try {
            return connections.get(session).getXAResource();
        } catch (jakarta.resource.ResourceException e) {
            throw new AssertionError(e);
        }
    }

    RaidConnection handle(int session) {
        return array.handle(connections.get(session));
    }

    /** False for a conflict. */
    boolean vote(int session) {
        try {
            handle(session).vote();
            return true;
        } catch (ConflictException e) {
            return false;
        }
    }

    /** Ends a transaction of the connection's own, whoever began it. */
    void rollbackLocally(int session) {
        connections.get(session).local().drop();
    }

    /** The time of all transactions that have one is up. */
    void expire() {
        timers.fire();
    }

    /** Empty if there is none. */
    String current(Oid oid) {
        try {
            return array.current(oid);
        } catch (ObjectNotFoundException e) {
            return "";
        }
    }

    // Admins.

    private PreparedTransactions prepared() {
        return array.storage.prepared().orElseThrow();
    }

    void commitByAdmin(Xid xid) throws Exception {
        decide(prepared().commit(Xids.id(xid), Decider.ADMIN));
    }

    void rollbackByAdmin(Xid xid) throws Exception {
        decide(prepared().rollback(Xids.id(xid), Decider.ADMIN));
    }

    void forgetByAdmin(Xid xid) throws Exception {
        decide(prepared().forget(Xids.id(xid)));
    }

    private static void decide(CompletionStage<?> decision) throws RefusedException {
        try {
            Stages.await(decision);
        } catch (ProtocolException e) {
            throw new RefusedException();
        }
    }

    // Threads.

    /** Something that is done. */
    interface Task {
        void run() throws Exception;
    }

    /** Does it in one of the server's threads, and waits for that. */
    void inAnyThread(SplittableRandom random, Task task) throws Exception {
        threads.get(random.nextInt(THREADS))
                .submit(() -> {
                    task.run();
                    return this;
                })
                .get();
    }

    <T> CompletableFuture<T> later(Callable<T> task) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return task.call();
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });
    }

    // The process.

    void restart() {
        array.close();
        open();
    }

    /** What is on stable storage now is all that a crash leaves. */
    void saveJournal() {
        saved.clear();
        try (Stream<Path> files = Files.list(state())) {
            for (Path file : files.toList()) {
                try {
                    saved.put(file, Files.readAllBytes(file));
                } catch (NoSuchFileException e) {
                    // It has got another name meanwhile.
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path state() {
        return folder.resolve("state");
    }

    void crash() {
        array.close();
        try (Stream<Path> files = Files.list(state())) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            for (Map.Entry<Path, byte[]> file : saved.entrySet()) {
                Files.write(file.getKey(), file.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open();
    }

    @Override
    public void close() {
        array.close();
        threads.forEach(ExecutorService::shutdown);
    }
}
