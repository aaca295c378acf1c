package org.zeoraid.raidctl.serve;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.zeoraid.raidctl.Exit;

/**
 * How the thread that serves and the one that the system stops it by wait for each other. Neither waits for ever: a disk that
 * hangs must not keep the process. Safe for any number of threads.
 */
final class Stopping {

    private static final int UNKNOWN = -1;

    private final Duration patience;
    private final CountDownLatch told = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicInteger code = new AtomicInteger(UNKNOWN);

    /** @param patience how long stopping may take */
    Stopping(Duration patience) {
        this.patience = patience;
    }

    /** Waits until it is to stop. */
    void await() {
        try {
            told.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean isTold() {
        return told.getCount() == 0;
    }

    boolean hasEnded() {
        return ended.getCount() == 0;
    }

    /** Tells the one that serves to stop, waits for that, and says with which code the process is to end. */
    int stop() {
        told.countDown();
        try {
            if (!ended.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                System.getLogger("org.zeoraid.raidctl")
                        .log(Level.ERROR, "has not stopped within " + patience.toSeconds() + " s, and is ended");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return code.compareAndSet(UNKNOWN, Exit.FAILED) ? Exit.FAILED : code.get();
    }

    /** It has stopped; only the first time counts. */
    void ended(int exitCode) {
        code.compareAndSet(UNKNOWN, exitCode);
        ended.countDown();
    }
}
