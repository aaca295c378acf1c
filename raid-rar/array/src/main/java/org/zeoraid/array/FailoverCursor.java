package org.zeoraid.array;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.zeoraid.array.DataPath.Where;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.ProtocolException;
import org.zeoraid.storage.StorageClosedException;
import org.zeoraid.storage.StorageUnavailableException;
import org.zeoraid.storage.TransactionLog;

/**
 * A walk that goes on behind the last element on another member when the one that it walks through fails. In which thread a
 * member is asked follows the rule of {@link ReadRace}.
 */
final class FailoverCursor<T> implements Cursor<T> {

    private final DataPath path;
    private final Where where;
    private final BiFunction<TransactionLog, @Nullable T, Cursor<T>> opener;
    private final AtomicBoolean busy = new AtomicBoolean();
    private @Nullable T last;
    private volatile @Nullable Walk walk;
    private volatile boolean closed;

    /**
     * Asks nobody yet.
     *
     * @param where in which thread members are asked
     * @param opener opens a cursor of a member behind an element; null for the beginning
     */
    FailoverCursor(DataPath path, Where where, BiFunction<TransactionLog, @Nullable T, Cursor<T>> opener) {
        this.path = path;
        this.where = where;
        this.opener = opener;
    }

    /** A walk through one member. */
    private final class Walk {
        private final Seat seat;
        private final @Nullable T behind = last;
        private volatile @Nullable Cursor<T> cursor;
        private volatile boolean left;

        Walk(Seat seat) {
            this.seat = seat;
        }

        CompletionStage<List<T>> next(TransactionLog log, long maxBytes) {
            Cursor<T> open = cursor;
            if (open == null) {
                open = opener.apply(log, behind);
                cursor = open;
            }
            if (left) {
                open.close();
                return CompletableFuture.failedFuture(new StorageClosedException("the cursor is closed"));
            }
            return open.next(maxBytes);
        }

        void leave() {
            left = true;
            Cursor<T> open = cursor;
            if (open != null) {
                open.close();
            }
        }
    }

    /** @throws ProtocolException (in the stage) if the answer before has not come yet; no member is to blame for that */
    @Override
    public CompletionStage<List<T>> next(long maxBytes) {
        if (closed) {
            return CompletableFuture.failedFuture(new StorageClosedException("the cursor is closed"));
        }
        if (!busy.compareAndSet(false, true)) {
            return CompletableFuture.failedFuture(
                    new ProtocolException("the cursor is asked again before its answer is there"));
        }
        Step step = new Step(maxBytes);
        Walk current = walk;
        if (current != null) {
            step.go(current, where);
        } else {
            step.another(null, where);
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
            current.leave();
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

        void another(@Nullable Throwable failure, Where place) {
            Seat seat = path.readers().butNot(tried);
            if (closed || seat == null) {
                busy.set(false);
                batch.completeExceptionally(
                        failure == null
                                ? new StorageUnavailableException("no optimal member is left to read from")
                                : Failures.known(failure));
                return;
            }
            Walk next = new Walk(seat);
            walk = next;
            if (closed) {
                // Whoever closed it meanwhile may have seen the walk before.
                leave();
            }
            go(next, place);
        }

        void go(Walk current, Where place) {
            tried.add(current.seat);
            Attempt attempt = new Attempt(current);
            CompletionStage<List<T>> stage =
                    path.ask(current.seat, place, Pace.SLOW, 0, log -> current.next(log, maxBytes));
            if (stage.toCompletableFuture().isDone()) {
                stage.whenComplete((elements, failure) -> attempt.answered(elements, failure, place));
            } else {
                stage.whenComplete((elements, failure) -> attempt.answered(elements, failure, Where.ASIDE));
                attempt.watch();
            }
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

            void answered(@Nullable List<T> elements, @Nullable Throwable failure, Where place) {
                if (!end()) {
                    return;
                }
                if (elements != null) {
                    if (!elements.isEmpty()) {
                        last = elements.get(elements.size() - 1);
                    }
                    blames.forEach(Runnable::run);
                    busy.set(false);
                    batch.complete(elements);
                } else {
                    String why = "a walk through it failed here and not elsewhere: " + Failures.text(failure);
                    giveUp(why, failure, place);
                }
            }

            @Override
            public boolean isOver(int tick) {
                synchronized (this) {
                    if (over) {
                        return true;
                    }
                }
                if (tick - since <= path.patience().of(Pace.SLOW) || !end()) {
                    return false;
                }
                String why = "no answer to a walk through it";
                giveUp(why, new StorageUnavailableException("member " + current.seat + " gives " + why), Where.ASIDE);
                return true;
            }

            private void giveUp(String why, @Nullable Throwable failure, Where place) {
                leave();
                blames.add(() -> path.lane().expelReader(current.seat, why, Seat.Fault.of(failure)));
                another(failure, place);
            }
        }
    }
}
