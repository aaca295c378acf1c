package org.zeoraid.web.watch;

import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A page that follows changes. A slow one misses some, and loses nothing by that: it asks for the picture as it is then.
 * It is sent away after a while and comes back by itself, which checks that it may still look.
 */
public final class Follower {

    private static final Duration STAY = Duration.ofMinutes(5);

    /** An event without data would not reach a page's listeners. */
    private static final String SOME_DATA = "{}";

    private final Sse sse;
    private final SseEventSink sink;
    private final AtomicBoolean busy = new AtomicBoolean();
    private final long leaveAt = System.nanoTime() + STAY.toNanos();

    public Follower(Sse sse, SseEventSink sink) {
        this.sse = sse;
        this.sink = sink;
    }

    /** Sends an event, unless the last one is still on its way. May block. */
    void tell(String event) {
        if (sink.isClosed() || !busy.compareAndSet(false, true)) {
            return;
        }
        OutboundSseEvent message = sse.newEventBuilder()
                .name(event)
                .data(SOME_DATA)
                .reconnectDelay(2000)
                .build();
        try {
            sink.send(message).whenComplete((sent, failure) -> {
                busy.set(false);
                if (failure != null) {
                    end();
                }
            });
        } catch (IllegalStateException e) {
            end();
        }
    }

    /** Whether it has left, or is to leave now. */
    boolean isGone() {
        if (!sink.isClosed() && System.nanoTime() - leaveAt > 0) {
            end();
        }
        return sink.isClosed();
    }

    void end() {
        sink.close();
    }
}
