package org.zeoraid.array;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.PackRequest;
import org.zeoraid.storage.PackResult;
import org.zeoraid.storage.Progress;
import org.zeoraid.storage.ReadOnlyException;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.StorageStats;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.VerifyResult;
import org.zeoraid.storage.seam.Environment;

/**
 * The members of an array as one log. Transactions go to all optimal members, see {@link CommitLane}; a read goes to one
 * of them, and to others when that one fails, lies or hangs, see {@link ReadRace}. Safe for any number of threads.
 *
 * <p>Every optimal member has every acknowledged transaction, for none is acknowledged before they have answered: whoever
 * bounds what it reads by {@link #lastTid} may be answered by any of them. The members' logs belong to the keeper;
 * closing this one does not close them.
 */
final class ReplicatedLog implements TransactionLog {

    private final Ticker ticker;
    private final ArrayPatience patience;
    private final CommitLane lane;
    private final DataPath path;
    private final ReadSlots slots = new ReadSlots();
    private final Function<PackRequest, CompletionStage<PackResult>> packer;
    private final Runnable deaf;

    /** @see #open */
    private ReplicatedLog(
            Environment environment,
            ArrayOptions options,
            MembershipKeeper keeper,
            Tid last,
            Function<PackRequest, CompletionStage<PackResult>> packer) {
        this.ticker = new Ticker(environment, ArrayPatience.period(options));
        this.patience = new ArrayPatience(ticker, options);
        this.lane = new CommitLane(keeper, ticker, patience, last);
        this.path = new DataPath(environment, options, ticker, patience, lane, keeper);
        this.packer = packer;
        this.deaf = keeper.listen(membership -> lane.membershipChanged());
    }

    /**
     * Takes up the work with the members that are optimal now.
     *
     * @param last the last transaction, which all of them have
     * @param packer packs the members, see {@link #pack}
     */
    static ReplicatedLog open(
            Environment environment,
            ArrayOptions options,
            MembershipKeeper keeper,
            Tid last,
            Function<PackRequest, CompletionStage<PackResult>> packer) {
        ReplicatedLog log = new ReplicatedLog(environment, options, keeper, last, packer);
        log.ticker.listen(log::tick);
        log.ticker.start();
        return log;
    }

    /** For the end of a recovery. */
    DataPath path() {
        return path;
    }

    /** A question about an object, and a transaction where it takes one. */
    private interface Question<T> {
        CompletionStage<T> ask(TransactionLog log, Oid oid, Tid tid);
    }

    private static final Question<Optional<Revision>> LOAD_BEFORE = TransactionLog::loadBefore;
    private static final Question<byte[]> LOAD_SERIAL = TransactionLog::loadSerial;
    private static final Question<Tid> SERIAL = (log, oid, tid) -> log.serial(oid);

    @Override
    public CompletionStage<Void> append(Tid previous, CommittedTransaction transaction) {
        return lane.append(previous, transaction);
    }

    @Override
    public CompletionStage<Optional<Revision>> loadBefore(Oid oid, Tid before) {
        return read(LOAD_BEFORE, oid, before);
    }

    @Override
    public CompletionStage<byte[]> loadSerial(Oid oid, Tid serial) {
        return read(LOAD_SERIAL, oid, serial);
    }

    @Override
    public CompletionStage<Tid> serial(Oid oid) {
        return read(SERIAL, oid, Tid.MAX);
    }

    /** The fast path: a member that answers at once, and well, costs no timer and no object. */
    private <T> CompletionStage<T> read(Question<T> question, Oid oid, Tid tid) {
        Seat seat = lane.readers().choose(oid.value());
        if (seat == null) {
            return ReadRace.noMember();
        }
        int tick = ticker.now();
        boolean sampled = seat.samplesThis();
        long begin = sampled ? path.environment().nanoTime() : 0;
        int slot = slots.enter(seat, tick);
        seat.member().readsInFlight().incrementAndGet();
        CompletionStage<T> stage;
        try {
            stage = question.ask(seat.log(), oid, tid);
        } catch (RuntimeException e) {
            stage = CompletableFuture.failedFuture(e);
        } finally {
            slots.leave(slot);
        }
        if (isGood(stage)) {
            seat.member().readsInFlight().decrementAndGet();
            seat.answered(tick);
            if (sampled) {
                seat.took(path.environment().nanoTime() - begin);
            }
            return stage;
        }
        return new ReadRace<T>(path, log -> question.ask(log, oid, tid), patience.answer()).follow(seat, stage);
    }

    private static boolean isGood(CompletionStage<?> stage) {
        return stage instanceof CompletableFuture<?> future && future.isDone() && !future.isCompletedExceptionally();
    }

    @Override
    public CompletionStage<Tid> lastTid() {
        return CompletableFuture.completedFuture(lane.acknowledged());
    }

