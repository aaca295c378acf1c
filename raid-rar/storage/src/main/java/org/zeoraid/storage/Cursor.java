package org.zeoraid.storage;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * A walk through a storage in batches, resumable by opening another one behind the last element seen. One thread at a
 * time.
 */
public interface Cursor<T> extends AutoCloseable {

    /**
     * The next elements in order: at least one, and no more once they hold {@code maxBytes} of data; empty at the end.
     * Not to be called again before the answer is there.
     */
    CompletionStage<List<T>> next(long maxBytes);

    /** The next element, with which the walk ends; empty if there is none. */
    default CompletionStage<Optional<T>> first() {
        return next(1).thenApply(batch -> batch.stream().findFirst()).whenComplete((found, failure) -> close());
    }

    /** Ends the walk and releases what it holds. Does nothing the second time. */
    @Override
    void close();
}
