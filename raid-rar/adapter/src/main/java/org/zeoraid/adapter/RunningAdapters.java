package org.zeoraid.adapter;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The resource adapters of this class loader that run: what has been deserialised finds the one that it belonged to. Safe for
 * any number of threads.
 */
final class RunningAdapters {
    private static final List<RaidResourceAdapter> RUNNING = new CopyOnWriteArrayList<>();

    private RunningAdapters() {}

    static void add(RaidResourceAdapter adapter) {
        RUNNING.add(adapter);
    }

    @SuppressWarnings("ReferenceEquality") // of two with the same settings one has the arrays open
    static void remove(RaidResourceAdapter adapter) {
        RUNNING.removeIf(running -> running == adapter);
    }

    /** One with the same settings. */
    static Optional<RaidResourceAdapter> like(RaidResourceAdapter adapter) {
        return RUNNING.stream().filter(adapter::equals).findFirst();
    }
}
