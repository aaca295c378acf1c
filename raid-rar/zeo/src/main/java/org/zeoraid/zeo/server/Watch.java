package org.zeoraid.zeo.server;

import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Looks from time to time whether a client is alive: sends anything, brings a message to its end, reads what waits for
 * it. On the event loop.
 */
final class Watch implements AutoCloseable {

    private final Connection connection;
    private final FrameReader frames;
    private final Outbox outbox;
    private final Duration patience;
    private final long enough;
    private final long mostSilent;
    private final ScheduledFuture<?> timer;
    private long lastHeard = System.nanoTime();
    private long received;
    private boolean wasUnfinished;
    private long receivedThen;
    private long waitingThen;
    private long takenThen;

    Watch(Connection connection, FrameReader frames, Outbox outbox, Limits limits) {
        this.connection = connection;
        this.frames = frames;
        this.outbox = outbox;
        this.patience = limits.times().patience();
        this.enough = Math.max(1, limits.times().slowest() * patience.toMillis() / 1000);
        this.mostSilent = limits.times().silence().toNanos();
        long period = Math.min(
                limits.times().patience().toMillis(), limits.times().silence().toMillis());
        this.timer = connection.loop().scheduleAtFixedRate(this::look, period, period, TimeUnit.MILLISECONDS);
    }

    /** Bytes have come. */
    void heard(int bytes) {
        lastHeard = System.nanoTime();
        received += bytes;
    }

    private void look() {
        boolean unfinished = frames.isUnfinished();
        long waiting = outbox.waiting();
        long taken = outbox.taken();
        if (waitingThen > 0 && waiting > 0 && taken - takenThen < Math.min(enough, waitingThen)) {
            connection.close("it does not read: " + waiting + " bytes wait for it, and in " + patience.toMillis()
                    + " ms it took " + (taken - takenThen));
        } else if (wasUnfinished && unfinished && received - receivedThen < enough && !connection.isPaused()) {
            connection.close("it sends a message at less than " + enough + " bytes in " + patience.toMillis() + " ms");
        } else if (!connection.isPaused() && System.nanoTime() - lastHeard > mostSilent) {
            connection.close(
                    "it has sent nothing for " + Duration.ofNanos(mostSilent).toMillis() + " ms");
        }
        wasUnfinished = unfinished;
        receivedThen = received;
        waitingThen = waiting;
        takenThen = taken;
    }

    @Override
    public void close() {
        timer.cancel(false);
    }
}
