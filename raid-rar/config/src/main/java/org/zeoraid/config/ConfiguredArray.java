package org.zeoraid.config;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.zeoraid.array.ArrayConfiguration;
import org.zeoraid.array.RaidArray;
import org.zeoraid.config.schema.Values;
import org.zeoraid.config.syntax.ConfigurationException;
import org.zeoraid.storage.ArrayFailedException;
import org.zeoraid.storage.Storage;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.admin.ArrayAdministration;
import org.zeoraid.storage.admin.ArrayEvent.Severity;
import org.zeoraid.storage.seam.Environment;

/**
 * An array of a configuration, whether it could be opened or not. What it cannot be opened for, such as a state directory
 * that another process still holds, is tried again with growing pauses, and at once when an admin reloads the array. Safe
 * for any number of threads.
 */
public final class ConfiguredArray implements AutoCloseable {

    private static final Logger LOG = System.getLogger("org.zeoraid.config");

    /** The longest pause in times of the first one. */
    private static final int MOST_PATIENCE = 64;

    private static final int MOST_NOTES = 100;

    private final Environment environment;
    private final RaidConfiguration configuration;
    private final ArrayDefinition definition;
    private final StorageDoor storage = new StorageDoor(this);
    private final AdministrationDoor administration = new AdministrationDoor(this);
    private final Instant since;

    /** Whether the configuration that was given is still to be used; after that the file is read again. */
    private final AtomicBoolean fresh = new AtomicBoolean(true);

    /** Guards {@link #open} and {@link #closed}, and lets one attempt run at a time. */
    private final Object attempts = new Object();

    /** Events from before it was open; guarded by {@link #attempts}. */
    private final List<Note> notes = new ArrayList<>();

    private final CompletableFuture<Void> serving = new CompletableFuture<>();

    private volatile @Nullable RaidArray open;
    private volatile String reason = "has not been opened yet";
    private volatile boolean closed;
    private Environment.@Nullable Timer next;

    private record Note(Severity severity, String kind, String text) {}

    private ConfiguredArray(Environment environment, RaidConfiguration configuration, ArrayDefinition definition) {
        this.environment = environment;
        this.configuration = configuration;
        this.definition = definition;
        this.since = environment.clock().instant();
    }

    static ConfiguredArray open(Environment environment, RaidConfiguration configuration, ArrayDefinition definition) {
        ConfiguredArray array = new ConfiguredArray(environment, configuration, definition);
        array.attempt(definition.options().retryPause());
        return array;
    }

    public String name() {
        return definition.name();
    }

    /** The array as clients see it: always the same object. Closing it closes this. */
    public Storage storage() {
        return storage;
    }

    /** Completes when the array serves for the first time; fails if it is closed before. */
    public CompletionStage<Void> serving() {
        return serving.copy();
    }

    /** The array as admins see it: always the same object. */
    public ArrayAdministration administration() {
        return administration;
    }

    /** Where whoever serves the array keeps the blobs of transactions in progress; created when it is needed. */
    public Path blobFolder() {
        return definition.blobFolder();
    }

    /** Puts something into the array's event log, at once or, while it is not open, when it is. */
    public void note(Severity severity, String kind, String text) {
        synchronized (attempts) {
            RaidArray array = open;
            if (array != null) {
                array.note(severity, kind, text);
            } else if (notes.size() < MOST_NOTES) {
                notes.add(new Note(severity, kind, text));
            }
        }
    }

    /** Stops the array in order and waits for its end. */
    @Override
    public void close() {
        closeAsync().toCompletableFuture().join();
    }

    /** Does what {@link #close} does without holding up the caller. */
    public CompletionStage<Void> closeAsync() {
        synchronized (attempts) {
            closed = true;
            if (next != null) {
                next.close();
            }
            RaidArray array = open;
            if (array == null) {
                serving.completeExceptionally(new StorageClosedException("array " + name() + " is closed"));
                return CompletableFuture.completedFuture(null);
            }
            return array.closeAsync();
        }
    }

    ArrayDefinition definition() {
        return definition;
    }

    /** Since when it is as it is, while it is not open. */
    Instant since() {
        return since;
    }

    /** Why it is not open. */
    String reason() {
        return reason;
    }

    Optional<RaidArray> opened() {
        return Optional.ofNullable(open);
    }

    /**
     * @throws ArrayFailedException if it could not be opened
     * @throws StorageClosedException if that will not happen any more
     */
    RaidArray current() {
        RaidArray array = open;
        if (array != null) {
            return array;
        }
        throw closed
                ? new StorageClosedException("array " + name() + " is closed")
                : new ArrayFailedException("array " + name() + " could not be opened: " + reason);
    }

    /** Tries to open it if it is not, and goes on trying after pauses. */
    void attempt(Duration pause) {
        synchronized (attempts) {
            if (open != null || closed) {
                return;
            }
            if (next != null) {
                next.close();
            }
            try {
                RaidArray array = RaidArray.open(environment, this::read);
                open = array;
                storage.opened(array.storage());
                array.serving().whenComplete((nothing, failure) -> {
                    if (failure == null) {
                        serving.complete(null);
                    } else {
                        serving.completeExceptionally(failure);
                    }
                });
                notes.forEach(note -> array.note(note.severity(), note.kind(), note.text()));
                notes.clear();
            } catch (StorageException | ConfigurationException e) {
                failed(e, pause);
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "array " + name() + " met an error of the program", e);
                failed(e, pause);
            }
        }
    }

    private ArrayConfiguration read() {
        ArrayDefinition read = fresh.getAndSet(false) ? definition : configuration.reread(name());
        return read.in(environment);
    }

    private void failed(RuntimeException failure, Duration pause) {
        String now = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        // Once for each reason: it may be tried for days.
        LOG.log(
                now.equals(reason) ? Level.DEBUG : Level.ERROR,
                "array " + name() + " cannot be opened and serves nobody: " + now
                        + ". Other arrays are not concerned. It is tried again, first in " + Values.show(pause)
                        + ", and at once when it is reloaded");
        reason = now;
        Duration longest = definition.options().retryPause().multipliedBy(MOST_PATIENCE);
        Duration longer = pause.multipliedBy(2).compareTo(longest) < 0 ? pause.multipliedBy(2) : longest;
        next = environment.schedule(pause, () -> attemptAside(longer));
    }

    /** Opening reads and locks files, which a timer's thread must not wait for. */
    private void attemptAside(Duration pause) {
        try {
            Environment.Worker worker = environment.worker(name() + "-open");
            worker.execute(() -> {
                try (worker) {
                    attempt(pause);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "array {0} is not tried again: the environment is closed", name());
        }
    }
}
