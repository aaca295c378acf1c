package org.zeoraid.storage.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.StorageClosedException;

/**
 * Walks by asking for the element that follows a position.
 *
 * @param <P> a position
 * @param <T> an element
 */
final class MemoryCursor<P, T> implements Cursor<T> {

    private final Function<P, Optional<T>> nextAfter;
    private final Function<T, P> positionOf;
    private final ToLongFunction<T> sizeOf;
    private final Supplier<Optional<StorageClosedException>> closed;
    private P position;
    private boolean ended;

    MemoryCursor(
            P start,
            Function<P, Optional<T>> nextAfter,
            Function<T, P> positionOf,
            ToLongFunction<T> sizeOf,
            Supplier<Optional<StorageClosedException>> closed) {
        this.position = start;
        this.nextAfter = nextAfter;
        this.positionOf = positionOf;
        this.sizeOf = sizeOf;
        this.closed = closed;
    }

    @Override
    public CompletionStage<List<T>> next(long maxBytes) {
        Optional<StorageClosedException> refusal =
                ended ? Optional.of(new StorageClosedException("the cursor is closed")) : closed.get();
        if (refusal.isPresent()) {
            return CompletableFuture.failedFuture(refusal.get());
        }
        List<T> batch = new ArrayList<>();
        long bytes = 0;
        while (batch.isEmpty() || bytes < maxBytes) {
            Optional<T> next = nextAfter.apply(position);
            if (next.isEmpty()) {
                break;
            }
            batch.add(next.get());
            bytes += sizeOf.applyAsLong(next.get());
            position = positionOf.apply(next.get());
        }
        return CompletableFuture.completedFuture(batch);
    }

    @Override
    public void close() {
        ended = true;
    }
}
