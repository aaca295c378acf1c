package org.zeoraid.array;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Cursor;

/** A walk through a member that is asked by its {@link Reach}. */
final class ReachedCursor<T> implements Cursor<T> {

    private final Reach reach;
    private final Duration more;
    private final Supplier<Cursor<T>> opening;
    private @Nullable Cursor<T> cursor;
    private boolean closed;

    ReachedCursor(Reach reach, Duration more, Supplier<Cursor<T>> opening) {
        this.reach = reach;
        this.more = more;
        this.opening = opening;
    }

    @Override
    public CompletionStage<List<T>> next(long maxBytes) {
        return reach.ask(more, reach.signs(), () -> open().next(maxBytes), "it did not go on reading");
    }

    // On the member's worker, as the reading.
    private Cursor<T> open() {
        Cursor<T> open;
        synchronized (this) {
            open = cursor;
        }
        if (open != null) {
            return open;
        }
        Cursor<T> fresh = opening.get();
        synchronized (this) {
            cursor = fresh;
            if (closed) {
                fresh.close(); // nobody waits for it any more
            }
        }
        return fresh;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (cursor != null) {
            cursor.close();
        }
    }
}