    @Override
    public CompletionStage<List<HistoryEntry>> history(Oid oid, int limit) {
        return slowly(log -> log.history(oid, limit), oid.value());
    }

    @Override
    public CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit) {
        return slowly(log -> log.undoLog(skip, limit), 0);
    }

    @Override
    public CompletionStage<BlobSource> blob(Oid oid, Tid serial) {
        return slowly(log -> log.blob(oid, serial), oid.value());
    }

    @Override
    public CompletionStage<StorageStats> stats() {
        return slowly(TransactionLog::stats, 0);
    }

    private <T> CompletionStage<T> slowly(Function<TransactionLog, CompletionStage<T>> question, long key) {
        return new ReadRace<>(path, question, patience.blob()).run(key);
    }

    @Override
    public Cursor<TransactionHeader> headers(Tid from, Tid to) {
        Tid end = visible(to);
        return new FailoverCursor<>(
                path,
                (log, last) -> log.headers(last == null ? from : last.tid().after(), end));
    }

    @Override
    public Cursor<CommittedTransaction> transactions(Tid from, Tid to) {
        Tid end = visible(to);
        return new FailoverCursor<>(
                path,
                (log, last) -> log.transactions(last == null ? from : last.tid().after(), end));
    }

    /** Members may hold more than has been acknowledged, each its own. */
    private Tid visible(Tid to) {
        Tid acknowledged = lane.acknowledged();
        return to.isAfter(acknowledged) ? acknowledged : to;
    }

    @Override
    public Cursor<CurrentRecord> currentRecords(Oid from) {
        return new FailoverCursor<>(path, (log, last) -> log.currentRecords(next(from, last)));
    }

    private static Oid next(Oid from, @Nullable CurrentRecord last) {
        if (last == null) {
            return from;
        }
        // Behind the largest oid there is nothing; asking for it once more gives it twice, not for ever.
        return last.oid().equals(Oid.MAX) ? Oid.MAX : last.oid().next();
    }

    /** Packs all members, as the array's administration does it: the pack is owed by those that are away. */
    @Override
    public CompletionStage<PackResult> pack(PackRequest request) {
        return packer.apply(request);
    }

    /** @throws ReadOnlyException always (in the stage): an array's acknowledged transactions are not cut off */
    @Override
    public CompletionStage<String> cutTail(Tid keep) {
        return CompletableFuture.failedFuture(new ReadOnlyException("the tail of an array cannot be cut off"));
    }

    /** @throws ReadOnlyException always (in the stage) */
    @Override
    public CompletionStage<String> setAside() {
        return CompletableFuture.failedFuture(new ReadOnlyException("the content of an array cannot be set aside"));
    }

    /** Verifies all optimal members, one after another; damages name the member. */
    @Override
    public CompletionStage<VerifyResult> verify(Consumer<Progress> progress) {
        CompletionStage<VerifyResult> all = CompletableFuture.completedFuture(new VerifyResult(0, 0, 0, List.of()));
        for (Seat seat : lane.readers().all()) {
            all = all.thenCompose(sum -> seat.log().verify(progress).thenApply(one -> plus(sum, one, seat)));
        }
        return all;
    }

    private static VerifyResult plus(VerifyResult sum, VerifyResult one, Seat seat) {
        List<String> damages = new ArrayList<>(sum.damages());
        one.damages().forEach(damage -> damages.add("member " + seat + ": " + damage));
        return new VerifyResult(
                sum.transactions() + one.transactions(),
                sum.records() + one.records(),
                sum.unverified() + one.unverified(),
                damages);
    }

    /** The newest of the optimal members' pack tids: further back they may differ. */
    @Override
    public CompletionStage<Tid> packedTo() {
        CompletionStage<Tid> newest = CompletableFuture.completedFuture(Tid.NONE);
        for (Seat seat : lane.readers().all()) {
            newest = newest.thenCombine(seat.log().packedTo(), (a, b) -> a.isAfter(b) ? a : b);
        }
        return newest;
    }

    private void tick() {
        lane.tick();
        path.tick();
        lookForStuckReads();
    }

    private void lookForStuckReads() {
        Readers readers = lane.readers();
        readers.all().forEach(Seat::forgive);
        slots.before(ticker.now() - patience.answer(), (number, since) -> {
            Seat seat = readers.numbered(number);
            boolean othersAnswer =
                    readers.all().stream().anyMatch(other -> other != seat && other.lastAnswer() > since + 1);
            if (seat != null && othersAnswer) {
                lane.expelReader(
                        seat,
                        "a read hangs for more than " + patience.answerText() + ", while other members answer",
                        Seat.Fault.SERVICE);
            }
        });
    }

    /** Refuses new transactions; those under way complete as the members answer. */
    @Override
    public void close() {
        deaf.run();
        lane.close();
        ticker.close();
    }
}
