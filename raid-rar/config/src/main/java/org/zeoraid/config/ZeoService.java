package org.zeoraid.config;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.zeoraid.config.schema.Values;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.admin.ArrayEvent.Severity;
import org.zeoraid.storage.seam.Environment;
import org.zeoraid.zeo.server.Listener;
import org.zeoraid.zeo.server.Offering;
import org.zeoraid.zeo.server.ServerOptions;
import org.zeoraid.zeo.server.Tls;
import org.zeoraid.zeo.server.ZeoServer;

/** One {@code <zeo>} at work: its server, and its addresses, bound or to be tried again. Safe for any number of threads. */
final class ZeoService {

    private static final Logger LOG = System.getLogger("org.zeoraid.config");

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(64);

    private final ZeoDefinition definition;
    private final Map<String, Offering> offerings;
    private final ArraySet arrays;
    private final Environment environment;
    private final List<Door> doors;

    /** All that changes is guarded by this; the lock lets one attempt run at a time. */
    private @Nullable ZeoServer server;

    private Environment.@Nullable Timer next;
    private boolean closed;

    /** An address. */
    private static final class Door {
        private final org.zeoraid.config.schema.SocketAddress wanted;
        private Optional<SocketAddress> bound = Optional.empty();
        private String reason = "";

        Door(org.zeoraid.config.schema.SocketAddress wanted) {
            this.wanted = wanted;
        }
    }

    ZeoService(ZeoDefinition definition, Map<String, Offering> offerings, ArraySet arrays) {
        this.definition = definition;
        this.offerings = offerings;
        this.arrays = arrays;
        this.environment = arrays.environment();
        this.doors = definition.addresses().stream().map(Door::new).toList();
    }

    void start() {
        definition.pidFile().ifPresent(ZeoService::writeProcessId);
        attempt(FIRST_PAUSE);
    }

    synchronized List<SocketAddress> addresses() {
        return doors.stream().flatMap(door -> door.bound.stream()).toList();
    }

    synchronized List<String> failures() {
        return doors.stream()
                .filter(door -> door.bound.isEmpty())
                .map(door -> notServed(door.wanted, door.reason))
                .toList();
    }

    private synchronized void attempt(Duration pause) {
        if (closed) {
            return;
        }
        for (Door door : doors) {
            if (door.bound.isEmpty()) {
                attempt(door);
            }
        }
        if (doors.stream().anyMatch(door -> door.bound.isEmpty())) {
            Duration doubled = pause.multipliedBy(2);
            Duration longer = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
            next = environment.schedule(pause, () -> attemptAside(longer));
        }
    }

    /** Binding may look up names, which a timer's thread must not wait for. */
    private void attemptAside(Duration pause) {
        try {
            Environment.Worker worker = environment.worker("zeo-open");
            worker.execute(() -> {
                try (worker) {
                    attempt(pause);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "{0} is not tried again: the environment is closed", definition.addresses());
        }
    }

    private void attempt(Door door) {
        try {
            SocketAddress bound = server().listen(new Listener(address(door.wanted), administration()));
            door.bound = Optional.of(bound);
            if (!door.reason.isEmpty()) {
                LOG.log(Level.INFO, "ZEO clients are served at " + door.wanted + " now");
                note(Severity.INFO, "zeo-serving", "ZEO clients are served at " + door.wanted);
            }
        } catch (StorageException | IllegalArgumentException | IOException e) {
            failed(door, e);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the ZEO server met an error of the program", e);
            failed(door, e);
        }
    }

    private void failed(Door door, Exception failure) {
        String now = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        // Once for each reason: it may be tried for days.
        if (!now.equals(door.reason)) {
            door.reason = now;
            String text = notServed(door.wanted, now);
            LOG.log(
                    Level.WARNING,
                    text + ". Everything else is served. It is tried again, after pauses of "
                            + Values.show(LONGEST_PAUSE) + " at the most");
            note(Severity.WARNING, "zeo-not-serving", text);
        }
    }

    private void note(Severity severity, String kind, String text) {
        arrays.arrays().forEach(array -> array.note(severity, kind, text));
    }

    private static String notServed(org.zeoraid.config.schema.SocketAddress address, String reason) {
        return "ZEO clients are not served at " + address + ": " + reason;
    }

    private ZeoServer server() {
        ZeoServer running = server;
        if (running == null) {
            running = new ZeoServer(offerings, options(), environment.clock());
            server = running;
        }
        return running;
    }

    private ServerOptions options() {
        Path spool = arrays.arrays().get(0).blobFolder().resolve("zeo");
        return ServerOptions.builder(spool)
                .encoding(definition.msgpack() ? ServerOptions.Encoding.MSGPACK : ServerOptions.Encoding.PICKLE)
                .access(definition.readOnly() ? ServerOptions.Access.READ_ONLY : ServerOptions.Access.READ_WRITE)
                .invalidations(
                        definition.invalidationQueueSize(),
                        definition.invalidationAge().orElse(Duration.ZERO))
                .transactionTimeout(definition.transactionTimeout().orElse(Duration.ZERO))
                .conflicts(
                        definition.clientConflictResolution()
                                ? ServerOptions.Conflicts.RESOLVED_BY_CLIENTS
                                : ServerOptions.Conflicts.ERRORS)
                .tls(definition.tls().map(ZeoService::tls))
                .build();
    }

    private static Tls tls(TlsDefinition tls) {
        return new Tls(
                tls.certificate(),
                tls.key(),
                tls.clients() instanceof TlsDefinition.Clients.Known known
                        ? new Tls.Clients.Known(known.fileOrFolder())
                        : new Tls.Clients.Signed());
    }

    private Listener.Administration administration() {
        return definition.administration() == ZeoDefinition.Administration.EVERYWHERE
                ? Listener.Administration.EVERYWHERE
                : Listener.Administration.LOCAL;
    }

    private static SocketAddress address(org.zeoraid.config.schema.SocketAddress address) throws IOException {
        if (address instanceof org.zeoraid.config.schema.SocketAddress.Internet internet) {
            if (internet.host().isEmpty()) {
                return new InetSocketAddress(internet.port());
            }
            InetSocketAddress resolved = new InetSocketAddress(internet.host(), internet.port());
            if (resolved.isUnresolved()) {
                throw new IOException("the name " + internet.host() + " is not known");
            }
            return resolved;
        }
        Path path = ((org.zeoraid.config.schema.SocketAddress.Unix) address).path();
        if (path.getParent() != null) {
            Files.createDirectories(path.getParent());
        }
        return UnixDomainSocketAddress.of(path);
    }

    /** Ends everything without waiting. */
    Ending close() {
        ZeoServer running;
        synchronized (this) {
            closed = true;
            if (next != null) {
                next.close();
            }
            running = server;
            server = null;
        }
        definition.pidFile().ifPresent(ZeoService::removeProcessId);
        Environment.Worker worker = environment.worker("zeo-close");
        if (running != null) {
            worker.execute(running::close);
        }
        return worker::close;
    }

    /** Something that is being ended. */
    interface Ending {
        void await();
    }

    private static void writeProcessId(Path file) {
        try {
            if (file.getParent() != null) {
                Files.createDirectories(file.getParent());
            }
            Files.writeString(file, processId());
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the process id cannot be written to " + file, e);
        }
    }

    /** Not one that another process has written since. */
    private static void removeProcessId(Path file) {
        try {
            if (Files.exists(file) && Files.readString(file).equals(processId())) {
                Files.delete(file);
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the file of the process id cannot be removed: " + file, e);
        }
    }

    private static String processId() {
        return ProcessHandle.current().pid() + "\n";
    }
}
