package org.zeoraid.raidctl.copy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.zeoraid.raidctl.Await;
import org.zeoraid.raidctl.Refusal;
import org.zeoraid.storage.CommittedTransaction;
import org.zeoraid.storage.Cursor;
import org.zeoraid.storage.DataRecord;
import org.zeoraid.storage.ReadableStorage;
import org.zeoraid.storage.StorageException;
import org.zeoraid.storage.Tid;
import org.zeoraid.storage.TransactionDigest;
import org.zeoraid.storage.pickle.BlobRecords;

/**
 * Copies a history behind what is at the target already. Each transaction arrives whole or not at all, so that a copy
 * that was interrupted goes on where it stopped, after it has made sure that what is there is the beginning of the source.
 */
final class Transfer {

    private static final long BATCH_BYTES = 4 << 20;
    /** What may be on its way to the target. */
    private static final long FLIGHT_BYTES = 32 << 20;

    private final End from;
    private final End to;
    private final Blobs blobs;
    private final Watcher watcher;
    private final BooleanSupplier stopped;

    private final Deque<Sent> underWay = new ArrayDeque<>();
    private long bytesUnderWay;
    private Result result = Result.towards(Tid.NONE);

    /** What is done with blobs. */
    enum Blobs {
        COPY,
        /** Their records are copied, their files are not. */
        LEAVE
    }

    /** Told how far it is. */
    interface Watcher {

        /** @param phase {@code compares} or {@code copies} */
        void progress(String phase, Result sofar, long bytesInAll);
    }

    private record Sent(CommittedTransaction transaction, CompletionStage<Void> durable) {}

    /**
     * What came of it.
     *
     * @param present transactions that were there before, and are equal
     * @param copied transactions that were copied
     * @param bytes about what they hold, present ones included
     * @param last the last transaction that the target is known to have as the source has it
     * @param goal the last transaction that the source held when the copy began
     */
    record Result(long present, long copied, long records, long blobs, long bytes, Tid last, Tid goal) {

        private static Result towards(Tid goal) {
            return new Result(0, 0, 0, 0, 0, Tid.NONE, goal);
        }

        private Result found(CommittedTransaction transaction) {
            return new Result(
                    present + 1, copied, records, blobs, bytes + transaction.sizeInFile(), transaction.tid(), goal);
        }

        private Result added(CommittedTransaction transaction) {
            long files = 0;
            for (DataRecord entry : transaction.records()) {
                files += entry.blob().isPresent() ? 1 : 0;
            }
            return new Result(
                    present,
                    copied + 1,
                    records + transaction.recordCount(),
                    blobs + files,
                    bytes + transaction.sizeInFile(),
                    transaction.tid(),
                    goal);
        }
    }

    /** @param stopped asked between transactions; true ends the copy early, in order */
    Transfer(End from, End to, Blobs blobs, Watcher watcher, BooleanSupplier stopped) {
        this.from = from;
        this.to = to;
        this.blobs = blobs;
        this.watcher = watcher;
        this.stopped = stopped;
    }

    /**
     * Copies what the source held when it began.
     *
     * @throws Refusal if the target holds something that the source does not, or a blob's file is missing
     * @throws StorageException as either end fails; what was copied by then stays
     */
    Result run() {
        Tid upTo = Await.answer(from.content().lastTid());
        Tid there = Await.answer(to.content().lastTid());
        long all = Await.answer(from.content().stats()).bytes();
        result = Result.towards(upTo);
        if (there.isAfter(upTo)) {
            throw Refusal.failed("the target holds transaction " + there + ", and the last one of the source is " + upTo
                    + ": it is not the beginning of this source; nothing was changed");
        }
        if (!there.equals(Tid.NONE)) {
            compare(there, all);
        }
        if (upTo.isAfter(there) && !stopped.getAsBoolean()) {
            copy(there, upTo, all);
        }
        return result;
    }

    private void compare(Tid last, long all) {
        try (Walk source = new Walk(from.content(), Tid.NONE, last);
                Walk target = new Walk(to.content(), Tid.NONE, last)) {
            while (!stopped.getAsBoolean()) {
                CommittedTransaction theirs = target.next();
                CommittedTransaction ours = source.next();
                if (theirs == null && ours == null) {
                    return;
                }
                if (theirs == null || ours == null || !isSame(ours, theirs)) {
                    throw different(ours, theirs);
                }
                result = result.found(ours);
                watcher.progress("compares", result, all);
            }
        }
    }

