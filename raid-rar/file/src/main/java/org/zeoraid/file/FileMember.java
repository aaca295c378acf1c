package org.zeoraid.file;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.zeoraid.storage.MemberSource;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.seam.Environment;

/** A member of kind {@code filestorage}: a {@code Data.fs} on this machine. */
public final class FileMember implements MemberSource {

    /** The section type of the configuration. */
    public static final String KIND = "filestorage";

    private final FileOptions options;
    private final Environment environment;
    private final Path path;

    public FileMember(FileOptions options, Environment environment) {
        this.options = options;
        this.environment = environment;
        this.path = options.path().toAbsolutePath().normalize();
    }

    @Override
    public String name() {
        return options.name();
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public String location() {
        return path.toString();
    }

    @Override
    public Optional<Path> folder() {
        return Optional.ofNullable(path.getParent());
    }

    @Override
    public boolean isWriteMostly() {
        return options.preference() == FileOptions.Preference.WRITE_MOSTLY;
    }

    @Override
    public boolean keepsGarbage() {
        return options.packGarbage() == FileOptions.PackGarbage.KEEP;
    }

    @Override
    public String settings() {
        return options.toString();
    }

    /** {@inheritDoc} Runs on a thread of its own: a file without a saved index is read as a whole. */
    @Override
    public CompletionStage<TransactionLog> open() {
        CompletableFuture<TransactionLog> opened = new CompletableFuture<>();
        Environment.Worker worker = environment.worker("file-" + options.name() + "-open");
        try {
            worker.execute(() -> {
                try (worker) {
                    opened.complete(FileLog.open(options, environment));
                } catch (RuntimeException | Error e) {
                    opened.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException e) {
            opened.completeExceptionally(new StorageClosedException("the environment is closed", e));
        }
        return opened;
    }
}
