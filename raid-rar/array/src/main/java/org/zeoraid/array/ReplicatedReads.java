package org.zeoraid.array;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.zeoraid.array.DataPath.Where;
import org.zeoraid.storage.BlobSource;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.CurrentRecord;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.HistoryEntry;
import org.zeoraid.storage.Oid;
import org.zeoraid.storage.ReadableStorage;
import org.zeoraid.storage.Revision;
import org.zeoraid.storage.StorageStats;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionHeader;
import org.zeoraid.storage.TransactionLog;

/**
 * Reads of what an array's members hold: each goes to one of them, and to others when that one fails, lies or hangs, see
 * {@link ReadRace}. Safe for any number of threads.
 */
final class ReplicatedReads implements ReadableStorage {

    private final DataPath path;
    private final Where where;

    /** @param where in which thread the first member is asked */
    ReplicatedReads(DataPath path, Where where) {
        this.path = path;
        this.where = where;
    }

    /** A question about an object, and a transaction where it takes one. */
    private interface Question<T> {

        CompletionStage<T> ask(TransactionLog log, Oid oid, Tid tid);

        /** See {@link ReadRace.Question#isNothing}. */
        boolean isNothing(T found);
    }

    private static final Question<Optional<Revision>> LOAD_BEFORE = new Question<>() {
        @Override
        public CompletionStage<Optional<Revision>> ask(TransactionLog log, Oid oid, Tid before) {
            return log.loadBefore(oid, before);
        }

        @Override
        public boolean isNothing(Optional<Revision> found) {
            return found.isEmpty();
        }
    };

    private static final Question<byte[]> LOAD_SERIAL = new Question<>() {
        @Override
        public CompletionStage<byte[]> ask(TransactionLog log, Oid oid, Tid serial) {
            return log.loadSerial(oid, serial);
        }

        @Override
        public boolean isNothing(byte[] found) {
            return false;
        }
    };

    private static final Question<Tid> SERIAL = new Question<>() {
        @Override
        public CompletionStage<Tid> ask(TransactionLog log, Oid oid, Tid unused) {
            return log.serial(oid);
        }

        @Override
        public boolean isNothing(Tid found) {
            return found.equals(Tid.NONE);
        }
    };

    private record Asked<T>(Question<T> question, Oid oid, Tid tid) implements ReadRace.Question<T> {
        @Override
        public CompletionStage<T> ask(TransactionLog log) {
            return question.ask(log, oid, tid);
        }

        @Override
        public boolean isNothing(T found) {
            return question.isNothing(found);
        }
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

    /** The fast path: a member that answers at once, and well, costs no timer, no other thread and no object. */
    private <T> CompletionStage<T> read(Question<T> question, Oid oid, Tid tid) {
        long key = oid.value();
        Seat seat = where == Where.HERE ? path.readers().choose(key) : null;
        if (seat == null) {
            return race(question, oid, tid).run(where);
        }
        ReadSlots slots = path.slots();
        int slot = slots.enter(seat, path.ticker().now(), key);
        boolean sampled = slots.samplesThis(slot);
        long begin = sampled ? path.environment().nanoTime() : 0;
        CompletionStage<T> stage;
        try {
            stage = question.ask(seat.log(), oid, tid);
        } catch (RuntimeException | Error e) {
            stage = CompletableFuture.failedFuture(e);
        } finally {
            slots.leave(slot);
        }
        if (!isGood(question, stage)) {
            return race(question, oid, tid).follow(seat, stage);
        }
        if (sampled) {
            seat.took(path.environment().nanoTime() - begin);
        }
        return stage;
    }

    private static <T> boolean isGood(Question<T> question, CompletionStage<T> stage) {
        return stage instanceof CompletableFuture<T> future
                && future.isDone()
                && !future.isCompletedExceptionally()
                && !question.isNothing(future.join());
    }

    private <T> ReadRace<T> race(Question<T> question, Oid oid, Tid tid) {
        return new ReadRace<>(path, Pace.QUICK, oid.value(), new Asked<>(question, oid, tid));
    }

    @Override
    public CompletionStage<Tid> lastTid() {
        return CompletableFuture.completedFuture(path.lane().acknowledged());
    }

    @Override
    public CompletionStage<List<HistoryEntry>> history(Oid oid, int limit) {
        return slowly(oid.value(), log -> log.history(oid, limit));
    }

    @Override
    public CompletionStage<List<TransactionHeader>> undoLog(int skip, int limit) {
        return slowly(0, log -> log.undoLog(skip, limit));
    }

    @Override
    public CompletionStage<BlobSource> blob(Oid oid, Tid serial) {
        return slowly(oid.value(), log -> log.blob(oid, serial));
    }

    private <T> CompletionStage<T> slowly(long key, ReadRace.Question<T> question) {
        return new ReadRace<>(path, Pace.SLOW, key, question).run(where);
    }

    /**
     * What the members have at the most: one that has lost an object must not have its oid handed out again. At hand where
     * they have it at hand: clients are told of it at each commit.
     */
    @Override
    public CompletionStage<StorageStats> stats() {
        return Survey.of(path, where, Pace.QUICK, path.readers().all(), TransactionLog::stats)
                .thenApply(answers ->
                        answers.values().stream().reduce(ReplicatedReads::most).orElseThrow());
    }

    private static StorageStats most(StorageStats one, StorageStats other) {
        return new StorageStats(
                Math.max(one.objects(), other.objects()),
                Math.max(one.bytes(), other.bytes()),
                one.largestOid().compareTo(other.largestOid()) > 0 ? one.largestOid() : other.largestOid());
    }

    @Override
    public Cursor<TransactionHeader> headers(Tid from, Tid to) {
        Tid end = visible(to);
        return new FailoverCursor<>(
                path,
                where,
                (log, last) -> log.headers(last == null ? from : last.tid().after(), end));
    }

    @Override
    public Cursor<CommittedTransaction> transactions(Tid from, Tid to) {
        Tid end = visible(to);
        return new FailoverCursor<>(
                path,
                where,
                (log, last) -> log.transactions(last == null ? from : last.tid().after(), end));
    }

    /** Members may hold more than has been acknowledged, each its own. */
    private Tid visible(Tid to) {
        Tid acknowledged = path.lane().acknowledged();
        return to.isAfter(acknowledged) ? acknowledged : to;
    }

    @Override
    public Cursor<CurrentRecord> currentRecords(Oid from) {
        return new FailoverCursor<>(path, where, (log, last) -> log.currentRecords(next(from, last)));
    }

    private static Oid next(Oid from, @Nullable CurrentRecord last) {
        if (last == null) {
            return from;
        }
        // Behind the largest oid there is nothing; asking for it once more gives it twice, not for ever.
        return last.oid().equals(Oid.MAX) ? Oid.MAX : last.oid().next();
    }

    /** The newest of the members' pack tids: further back they may differ. */
    CompletionStage<Tid> packedTo() {
        return Survey.of(path, Where.ASIDE, Pace.SLOW, path.readers().all(), TransactionLog::packedTo)
                .thenApply(
                        answers -> answers.values().stream().max(Tid::compareTo).orElseThrow());
    }
}
