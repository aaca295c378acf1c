package org.zeoraid.file;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageException;

/**
 * A reader lent to one who asks something of a generation, whose files stay open while it is out. Belongs to one thread at
 * a time.
 */
final class Lease implements AutoCloseable {

    private final Generation generation;
    private final Leases owner;
    private final RecordReader reader = new RecordReader();

    Lease(Generation generation, Leases owner) {
        this.generation = generation;
        this.owner = owner;
    }

    /**
     * Answers a question at once. A file that was replaced is kept for its readers until it is replaced again: who is
     * overtaken by that asks once more.
     */
    static <T> CompletionStage<T> ask(Supplier<Lease> leases, Function<Lease, T> question) {
        while (true) {
            Generation asked = null;
            try (Lease lease = leases.get()) {
                asked = lease.generation();
                return CompletableFuture.completedFuture(question.apply(lease));
            } catch (StorageClosedException e) {
                if (asked == null || !asked.isRetired()) {
                    return CompletableFuture.failedFuture(e);
                }
            } catch (StorageException e) {
                return CompletableFuture.failedFuture(e);
            }
        }
    }

    Generation generation() {
        return generation;
    }

    RecordReader reader() {
        return reader;
    }

    /** Gives it back, once. */
    @Override
    public void close() {
        owner.giveBack(this);
    }
}
