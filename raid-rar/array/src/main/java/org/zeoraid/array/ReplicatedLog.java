package org.zeoraid.array;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
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
import org.zeoraid.storage.ReadableStorage;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.StorageStats;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;
import org.zeoraid.storage.VerifyResult;
import org.zeoraid.storage.seam.Environment;

/**
 * The members of an array as one log. Transactions go to all optimal members, see {@link CommitLane}; a read goes to one
 * of them, see {@link ReplicatedReads}. Safe for any number of threads.
 *
 * <p>Every optimal member has every acknowledged transaction, for none is acknowledged before they have answered: whoever
 * bounds what it reads by {@link #lastTid} may be answered by any of them. The members' logs belong to the keeper;
 * closing this one does not close them.
 */
final class ReplicatedLog implements TransactionLog {

    private final Ticker ticker;
    private final CommitLane lane;
    private final DataPath path;
    private final ReplicatedReads reads;
    private final ReplicatedReads aside;
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
        ArrayPatience patience = new ArrayPatience(ticker, options);
        this.lane = new CommitLane(keeper, ticker, patience, last);
        this.path = new DataPath(environment, options, ticker, patience, lane, keeper);
        this.reads = new ReplicatedReads(path, DataPath.Where.HERE);
        this.aside = new ReplicatedReads(path, DataPath.Where.ASIDE);
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
        log.ticker.listen(log.lane::tick);
        log.ticker.listen(log.path::tick);
        log.ticker.start();
        return log;
    }

    /** For the end of a recovery. */
    DataPath path() {
        return path;
    }

    @Override
    public CompletionStage<Void> append(Tid previous, CommittedTransaction transaction) {
        return lane.append(previous, transaction);
    }

    /** Reads by threads that others wait for: members are asked in threads of the array's own. */
    @Override
    public ReadableStorage aside() {
        return aside;
    }

    @Override
    public CompletionStage<Optional<Revision>> loadBefore(Oid oid, Tid before) {
        return reads.loadBefore(oid, before);
    }

    @Override
    public CompletionStage<byte[]> loadSerial(Oid oid, Tid serial) {
        return reads.loadSerial(oid, serial);
    }

    @Override
    public CompletionStage<Tid> serial(Oid oid) {
        return reads.serial(oid);
    }

    @Override
    public CompletionStage<Tid> lastTid() {
        return reads.lastTid();
    }

    @Override
    public CompletionStage<List<HistoryEntry>> history(Oid oid, int limit) {
        return reads.history(oid, limit);
    }

    @Override
    public CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit) {
        return reads.undoLog(skip, limit);
    }

    @Override
    public CompletionStage<BlobSource> blob(Oid oid, Tid serial) {
        return reads.blob(oid, serial);
    }

    @Override
    public CompletionStage<StorageStats> stats() {
        return reads.stats();
    }

    @Override
    public Cursor<TransactionHeader> headers(Tid from, Tid to) {
        return reads.headers(from, to);
    }

    @Override
    public Cursor<CommittedTransaction> transactions(Tid from, Tid to) {
        return reads.transactions(from, to);
    }

    @Override
    public Cursor<CurrentRecord> currentRecords(Oid from) {
        return reads.currentRecords(from);
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

    @Override
    public CompletionStage<Tid> packedTo() {
        return reads.packedTo();
    }

    /** Refuses new transactions; those under way complete as the members answer. */
    @Override
    public void close() {
        deaf.run();
        lane.close();
        path.close();
        ticker.close();
    }
}
