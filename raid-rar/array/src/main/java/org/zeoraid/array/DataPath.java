package org.zeoraid.array;

import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.seam.Environment;

/**
 * What all reads share: the members, the time, the threads, and those reads that are being waited for. Safe for any number of
 * threads.
 */
final class DataPath {

    private final Environment environment;
    private final ArrayOptions options;
    private final Ticker ticker;
    private final ArrayPatience patience;
    private final CommitLane lane;
    private final MembershipKeeper keeper;
    private final ReadSlots slots = new ReadSlots();
    private final ReadWorkers workers;
    private final HungReads hung;
    private final Set<Watched> watched = ConcurrentHashMap.newKeySet();

    /** Something that waits for a member. */
    interface Watched {

        /** @return whether it need not be watched any longer */
        boolean isOver(int tick);
    }

    /** In which thread a member is asked, which a local one's disk may hold up. */
    enum Where {
        /** The one at hand: it is the caller's, who waits for nothing else. */
        HERE,
        /** Another one: others wait for the one at hand. */
        ASIDE
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
        this.workers = new ReadWorkers(environment);
        this.hung = new HungReads(this);
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

    ReadSlots slots() {
        return slots;
    }

    Readers readers() {
        return lane.readers();
    }

    /**
     * Asks a member something. One in which reads hang is asked in another thread in any case.
     *
     * @param oid the object concerned, or 0
     */
    <T> CompletionStage<T> ask(
            Seat seat, Where where, Pace pace, long oid, Function<TransactionLog, CompletionStage<T>> question) {
        if (where == Where.HERE && !seat.isHanging()) {
            return askHere(seat, pace, oid, question);
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            workers.run(seat, pace, () -> askHere(seat, pace, oid, question).whenComplete((value, failure) -> {
                if (failure == null) {
                    answer.complete(value);
                } else {
                    answer.completeExceptionally(failure);
                }
            }));
        } catch (StorageException e) {
            answer.completeExceptionally(e);
        }
        return answer;
    }

    private <T> CompletionStage<T> askHere(
            Seat seat, Pace pace, long oid, Function<TransactionLog, CompletionStage<T>> question) {
        int slot = slots.enter(seat, ticker.now() + patience.of(pace) - patience.of(Pace.QUICK), oid);
        try {
            return question.apply(seat.log());
        } catch (RuntimeException | Error e) {
            return CompletableFuture.failedFuture(e);
        } finally {
            slots.leave(slot);
        }
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
        Readers readers = readers();
        readers.all().forEach(Seat::forgive);
        hung.tick(readers, now);
        readers.reroute();
        workers.keepOnly(readers.all());
    }

    /** Ends its threads, without waiting for one that hangs. */
    void close() {
        workers.close();
    }
}
