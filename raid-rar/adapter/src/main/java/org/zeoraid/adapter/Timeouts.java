package org.zeoraid.adapter;

import java.time.Duration;
import org.zeoraid.storage.seam.Environment;

/**
 * Runs what is to happen when a transaction's time is up, one thing after the other, on a thread of the environment and not
 * on its timer's: applications may have asked to be told of the end, and take their time. Ends with the environment.
 */
final class Timeouts {
    /** Never comes. */
    static final Timeout NONE = () -> {};

    private final Environment environment;
    private final Environment.Worker worker;

    Timeouts(Environment environment) {
        this.environment = environment;
        this.worker = environment.worker("timeouts");
    }

    Timeout in(Duration delay, Runnable task) {
        Environment.Timer timer = environment.schedule(delay, () -> worker.execute(task));
        return timer::close;
    }

    /** A timeout that can be called off. */
    @FunctionalInterface
    interface Timeout {
        void cancel();
    }
}
