package org.zeoraid.zeo.server;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.zeoraid.zeo.codec.Message;

/**
 * The slow calls of one connection: those that read more than a record. They are carried out one after another, and
 * their replies encoded, by threads that may wait for a disk, while the event loop goes on with other calls; and only as far ahead as
 * the client reads the replies.
 */
final class Aside {

    /** How many bytes of replies may wait for the event loop. */
    private static final long MOST_UNSENT = 1 << 20;

    private record Call(@Nullable Message request, long weight, Supplier<? extends CompletionStage<?>> question) {}

    private final Connection connection;
    private final Executor workers;
    /** Guarded by this, as is the rest. */
    private final Queue<Call> calls = new ArrayDeque<>();

    private boolean busy;
    private boolean closed;
    private long unsent;

    Aside(Connection connection, Executor workers) {
        this.connection = connection;
        this.workers = workers;
    }

    /** Replies to a call, in its turn. On the loop. */
    void answer(Message request, Supplier<? extends CompletionStage<?>> question) {
        long weight = connection.begun(request);
        synchronized (this) {
            calls.add(new Call(request, weight, question));
        }
        proceed();
    }

    /** Goes on if what was in the way may be gone; from any thread. */
    void proceed() {
        Call next;
        synchronized (this) {
            boolean mayGoOn = closed || unsent <= MOST_UNSENT && connection.isWritable();
            if (busy || calls.isEmpty() || !mayGoOn) {
                return;
            }
            busy = true;
            next = calls.remove();
        }
        try {
            workers.execute(() -> ask(next));
        } catch (RejectedExecutionException e) {
            // The server has stopped: what is left is to be closed.
            ask(next);
        }
    }

    private void ask(Call call) {
        CompletableFuture<?> answer;
        try {
            answer = call.question().get().toCompletableFuture();
        } catch (RuntimeException e) {
            answer = CompletableFuture.failedFuture(e);
        }
        CompletableFuture<?> asked = answer;
        if (asked.isDone()) {
            answered(call, asked);
        } else {
            asked.whenCompleteAsync((value, failure) -> answered(call, asked), workers);
        }
    }

    private void answered(Call call, CompletableFuture<?> answer) {
        Message request = call.request();
        ByteBuffer frame = request == null ? null : connection.frame(request, answer);
        long size = frame == null ? 0 : frame.remaining();
        synchronized (this) {
            unsent += size;
        }
        if (request != null) {
            connection.onLoop(() -> {
                synchronized (this) {
                    unsent -= size;
                }
                connection.send(frame);
                connection.ended(call.weight());
                proceed();
            });
        }
        // Not before: the next one's reply is not to overtake this one.
        synchronized (this) {
            busy = false;
        }
        proceed();
    }

    /** Forgets the calls that wait, and does something after the one that is being carried out. On the loop. */
    void close(Runnable last) {
        synchronized (this) {
            closed = true;
            calls.forEach(call -> connection.settled(call.weight()));
            calls.clear();
            calls.add(new Call(null, 0, () -> {
                last.run();
                return CompletableFuture.completedFuture(null);
            }));
        }
        proceed();
    }
}
