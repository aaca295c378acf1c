package org.zeoraid.array;

import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.zeoraid.storage.seam.Environment;

/** What all reads share: the members, the time, and those reads that are being waited for. Safe for any number of threads. */
final class DataPath {

    private final Environment environment;
    private final ArrayOptions options;
    private final Ticker ticker;
    private final ArrayPatience patience;
    private final CommitLane lane;
    private final MembershipKeeper keeper;
    private final Set<Watched> watched = ConcurrentHashMap.newKeySet();

    /** Something that waits for a member. */
    interface Watched {

        /** @return whether it need not be watched any longer */
        boolean isOver(int tick);
    }

    DataPath(
            Environment environment,
            ArrayOptions options,
            Ticker ticker,
            ArrayPatience patience,
            CommitLane lane,
            MembershipKeeper keeper) {
        this.environment = environment;
        this.options = options;
        this.ticker = ticker;
        this.patience = patience;
        this.lane = lane;
        this.keeper = keeper;
    }

    Environment environment() {
        return environment;
    }

    ArrayOptions options() {
        return options;
    }

    Ticker ticker() {
        return ticker;
    }

    ArrayPatience patience() {
        return patience;
    }

    CommitLane lane() {
        return lane;
    }

    MembershipKeeper keeper() {
        return keeper;
    }

    Readers readers() {
        return lane.readers();
    }

    void watch(Watched waiting) {
        watched.add(waiting);
    }

    void tick() {
        int now = ticker.now();
        for (Iterator<Watched> all = watched.iterator(); all.hasNext(); ) {
            if (all.next().isOver(now)) {
                all.remove();
            }
        }
    }
}
