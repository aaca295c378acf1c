package org.zeoraid.array;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.TransactionLog;

/** A walk that goes on behind the last element on another member when the one that it walks through fails. */
final class FailoverCursor<T> implements Cursor<T> {

    private final DataPath path;
    private final BiFunction<TransactionLog, @Nullable T, Cursor<T>> opener;
    private @Nullable T last;
    private @Nullable Walk walk;
    private volatile boolean closed;

    /** @param opener opens a cursor of a member behind an element; null for the beginning */
    FailoverCursor(DataPath path, BiFunction<TransactionLog, @Nullable T, Cursor<T>> opener) {
        this.path = path;
        this.opener = opener;
    }

    private final class Walk {
        private final Seat seat;
        private final Cursor<T> cursor;

        Walk(Seat seat, Cursor<T> cursor) {
            this.seat = seat;
            this.cursor = cursor;
        }
    }

    @Override
    public CompletionStage<List<T>> next(long maxBytes) {
        if (closed) {
            return CompletableFuture.failedFuture(new StorageClosedException("the cursor is closed"));
        }
        Step step = new Step(maxBytes);
        Walk current = walk;
        if (current != null) {
            step.go(current);
        } else {
            step.another(null);
        }
        return step.batch;
    }

    @Override
    public void close() {
        closed = true;
        leave();
    }

    private void leave() {
        Walk current = walk;
        walk = null;
        if (current != null) {
            current.cursor.close();
        }
    }

    /** One batch, from whoever gives it. */
    private final class Step {
        private final long maxBytes;
        private final CompletableFuture<List<T>> batch = new CompletableFuture<>();
        private final List<Seat> tried = new ArrayList<>();
        private final List<Runnable> blames = new ArrayList<>();

        Step(long maxBytes) {
            this.maxBytes = maxBytes;
        }

        void another(@Nullable Throwable failure) {
            Seat seat = path.readers().butNot(tried);
            if (closed || seat == null) {
                batch.completeExceptionally(
                        failure == null
                                ? new StorageUnavailableException("no optimal member is left to read from")
                                : Failures.known(failure));
                return;
            }
            Walk next;
            try {
                next = new Walk(seat, opener.apply(seat.log(), last));
            } catch (RuntimeException e) {
                tried.add(seat);
                another(e);
                return;
            }
            walk = next;
            go(next);
        }

        void go(Walk current) {
            tried.add(current.seat);
            Attempt attempt = new Attempt(current);
            CompletionStage<List<T>> stage;
            try {
                stage = current.cursor.next(maxBytes);
            } catch (RuntimeException e) {
                stage = CompletableFuture.failedFuture(e);
            }
            stage.whenComplete(attempt::answered);
            attempt.watch();
        }

        private final class Attempt implements DataPath.Watched {
            private final Walk current;
            private final int since = path.ticker().now();
            private boolean over;

            Attempt(Walk current) {
                this.current = current;
            }

            synchronized void watch() {
                if (!over) {
                    path.watch(this);
                }
            }

            private synchronized boolean end() {
                boolean first = !over;
                over = true;
                return first;
            }

            void answered(@Nullable List<T> elements, @Nullable Throwable failure) {
                if (!end()) {
                    return;
                }
                current.seat.answered(path.ticker().now());
                if (elements != null) {
                    if (!elements.isEmpty()) {
                        last = elements.get(elements.size() - 1);
                    }
                    blames.forEach(Runnable::run);
                    batch.complete(elements);
                } else {
                    String why = "a walk through it failed here and not elsewhere: " + Failures.text(failure);
                    giveUp(why, failure);
                }
            }

            @Override
            public boolean isOver(int tick) {
                synchronized (this) {
                    if (over) {
                        return true;
                    }
                }
                if (tick - since <= path.patience().blob() || !end()) {
                    return false;
                }
                String why = "no answer to a walk through it";
                giveUp(why, new StorageUnavailableException("member " + current.seat + " gives " + why));
                return true;
            }

            private void giveUp(String why, @Nullable Throwable failure) {
                leave();
                blames.add(() -> path.lane().expelReader(current.seat, why, Seat.Fault.of(failure)));
                another(failure);
            }
        }
    }
}