    private static boolean isSame(CommittedTransaction ours, CommittedTransaction theirs) {
        return TransactionDigest.of(ours).equals(TransactionDigest.of(theirs));
    }

    private static Refusal different(@Nullable CommittedTransaction ours, @Nullable CommittedTransaction theirs) {
        String what;
        if (ours == null || theirs != null && ours.tid().isAfter(theirs.tid())) {
            what = "it has transaction " + (theirs == null ? "?" : theirs.tid()) + ", which the source has not";
        } else if (theirs == null || theirs.tid().isAfter(ours.tid())) {
            what = "it lacks transaction " + ours.tid() + " of the source, and has later ones";
        } else {
            what = "transaction " + ours.tid() + " has another content there";
        }
        return Refusal.failed("the target holds other data: " + what
                + ". Copy to an empty one; if one of the two was packed since the copy began, begin again with an"
                + " empty one. Nothing was changed");
    }

    private void copy(Tid after, Tid upTo, long all) {
        try (Walk source = new Walk(from.content(), after.after(), upTo)) {
            send(source, after, all);
            while (!underWay.isEmpty()) {
                settleOldest(all);
            }
        } catch (StorageException | Refusal e) {
            // What was sent before may still arrive, and is waited for; the first failure is the one to tell.
            underWay.forEach(sent -> Await.answer(sent.durable().handle((nothing, failure) -> true)));
            throw e;
        }
    }

    private void send(Walk source, Tid after, long all) {
        Tid sent = after;
        CommittedTransaction next = source.next();
        while (next != null && !stopped.getAsBoolean()) {
            CommittedTransaction whole = checked(next);
            while (!underWay.isEmpty()
                    && (underWay.size() >= to.depth() || bytesUnderWay + whole.sizeInFile() > FLIGHT_BYTES)) {
                settleOldest(all);
            }
            bytesUnderWay += whole.sizeInFile();
            underWay.add(new Sent(whole, to.append(sent, whole)));
            sent = whole.tid();
            next = source.next();
        }
    }

    private void settleOldest(long all) {
        Sent oldest = underWay.remove();
        bytesUnderWay -= oldest.transaction().sizeInFile();
        Await.answer(oldest.durable());
        result = result.added(oldest.transaction());
        watcher.progress("copies", result, all);
    }

    private CommittedTransaction checked(CommittedTransaction transaction) {
        if (blobs == Blobs.LEAVE) {
            List<DataRecord> bare = new ArrayList<>(transaction.recordCount());
            transaction.records().forEach(entry -> bare.add(new DataRecord(entry.oid(), entry.content())));
            return CommittedTransaction.of(transaction.header(), bare);
        }
        for (DataRecord entry : transaction.records()) {
            if (entry.blob().isEmpty() && entry.data().map(BlobRecords::isBlob).orElse(false)) {
                throw Refusal.failed("object " + entry.oid() + " of transaction " + transaction.tid()
                        + " is a blob, and its file is not there: name the folder of the source's blobs with"
                        + " --blob-dir (--from-blob-dir of a copy), or leave all blobs' files out with --without-blobs; what was copied up to"
                        + " there stays, and the same command goes on from there");
            }
        }
        return transaction;
    }

    /** The transactions of a storage one by one, with the next batch on its way. */
    private static final class Walk implements AutoCloseable {

        private final Cursor<CommittedTransaction> cursor;
        private Iterator<CommittedTransaction> batch =
                List.<CommittedTransaction>of().iterator();
        private CompletionStage<List<CommittedTransaction>> coming;

        Walk(ReadableStorage storage, Tid first, Tid last) {
            cursor = storage.transactions(first, last);
            coming = cursor.next(BATCH_BYTES);
        }

        @Nullable CommittedTransaction next() {
            while (!batch.hasNext()) {
                List<CommittedTransaction> found = Await.answer(coming);
                if (found.isEmpty()) {
                    return null;
                }
                batch = found.iterator();
                coming = cursor.next(BATCH_BYTES);
            }
            return batch.next();
        }

        @Override
        public void close() {
            // A cursor is one thread's at a time: what is on its way is waited for.
            try {
                Await.answer(coming.handle((found, failure) -> CompletableFuture.completedFuture(true)));
            } catch (CompletionException e) {
                throw new AssertionError("a handled stage cannot fail", e);
            } finally {
                cursor.close();
            }
        }
    }
}
