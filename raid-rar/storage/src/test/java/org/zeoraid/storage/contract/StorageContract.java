package org.zeoraid.storage.contract;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeoraid.storage.Storage;

/**
 * What every storage does. A kind of storage extends this and says how to open one; where it lacks something by its
 * nature, it says so by one of the methods that a test asks.
 */
@Timeout(120)
public abstract class StorageContract
        implements LoadContract,
                CommitContract,
                OwnTidContract,
                ConflictContract,
                UndoContract,
                IterationContract,
                PackContract,
                BlobContract,
                InvalidationContract,
                LifeCycleContract,
                ConcurrencyContract,
                RandomStorageContract {

    @TempDir
    Path temporary;

    private Storage storage;

    /**
     * Opens the storage that lies in a folder, or belongs to it in another way; creates it empty where there is none.
     * Called again after the storage has been closed, it opens the same one. Its transactions wait at least ten seconds for
     * locks, and their own tids may be a minute ahead of the clock.
     */
    protected abstract Storage open(Path folder) throws Exception;

    /** Opens the same for reading only; empty if this kind cannot be opened so. */
    protected abstract Optional<Storage> openReadOnly(Path folder) throws Exception;

    /** Whether blobs are kept. */
    public boolean hasBlobs() {
        return true;
    }

    /** Whether a pack does anything. */
    public boolean hasPack() {
        return true;
    }

    @BeforeEach
    final void openStorage() throws Exception {
        storage = open(folder());
    }

    @AfterEach
    final void closeStorage() {
        storage.close();
    }

    private Path folder() {
        return temporary.resolve("storage");
    }

    @Override
    public final Storage storage() {
        return storage;
    }

    @Override
    public final Storage reopen() throws Exception {
        storage.close();
        storage = open(folder());
        return storage;
    }

    @Override
    public final Optional<Storage> reopenReadOnly() throws Exception {
        storage.close();
        Optional<Storage> readOnly = openReadOnly(folder());
        storage = readOnly.isPresent() ? readOnly.get() : open(folder());
        return readOnly;
    }

    @Override
    public final Path scratch() {
        return temporary;
    }
}
