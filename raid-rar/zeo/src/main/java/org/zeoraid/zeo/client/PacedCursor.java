package org.zeoraid.zeo.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.ProtocolException;

/**
 * A cursor that asks ahead of its reader. All but {@link #next} and {@link #close} happens on the event loop, which is
 * all the synchronisation there is.
 */
abstract class PacedCursor<T> implements Cursor<T> {

    /** No reader waits for more than that; whoever asks ahead has room for more. */
    static final long ENOUGH_BYTES = 4 << 20;

    private static final long TRANSACTION_BYTES = 200;
    private static final long RECORD_BYTES = 100;

    private final ServerChannel channel;
    private final ArrayDeque<T> ready = new ArrayDeque<>();
    private long readyBytes;
    private @Nullable CompletableFuture<List<T>> reader;
    private long wanted;
    private @Nullable Throwable failure;
    private boolean ended;
    private boolean closed;

    PacedCursor(ServerChannel channel) {
        this.channel = channel;
    }

    /** Sends what requests make sense now; called again after each answer and each question. */
    abstract void fill();

    /** How many bytes a transaction takes, about: of a small one most is not its data. */
    static long inMemory(long dataBytes, int records) {
        return dataBytes + TRANSACTION_BYTES + RECORD_BYTES * records;
    }

    /** How many bytes an element takes, about. */
    abstract long size(T element);

    /** Frees what the server holds. */
    abstract void release();

    final ServerChannel channel() {
        return channel;
    }

    /** How much is at hand that nobody has taken yet. */
    final long readyBytes() {
        return readyBytes;
    }

    /** Whether a reader waits. */
    final boolean isAwaited() {
        return reader != null;
    }

    final int readyCount() {
        return ready.size();
    }

    /** What the reader asks for now, or asked for last. */
    final long wanted() {
        return wanted;
    }

    final boolean isOver() {
        return closed || ended || failure != null;
    }

    @Override
    public final CompletionStage<List<T>> next(long maxBytes) {
        CompletableFuture<List<T>> asking = new CompletableFuture<>();
        onLoop(asking, () -> {
            if (reader != null) {
                asking.completeExceptionally(new ProtocolException("a cursor was asked before it had answered"));
                return;
            }
            reader = asking;
            wanted = maxBytes;
            proceed();
        });
        return asking;
    }

    private void onLoop(CompletableFuture<?> asking, Runnable task) {
        try {
            if (channel.executor().inEventLoop()) {
                task.run();
            } else {
                channel.executor().execute(task);
            }
        } catch (RuntimeException e) {
            asking.completeExceptionally(channel.whyNot(e));
        }
    }

    final void arrived(List<? extends T> elements) {
        for (T element : elements) {
            ready.add(element);
            readyBytes += size(element);
        }
    }

    final void ended() {
        ended = true;
    }

    final void failed(Throwable reason) {
        if (failure == null) {
            failure = Failures.translated(reason);
        }
    }

    /** Asks for more, then answers: the answer may take its time. */
    final void proceed() {
        askForMore();
        CompletableFuture<List<T>> waiting = reader;
        if (waiting == null) {
            return;
        }
        boolean enough = readyBytes >= Math.min(wanted, ENOUGH_BYTES);
        if (!ready.isEmpty() && (enough || isOver())) {
            reader = null;
            List<T> batch = taken();
            askForMore();
            waiting.complete(batch);
        } else if (failure != null) {
            reader = null;
            waiting.completeExceptionally(failure);
        } else if (ended || closed) {
            reader = null;
            waiting.complete(List.of());
        }
    }

    private void askForMore() {
        if (!isOver()) {
            try {
                fill();
            } catch (RuntimeException e) {
                failed(e);
            }
        }
    }

    private List<T> taken() {
        List<T> batch = new ArrayList<>();
        long bytes = 0;
        while (!ready.isEmpty() && (batch.isEmpty() || bytes < wanted)) {
            T element = ready.remove();
            bytes += size(element);
            batch.add(element);
        }
        readyBytes -= bytes;
        return batch;
    }

    @Override
    public final void close() {
        onLoop(new CompletableFuture<>(), () -> {
            if (!closed) {
                closed = true;
                release();
                proceed();
            }
        });
    }
}
